"""Privacy review as code: what was approved, by whom, and whether it is still what is declared.

An approval holds the canonical projection of what it approves, so that the question "is this
approved?" is answered by comparing content, never by trusting a name or a date.
"""
