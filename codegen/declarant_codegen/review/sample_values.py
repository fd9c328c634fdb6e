"""Values of an event for a reviewer to look at: the smallest, a typical one, the largest.

Owns the choice. Every value is checked against its schema, and sizes are those of what is sent:
in bytes of JSON, after scrubbing. "Largest" is the largest of the values that are tried, which are
made of plain letters where text of many kinds would do.
"""

from __future__ import annotations

import json
import math
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING, Any

from declarant.scrub import scrub
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
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.model import admits_null
from declarant_codegen.privacy_diff.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Size", "sample_arguments", "sample_value"]

_FREE_TEXT = "what the program says, in words "
_OPEN_ENDED = 64
"""Most repetitions of a part of a pattern that names no end; ``maxLength`` cuts it."""
_ENDINGS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Size(Enum):
    """Which value of all that a schema takes."""

    SMALLEST = "smallest"
    TYPICAL = "typical"
    LARGEST = "largest"


_Sizes = dict[Size, Any]


def sample_arguments(schema: Mapping[str, Any], size: Size) -> dict[str, Any]:
    """Return an event's data, or as an object inside it, of one size.

    Args:
        schema: The resolved closed object schema.
        size: The smallest one leaves out what may be left out.
    """
    found: dict[str, Any] = _objects(schema)[size]
    return found


def sample_value(schema: Mapping[str, Any], size: Size) -> Any:
    """Return a value that a resolved schema takes.

    Raises:
        ValueError: No value was found.
    """
    return _values(schema)[size]


def _values(schema: Mapping[str, Any]) -> _Sizes:
    """Return a value of each size that a schema takes, none of them longer than the next."""
    kind = base_type(schema)
    whole: _Sizes = {}
    if kind == "array" and "items" in schema:
        whole = _arrays(schema)
    elif kind == "object":
        whole = _objects(schema)
    likely = [*_typical(schema, kind), *([whole[Size.TYPICAL]] if whole else [])]
    extremes = [*_extremes(schema, kind), *whole.values()]
    # Of values of one length the first is taken.
    tried = [*extremes, *likely, *samples(dict(schema))]
    taken = [value for value in tried if accepts(dict(schema), value)]
    if not taken:
        raise ValueError("expected a schema that takes a value, found none that it takes")
    return {
        Size.SMALLEST: min(taken, key=lambda value: _length(schema, value)),
        Size.TYPICAL: next((value for value in likely if accepts(dict(schema), value)), taken[0]),
        Size.LARGEST: max(taken, key=lambda value: _length(schema, value)),
    }


def _length(schema: Mapping[str, Any], value: Any) -> int:
    """Return the length of a value as it is sent, in bytes."""
    sent = _scrubbed(schema, value)
    return len(json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode())


def _scrubbed(schema: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, str) and "x-scrub" in schema:
        return scrub(schema["x-scrub"], value, schema.get("maxLength", len(value)))
    if is_array(value):
        return [_scrubbed(schema["items"], item) for item in value]
    if is_object(value):
        return {name: _scrubbed(schema["properties"][name], item) for name, item in value.items()}
    return value


def _objects(schema: Mapping[str, Any]) -> _Sizes:
    required = schema.get("required", ())
    parts = {name: _values(child) for name, child in schema.get("properties", {}).items()}
    return {
        size: {
            name: part[size]
            for name, part in parts.items()
            if size is not Size.SMALLEST or name in required
        }
        for size in Size
    }


def _arrays(schema: Mapping[str, Any]) -> _Sizes:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 0)
    counts = {Size.SMALLEST: least, Size.TYPICAL: min(max(2, least), most), Size.LARGEST: most}
    if not most:
        return {size: [] for size in Size}
    items = _values(schema["items"])
    if schema.get("uniqueItems"):
        return {size: _different(schema["items"], items[size], counts[size]) for size in Size}
    return {size: [items[size]] * counts[size] for size in Size}


def _different(schema: Mapping[str, Any], first: Any, count: int) -> list[Any]:
    """Return up to *count* different values that a schema takes, *first* among them."""
    found: dict[str, Any] = {}
    for value in (first, *_listed(schema), *samples(dict(schema)), *_near(first)):
        if len(found) >= count:
            break
        if accepts(dict(schema), value):
            # True and 1 are equal to Python alone.
            found.setdefault(json.dumps(value), value)
    return list(found.values())


def _near(value: Any) -> Iterator[Any]:
    """Yield values like one that is known to be taken, as many as a list may hold."""
    if isinstance(value, str):
        for size in (1, 2):
            endings = map("".join, product(_ENDINGS, repeat=size))
            yield from (value[:-size] + ending for ending in endings)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (value + sign * step for step in range(1, 1025) for sign in (1, -1))


def _listed(schema: Mapping[str, Any]) -> list[Any]:
    listed: list[Any] = [schema["const"]] if "const" in schema else []
    return [*listed, *schema.get("enum", ()), *([None] if admits_null(schema) else [])]


def _typical(schema: Mapping[str, Any], kind: str | None) -> Iterator[Any]:
    yield from schema.get("examples", ())
    yield from (item["text"] for item in schema.get("x-scrub-vectors", ()))
    yield from _listed(schema)[:1] if "const" in schema or "enum" in schema else ()
    if kind == "boolean":
        yield True
    elif kind in ("integer", "number"):
        low, high = _ends(schema, kind)
        # A few, so that a typical duration is no month.
        yield from (1234, 42, 3, 1, (low + high) // 2)
    elif kind == "string" and "pattern" in schema:
        yield from _matching_texts(schema, is_long=False)
    elif kind == "string" and "format" not in schema:
        least, most = schema.get("minLength", 0), schema.get("maxLength", _OPEN_ENDED)
        yield _FREE_TEXT.strip()[:most].ljust(least, "s")


def _extremes(schema: Mapping[str, Any], kind: str | None) -> Iterator[Any]:
    yield from _listed(schema)
    if kind in ("integer", "number"):
        low, high = _ends(schema, kind)
        yield from (0, low, high)
        if kind == "number":
            yield from (low + (high - low) / 3, high - (high - low) / 3)
    elif kind == "string":
        least, most = schema.get("minLength", 0), schema.get("maxLength", _OPEN_ENDED)
        if "format" in schema:
            yield FORMATS[schema["format"]].example
        elif "pattern" in schema:
            yield from _matching_texts(schema, is_long=True)
        else:
            yield "a" * least
            yield (_FREE_TEXT * (most // len(_FREE_TEXT) + 1))[:most].rstrip().ljust(most, "s")


def _ends(schema: Mapping[str, Any], kind: str) -> tuple[float, float]:
    """Return about the least and the greatest number that a schema takes."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", schema.get("exclusiveMaximum", 0))
    return (math.ceil(low), math.floor(high)) if kind == "integer" else (low, high)


def _matching_texts(schema: Mapping[str, Any], *, is_long: bool) -> Iterable[str]:
    try:
        part = parse_pattern(schema["pattern"])[0]
    except PatternSyntaxError:
        return ()
    text = _matching(part, is_long=is_long)
    return (text, text[: schema.get("maxLength", len(text))])


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
