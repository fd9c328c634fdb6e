"""Containment of sets of numbers, exactly.

Bounds compare as the binary numbers that they are, steps as the decimals that were written: that is
how validators judge (``0.3`` is a multiple of ``0.1``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["NumberSet", "candidates", "is_within", "number_set", "whole_members"]

MAX_MEMBERS = 1_001
"""Most members of a set that is gone through one by one."""

_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
_EXACT = 2**53  # up to here, whole floats are the decimals that they are written as


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSet:
    """Numbers between two ends.

    Attributes:
        low: Lower end, None for none.
        high: Upper end, None for none.
        low_open: Whether the lower end itself is outside.
        high_open: Whether the upper end itself is outside.
        step: Every member is a multiple of it; None for any number.
    """

    low: Fraction | None
    high: Fraction | None
    low_open: bool
    high_open: bool
    step: Fraction | None

    @property
    def is_empty(self) -> bool:
        """Whether the ends alone leave nothing."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))


def number_set(schema: Mapping[str, Any]) -> NumberSet:
    """Read the numbers that a schema takes, ``enum`` and ``const`` apart."""
    return _number_set(*map(schema.get, _BOUNDS), is_whole(schema))


# Typed: a large float as a step is the decimal that it is written as, which no equal integer is.
@lru_cache(maxsize=4096, typed=True)
def _number_set(*given: float | None) -> NumberSet:
    """Read bounds and a step; catalogues repeat them."""
    least, above, most, below, multiple, whole = given
    step = _step(multiple, is_whole=bool(whole))
    lows = _ends(least, above)
    highs = _ends(most, below)
    low, low_open = max(lows, default=(None, False))
    # Of two equal ends the open one is the tighter: as the greater pair below, the lesser above.
    high, high_closed = min(((end, not is_open) for end, is_open in highs), default=(None, True))
    plain = NumberSet(low=low, high=high, low_open=low_open, high_open=not high_closed, step=step)
    return _on_lattice(plain)


def _ends(closed: float | None, opened: float | None) -> list[tuple[Fraction, bool]]:
    pairs = ((closed, False), (opened, True))
    return [(Fraction(end), is_open) for end, is_open in pairs if end is not None]


def _step(multiple: float | None, *, is_whole: bool) -> Fraction | None:
    given = None if multiple is None else Fraction(repr(multiple))
    if not is_whole:
        return given
    # Multiples of p/q that are whole are the multiples of p.
    return Fraction(1 if given is None else given.numerator)


def _on_lattice(numbers: NumberSet) -> NumberSet:
    """Move the ends inwards to the nearest members, where members are whole numbers."""
    step = numbers.step
    if step is None or step.denominator != 1:
        return numbers
    ends = [end for end in (numbers.low, numbers.high) if end is not None]
    if step != 1 and any(abs(end) > _EXACT for end in ends):
        return numbers
    low, high = numbers.low, numbers.high
    if low is not None:
        first = math.ceil(low / step)
        low = (first + (numbers.low_open and first * step == low)) * step
    if high is not None:
        last = math.floor(high / step)
        high = (last - (numbers.high_open and last * step == high)) * step
    return NumberSet(low=low, high=high, low_open=False, high_open=False, step=step)


def is_within(inner: NumberSet, outer: NumberSet) -> bool:
    """Return whether ends and steps alone prove that *outer* holds all of *inner*."""
    if inner.is_empty:
        return True
    return _holds_low(inner, outer) and _holds_high(inner, outer) and _holds_step(inner, outer)


def _holds_low(inner: NumberSet, outer: NumberSet) -> bool:
    if outer.low is None or inner.low is None:
        return outer.low is None
    return inner.low > outer.low or (
        inner.low == outer.low and (inner.low_open or not outer.low_open)
    )


def _holds_high(inner: NumberSet, outer: NumberSet) -> bool:
    if outer.high is None or inner.high is None:
        return outer.high is None
    return inner.high < outer.high or (
        inner.high == outer.high and (inner.high_open or not outer.high_open)
    )


def _holds_step(inner: NumberSet, outer: NumberSet) -> bool:
    if outer.step is None or inner.step is None:
        return outer.step is None
    return (inner.step / outer.step).denominator == 1


def whole_members(numbers: NumberSet) -> list[int] | None:
    """Return every member if they are few whole numbers, else None."""
    low, high, step = numbers.low, numbers.high, numbers.step
    if low is None or high is None or step is None or step.denominator != 1:
        return None
    if max(abs(low), abs(high)) > _EXACT or (high - low) / step >= MAX_MEMBERS:
        return None
    return list(range(math.ceil(low / step) * int(step), math.floor(high) + 1, int(step)))


def candidates(inner: NumberSet, outer: NumberSet, extra: list[Any]) -> Iterator[float]:
    """Yield numbers near every end, as likely to be in *inner* and not in *outer*.

    Args:
        inner: Where the number is wanted.
        outer: Where it is not.
        extra: Further numbers to look around.
    """
    unit = inner.step or Fraction(1)
    # Most often an end moved, and the next number beyond the old one tells.
    yield from (_json_number(end) for end in _beyond(outer, unit))
    ends = [end for item in (inner, outer) for end in (item.low, item.high) if end is not None]
    ends += [Fraction(value) for value in extra if type(value) in (int, float)]
    ends = sorted({*ends, Fraction(0)})
    near = [(low + high) / 2 for low, high in pairwise(ends)]
    for end in (*ends, *near):
        for point in _around(end, inner.step, unit):
            yield _json_number(point)
    if outer.step is not None and inner.low is not None:
        yield from (_json_number(inner.low + outer.step * Fraction(n, 7)) for n in (1, 2, 3))


def _beyond(numbers: NumberSet, unit: Fraction) -> Iterator[Fraction]:
    if numbers.high is not None:
        yield numbers.high if numbers.high_open else numbers.high + unit
    if numbers.low is not None:
        yield numbers.low if numbers.low_open else numbers.low - unit


def _around(end: Fraction, step: Fraction | None, unit: Fraction) -> Iterator[Fraction]:
    if step is not None:
        end = math.floor(end / step) * step
    for distance in (0, 1, -1, 2, -2):
        yield end + distance * unit
    if step is None:
        yield from (end + unit / 2, end + unit / 1000, end - unit / 1000)


def _json_number(point: Fraction) -> float:
    if point.denominator == 1:
        return int(point)
    try:
        return float(point)
    except OverflowError:
        return 0
