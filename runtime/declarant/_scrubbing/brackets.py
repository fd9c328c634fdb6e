"""Where what a bracket holds ends."""

from __future__ import annotations

import re

from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.secret_names import QUOTES

__all__ = ["closing_of"]

_PUNCTUATION = Lazy(r"\\.|[\[\](){}\"'`]", re.DOTALL)


def closing_of(text: str, start: int, end: int | None = None) -> int:
    """Return where a bracket that was opened before *start* is closed; the end if it never is.

    Args:
        text: Any text.
        start: Where what the bracket holds begins.
        end: Where to give up; at the text's end if None.
    """
    end = len(text) if end is None else min(end, len(text))
    depth, quote = 1, ""
    for match in _PUNCTUATION().finditer(text, start, end):
        char = match[0]
        if char in QUOTES:
            # An apostrophe stands between letters.
            is_within = text[match.end() : match.end() + 1].isalnum()
            if not quote and not (is_within and text[match.start() - 1].isalnum()):
                quote = char
            elif quote == char and not is_within:
                quote = ""
        elif quote or char[0] == "\\":
            continue
        elif char in "[({":
            depth += 1
        else:
            depth -= 1
            if not depth:
                return match.start()
    return end
