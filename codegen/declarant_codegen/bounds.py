"""Bounds: every value has a largest one, and at least one that is valid.

Owns what the validation keywords of one schema mean together. Each schema is judged where it is
written, once, with its references inlined.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.formats import FORMATS
from declarant_codegen.json_values import is_array
from declarant_codegen.meta_schemas import keyword_types
from declarant_codegen.patterns import PatternProblem, check_pattern, max_length
from declarant_codegen.words import (
    Guesses,
    counted,
    describe,
    json_type,
    listing,
    quote,
    with_article,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

Problem = tuple[str, str, str]
"""Rule id, keyword to point at (empty for the schema itself), message."""

_WIDEST = 2**63 - 1
_GUESSING = 400_000
"""As `Guesses` takes it, for the names of one object; a file may have hundreds of them."""
_LOWER = ("minimum", "exclusiveMinimum")
_UNUSUAL = frozenset({"exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_UPPER = ("maximum", "exclusiveMaximum")


def base_type(schema: Mapping[str, Any]) -> str | None:
    """Return the one JSON type that a schema admits beside ``null``, or None."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    if is_array(kind):
        kinds = [item for item in kind if item != "null"]
        return kinds[0] if len(kinds) == 1 else None
    return None


def check_bounds(
    schema: Mapping[str, Any], broken: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Yield what is missing or contradictory in a resolved schema, not inside its parts.

    Args:
        schema: The schema, without keywords that the dialect found wrong.
        broken: Those keywords: they are stated, and what they say is not known.
    """
    kind = base_type(schema)
    if kind is None:
        if "type" not in broken:
            yield "TYPE_MISSING", "", 'expected "type", found none; add the type of the value'
        return
    stated = schema.keys() | broken if broken else schema
    foreign = _foreign(kind)
    for name in () if foreign.isdisjoint(schema) else filter(foreign.__contains__, schema):
        found = f"expected a keyword that applies to {with_article(kind)}, found {quote(name)}"
        yield "KEYWORD_WITHOUT_EFFECT", name, f"{found}; remove it"
    if "enum" in schema or "const" in schema:
        yield from _check_listed(schema, kind)
    if kind == "string":
        yield from _check_string(schema, stated)
    elif kind in ("integer", "number"):
        yield from _check_number(schema, stated)
    elif kind == "array":
        yield from _check_array(schema, stated)
    elif kind == "object":
        yield from _check_object(schema, stated)


@cache
def _foreign(kind: str) -> frozenset[str]:
    """Return the keywords that say nothing about values of a type."""
    return frozenset(name for name, types in keyword_types().items() if kind not in types)


def _check_listed(schema: Mapping[str, Any], kind: str) -> Iterator[Problem]:
    keyword = "enum" if "enum" in schema else "const"
    values: list[Any] = schema["enum"] if keyword == "enum" else [schema["const"]]
    if kind in ("array", "object"):
        found = f"expected no {quote(keyword)} of {with_article(kind)}, found one"
        yield "ENUM_TYPE", keyword, f"{found}; bound its parts instead"
        return
    is_nullable = is_array(schema["type"])
    allowed = [kind, "null"] if is_nullable else [kind]
    for value in values:
        if not _has_type(value, allowed):
            found = (
                f"expected each value of {quote(keyword)} to be {with_article(listing(allowed))}"
            )
            yield "ENUM_TYPE", keyword, f"{found}, found {describe(value)}; change it or the type"
    if is_nullable and None not in values:
        found = f"expected null among the values of {quote(keyword)}, as the type admits it"
        yield "BOUNDS_CONTRADICT", keyword, f"{found}, found none; add null or drop it from type"
    if keyword == "enum" and "const" in schema and schema["const"] not in values:
        found = 'expected "const" to be one of "enum"'
        yield "VALUE_UNREACHABLE", "const", f"{found}, found another value; keep one of the two"


def _has_type(value: Any, allowed: list[str]) -> bool:
    found = json_type(value)
    return found in allowed or (found == "integer" and "number" in allowed)


def _check_string(schema: Mapping[str, Any], stated: Container[str]) -> Iterator[Problem]:
    yield from _check_order(schema, "minLength", "maxLength")
    longest: int | None = None
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        problem, longest = _judged(pattern)
        if problem is not None:
            found, _, mend = problem.message.partition("; ")
            where = f"at character {problem.position + 1} of {quote(pattern)}"
            expected = "expected a pattern that means the same in every engine"
            text = f"{expected}, found {found} {where}; {mend or 'write it otherwise'}"
            yield "PATTERN_UNSAFE", "pattern", text
            return
    is_bounded = any(name in stated for name in ("enum", "const", "maxLength"))
    is_unknown = any(name in stated and name not in schema for name in ("pattern", "format"))
    has_form = longest is not None or schema.get("format") in FORMATS
    if not (is_bounded or is_unknown or has_form):
        found = "expected a bounded string (enum, const, maxLength, format, or a pattern of bounded"
        mend = 'write an enum if the values are known, else a pattern or "maxLength"'
        yield "STRING_UNBOUNDED", "", f"{found} length from ^ to $), found none; {mend}"
    if longest is not None and schema.get("minLength", 0) > longest:
        found = f"expected texts of at least {counted(schema['minLength'], 'character')}"
        yield (
            "BOUNDS_CONTRADICT",
            "minLength",
            f"{found}, found a pattern of at most {longest}; change one of the two",
        )


def longest_text(schema: Mapping[str, Any]) -> int | None:
    """Return the code points of the longest text of a correct schema; None if it has no bound."""
    bounds = [schema["maxLength"]] if "maxLength" in schema else []
    longest = _judged(schema["pattern"])[1] if "pattern" in schema else None
    return min([*bounds, *([] if longest is None else [longest])], default=None)


@lru_cache(maxsize=16384)
def _judged(pattern: str) -> tuple[PatternProblem | None, int | None]:
    """Return a pattern's first problem, and its greatest length; catalogues repeat patterns."""
    problem = check_pattern(pattern)
    return problem, None if problem is not None else max_length(pattern)


def _check_number(schema: Mapping[str, Any], stated: Container[str]) -> Iterator[Problem]:
    is_listed = "enum" in stated or "const" in stated
    for names in () if is_listed else (_LOWER, _UPPER):
        if not any(name in stated for name in names):
            found = f"expected {quote(names[0])} or {quote(names[1])}, found neither"
            yield "NUMBER_UNBOUNDED", "", f"{found}; add the {names[0]} that makes sense"
    for name in (*_LOWER, *_UPPER, "const"):
        value = schema.get(name)
        if (
            isinstance(value, (int, float))
            and abs(value) > _WIDEST
            and base_type(schema) == "integer"
        ):
            found = (
                f"expected {quote(name)} of at most 64 bits with a sign, found {describe(value)}"
            )
            yield "NUMBER_TOO_WIDE", name, f"{found}; write a smaller number"
    yield from _check_range(schema)


def _check_range(schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a finding if no number lies within the bounds."""
    least, most = schema.get("minimum"), schema.get("maximum")
    if type(least) is int and type(most) is int and schema.keys().isdisjoint(_UNUSUAL):
        if least > most:
            yield from _check_order(schema, "minimum", "maximum")
        return
    low, high, is_open = _range(schema)
    if low is None or high is None:
        return
    keyword = next(name for name in (*_LOWER, *_UPPER) if name in schema)
    step = _step(schema)
    if step is None:
        is_empty = low > high or (low == high and is_open)
    else:
        first, last = _multiples(schema, low, high, step)
        is_empty = first > last
    if is_empty:
        found = "expected bounds with a valid number between them, found bounds without one"
        yield "BOUNDS_CONTRADICT", keyword, f"{found}; change one of them"


def _range(schema: Mapping[str, Any]) -> tuple[Fraction | None, Fraction | None, bool]:
    lows = [_exact(schema[name]) for name in _LOWER if name in schema]
    highs = [_exact(schema[name]) for name in _UPPER if name in schema]
    low, high = max(lows, default=None), min(highs, default=None)
    open_low = "exclusiveMinimum" in schema and low == _exact(schema["exclusiveMinimum"])
    open_high = "exclusiveMaximum" in schema and high == _exact(schema["exclusiveMaximum"])
    return low, high, open_low or open_high


def _multiples(
    schema: Mapping[str, Any], low: Fraction, high: Fraction, step: Fraction
) -> tuple[int, int]:
    """Return the least and the greatest multiple within the bounds, in steps."""
    first, last = math.ceil(low / step), math.floor(high / step)
    first += "exclusiveMinimum" in schema and first * step == _exact(schema["exclusiveMinimum"])
    last -= "exclusiveMaximum" in schema and last * step == _exact(schema["exclusiveMaximum"])
    return first, last


def _exact(number: float) -> Fraction:
    """Return the number that the schema's author wrote, not its binary neighbour."""
    return Fraction(repr(number))


def _step(schema: Mapping[str, Any]) -> Fraction | None:
    """Return the distance of two valid numbers, or None if any number is valid."""
    multiple = schema.get("multipleOf")
    given = _exact(multiple) if multiple is not None else None
    if base_type(schema) != "integer":
        return given
    # Multiples of p/q that are whole are the multiples of p.
    return Fraction(given.numerator) if given is not None else Fraction(1)


def _check_array(schema: Mapping[str, Any], stated: Container[str]) -> Iterator[Problem]:
    if "maxItems" not in stated:
        found = 'expected "maxItems", found none'
        yield "ARRAY_UNBOUNDED", "", f"{found}; add the greatest number of items"
    if "items" not in stated:
        yield "ITEMS_MISSING", "", 'expected "items", found none; add the schema of each item'
    yield from _check_order(schema, "minItems", "maxItems")
    least = schema.get("minItems", 0)
    kinds = variety(schema.get("items", {})) if schema.get("uniqueItems") and least else None
    if kinds is not None and least > kinds:
        found = f"expected at least {least} different items"
        yield (
            "BOUNDS_CONTRADICT",
            "minItems",
            f"{found}, found items of {counted(kinds, 'value')}; change one of the two",
        )


def variety(schema: Mapping[str, Any]) -> int | None:
    """Return how many different values a resolved schema admits at most, or None if many."""
    kind = base_type(schema)
    null = int(is_array(schema.get("type")))
    if "const" in schema:
        return 1
    if "enum" in schema:
        return len(schema["enum"])
    if kind == "boolean":
        return 2 + null
    low, high, _ = _range(schema) if kind == "integer" else (None, None, False)
    if low is None or high is None:
        return None
    first, last = _multiples(schema, low, high, _step(schema) or Fraction(1))
    return max(0, last - first + 1) + null


def _check_object(schema: Mapping[str, Any], stated: Container[str]) -> Iterator[Problem]:
    if "additionalProperties" not in stated:
        found = 'expected "additionalProperties": false, found none'
        yield "OBJECT_OPEN", "", f"{found}; add it, so that only named keys can be sent"
    if "properties" not in stated:
        yield "KEYWORD_MISSING", "", 'expected "properties", found none; name the keys'
    if "properties" in schema or "properties" not in stated:
        yield from check_required(schema)


def check_required(schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each required name that is no property."""
    properties = schema.get("properties", {})
    # What is no text is the dialect's to tell.
    unknown = [
        name
        for name in schema.get("required", ())
        if isinstance(name, str) and name not in properties
    ]
    guesses = Guesses(_GUESSING)
    for name in unknown:
        guess = guesses.nearest(name, properties)
        mend = f"did you mean {quote(guess)}?" if guess else "add the property or remove it"
        found = f"expected required names to be properties, found {quote(name)}"
        yield "REQUIRED_UNKNOWN", "required", f"{found}; {mend}"


def _check_order(schema: Mapping[str, Any], lower: str, upper: str) -> Iterator[Problem]:
    if lower in schema and upper in schema and schema[lower] > schema[upper]:
        found = f"expected {quote(lower)} to be at most {quote(upper)}"
        values = f"found {schema[lower]} and {schema[upper]}"
        yield "BOUNDS_CONTRADICT", lower, f"{found}, {values}; change one of the two"
