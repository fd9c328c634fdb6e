"""Medians, spreads and ratios, and how they are written."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Spread:
    """The middle of some samples, and how far they lie apart.

    Attributes:
        median: The middle.
        least: The smallest.
        greatest: The largest.
        count: How many there were.
    """

    median: float
    least: float
    greatest: float
    count: int

    def text(self, scale: float = 1.0, digits: int = 1) -> str:
        """Return "median (least to greatest)", each times *scale*."""
        middle, low, high = (
            f"{value * scale:,.{digits}f}" for value in (self.median, self.least, self.greatest)
        )
        return f"{middle} ({low} to {high})" if self.count > 1 else middle


def spread(samples: Iterable[float]) -> Spread:
    """Return the spread of *samples*, of which there is at least one."""
    values = list(samples)
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratio(ours: Spread | None, theirs: Spread | None) -> float | None:
    """Return the quotient of two medians; None if one is missing, or is no divisor."""
    if ours is None or theirs is None or theirs.median <= 0:
        return None
    return ours.median / theirs.median


def times(value: float | None) -> str:
    """Write a ratio; "" for one that could not be taken."""
    if value is None:
        return ""
    return f"{value:.3f}" if abs(value) < 0.1 else f"{value:.2f}"
