"""Secrets that parsers of command lines repeat when they refuse what was typed.

What was typed for an option follows its names after words of the parser's own, so that nothing
joins a name to its value. Sources: Click's BadParameter and what its types say; argparse's
ArgumentError.
"""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.secret_names import MAYBE_NAME, SECRET_NAME

__all__ = ["without_usage_values"]

_REFUSED = Lazy(
    r"(?P<intro>(?<!\w)(?:Invalid value for|argument) "
    r"(?P<names>[^\n:(]{1,160}(?:\(env var: [^\n()]{1,128}\))?): )(?P<said>[^\n]*)"
)
_SECRET = Lazy(
    rf"{SECRET_NAME}|(?:{MAYBE_NAME}|(?<![A-Za-z])pin)(?![A-Za-z])",
    re.IGNORECASE,
)
#: What both say of an option as such, with no value in it.
_ABOUT_OPTION = Lazy(
    r"(?:expected|not allowed|conflicting|must|should|is|cannot|required|missing)\b[^\n'\"`]*\Z"
)
#: What stands before a value, and after it.
_HEAD = Lazy(
    r"(?:invalid choice: |invalid [\w<>.]{1,40} value: |ignored explicit argument |can't open "
    r"|(?:File|Path|Directory|Could not open file:?) )"
)
_TAIL = Lazy(
    r" (?:\(choose from [^\n]*\)|is not one of [^\n]*|does not match the formats? [^\n]*"
    r"|is not (?:a valid [a-z]{1,16}(?: range)?|in the range [\dxX<>=. -]{1,48})"
    r"|is (?:a|not a) (?:directory|file)|is not (?:readable|writable|executable)|does not exist)"
    r"\.?\Z"
)
_QUOTES = "'\""


def without_usage_values(text: str) -> str:
    """Return marked text without what was typed for options that are named as secrets."""
    if "nvalid value for " in text or "argument " in text:
        return _REFUSED().sub(_refused, text)
    return text


def _refused(match: re.Match[str]) -> str:
    said = match["said"]
    if not _SECRET().search(match["names"]) or _ABOUT_OPTION().match(said):
        return match[0]
    head = _HEAD().match(said)
    at = head.end() if head is not None else 0
    tail = _TAIL().search(said, at)
    value, after = (said[at:], "") if tail is None else (said[at : tail.start()], tail[0])
    quote = value[0] if value[:1] and value[0] in _QUOTES else ""
    return f"{match['intro']}{said[:at]}{quote}{MARK}{quote}{after}"
