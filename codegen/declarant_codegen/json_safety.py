"""Which strings may stand in JSON text as they are.

Owns one question: can a text that meets this schema hold a character that JSON must escape?
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    Part,
    Repeat,
    parse_pattern,
)
from declarant_codegen.patterns import max_length

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_json_safe"]

_QUOTE, _BACKSLASH = 0x22, 0x5C
_FIRST, _LAST = 0x20, 0x7E
# Every format of the dialect is made of digits, ASCII letters, "-", "+", ":" and ".".
_SAFE_FORMATS = frozenset(("date", "date-time", "time", "uuid"))


def is_json_safe(schema: Mapping[str, Any]) -> bool:
    """Tell whether all strings that meet *schema* are printable ASCII without quote and backslash.

    A False may be a lack of proof: a pattern that is not anchored proves nothing.
    """
    if schema.get("format") in _SAFE_FORMATS:
        return True
    pattern = schema.get("pattern")
    return isinstance(pattern, str) and _is_safe_pattern(pattern)


@cache
def _is_safe_pattern(pattern: str) -> bool:
    # Only a pattern anchored on both ends has a longest match.
    return max_length(pattern) is not None and _is_safe(parse_pattern(pattern)[0])


def _is_safe(part: Part) -> bool:
    if isinstance(part, Chars):
        return all(_is_safe_range(low, high) for low, high in part.ranges)
    if isinstance(part, Edge):
        return True
    if isinstance(part, Repeat):
        return _is_safe(part.part)
    parts = part.options if isinstance(part, Choice) else part.parts
    return all(map(_is_safe, parts))


def _is_safe_range(low: int, high: int) -> bool:
    inside = low >= _FIRST and high <= _LAST
    return inside and not any(low <= point <= high for point in (_QUOTE, _BACKSLASH))
