"""Whether a schema takes a value.

Owns the plain reading of each keyword, for schemas that few values are held against: examples, and
the values by which a diff's answers are checked before they are given. Compiled validators say the
same (a property test compares them), but compiling one takes longer than a hundred such readings.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarant import gencode
from declarant_codegen.json_values import is_array
from declarant_codegen.patterns import to_python

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KINDS", "accepts", "is_whole", "kinds", "listed"]

KINDS = ("null", "boolean", "number", "string", "array", "object")
"""JSON types in the order in which they are looked at; ``integer`` is a kind of ``number``."""

_PYTHON_KINDS: dict[type[object], str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_ALL_KINDS = frozenset(KINDS)
_ONE_KIND = {kind: frozenset((kind,)) for kind in KINDS} | {"integer": frozenset(("number",))}


@lru_cache(maxsize=4096)
def _search(pattern: str) -> Callable[[str], object]:
    return re.compile(to_python(pattern)).search


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": gencode.is_date,
    "date-time": gencode.is_date_time,
    "time": gencode.is_time,
    "uuid": gencode.is_uuid,
}
_NUMBER_TESTS: dict[str, Callable[[float, float], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
    "multipleOf": gencode.is_multiple,
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
    "uniqueItems": lambda value, asked: not asked or gencode.is_unique(value),
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
        return _ALL_KINDS
    if is_array(given):
        return frozenset[str]().union(*(_ONE_KIND[name] for name in given))
    return _ONE_KIND[given]


def is_whole(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema's ``type`` admits whole numbers only."""
    given = schema.get("type", "number")
    return "number" not in given if is_array(given) else given != "number"


def listed(schema: Mapping[str, Any]) -> list[Any] | None:
    """Return the values that a schema lists and takes, or None if it lists none."""
    if "const" not in schema and "enum" not in schema:
        return None
    values: list[Any] = [schema["const"]] if "const" in schema else schema["enum"]
    return [value for value in values if accepts(schema, value)]


def accepts(schema: Mapping[str, Any] | bool, value: object) -> bool:
    """Return whether a schema takes a JSON value.

    Keywords outside the dialect and annotations ask for nothing.
    """
    if isinstance(schema, bool):
        return schema and gencode.is_json(value)
    kind = _PYTHON_KINDS.get(type(value), "")
    if kind not in kinds(schema):
        return False
    is_kind = gencode.is_integer if is_whole(schema) else gencode.is_number
    if kind == "number" and not is_kind(value):
        return False
    if "const" in schema and not gencode.json_equal(schema["const"], value):
        return False
    if "enum" in schema and not _is_member(value, schema["enum"]):
        return False
    return _meets(schema, kind, value)


def _is_member(value: object, members: list[Any]) -> bool:
    if isinstance(value, str):
        return value in members  # no other kind of value equals a text in Python either
    return any(gencode.json_equal(member, value) for member in members)


def _meets(schema: Mapping[str, Any], kind: str, value: Any) -> bool:
    if kind == "object":
        return _meets_object(schema, value)
    if kind == "array" and "items" not in schema and not gencode.is_json(value):
        return False
    tests = _TESTS.get(kind, {})
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
