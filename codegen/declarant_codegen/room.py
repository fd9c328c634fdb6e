"""How much a text of a pattern can carry, whatever its letters are.

Any text can be written in another alphabet: base64, hexadecimal digits, names of colours. What
bounds it then is the number of texts that a pattern takes, and nothing else.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.compiler.pattern_tree import Chars, Choice, Edge, Repeat, Sequence

if TYPE_CHECKING:
    from declarant_codegen.compiler.pattern_tree import Part

__all__ = ["MOST_BYTES", "is_roomy", "room"]

MOST_BYTES = 128
"""Bytes that text of a fixed form may have room for; a name of 128 letters of ASCII fits, and every
digest in use."""


@lru_cache(maxsize=16384)
def is_roomy(part: Part, longest: int | None = None) -> bool:
    """Return whether a pattern's texts have room for more than `MOST_BYTES` of anything.

    What has no bound at all is another rule's matter, and so is none here.

    Args:
        part: The pattern.
        longest: Code points of the longest text that counts; None if there is no such bound.
    """
    return MOST_BYTES * 8 < room(part, longest) < math.inf


def room(part: Part, longest: int | None = None) -> float:
    """Return the bits that a text of a pattern can carry at most; infinite if it has no bound.

    A text that can be read in two ways counts twice, which can only add.
    """
    if longest is None:
        return _bits(part)
    return min(_bits(part), math.log2(max(1, _alphabet(part)) + 1) * longest)


def _bits(part: Part) -> float:
    if isinstance(part, Chars):
        return math.log2(_size(part))
    if isinstance(part, Edge):
        return 0.0
    if isinstance(part, Sequence):
        return sum(map(_bits, part.parts))
    if isinstance(part, Choice):
        return _sum([_bits(option) for option in part.options])
    each = _bits(part.part)
    if part.high is None:
        return math.inf
    # So many texts of each count from the least to the most.
    counts = part.high - part.low + 1
    spread = counts if each == 0 else min(counts, 1 / (1 - 2 ** -min(each, 64.0)))
    return each * part.high + math.log2(spread)


def _sum(bits: list[float]) -> float:
    """Return the bits of a choice between what has so many each."""
    most = max(bits, default=0.0)
    if math.isinf(most):
        return most
    return most + math.log2(sum(2.0 ** max(item - most, -1000.0) for item in bits) or 1.0)


def _alphabet(part: Part) -> int:
    """Return how many different characters a pattern knows at most."""
    if isinstance(part, Chars):
        return _size(part)
    if isinstance(part, Repeat):
        return _alphabet(part.part)
    if isinstance(part, Edge):
        return 0
    return sum(map(_alphabet, part.parts if isinstance(part, Sequence) else part.options))


def _size(chars: Chars) -> int:
    return sum(high - low + 1 for low, high in chars.ranges) or 1
