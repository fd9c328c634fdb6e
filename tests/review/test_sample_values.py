"""Sample values: taken by their schemas, and none longer than the next size's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarant import scrub
from declarant_codegen.acceptance import accepts
from declarant_codegen.review.sample_values import Size, sample_arguments, sample_value

FORMS = [
    *("^[a-z]{1,8}$", "^[A-Z][a-z]{0,3}$", "^(?:a|bc|def)$", "^[0-9]{2,40}$", "^$"),
    *("^[^b]{0,3}$", "^[a-z]+(?:[.][a-z]+){0,2}$", "^r:[0-9a-f]{8}$", '^["\\\\]{1,2}$'),
    "^[\\u2028-\\u2030]{1,3}$",
]


def nullable(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw schemas that take null or not."""
    return st.tuples(schemas, st.booleans()).map(
        lambda pair: {**pair[0], "type": [pair[0]["type"], "null"]} if pair[1] else pair[0]
    )


@st.composite
def between(draw: Any, kind: str, numbers: st.SearchStrategy[Any]) -> Any:
    """Draw schemas of numbers between two bounds, inclusive or not."""
    ends = draw(st.tuples(numbers, numbers).filter(lambda pair: abs(pair[0] - pair[1]) > 2))
    return {
        "type": kind,
        draw(st.sampled_from(["minimum", "exclusiveMinimum"])): min(ends),
        draw(st.sampled_from(["maximum", "exclusiveMaximum"])): max(ends),
    }


STRINGS = st.one_of(
    st.builds(lambda form: {"type": "string", "pattern": form}, st.sampled_from(FORMS)),
    st.builds(
        lambda name: {"type": "string", "format": name},
        st.sampled_from(["date", "time", "date-time", "uuid"]),
    ),
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        st.integers(0, 40),
        st.integers(0, 60),
    ),
    st.builds(
        lambda most: {"type": "string", "maxLength": most, "x-scrub": "message"},
        st.integers(10, 99),
    ),
    st.lists(st.text(max_size=3), min_size=1, max_size=3, unique=True).map(
        lambda texts: {"type": "string", "enum": texts}
    ),
)
SCALARS = st.one_of(
    STRINGS,
    between("integer", st.integers(-(10**12), 10**12)),
    between("number", st.integers(-1000, 1000) | st.floats(-1e6, 1e6)),
    st.integers(1, 50).map(
        lambda step: {"type": "integer", "minimum": -60, "maximum": 200, "multipleOf": step}
    ),
    st.just({"type": "boolean"}),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw lists and closed objects of other schemas."""
    objects = st.dictionaries(st.sampled_from("abcd"), inner, max_size=3).flatmap(
        lambda parts: st.lists(st.sampled_from([*parts] or ["a"]), unique=True).map(
            lambda names: {
                "type": "object",
                "additionalProperties": False,
                "properties": parts,
                "required": [name for name in names if name in parts],
            }
        )
    )
    lists = st.builds(
        lambda items, low, more, unique: {
            "type": "array",
            "items": items,
            "minItems": 0 if unique else low,
            "maxItems": low + more,
            "uniqueItems": unique,
        },
        inner,
        st.integers(0, 3),
        st.integers(0, 5),
        st.booleans(),
    )
    return nullable(lists | objects)


SCHEMAS = st.recursive(nullable(SCALARS), nested, max_leaves=5)


def sent(schema: Any, value: Any) -> Any:
    """Return a value as it would be sent: its free text scrubbed."""
    if isinstance(value, str) and "x-scrub" in schema:
        return scrub.scrub(schema["x-scrub"], value, schema["maxLength"])
    if isinstance(value, list):
        return [sent(schema["items"], item) for item in value]
    if isinstance(value, dict):
        return {name: sent(schema["properties"][name], item) for name, item in value.items()}
    return value


@settings(max_examples=200)
@given(SCHEMAS)
def test_every_size_is_taken_and_none_is_longer_than_the_next(schema: Any) -> None:
    """Whatever a schema bounds, its samples are valid and in order, measured as they are sent."""
    if "enum" in schema and "null" in schema["type"]:
        schema = {**schema, "enum": [*schema["enum"], None]}
    values = [sample_value(schema, size) for size in Size]

    assert all(accepts(schema, value) for value in values)
    lengths = [
        len(json.dumps(sent(schema, value), ensure_ascii=False, separators=(",", ":")).encode())
        for value in values
    ]
    assert lengths == sorted(lengths)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 10**7}, (0, 1234, 10**7)),
        ({"type": "integer", "minimum": -1000, "maximum": -1}, (-1, -501, -1000)),
        ({"type": "integer", "minimum": 2.0, "exclusiveMaximum": 4.0}, (2, 3, 2)),
        ({"type": "number", "minimum": 0, "maximum": 10}, (0, 3, 10 / 3)),
        ({"type": "boolean"}, (True, True, False)),
        ({"type": "string", "enum": ["bb", "a", "ccc"]}, ("a", "bb", "ccc")),
        ({"type": ["string", "null"], "enum": ["a", None]}, ("a", "a", None)),
        ({"type": "string", "const": "x"}, ("x", "x", "x")),
        ({"type": "string", "pattern": "^[a-z]{2,5}$"}, ("aa", "aa", "aaaaa")),
        ({"type": "string", "pattern": "^[a-z]+$", "maxLength": 3}, ("a", "a", "aaa")),
        (
            {"type": "string", "pattern": "^[a-z]{2,5}$", "examples": ["abc"]},
            ("aa", "abc", "aaaaa"),
        ),
        ({"type": "string", "maxLength": 4}, ("", "what", "what")),
        (
            {
                "type": "array",
                "maxItems": 3,
                "items": {"type": "string", "pattern": "^[a-z]{1,2}$"},
            },
            ([], ["a", "a"], ["aa", "aa", "aa"]),
        ),
    ],
)
def test_samples_are_those_a_reader_expects(schema: Any, expected: Any) -> None:
    """The least, a likely one and the most."""
    found = tuple(sample_value(schema, size) for size in Size)

    assert found == expected
    if schema["type"] == "integer":
        assert {type(value) for value in found} == {int}


def test_different_items_are_different_and_many() -> None:
    """A list that holds no item twice is filled as far as its items allow."""
    items = {"type": "string", "pattern": "^[a-z]{1,5}$"}
    schema = {"type": "array", "maxItems": 200, "uniqueItems": True, "items": items}
    largest = sample_value(schema, Size.LARGEST)
    assert len(largest) == len(set(largest)) == 200

    few = {**schema, "items": {"type": ["boolean", "null"]}}
    assert sorted(map(json.dumps, sample_value(few, Size.LARGEST))) == ["false", "null", "true"]


def test_the_smallest_leaves_out_what_may_be_left_out() -> None:
    """The other sizes have everything."""
    word = {"type": "string", "pattern": "^[a-z]$"}
    schema = {"type": "object", "properties": {"a": word, "b": word}, "required": ["b"]}

    assert [list(sample_arguments(schema, size)) for size in Size] == [
        ["b"],
        ["a", "b"],
        ["a", "b"],
    ]


def test_deep_schemas_take_no_time() -> None:
    """Each part is looked at once for all sizes."""
    schema: Any = {"type": "boolean"}
    for _ in range(25):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}

    assert json.dumps(sample_value(schema, Size.LARGEST)).count("{") == 25


def test_a_schema_that_takes_nothing_is_said() -> None:
    """No value is made up."""
    with pytest.raises(ValueError, match="expected a schema that takes a value"):
        sample_value({"type": "integer", "minimum": 2, "maximum": 1}, Size.TYPICAL)
