"""What one schema takes: whether it takes a value, and a value that it takes.

Owns the plain reading of each keyword, by which the answers of `containment` are checked before
they are given. Compiled validators say the same (a property test compares them), but compiling one
for each changed field would take longer than the whole comparison.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarant.gencode import (
    is_date,
    is_date_time,
    is_integer,
    is_json,
    is_multiple,
    is_number,
    is_time,
    is_unique,
    is_uuid,
    json_equal,
)
from declarant_codegen.json_values import is_array
from declarant_codegen.patterns import to_python

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KINDS", "accepts", "is_whole", "kinds", "listed"]

KINDS = ("null", "boolean", "number", "string", "array", "object")
"""JSON types in the order in which they are looked at; ``integer`` is a kind of ``number``."""

_PYTHON_KINDS: tuple[tuple[type[object] | tuple[type[object], ...], str], ...] = (
    ((int, float), "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


@lru_cache(maxsize=4096)
def _search(pattern: str) -> Callable[[str], object]:
    return re.compile(to_python(pattern)).search


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": is_date,
    "date-time": is_date_time,
    "time": is_time,
    "uuid": is_uuid,
}
_NUMBER_TESTS: dict[str, Callable[[float, float], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
    "multipleOf": is_multiple,
}
_TEXT_TESTS: dict[str, Callable[[str, Any], bool]] = {
    "minLength": lambda value, bound: len(value) >= bound,
    "maxLength": lambda value, bound: len(value) <= bound,
    "pattern": lambda value, pattern: _search(pattern)(value) is not None,
    "format": lambda value, name: _FORMATS[name](value),
}
_ARRAY_TESTS: dict[str, Callable[[list[Any], Any], bool]] = {
    "minItems": lambda value, bound: len(value) >= bound,
    "maxItems": lambda value, bound: len(value) <= bound,
    "items": lambda value, schema: all(accepts(schema, item) for item in value),
    "uniqueItems": lambda value, asked: not asked or is_unique(value),
}


_TESTS: dict[str, Mapping[str, Callable[[Any, Any], bool]]] = {
    "number": _NUMBER_TESTS,
    "string": _TEXT_TESTS,
    "array": _ARRAY_TESTS,
}


def kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the kinds that a schema's ``type`` admits, ``integer`` read as ``number``."""
    given = schema.get("type")
    if given is None:
        return frozenset(KINDS)
    names: list[str] = given if is_array(given) else [given]
    return frozenset("number" if name == "integer" else name for name in names)


def is_whole(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema's ``type`` admits whole numbers only."""
    given = schema.get("type", "number")
    names = given if is_array(given) else [given]
    return "number" not in names


def listed(schema: Mapping[str, Any]) -> list[Any] | None:
    """Return the values that a schema lists and takes, or None if it lists none."""
    if "const" not in schema and "enum" not in schema:
        return None
    values: list[Any] = [schema["const"]] if "const" in schema else schema["enum"]
    return [value for value in values if accepts(schema, value)]


def accepts(schema: Mapping[str, Any] | bool, value: Any) -> bool:
    """Return whether a schema takes a JSON value.

    Keywords outside the dialect and annotations ask for nothing.
    """
    if isinstance(schema, bool):
        return schema and is_json(value)
    if not _has_kind(schema, value):
        return False
    if "const" in schema and not json_equal(schema["const"], value):
        return False
    if "enum" in schema and not any(json_equal(member, value) for member in schema["enum"]):
        return False
    return _meets(schema, value)


def _has_kind(schema: Mapping[str, Any], value: Any) -> bool:
    kind = _kind(value)
    if kind not in kinds(schema):
        return False
    return kind != "number" or (is_number(value) and (not is_whole(schema) or is_integer(value)))


def _kind(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    return next((name for kind, name in _PYTHON_KINDS if isinstance(value, kind)), None)


def _meets(schema: Mapping[str, Any], value: Any) -> bool:
    kind = _kind(value)
    if kind == "object":
        return _meets_object(schema, value)
    if kind == "array" and "items" not in schema and not is_json(value):
        return False
    tests = _TESTS.get(kind or "", {})
    return all(test(value, schema[key]) for key, test in tests.items() if key in schema)


def _meets_object(schema: Mapping[str, Any], value: dict[str, Any]) -> bool:
    properties: Mapping[str, Any] = schema.get("properties", {})
    other = schema.get("additionalProperties", True)
    if not set(schema.get("required", ())) <= value.keys():
        return False
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        return False
    names = schema.get("propertyNames", True)
    return all(
        accepts(names, name) and accepts(properties.get(name, other), item)
        for name, item in value.items()
    )
