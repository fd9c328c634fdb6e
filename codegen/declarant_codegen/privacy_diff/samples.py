"""Some values that a schema takes. That none is found proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import accepts, kinds, listed
from declarant_codegen.privacy_diff.numeric import candidates, number_set
from declarant_codegen.privacy_diff.texts import some_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["LONGEST", "MISSING", "NOTHING", "Schema", "as_object", "property_schema", "samples"]

Schema = dict[str, Any] | bool

LONGEST = 64
"""Most items of a sample."""

NOTHING: dict[str, Any] = {"enum": []}
"""A schema that takes no value."""

MISSING = object()
"""Stands for a sample that was not found."""

_ANYTHING: tuple[Any, ...] = (0, "a", None, True, [], {})


def as_object(schema: Schema) -> dict[str, Any]:
    """Return a schema as an object; ``true`` and ``false`` are schemas, too."""
    if isinstance(schema, bool):
        return {} if schema else NOTHING
    return schema


def property_schema(schema: Mapping[str, Any], name: str) -> Schema:
    """Return what a property of an object is held to."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    return properties.get(name, schema.get("additionalProperties", True))


def samples(schema: Schema) -> Iterator[Any]:
    """Yield some values that a schema takes; perhaps none, though it takes some."""
    if schema is False:
        return
    one = as_object(schema)
    if not one:
        yield from _ANYTHING
        return
    for value in _guesses(one):
        if accepts(one, value):
            yield value


def _guesses(one: Mapping[str, Any]) -> Iterator[Any]:
    yield from listed(one) or ()
    admitted = kinds(one)
    if "boolean" in admitted:
        yield from (True, False)
    if "number" in admitted:
        numbers = number_set(one)
        yield from candidates(numbers, numbers, [])
    if "string" in admitted:
        yield from some_text(one)
    if "array" in admitted:
        items = list(samples(one.get("items", True)))
        least = one.get("minItems", 0)
        yield items[:least]
        yield items[:1] * min(least, LONGEST)
    if "object" in admitted:
        wanted = set(one.get("required", ()))
        yield {name: next(samples(property_schema(one, name)), None) for name in sorted(wanted)}
    if "null" in admitted:
        yield None
