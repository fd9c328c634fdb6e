"""Patterns written for Python's ``re``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.compiler.pattern_tree import Chars, Choice, Edge, Part, Sequence

if TYPE_CHECKING:
    from declarant_codegen.compiler.character_sets import Ranges

__all__ = ["to_python"]

_SHORT_COUNTS: dict[tuple[int, int | None], str] = {(0, None): "*", (1, None): "+", (0, 1): "?"}


def to_python(part: Part) -> str:
    """Write a tree as a pattern of Python's ``re`` with the same meaning under ``re.search``."""
    if isinstance(part, Chars):
        return _python_chars(part.ranges)
    if isinstance(part, Edge):
        return {"^": "^", "$": r"\Z", "b": _boundary(inside=False), "B": _boundary(inside=True)}[
            part.kind
        ]
    if isinstance(part, Sequence):
        return "".join(
            f"(?:{to_python(item)})" if isinstance(item, Choice) else to_python(item)
            for item in part.parts
        )
    if isinstance(part, Choice):
        return "|".join(map(to_python, part.options))
    body = to_python(part.part)
    if not isinstance(part.part, Chars):
        body = f"(?:{body})"
    return body + _python_counts(part.low, part.high)


def _boundary(*, inside: bool) -> str:
    word = "[0-9A-Z_a-z]"
    if inside:
        return f"(?:(?<={word})(?={word})|(?<!{word})(?!{word}))"
    return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"


def _python_counts(low: int, high: int | None) -> str:
    short = _SHORT_COUNTS.get((low, high))
    if short is not None:
        return short
    if low == high:
        return f"{{{low}}}"
    return f"{{{low},{'' if high is None else high}}}"


def _python_chars(ranges: Ranges) -> str:
    if not ranges:
        return "(?!)"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _python_point(ranges[0][0])
    spans = (
        _python_point(low) if low == high else f"{_python_point(low)}-{_python_point(high)}"
        for low, high in ranges
    )
    return f"[{''.join(spans)}]"


def _python_point(point: int) -> str:
    sign = chr(point)
    if sign.isascii() and (sign.isalnum() or sign in "_:/@ <>,;=!%\"'"):
        return sign
    if sign.isascii() and sign.isprintable():
        return "\\" + sign
    return f"\\x{point:02x}" if point < 0x100 else f"\\U{point:08x}"
