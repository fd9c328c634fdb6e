"""JSON types of decoded values, as `declarant_codegen.cs40` writes them."""

from __future__ import annotations

from typing import TypeGuard

__all__ = ["has_type", "is_array", "is_object", "type_of"]

_NAMES: dict[type[object], str] = {
    type(None): "null",
    bool: "boolean",
    str: "string",
    int: "integer",
    float: "number",
    list: "array",
}


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Return whether a decoded value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    """Return whether a decoded value is a JSON array."""
    return isinstance(value, list)


def type_of(value: object) -> str:
    """Return the JSON type of a decoded value."""
    # Exact types: bool is no integer in JSON, and a decoder makes no subclasses.
    return _NAMES.get(type(value), "object")


def has_type(value: object, expected: str) -> bool:
    """Return whether *value* has a type as `declarant_codegen.cs40` writes it."""
    found = type_of(value)
    if expected in ("unknown", found):
        return True
    if expected == "number":
        return found == "integer"
    if expected == "object<string,string>" and is_object(value):
        return all(isinstance(each, str) for each in value.values())
    if expected == "array<string>" and is_array(value):
        return all(isinstance(each, str) for each in value)
    return False
