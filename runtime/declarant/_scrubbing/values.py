"""A value behind its name: how far it reaches, and what stands for it."""

from __future__ import annotations

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.secret_names import NO_SECRETS, QUOTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["VALUE", "always", "parts_of", "replaced"]

#: A value after its name: quoted, quoted inside a quoted text, in parentheses, or up to a blank.
#: What is quoted and never ends reaches to the end of its line, for it may have been cut. A quote
#: ends nothing if a letter follows it, or if `repr` was used twice and it stood for itself. What
#: stands after ";" or "&" belongs to the value unless it is another name with its own.
VALUE = (
    r'''(?:[bBrRuU]?"""(?:[^"\\]|\\.|"(?!""))*(?:""")?'''
    r"""|[bBrRuU]?'''(?:[^'\\]|\\.|'(?!''))*(?:''')?"""
    r"""|[bBrRuU]?"(?:[^"\\\n]|\\.|"(?=\w)|(?<=\\)")*"?"""
    r"""|[bBrRuU]?'(?:[^'\\\n]|\\.|'(?=\w)|(?<=\\)')*'?"""
    r"""|\\{1,8}"(?:[^"\n]|"(?=\w))*"?|\\{1,8}'(?:[^'\n]|'(?=\w))*'?|`[^`\n]*`?|\([^()\n]*\)?"""
    r"""|[^\s"'`(;&,][^\s;&]*(?:[;&][^\s;&=,"'`]{1,64}(?![^\s;&,"'`])){0,3})"""
)

_CLOSERS = ")]}>\"'`.,:!?\\"
_PREFIXED = frozenset(prefix + quote for prefix in "bru" for quote in QUOTES)


def parts_of(value: str) -> tuple[str, str, str]:
    """Return a value's opening quotes or bracket, what is inside, and what closes it."""
    inside = value.lstrip("bBrRuU") if value[:2].lower() in _PREFIXED else value
    inside = inside.lstrip("\\")
    opening = inside[:1]
    if opening not in QUOTES and opening != "(":
        # A quote or bracket that closes what holds the value, and a full stop, are not its own.
        core = value.rstrip(_CLOSERS)
        if core.count('"') % 2:
            core += '"' * value.startswith('"', len(core))
        return "", core, value[len(core) :]
    start = value.index(opening) + 1
    if opening != "(" and inside[:3] == opening * 3:
        return _within(value, start + 2, opening * 3)
    if opening == "(":
        return _within(value, start, ")")
    before, inside, after = _within(value, start, opening)
    if before.endswith("\\" + opening):
        bare = inside.rstrip("\\")
        return before, bare, inside[len(bare) :] + after
    return before, inside, after


def _within(value: str, start: int, closing: str) -> tuple[str, str, str]:
    is_closed = len(value) >= start + len(closing) and value.endswith(closing)
    end = len(value) - len(closing) if is_closed else len(value)
    return value[:start], value[start:end], value[end:]


def replaced(match: re.Match[str], inside: str, opening: str, closing: str) -> str:
    """Return a match's name, what joins it to its value, and the mark in the value's quotes."""
    if inside == MARK:
        return match[0]
    return f"{match['name']}{match['join']}{opening}{MARK}{closing}"


def always(match: re.Match[str]) -> str:
    """Return what stands for a match whose value is a secret unless its word is none."""
    opening, inside, closing = parts_of(match["value"])
    if inside.lower() in NO_SECRETS:
        return match[0]
    return replaced(match, inside, opening, closing)
