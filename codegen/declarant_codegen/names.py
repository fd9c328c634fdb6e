"""Names: forms, reserved words, collisions.

Owns what a name may be and how names turn into file and module names. Source of the event name's
form: onecollector.md 3.6.
"""

from __future__ import annotations

import re

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Return an event's name as its module and file are called (``model_kit_action``)."""
    words = _WORD_STARTS.sub("_", name.replace(".", "_"))
    return re.sub("_+", "_", words).lower()
