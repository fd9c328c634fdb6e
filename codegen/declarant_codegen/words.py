"""Words for messages: quoting, naming of what was found, the nearest known name.

Owns how schema text appears inside a message. Schema text is hostile input, so everything quoted
here is printable and short.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_LONGEST = 60
_MOST_SLIPS = 2
_LONGEST_TYPED = 200

_MOST_NAMES = 20

MOST_GUESSES = 100
"""Names of one object whose meaning is guessed; who mistypes more of them meant another file."""

_MOST_STEPS = 2_000_000
"""Comparisons of letters for the guesses of one run; about a second's work."""


def quote(text: str) -> str:
    """Return *text* in double quotes, escaped to printable ASCII and cut to 60 characters."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    plain = cut.replace("\\", "\\\\").replace('"', '\\"')
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(_escaped(letter) for letter in plain)
    return f'"{plain}"'


def shown(path: str) -> str:
    """Return a path as reports show it: a file's name may hold line breaks or broken bytes."""
    if path.isprintable():
        return path
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in path)


def _escaped(letter: str) -> str:
    if letter.isascii() and letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def json_type(value: Any) -> str:
    """Return the JSON type of a parsed value; ``integer`` for whole numbers."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if value is None:
        return "null"
    names = {str: "string", float: "number", list: "array", dict: "object"}
    return names[type(value)]


def describe(value: Any) -> str:
    """Return words for a value found in a schema: scalars as written, containers by type."""
    if isinstance(value, str):
        return quote(value)
    if is_array(value) and value:
        is_flat = not any(isinstance(item, (dict, list)) for item in value)
        written = json.dumps(value) if is_flat and len(value) <= _LONGEST else ""
        is_short = 0 < len(written) <= _LONGEST
        return written if is_short else f"an array of {counted(len(value), 'item')}"
    if isinstance(value, (dict, list)):
        return f"an {json_type(value)}" if value else f"an empty {json_type(value)}"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def counted(count: int, noun: str) -> str:
    """Return a number and *noun*, in the plural unless there is one."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of a noun of this project: ``items``, ``properties``."""
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def with_article(noun: str) -> str:
    """Return *noun* with ``a`` or ``an`` before it."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def listing(names: Iterable[str], *, last: str = "or") -> str:
    """Return names as words: ``a, b or c``."""
    words = list(names)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def some_of(names: Collection[str]) -> str:
    """Return names that are known, as printable words; of many the first, of none ``none``.

    A report that names them again and again must not grow with their number.
    """
    if len(names) > _MOST_NAMES:
        first = [shown(name) for name in islice(names, _MOST_NAMES)]
        return f"{', '.join(first)} and {len(names) - _MOST_NAMES} more"
    return listing(map(shown, sorted(names))) if names else "none"


class Guesses:
    """Guesses of what names mean, as long as that is little work.

    Names that mean nothing, and those that could be meant, may be ten thousand each.
    """

    def __init__(self, most: int = _MOST_STEPS) -> None:
        self._left = most

    def nearest(self, name: str, known: Collection[str]) -> str | None:
        """Return what `nearest` does, or None once too much work was done."""
        if self._left <= 0:
            return None
        close = _alike_in_length(name, known)
        self._left -= len(known) + len(name) * sum(map(len, close))
        return nearest(name, close) if self._left > 0 else None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that *name* most likely means, or None if none is near.

    Near is at most two slips (a letter wrong, missing, added, or two swapped), and fewer than half
    of the letters.
    """
    best: tuple[int, str] | None = None
    for candidate in sorted(_alike_in_length(name, known)):
        slips = _distance(name.lower(), candidate.lower())
        if best is None or slips < best[0]:
            best = (slips, candidate)
    if best is None or best[0] > _MOST_SLIPS or best[0] * 2 >= max(len(name), 3):
        return None
    return best[1]


def _alike_in_length(name: str, known: Iterable[str]) -> list[str]:
    """Return the names that may be near; none for one so long that nobody typed it."""
    if len(name) > _LONGEST_TYPED:
        return []
    return [item for item in known if abs(len(item) - len(name)) <= _MOST_SLIPS]


def _distance(left: str, right: str) -> int:
    """Return the optimal string alignment distance (Damerau-Levenshtein, no edit twice)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row = row, [i] + [0] * len(right)
        for j, b in enumerate(right, 1):
            row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before = previous
    return row[-1]
