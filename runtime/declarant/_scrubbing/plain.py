"""What a text holds that nobody sees: colours of a terminal, characters without a width.

They part a name from its value, and an address in two, for every pattern; so they go first.
"""

from __future__ import annotations

from declarant._scrubbing.patterns import Lazy

__all__ = ["plain"]

#: Source: ECMA-48, control sequences and command strings; also as `repr` and JSON write them.
_SEQUENCE = Lazy(
    r"(?:\x1b|\\x1b|\\u001b|\\033)\[[0-9;:?]{0,32}[A-Za-z]|\x9b[0-9;:?]{0,32}[A-Za-z]"
    r"|\x1b\][^\x07\x1b\n]{0,512}(?:\x07|\x1b\\)"
)
#: Soft hyphens, marks of direction, blanks without a width.
_UNSEEN = Lazy("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
#: Blanks as `repr` writes them, in the middle of a text.
_BLANKS = Lazy(r"(?<=\w)\\{1,2}(?:xa0|u00a0|u20(?:0[0-9a]|2f|5f)|u3000)(?=[\w:=])")
#: Joiners belong to some scripts and to emoji; beside ASCII they belong to nothing.
_JOINERS = Lazy(r"(?<=[!-~])[\u200c\u200d]{1,8}|(?<![\u200c\u200d])[\u200c\u200d]{1,8}(?=[!-~])")


def plain(text: str) -> str:
    """Return *text* without what nobody sees of it."""
    if "\x1b" in text or "\x9b" in text or ("\\" in text and "[" in text):
        text = _SEQUENCE().sub("", text)
    if "\\xa0" in text or "\\u" in text:
        text = _BLANKS().sub(" ", text)
    return text if text.isascii() else _JOINERS().sub("", _UNSEEN().sub("", text))
