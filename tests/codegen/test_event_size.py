"""How large an event may get: as large as what is stored, and no larger."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest

from declarant._limits import MAX_EVENT_BYTES
from declarant_codegen.event_size import (
    ENVELOPE_BYTES,
    MAX_PAYLOAD_BYTES,
    check_size,
    payload_sizes,
)

_spec = importlib.util.spec_from_file_location(
    "made_schemas", Path(__file__).parent.parent / "made_schemas.py"
)
made_schemas = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made_schemas)


def largest_payload(properties: dict) -> int:
    return 2 + sum(payload_sizes(properties).values())


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("schema", "largest"),
    [
        ({"type": "boolean"}, False),
        ({"type": ["boolean", "null"]}, False),
        ({"type": "string", "const": "abc"}, "abc"),
        ({"type": "string", "enum": ["a", "abcd", "ab"]}, "abcd"),
        ({"type": ["string", "null"], "enum": ["a", None]}, None),
        ({"type": "string", "maxLength": 30}, "x" * 30),
        ({"type": "string", "pattern": "^[a-z]{1,9}$"}, "x" * 9),
        ({"type": "string", "pattern": "^[a-z]{1,9}$", "maxLength": 7}, "x" * 7),
        ({"type": "integer", "minimum": -100, "maximum": 9}, -100),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 1000}, 1000),
        ({"type": "array", "maxItems": 3, "items": {"type": "boolean"}}, [False] * 3),
        ({"type": "array", "maxItems": 0, "items": {"type": "boolean"}}, []),
        (
            {"type": "array", "maxItems": 9, "uniqueItems": True, "items": {"enum": ["a", "b"]}},
            ["a", "b"],
        ),
        (
            {"type": "object", "properties": {"a": {"type": "boolean"}, "b": {"const": 12}}},
            {"a": False, "b": 12},
        ),
    ],
)
def test_the_largest_value(schema, largest):
    """A comma too many for each list and object is all that the figure may be above it."""
    value = compact({"field": largest})
    # One comma after the field, and one after the last item or member of what it holds.
    assert 0 <= largest_payload({"field": schema}) - len(value) <= 2


def test_no_value_of_plain_text_is_larger():
    """Of what made-up schemas allow, nothing takes more than the figure says."""
    compared = 0
    for seed in range(300):
        maker = made_schemas.Maker(seed)
        event = maker.event()
        payload = largest_payload(event["properties"])
        validator = jsonschema.Draft202012Validator(event)
        for _ in range(20):
            value = maker.value(event)
            text = compact(value)
            # A whole number may be written with a fraction of nothing.
            is_plain = text.isascii() and "\\" not in text and ".0" not in text
            if is_plain and validator.is_valid(value):
                compared += 1
                assert len(text) <= payload, (event, text)
    assert compared > 100


def test_what_fits_is_stored_with_its_envelope():
    """The border is that of the store, less the room that an envelope takes."""
    assert MAX_PAYLOAD_BYTES + ENVELOPE_BYTES == MAX_EVENT_BYTES
    item = {"type": "integer", "minimum": 0, "maximum": 99}

    def judged(count: int) -> list[str]:
        counts = {"type": "array", "maxItems": count, "items": item}
        fields = {"a": counts, "b": {"type": "boolean"}}
        return [message for _, _, message in check_size(fields, is_inlined=False)]

    most = (MAX_PAYLOAD_BYTES - 2 - len('"a":[],') - len('"b":false,')) // len("99,")
    assert judged(most) == []
    (message,) = judged(most + 1)
    assert f"at most {MAX_PAYLOAD_BYTES} bytes" in message
    assert '"a" alone' in message


def test_what_several_fields_share_is_measured_once():
    """Work follows from what is written, not from what it unfolds to; the limit from the latter."""
    words = [f"word{number}" for number in range(1000)]
    shared = {"type": "string", "enum": words}
    fields = {f"field{number}": dict(shared) for number in range(5000)}

    found = list(check_size(fields, is_inlined=True))

    assert [(rule, place) for rule, place, _ in found] == [
        ("EVENT_TOO_LARGE", "properties/field1000")
    ]
    assert "with all references inlined" in found[0][2]
