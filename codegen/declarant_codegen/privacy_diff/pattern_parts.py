"""Patterns compared part by part: the quick way for those that differ in a bound or a class.

Owns two things that cost little and decide most changes: a proof that one pattern's matches are
another's, and texts that may tell two apart. Where neither answers, `automata` does, at a cost.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from declarant_codegen.compiler.pattern_policy import all_chars, least_width, width
from declarant_codegen.compiler.pattern_tree import Chars, Choice, Edge, Repeat, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from declarant_codegen.compiler.character_sets import Ranges
    from declarant_codegen.compiler.pattern_tree import Part

__all__ = ["is_plainly_within", "likely_texts"]

_MOST_STEPS = 2_000
"""Most pairs of parts that one proof looks at."""

_MOST_TEXTS = 64
"""Most texts that are tried of one pattern."""

_LONGEST = 10_001
"""Most characters of such a text."""

_PREFERRED = "a0A_-. "


def is_plainly_within(one: Part, other: Part) -> bool:
    """Return whether the parts show that whatever matches *one* matches *other*.

    A False proves nothing.
    """
    try:
        return _Proof().holds(one, other)
    except _TooLongError:
        return False


class _TooLongError(Exception):
    """A proof that would take too many steps."""


class _Proof:
    """One search for a proof.

    Each step shows that wherever one part matches, from here to there in any text, another part
    matches too. Sequences, choices and repetitions of such parts inherit it.
    """

    def __init__(self) -> None:
        self._steps = 0

    def holds(self, one: Part, other: Part) -> bool:
        self._step()
        if one == other:
            return True
        if isinstance(one, Choice):
            return all(self.holds(option, other) for option in one.options)
        if isinstance(other, Choice):
            return any(self.holds(one, option) for option in other.options)
        if isinstance(one, Sequence) or isinstance(other, Sequence):
            return self._is_aligned(*_different(_parts(one), _parts(other)))
        if isinstance(other, Repeat):
            counts = self._counts(one, other.part)
            return counts is not None and _takes(other, *counts)
        if not (isinstance(one, Chars) and isinstance(other, Chars)):
            return False
        return _is_part_of(one.ranges, other.ranges)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _TooLongError

    def _counts(self, part: Part, unit: Part) -> tuple[int, int | None] | None:
        """Return how many of *unit* stand for *part* at least and at most, if that is known."""
        self._step()
        if isinstance(unit, Chars):
            is_spelt = _is_part_of(all_chars(part), unit.ranges)
            return (least_width(part), width(part)) if is_spelt else None
        if self.holds(part, unit):
            return 1, 1
        if isinstance(part, Repeat) and self.holds(part.part, unit):
            return part.low, part.high
        return None

    def _is_aligned(self, ones: tuple[Part, ...], others: tuple[Part, ...]) -> bool:
        """Share the parts of one sequence out to those of the other, in order."""
        ones = tuple(chain.from_iterable(map(_begun, ones)))
        shared = set(_behind_edges(ones, 0))
        for other in others:
            ends = {end for start in shared for end in self._ends(ones, start, other)}
            shared = {place for end in ends for place in _behind_edges(ones, end)}
        return len(ones) in shared

    def _ends(self, ones: tuple[Part, ...], start: int, other: Part) -> Iterator[int]:
        """Yield where the parts from *start* on may end that *other* stands for."""
        if _may_be_empty(other):
            yield start
        if not isinstance(other, Repeat):
            if start < len(ones) and self.holds(ones[start], other):
                yield start + 1
            return
        low: int = 0
        high: int | None = 0
        for end in range(start, len(ones)):
            counts = self._counts(ones[end], other.part)
            if counts is None:
                return
            low += counts[0]
            high = None if high is None or counts[1] is None else high + counts[1]
            if _takes(other, low, high):
                yield end + 1


def _parts(part: Part) -> tuple[Part, ...]:
    return part.parts if isinstance(part, Sequence) else (part,)


def _different(
    ones: tuple[Part, ...], others: tuple[Part, ...]
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return two sequences without what is the same at their beginnings and at their ends."""
    size = min(len(ones), len(others))
    begin = next((n for n in range(size) if ones[n] != others[n]), size)
    size -= begin
    end = next((n for n in range(size) if ones[-1 - n] != others[-1 - n]), size)
    return ones[begin : len(ones) - end], others[begin : len(others) - end]


def _behind_edges(parts: tuple[Part, ...], place: int) -> Iterator[int]:
    """Yield a place in a sequence and those behind edges there, which only ask for more."""
    yield place
    while place < len(parts) and isinstance(parts[place], Edge):
        place += 1
        yield place


def _begun(part: Part) -> tuple[Part, ...]:
    """Return a repetition as its first time and the rest, which may stand for different parts."""
    if not isinstance(part, Repeat) or part.low == 0:
        return (part,)
    rest = Repeat(part.part, part.low - 1, None if part.high is None else part.high - 1)
    return (part.part,) if rest.high == 0 else (part.part, rest)


def _is_part_of(one: Ranges, other: Ranges) -> bool:
    return next(_outside(one, other), None) is None


def _outside(ranges: Ranges, other: Ranges) -> Iterator[int]:
    """Yield the first code point outside *other* of each of *ranges* that has one."""
    for low, high in ranges:
        point = low
        for start, end in other:
            if start <= point <= end:
                point = end + 1
        if point <= high:
            yield point


def _takes(repeat: Repeat, low: int, high: int | None) -> bool:
    if low < repeat.low:
        return False
    return repeat.high is None or (high is not None and high <= repeat.high)


def _may_be_empty(part: Part) -> bool:
    if isinstance(part, Repeat):
        return part.low == 0 or _may_be_empty(part.part)
    if isinstance(part, Sequence):
        return all(map(_may_be_empty, part.parts))
    return isinstance(part, Choice) and any(map(_may_be_empty, part.options))


def likely_texts(one: Part, other: Part) -> list[str]:
    """Return texts near the ends of *one*, as likely to match it and not *other*; shortest first.

    None is sure to match either.
    """
    classes = tuple(dict.fromkeys(_classes(other)))[:_MOST_TEXTS]
    return sorted(set(_some(one, classes)), key=lambda text: (len(text), text))


def _classes(part: Part) -> Iterator[Ranges]:
    if isinstance(part, Chars):
        yield part.ranges
    elif isinstance(part, Repeat):
        yield from _classes(part.part)
    elif not isinstance(part, Edge):
        for child in part.parts if isinstance(part, Sequence) else part.options:
            yield from _classes(child)


def _some(part: Part, classes: tuple[Ranges, ...]) -> list[str]:
    """Return some texts of a part, the first one short and readable."""
    texts = (text for text in _texts(part, classes) if len(text) <= _LONGEST)
    return list(islice(texts, _MOST_TEXTS))


def _texts(part: Part, classes: tuple[Ranges, ...]) -> Iterable[str]:
    if isinstance(part, Chars):
        return _signs(part.ranges, classes)
    if isinstance(part, Edge):
        return ("",)
    if isinstance(part, Choice):
        return (text for option in part.options for text in _some(option, classes))
    if isinstance(part, Repeat):
        return _repeated(part, _some(part.part, classes))
    return _joined([_some(child, classes) for child in part.parts])


@lru_cache(maxsize=1024)
def _signs(ranges: Ranges, classes: tuple[Ranges, ...]) -> tuple[str, ...]:
    """Return a readable sign of a set, and one beyond each of some other sets."""
    first = next((ord(sign) for sign in _PREFERRED if not _lacks(ranges, ord(sign))), None)
    points = [] if first is None else [first]
    points += [low for low, _ in ranges[:1]]
    points += [point for other in classes for point in _outside(ranges, other)]
    # Halves of surrogate pairs are no text.
    return tuple(dict.fromkeys(chr(p) for p in points if not 0xD800 <= p <= 0xDFFF))


def _lacks(ranges: Ranges, point: int) -> bool:
    return not any(low <= point <= high for low, high in ranges)


def _repeated(part: Repeat, inner: list[str]) -> Iterator[str]:
    if part.low == 0:
        yield ""
    if not inner:
        return
    least = max(part.low, 1)
    most = least if part.high is None else part.high
    for count in dict.fromkeys((least, least + 1, most)):
        if count * len(inner[0]) <= _LONGEST:
            yield inner[0] * count
    if least * len(inner[0]) <= _LONGEST:
        rest = inner[0] * (least - 1)
        yield from (text + rest for text in inner[1:])
        yield from (rest + text for text in inner[1:])


def _joined(parts: list[list[str]]) -> Iterator[str]:
    """Yield the parts' first texts together, then with each part's others in their places."""
    if not all(parts):
        return
    yield "".join(texts[0] for texts in parts)
    for index, texts in enumerate(parts):
        before = "".join(inner[0] for inner in parts[:index])
        after = "".join(inner[0] for inner in parts[index + 1 :])
        yield from (f"{before}{text}{after}" for text in texts[1:])
