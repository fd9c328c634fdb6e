"""Whether every text of one pattern is a text of another: languages as automata.

Owns the way from pattern trees to automata and the search through their product. It knows nothing
of schemas. Texts are sequences of code points, as in Python and in JSON Schema's ``maxLength``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from declarant_codegen.compiler.character_sets import LAST
from declarant_codegen.compiler.pattern_tree import Chars, Choice, Edge, Repeat, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from declarant_codegen.compiler.character_sets import Ranges
    from declarant_codegen.compiler.pattern_tree import Part

__all__ = ["NEVER", "Lengths", "TooLargeError", "find_outside"]

NEVER: Part = Choice(())
"""The pattern that no text matches."""

MAX_STATES = 5_000
"""Most states of one pattern's automaton."""

MAX_STEPS = 100_000
"""Most steps of one search; about a tenth of a second, half of one where states are large."""

_PLAIN, _AT_START, _AT_END = range(3)
_PREFERRED = "a0A_-. "


class TooLargeError(Exception):
    """A pattern or a product of patterns beyond the limits, or with a construct not taken."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Texts of *low* to *high* code points; no *high* means without bound."""

    low: int = 0
    high: int | None = None

    def holds(self, length: int) -> bool:
        """Return whether a text of *length* code points is among them."""
        return self.low <= length and (self.high is None or length <= self.high)


class _Alphabet:
    """Code points in classes that none of the patterns tells apart."""

    def __init__(self, parts: Iterable[Part]) -> None:
        sets = sorted({ranges for part in parts for ranges in _char_sets(part)})
        edges = {
            0,
            LAST + 1,
            *(point for ranges in sets for low, high in ranges for point in (low, high + 1)),
        }
        by_members: dict[tuple[int, ...], int] = {}
        self.samples: list[int] = []
        masks = [0] * len(sets)
        for low, after in pairwise(sorted(edges)):
            members = tuple(index for index, ranges in enumerate(sets) if _has(ranges, low))
            number = by_members.setdefault(members, len(by_members))
            if number == len(self.samples):
                self.samples.append(_sample(low, after))
                for index in members:
                    masks[index] |= 1 << number
            elif not _is_nice(self.samples[number]):
                self.samples[number] = _sample(low, after)
        self.masks = dict(zip(sets, masks, strict=True))
        # Searches take classes in this order, so that what they find is readable.
        self.order = sorted(range(len(self.samples)), key=lambda n: not _is_nice(self.samples[n]))


def _char_sets(part: Part) -> Iterable[Ranges]:
    if isinstance(part, Chars):
        yield part.ranges
    elif isinstance(part, Repeat):
        yield from _char_sets(part.part)
    elif isinstance(part, (Sequence, Choice)):
        for child in part.parts if isinstance(part, Sequence) else part.options:
            yield from _char_sets(child)


def _has(ranges: Ranges, point: int) -> bool:
    index = bisect_right(ranges, (point, LAST + 1)) - 1
    return index >= 0 and ranges[index][0] <= point <= ranges[index][1]


def _sample(low: int, after: int) -> int:
    return next((ord(sign) for sign in _PREFERRED if low <= ord(sign) < after), low)


def _is_nice(point: int) -> bool:
    return 0x21 <= point < 0x7F


class _Automaton:
    """One pattern, searched for anywhere in the text; its states are made as they are met."""

    def __init__(self, part: Part, alphabet: _Alphabet) -> None:
        self._masks = alphabet.masks
        self._empty: list[list[tuple[int, int]]] = []
        self._taking: list[list[tuple[int, int]]] = []
        every = (1 << len(alphabet.samples)) - 1
        start = self._state()
        self._taking[start].append((every, start))
        self._final = self._build(part, start)
        if self._final == start:
            self._final = self._state()
            self._empty[start].append((_PLAIN, self._final))
        self._taking[self._final].append((every, self._final))
        self._useful = self._reaching_final()
        self._ids: dict[tuple[frozenset[int], bool], int] = {}
        self._sets: list[frozenset[int]] = []
        self._accepts: list[bool] = []
        self._steps: dict[tuple[int, int], int] = {}
        self.first = self._id(self._closure({start}, _AT_START), at_start=True)

    def step(self, state: int, number: int) -> int:
        """Return the state after one more character of class *number*."""
        known = self._steps.get((state, number))
        if known is None:
            bit = 1 << number
            reached = {
                target
                for inner in self._sets[state]
                for mask, target in self._taking[inner]
                if mask & bit and target in self._useful
            }
            known = self._id(self._closure(reached, _PLAIN) & self._useful, at_start=False)
            self._steps[state, number] = known
        return known

    def accepts(self, state: int) -> bool:
        """Return whether the text matches if it ends here."""
        return self._accepts[state]

    def is_dead(self, state: int) -> bool:
        """Return whether no longer text can match."""
        return not self._sets[state]

    def cost(self, state: int) -> int:
        """Return the size of a state, in which a step's time is proportional."""
        return 1 + len(self._sets[state]) // 8

    def _id(self, states: frozenset[int], *, at_start: bool) -> int:
        key = (states, at_start)
        if key not in self._ids:
            self._ids[key] = len(self._sets)
            self._sets.append(states)
            ending = self._closure(states, _AT_START if at_start else _PLAIN, at_end=True)
            self._accepts.append(self._final in ending)
        return self._ids[key]

    def _closure(
        self, states: Iterable[int], place: int, *, at_end: bool = False
    ) -> frozenset[int]:
        open_edges = {_PLAIN, place} | ({_AT_END} if at_end else set[int]())
        found = set(states)
        waiting = list(found)
        while waiting:
            for kind, target in self._empty[waiting.pop()]:
                if kind in open_edges and target not in found:
                    found.add(target)
                    waiting.append(target)
        return frozenset(found)

    def _reaching_final(self) -> frozenset[int]:
        """Return the states from which, after the text's start, the pattern can still match."""
        sources: dict[int, list[int]] = {}
        for state, edges in enumerate(self._empty):
            for kind, target in edges:
                if kind != _AT_START:
                    sources.setdefault(target, []).append(state)
        for state, edges in enumerate(self._taking):
            for mask, target in edges:
                if mask:
                    sources.setdefault(target, []).append(state)
        found = {self._final}
        waiting = [self._final]
        while waiting:
            new = set(sources.get(waiting.pop(), ())) - found
            found |= new
            waiting.extend(new)
        return frozenset(found)

    def _state(self) -> int:
        if len(self._empty) >= MAX_STATES:
            raise TooLargeError
        self._empty.append([])
        self._taking.append([])
        return len(self._empty) - 1

    def _build(self, part: Part, start: int) -> int:
        """Add a part after *start*, which may have other ways out but gets no new way in."""
        if isinstance(part, Chars):
            end = self._state()
            self._taking[start].append((self._masks[part.ranges], end))
            return end
        if isinstance(part, Edge):
            return self._edge(part, start)
        if isinstance(part, Sequence):
            for child in part.parts:
                start = self._build(child, start)
            return start
        if isinstance(part, Choice):
            end = self._state()
            for option in part.options:
                self._empty[self._build(option, start)].append((_PLAIN, end))
            return end
        return self._repeat(part, start)

    def _edge(self, part: Edge, start: int) -> int:
        if part.kind not in "^$":
            raise TooLargeError
        end = self._state()
        self._empty[start].append((_AT_START if part.kind == "^" else _AT_END, end))
        return end

    def _repeat(self, part: Repeat, start: int) -> int:
        for _ in range(part.low):
            start = self._build(part.part, start)
        end = self._state()
        if part.high is None:
            loop = self._state()
            self._empty[start].append((_PLAIN, loop))
            self._empty[self._build(part.part, loop)].append((_PLAIN, loop))
            self._empty[loop].append((_PLAIN, end))
            return end
        self._empty[start].append((_PLAIN, end))
        for _ in range(part.high - part.low):
            start = self._build(part.part, start)
            self._empty[start].append((_PLAIN, end))
        return end


def find_outside(parts: tuple[Part, ...], lengths: Lengths, outer: Part | Lengths) -> str | None:
    """Find a text that matches all *parts* and has one of *lengths*, but is outside *outer*.

    Returns:
        A shortest one, or None: there is none.

    Raises:
        TooLargeError: The search would go beyond the limits.
    """
    others = () if isinstance(outer, Lengths) else (outer,)
    alphabet = _Alphabet((*parts, *others))
    machines = [_Automaton(part, alphabet) for part in (*parts, *others)]
    return _Search(machines, len(parts), lengths, outer, alphabet).run()


_Place = tuple[tuple[int, ...], int]


class _Search:
    """A breadth-first walk through the product of automata and a count of characters."""

    def __init__(
        self,
        machines: list[_Automaton],
        inner: int,
        lengths: Lengths,
        outer: Part | Lengths,
        alphabet: _Alphabet,
    ) -> None:
        self._machines = machines
        self._inner = inner
        self._lengths = lengths
        self._outer = outer if isinstance(outer, Lengths) else None
        self._alphabet = alphabet
        bounds = (lengths, self._outer or Lengths())
        # Beyond the last bound, one length is like another.
        self._most = max(
            max(item.low, 0 if item.high is None else item.high + 1) for item in bounds
        )

    def run(self) -> str | None:
        first: _Place = (tuple(machine.first for machine in self._machines), 0)
        came: dict[_Place, tuple[_Place, int] | None] = {first: None}
        waiting: deque[_Place] = deque([first])
        steps = 0
        while waiting:
            place = waiting.popleft()
            if self._is_outside(place):
                return self._told(place, came)
            states, _ = place
            steps += len(self._alphabet.order) * sum(
                machine.cost(state) for machine, state in zip(self._machines, states, strict=True)
            )
            if steps > MAX_STEPS:
                raise TooLargeError
            for number in self._alphabet.order:
                following = self._next(place, number)
                if following is not None and following not in came:
                    came[following] = (place, number)
                    waiting.append(following)
        return None

    def _next(self, place: _Place, number: int) -> _Place | None:
        states, length = place
        length = min(length + 1, self._most)
        if self._lengths.high is not None and length > self._lengths.high:
            return None
        reached: list[int] = []
        for index, (machine, state) in enumerate(zip(self._machines, states, strict=True)):
            following = machine.step(state, number)
            if index < self._inner and machine.is_dead(following):
                return None
            reached.append(following)
        return tuple(reached), length

    def _is_outside(self, place: _Place) -> bool:
        states, length = place
        if not self._lengths.holds(length):
            return False
        told = [
            machine.accepts(state) for machine, state in zip(self._machines, states, strict=True)
        ]
        if not all(told[: self._inner]):
            return False
        return not (all(told[self._inner :]) if self._outer is None else self._outer.holds(length))

    def _told(self, place: _Place, came: dict[_Place, tuple[_Place, int] | None]) -> str:
        signs: list[str] = []
        step = came[place]
        while step is not None:
            place, number = step
            signs.append(chr(self._alphabet.samples[number]))
            step = came[place]
        return "".join(reversed(signs))
