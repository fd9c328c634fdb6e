"""Patterns in plain words, for readers who read no regular expressions.

Owns which forms of text have words. Words say exactly the texts that the pattern takes, no more and
no fewer; a pattern whose words would be longer than anybody reads has none. A letter is one of the
26 of English.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from declarant_codegen.compiler.character_sets import merge
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    PatternSyntaxError,
    Repeat,
    Sequence,
    parse_pattern,
)
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from declarant_codegen.compiler.character_sets import Ranges
    from declarant_codegen.compiler.pattern_tree import Part

__all__ = ["LETTERS_NOTE", "pattern_words"]

LETTERS_NOTE = 'A "letter" is one of the 26 of English, small or capital unless that is said.'
"""What stands beside a table that tells patterns in words."""

_LONGEST = 260
"""Most characters of words that are still read; more, and the expression says it as well."""

_MOST_PARTS = 6
_MOST_COPIES = 100  # of a part with a count, such as of a hexadecimal form

_FEWEST_OF_FORM = 3  # characters, a sign, characters
_SHORTEST_SPAN = 2
_COMMON = "_.-"
_NOT_QUOTED = '"\\'

_Run = tuple["Ranges", int, "int | None"]
"""Characters of one set, so many of them; no last number means without bound."""

_SMALL, _CAPITAL, _DIGITS, _SPACE = (97, 122), (65, 90), (48, 57), (32, 32)
_WHOLE = (
    ((_SMALL, _CAPITAL), "letters", "a letter"),
    ((_SMALL,), "lower-case letters", "a lower-case letter"),
    ((_CAPITAL,), "capital letters", "a capital letter"),
    ((_DIGITS,), "digits", "a digit"),
    ((_SPACE,), "spaces", "a space"),
)


class _NoWordsError(Exception):
    """There are no words for a part."""


@lru_cache(maxsize=4096)
def pattern_words(pattern: str) -> str | None:
    """Return what a pattern of the dialect takes, in words, or None if only it says so itself.

    Such as ``1 to 64 characters: lower-case letters, digits and _ . -``.
    """
    try:
        tree = parse_pattern(pattern)[0]
        words = ", then ".join(_parts(_inside(tree)))
    except (_NoWordsError, PatternSyntaxError):
        return None
    return words if words and len(words) <= _LONGEST else None


def _inside(tree: Part) -> list[Part]:
    """Return what stands between ``^`` and ``$``, where they are the ends and the only ones."""
    parts: list[Part] = list(tree.parts) if isinstance(tree, Sequence) else []
    if len(parts) < 3 or parts[0] != Edge("^") or parts[-1] != Edge("$"):
        raise _NoWordsError
    return _flat(parts[1:-1])


def _flat(parts: list[Part]) -> list[Part]:
    """Return parts with sequences opened, and counted sequences written out where they are few."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Sequence):
            found += _flat(list(part.parts))
        elif isinstance(part, Repeat) and part.low == part.high and _is_sequence(part.part):
            found += _flat([part.part]) * min(part.low, _MOST_COPIES)
            if part.low > _MOST_COPIES:
                raise _NoWordsError
        else:
            found.append(part)
        if len(found) > _MOST_COPIES:
            raise _NoWordsError
    return found


def _is_sequence(part: Part) -> bool:
    return isinstance(part, Sequence)


def _parts(parts: list[Part]) -> list[str]:
    """Return the words of parts one after the other."""
    if joined := _joined(parts):
        return [joined]
    told: list[str] = []
    rest = parts
    while rest:
        words, taken = _first(rest)
        told.append(words)
        rest = rest[taken:]
    if len(told) > _MOST_PARTS:
        raise _NoWordsError
    return told


def _first(parts: list[Part]) -> tuple[str, int]:
    """Return the words of some parts at the start, and how many these are."""
    if not parts:
        raise _NoWordsError  # there are groups of nothing
    if literal := _literal(parts):
        return f'"{literal}"', len(literal)
    if form := _form(parts):
        return form
    part = parts[0]
    if isinstance(part, Choice):
        options = list(dict.fromkeys(map(_quoted, part.options)))
        return f"one of {listing(options)}" if len(options) > 1 else options[0], 1
    if isinstance(part, Repeat) and (part.low, part.high) == (0, 1):
        inner = _flat([part.part])
        return f"perhaps {_only(inner)}", 1
    return _characters(parts)


def _only(parts: list[Part]) -> str:
    words, taken = _first(parts)
    if taken != len(parts):
        raise _NoWordsError
    return words


def _quoted(option: Part) -> str:
    parts = _flat([option])
    literal = _literal(parts)
    if not literal or len(literal) != len(parts):
        raise _NoWordsError
    return f'"{literal}"'


def _literal(parts: list[Part]) -> str:
    """Return the text that a pattern begins with; empty if it begins with more than one."""
    text = ""
    for part in parts:
        if not isinstance(part, Chars) or len(part.ranges) != 1:
            break
        low, high = part.ranges[0]
        if low != high or not 32 < low < 127 or chr(low) in _NOT_QUOTED:
            break
        text += chr(low)
    return text


def _is_run(part: Part) -> bool:
    return isinstance(part, Chars) or (isinstance(part, Repeat) and isinstance(part.part, Chars))


def _run(part: Part) -> _Run:
    if isinstance(part, Chars):
        return part.ranges, 1, 1
    if isinstance(part, Repeat) and isinstance(part.part, Chars):
        return part.part.ranges, part.low, part.high
    raise _NoWordsError


def _characters(parts: list[Part]) -> tuple[str, int]:
    """Return the words of characters, the first of which may be one of fewer."""
    ranges, low, high = _run(parts[0])
    taken, head = 1, ""
    if (low, high) == (1, 1) and len(parts) > 1 and _is_run(parts[1]):
        more, least, most = _run(parts[1])
        if merge([*ranges, *more]) == more:
            is_narrower = ranges != more
            head = f" (the first {listing(_named(ranges, one=True))})" if is_narrower else ""
            ranges, taken = more, 2
            low, high = 1 + least, None if most is None else 1 + most
    return f"{_count(low, high)}: {listing(_named(ranges), last='and')}{head}", taken


def _count(low: int, high: int | None) -> str:
    if high is None:
        return f"{low} or more characters"
    if low == high:
        return "1 character" if low == 1 else f"{low} characters"
    return f"{low} to {high} characters"


def _form(parts: list[Part]) -> tuple[str, int] | None:
    """Return the words of as many characters of one set, with fixed signs between them: a UUID."""
    ranges: Ranges = ()
    form, taken = "", 0
    while taken < len(parts):
        sign = _literal(parts[taken : taken + 1]) if form else ""
        if sign and (sign.isalnum() or taken + 1 == len(parts)):
            break
        part = parts[taken + 1] if sign else parts[taken]
        if not _is_run(part):
            break
        found, low, high = _run(part)
        if low != high or not low or (ranges and found != ranges) or bool(sign) != bool(form):
            break
        if len(form) + low > _MOST_COPIES:
            return None
        ranges = found
        form += sign + "x" * low
        taken += 2 if sign else 1
    if taken < _FEWEST_OF_FORM:
        return None
    each = listing(_named(ranges, one=True))
    return f"{len(form)} characters in the form {form}, where each x is {each}", taken


def _joined(parts: list[Part]) -> str | None:
    """Return the words of texts of one kind with one sign between each two."""
    places = [place for place, part in enumerate(parts) if _literal([part])]
    last = parts[-1] if parts else None
    if isinstance(last, Repeat) and isinstance(last.part, Sequence) and not places:
        first, again = parts[:-1], _flat([last.part])
        signs, names = {_literal(again[:1])}, [first, again[1:]]
        low, high = 1 + last.low, None if last.high is None else 1 + last.high
    elif places:
        ends = [-1, *places, len(parts)]
        names = [parts[start + 1 : end] for start, end in pairwise(ends)]
        signs = {_literal([parts[place]]) for place in places}
        low = high = len(names)
    else:
        return None
    if len(signs) != 1 or "" in signs or any(name != names[0] for name in names) or not names[0]:
        return None
    if not _is_run(names[0][0]):
        return None
    words, taken = _characters(names[0])
    if taken != len(names[0]):
        return None
    count = _count(low, high).replace("characters", "parts")
    return f'{count} joined by "{signs.pop()}", each of {words}'


def _named(ranges: Ranges, *, one: bool = False) -> list[str]:
    """Return a set of characters as words: whole alphabets, spans of three and more, signs."""
    points = {point for low, high in ranges for point in _shown_points(low, high)}
    told: list[str] = []
    for spans, many, single in _WHOLE:
        whole = {point for low, high in spans for point in range(low, high + 1)}
        if whole <= points:
            told.append(single if one else many)
            points -= whole
    signs: list[str] = []
    for low, high in _spans(points):
        if high - low >= _SHORTEST_SPAN and chr(low).isalnum() and chr(high).isalnum():
            told.append(f"{'one of ' if one else ''}{chr(low)} to {chr(high)}")
        else:
            signs += map(chr, range(low, high + 1))
    signs.sort(key=lambda sign: (sign not in _COMMON, _COMMON.find(sign), sign))
    if signs:
        told += signs if one else [" ".join(signs)]
    if not told:
        raise _NoWordsError
    return told


def _shown_points(low: int, high: int) -> range:
    if low < 32 or high > 126:  # nothing beyond printable ASCII has words
        raise _NoWordsError
    return range(low, high + 1)


def _spans(points: set[int]) -> list[tuple[int, int]]:
    """Return runs of neighbours, none over the border of digits, small or capital letters."""
    found: list[tuple[int, int]] = []
    for point in sorted(points):
        is_next = bool(found) and found[-1][1] == point - 1
        if is_next and chr(point).isalnum() == chr(point - 1).isalnum():
            found[-1] = (found[-1][0], point)
        else:
            found.append((point, point))
    return found
