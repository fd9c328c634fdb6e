"""Sets of characters as ranges of code points, and the classes that ECMA 262 names."""

from __future__ import annotations

__all__ = ["CLASSES", "LAST", "LINE_ENDS", "Ranges", "invert", "merge"]

Ranges = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
_DIGIT = ((48, 57),)
_WORD = ((48, 57), (65, 90), (95, 95), (97, 122))
# Source: ECMA 262, WhiteSpace and LineTerminator; Unicode category Zs.
_SPACE = (
    (9, 13),
    (32, 32),
    (160, 160),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
LINE_ENDS = ((10, 10), (13, 13), (0x2028, 0x2029))


def merge(ranges: list[tuple[int, int]]) -> Ranges:
    """Sort ranges and join those that touch."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def invert(ranges: Ranges) -> Ranges:
    """Give all code points outside of *ranges*."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        gaps.append((start, LAST))
    return tuple(gaps)


CLASSES: dict[str, Ranges] = {
    "d": _DIGIT,
    "D": invert(_DIGIT),
    "w": _WORD,
    "W": invert(_WORD),
    "s": _SPACE,
    "S": invert(_SPACE),
}
