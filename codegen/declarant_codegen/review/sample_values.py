"""Values of an event for a reviewer to look at: the smallest, a typical one, the largest.

Owns the choice. Every value is checked against its schema; where none of the chosen fits, any that
does is taken. "Largest" counts characters of the plain letters that stand for text.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import accepts
from declarant_codegen.bounds import base_type
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Part,
    PatternSyntaxError,
    Repeat,
    Sequence,
    parse_pattern,
)
from declarant_codegen.formats import FORMATS
from declarant_codegen.model import admits_null
from declarant_codegen.privacy_diff.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Size", "sample_arguments", "sample_value"]

_FREE_TEXT = "what the program says, in words "
_OPEN_ENDED = 64
"""Most repetitions of a part of a pattern that names no end; ``maxLength`` cuts it."""


class Size(Enum):
    """Which value of all that a schema takes."""

    SMALLEST = "smallest"
    TYPICAL = "typical"
    LARGEST = "largest"


def sample_arguments(schema: Mapping[str, Any], size: Size) -> dict[str, Any]:
    """Return an event's data, or as an object inside it, of one size.

    Args:
        schema: The resolved closed object schema.
        size: The smallest one leaves out what may be left out.
    """
    required = schema.get("required", ())
    return {
        name: sample_value(child, size)
        for name, child in schema.get("properties", {}).items()
        if size is not Size.SMALLEST or name in required
    }


def sample_value(schema: Mapping[str, Any], size: Size) -> Any:
    """Return a value that a resolved schema takes.

    Raises:
        ValueError: No value was found.
    """
    for value in _chosen(schema, size):
        if accepts(dict(schema), value):
            return value
    for value in samples(dict(schema)):
        return value
    raise ValueError("expected a schema that takes a value, found none that it takes")


def _chosen(schema: Mapping[str, Any], size: Size) -> Iterator[Any]:
    if "const" in schema:
        yield schema["const"]
    if "enum" in schema:
        ordered = sorted(schema["enum"], key=lambda item: len(str(item)))
        yield {Size.SMALLEST: ordered[0], Size.LARGEST: ordered[-1]}.get(size, schema["enum"][0])
    if size is Size.SMALLEST and admits_null(schema):
        yield None
    if size is Size.TYPICAL:
        yield from schema.get("examples", ())
        yield from (item["text"] for item in schema.get("x-scrub-vectors", ()))
    kind = base_type(schema)
    if kind == "string":
        yield from _texts(schema, size)
    elif kind in ("integer", "number"):
        yield from _numbers(schema, size)
    elif kind == "boolean":
        yield size is Size.SMALLEST or size is Size.TYPICAL
    elif kind == "array":
        yield _list(schema, size)
    elif kind == "object":
        yield sample_arguments(schema, size)


def _numbers(schema: Mapping[str, Any], size: Size) -> Iterator[float]:
    low, high = schema.get("minimum", 0), schema.get("maximum", 0)
    if size is Size.LARGEST:
        yield max((high, low), key=lambda number: len(str(number)))
        return
    # A few, so that a typical duration is no month.
    yield from (0, low) if size is Size.SMALLEST else (1234, 42, 3, 1, (low + high) // 2, low)


def _list(schema: Mapping[str, Any], size: Size) -> list[Any]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 0)
    count = {Size.SMALLEST: least, Size.LARGEST: most}.get(size, min(max(2, least), most))
    item = sample_value(schema["items"], size) if count else None
    if not schema.get("uniqueItems"):
        return [item] * count
    found: list[Any] = []
    for value in [*([item] if count else []), *samples(dict(schema["items"]))]:
        if len(found) < max(count, least) and value not in found:
            found.append(value)
    return found


def _texts(schema: Mapping[str, Any], size: Size) -> Iterator[str]:
    low, high = schema.get("minLength", 0), schema.get("maxLength", _OPEN_ENDED)
    if "format" in schema:
        yield FORMATS[schema["format"]].example
    elif "pattern" in schema:
        try:
            part = parse_pattern(schema["pattern"])[0]
        except PatternSyntaxError:
            return
        text = _matching(part, is_long=size is Size.LARGEST)
        yield text
        yield text[:high]
    elif size is Size.SMALLEST:
        yield "a" * low
    elif size is Size.LARGEST:
        yield (_FREE_TEXT * (high // len(_FREE_TEXT) + 1))[:high].rstrip().ljust(high, "s")
    else:
        yield _FREE_TEXT.strip()[:high].ljust(low, "s")


def _matching(part: Part, *, is_long: bool) -> str:
    """Return a text that a part of a pattern matches, of nice characters."""
    if isinstance(part, Chars):
        return _nice(part)
    if isinstance(part, Sequence):
        return "".join(_matching(inner, is_long=is_long) for inner in part.parts)
    if isinstance(part, Choice):
        options = [_matching(inner, is_long=is_long) for inner in part.options]
        return max(options, key=len) if is_long else min(options, key=len)
    if isinstance(part, Repeat):
        high = max(part.low, _OPEN_ENDED) if part.high is None else part.high
        return _matching(part.part, is_long=is_long) * (high if is_long else part.low)
    return ""


def _nice(part: Chars) -> str:
    for start, end in (("a", "z"), ("A", "Z"), ("0", "9"), ("!", "~")):
        for low, high in part.ranges:
            first = max(low, ord(start))
            if first <= min(high, ord(end)):
                return chr(first)
    return chr(part.ranges[0][0]) if part.ranges else ""
