"""Privacy: the least class a schema can honestly have."""

from __future__ import annotations

from typing import Any

import pytest

from declarant_codegen.privacy import floor_class

SPACED = {"type": "string", "pattern": "^[A-Za-z0-9 ]{1,40}$"}
OBJECT = {"type": "object", "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "boolean"}, "low"),
        ({"type": ["boolean", "null"]}, "low"),
        ({"type": "integer", "minimum": 0, "maximum": 9}, "low"),
        ({"type": "string", "enum": ["a"]}, "low"),
        ({"type": "string", "const": "a"}, "low"),
        ({"type": "string", "format": "uuid"}, "identifier"),
        ({"type": "string", "format": "date"}, "middle"),
        ({"type": "string", "pattern": "^[a-z]{1,9}$"}, "middle"),
        ({"type": ["string", "null"], "pattern": "^[a-z]{1,9}$"}, "middle"),
        ({"type": "string", "maxLength": 9}, "free_text"),
        ({"type": "string", "pattern": "^.{1,9}$"}, "free_text"),
        ({"type": "string", "pattern": "^.{30}$"}, "free_text"),
        ({"type": "string", "pattern": "^[A-Za-z ]{9}$"}, "free_text"),
        ({**SPACED, "x-source": "os_name"}, "middle"),
        ({**SPACED, "x-source": "app_version"}, "free_text"),
        ({**SPACED, "x-source": "unknown"}, "free_text"),
        ({"type": "string", "pattern": "^[a-z/]{9}$", "x-source": "os_name"}, "free_text"),
        ({"type": "string", "pattern": "^[a-z]{9}$", "x-source": "device_id"}, "identifier"),
        ({"type": "string", "maxLength": 9, "x-source": "session_id"}, "free_text"),
        ({"type": "string", "pattern": "a", "maxLength": 90}, "free_text"),
        ({"type": "string", "pattern": "^.{1,9}$", "enum": ["a"]}, "low"),
        ({"type": "array", "items": {"type": "string", "maxLength": 9}}, "free_text"),
        ({"type": "array", "items": {"type": "integer"}}, "low"),
        ({"type": "array", "items": {"type": "integer", "x-class": "identifier"}}, "identifier"),
        ({**OBJECT, "properties": {}}, "low"),
        (
            {**OBJECT, "properties": {"a": {"type": "boolean", "x-class": "identifier"}}},
            "identifier",
        ),
        (
            {**OBJECT, "properties": {"a": {"type": "boolean"}, "b": {"type": "string"}}},
            "free_text",
        ),
    ],
)
def test_floor_follows_from_type_and_bounds(schema: dict[str, Any], expected: str) -> None:
    """Choices are low, fixed forms middle, other text free; parts and sources count."""
    assert floor_class(schema) == expected
