"""Removal of personal text from free-text fields before they are stored.

A schema binds a field to a scrubber with `x-scrub`. Until a scrubber of that name exists, nothing
of the text is kept: the field holds `<scrubbed>`.
"""

from __future__ import annotations

#: Stands for text that was removed.
SCRUBBED = "<scrubbed>"

#: Scrubber to its version, which rises when it keeps more or other text than before.
SCRUBBERS = {"message": "0", "path": "0"}


def scrub(scrubber: str, value: str, max_length: int) -> str:
    """Return what may be kept of *value*.

    Args:
        scrubber: Name of the scrubber, as in the schema's `x-scrub`.
        value: Any text, of any length.
        max_length: Longest result, in code points.

    Returns:
        At most *max_length* characters without personal text.
    """
    del scrubber, value
    return SCRUBBED[:max_length]
