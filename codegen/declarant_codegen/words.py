"""Words for messages: quoting, naming of what was found, the nearest known name.

Owns how schema text appears inside a message. Schema text is hostile input, so everything quoted
here is printable and short.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 60
_MOST_SLIPS = 2

MOST_GUESSES = 100
"""Names of one object whose meaning is guessed; who mistypes more of them meant another file."""


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


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that *name* most likely means, or None if none is near.

    Near is at most two slips (a letter wrong, missing, added, or two swapped), and fewer than half
    of the letters.
    """
    best: tuple[int, str] | None = None
    # Of names that differ more in length none is near, and a name may have a million letters.
    for candidate in sorted(item for item in known if abs(len(item) - len(name)) <= _MOST_SLIPS):
        slips = _distance(name.lower(), candidate.lower())
        if best is None or slips < best[0]:
            best = (slips, candidate)
    if best is None or best[0] > _MOST_SLIPS or best[0] * 2 >= max(len(name), 3):
        return None
    return best[1]


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
