"""The mark that stands for removed text, while scrubbing and in the result.

While text is scrubbed the mark is one character that no text holds, so that patterns can pass over
it and none can take it apart.
"""

from __future__ import annotations

from declarant.scrub import SCRUBBED

__all__ = ["MARK", "capped", "marked", "shown"]

#: A noncharacter: Unicode promises that no interchanged text holds it.
MARK = "\ufdd0"
_TWO_MARKS = MARK + MARK


def marked(text: str) -> str:
    """Return *text* with each `<scrubbed>` as one character."""
    return text.replace(MARK, "\ufffd").replace(SCRUBBED, MARK)


def shown(text: str) -> str:
    """Return marked text as it is stored; marks without anything between them become one."""
    while _TWO_MARKS in text:
        text = text.replace(_TWO_MARKS, MARK)
    return text.replace(MARK, SCRUBBED)


def capped(text: str, max_length: int) -> str:
    """Return at most *max_length* characters of stored text; a mark is kept whole or not at all."""
    if len(text) <= max_length:
        return text
    # The last mark that begins before the end, if it goes beyond it.
    at = text.rfind(SCRUBBED, 0, max_length + len(SCRUBBED) - 1)
    if at != -1 and at < max_length < at + len(SCRUBBED):
        return text[:at]
    return text[:max_length]
