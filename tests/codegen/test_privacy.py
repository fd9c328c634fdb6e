"""Privacy: the least class a schema can honestly have."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen.patterns import spelt, to_python
from declarant_codegen.privacy import floor_class, takes_prose

OBJECT = {"type": "object", "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "boolean"}, "low"),
        ({"type": ["boolean", "null"]}, "low"),
        ({"type": "integer", "minimum": 0, "maximum": 9}, "low"),
        ({"type": "string", "enum": ["a"]}, "low"),
        ({"type": "string", "const": "a"}, "low"),
        ({"type": "string", "format": "uuid"}, "middle"),
        ({"type": "string", "pattern": "^[a-z]{1,9}$"}, "middle"),
        ({"type": ["string", "null"], "pattern": "^[a-z]{1,9}$"}, "middle"),
        ({"type": "string", "maxLength": 9}, "free_text"),
        ({"type": "string", "pattern": "^.{1,9}$"}, "free_text"),
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
    """Choices are low, fixed forms middle, other text free; a container has its parts' highest."""
    assert floor_class(schema) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[a-z0-9._-]{1,64}$", False),
        ("^[A-Za-z_<][A-Za-z0-9_.<>]{0,127}$", False),
        ("^r:[0-9a-f]{8}$", False),
        (r"^\d{1,9}$", False),
        ("^[^\\n]{0,200}$", True),
        (r"^\S{1,80}$", True),
        ("^[A-Za-z0-9@._-]{1,80}$", True),
        ("^[A-Za-z0-9/ ._-]{1,80}$", True),
        ("[a-z]", True),
    ],
)
def test_patterns_that_take_addresses_or_paths_are_prose(pattern: str, expected: bool) -> None:
    """A wildcard in the clothes of a pattern is free text all the same."""
    assert takes_prose(pattern) is expected


PIECES = ["a", "[a-b]", "[^a]", "[^@]", "(?:a|@/)", r"\W", ".", "/?", "(?:b/){0,2}", "@{1,2}", "b*"]
TEXTS = ["".join(signs) for n in range(4) for signs in itertools.product("ab@/\n", repeat=n)]


@given(st.lists(st.sampled_from(PIECES), max_size=3).map(lambda parts: f"^{''.join(parts)}$"))
def test_what_a_pattern_matches_is_spelt_in_its_characters(pattern: str) -> None:
    """No text that a pattern matches all through is passed over for a character in it."""
    matched = [text for text in TEXTS if re.search(to_python(pattern), text)]

    assert spelt(pattern, matched) == matched


def test_a_text_of_other_characters_is_passed_over() -> None:
    """A character that no part of the pattern takes rules a text out."""
    assert spelt("^[a-z]{1,3}(?:-|@)$", ["a@b", "abcdef", "A", "a.b"]) == ["a@b", "abcdef"]
