"""Text without what a CI runner takes for a command of its own.

Owns the marks of commands. Runners read along whatever a step prints, on either stream:
``::error::`` at a line's start and ``##[error]`` anywhere in it are commands to GitHub's,
``##vso[task.setvariable ...]`` anywhere in a line to that of Azure Pipelines; a description, an
event's value or the words of a collector may say any of them. A mark is shown as the JSON escape of
its character, so that a JSON document stays the same document.

Source: the runner's ActionCommand (both of its forms) and the agent's Command, which pass over
white space before a mark, and over the case of letters. They compare by the rules of a culture,
which pass over characters without a weight of their own (controls, formats, combining marks), so
that a mark with such a one inside is a mark.
"""

from __future__ import annotations

__all__ = ["inert"]

_NUMBER_SIGNS = r"(?i)##(?=(?:vso)?\[)"
_COLONS = r"(?:\A|(?<=[\r\n]))[^\S\r\n]*(:):"

#: Unicode's categories of what may have no weight, and letters and a separator that have none.
_WEIGHTLESS = frozenset(("Cc", "Cf", "Cn", "Mc", "Me", "Mn"))
_WEIGHTLESS_LETTERS = frozenset("\u0640\u07fa\u115f\u1160\u180a\u1cd3\u3164\ufe73\uffa0")


def inert(text: str) -> str:
    """Return *text* without the mark of a runner's command; almost always as it is."""
    is_plain = text.isascii() and text.replace("\n", "").isprintable()
    if is_plain and "##" not in text and "::" not in text:
        return text
    # Late: most commands print nothing of the kind.
    import re

    seen, places = text, None
    if not is_plain:
        places = [at for at, letter in enumerate(text) if not _is_weightless(letter)]
        seen = "".join([text[at] for at in places])
    found = [match.start() + 1 for match in re.finditer(_NUMBER_SIGNS, seen)]
    found += [match.start(1) for match in re.finditer(_COLONS, seen)]
    if not found:
        return text
    letters = list(text)
    for at in found:
        place = at if places is None else places[at]
        letters[place] = f"\\u{ord(letters[place]):04x}"
    return "".join(letters)


def _is_weightless(letter: str) -> bool:
    if letter.isspace() and not "\x1c" <= letter <= "\x1f":
        return False
    from unicodedata import category

    return category(letter) in _WEIGHTLESS or letter in _WEIGHTLESS_LETTERS
