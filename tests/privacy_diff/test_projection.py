"""What takes part in a projection, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_catalogues import catalogue, event, ext_field

from declarant_codegen import load_catalogue
from declarant_codegen.meta_schemas import keyword_types, meta_schema
from declarant_codegen.projection import (
    UnknownKeywordError,
    project_catalogue,
    project_event,
    project_slot,
    projection_digest,
    projection_text,
    read_projection,
)

SCHEMAS = Path(__file__).parents[2] / "schemas"
FIELD = {
    "type": ["string", "null"],
    "description": "words",
    "examples": ["b"],
    "enum": ["b", None, "a"],
    "x-class": "low",
    "x-notice": "usage",
    "x-reason": "words",
    "deprecated": True,
}


def test_an_event_is_projected():
    """Everything that decides what is sent, in one order; no words."""
    made = event(properties={"f": FIELD, "e": {"type": "boolean"}}, required=["f", "e"])

    assert project_event(made, {}) == {
        "projection": 1,
        "kind": "event",
        "name": "ProductAction",
        "level": "optional",
        "retention_days": 30,
        "expires": "2030-01-01",
        "slots": ["os"],
        "is_exception": False,
        "data": {
            "type": "object",
            "additionalProperties": False,
            "required": ["e", "f"],
            "properties": {
                "f": {
                    "type": ["null", "string"],
                    "enum": ["a", "b", None],
                    "x-class": "low",
                    "x-notice": "usage",
                },
                "e": {"type": "boolean"},
            },
        },
    }


def test_order_and_idle_keywords_take_no_part():
    """A file written otherwise has the same digest."""
    one = {"type": ["string", "null"], "maxLength": 5, "minLength": 0}
    other = {"maxLength": 5, "type": ["null", "string"]}

    digests = {
        projection_digest(project_event(event(properties={"f": schema}), {}))
        for schema in (one, other)
    }

    assert len(digests) == 1


def test_scrubbers_carry_their_versions():
    """The version is the runtime's; a scrubber without one has none."""
    made = event(properties={"f": {"type": "string", "maxLength": 9, "x-scrub": "path"}})

    scrubs = [
        project_event(made, versions)["data"]["properties"]["f"]["x-scrub"]
        for versions in ({"path": "2"}, {"message": "1"})
    ]

    assert scrubs == [{"name": "path", "version": "2"}, {"name": "path", "version": None}]


def test_a_slot_is_projected_with_its_sources():
    """What fills an ext field takes part."""
    projected = project_slot("os", [ext_field("os", "ver", {"type": "string"}, "os_version")], {})

    assert projected["data"]["properties"] == {"ver": {"type": "string", "x-source": "os_version"}}


def test_an_unknown_keyword_is_refused():
    """A keyword of which nobody decided anything must not pass unseen."""
    with pytest.raises(UnknownKeywordError, match='"contentEncoding"'):
        project_event(event(properties={"f": {"contentEncoding": "base64"}}), {})


def test_every_keyword_of_the_dialect_is_known():
    """A keyword that the dialect gains must be decided on before it can be used."""
    known = {"$ref", "$defs"}
    values = meta_schema("event")["$defs"]["value"]["properties"]
    keywords = {*keyword_types(), *values} - known
    samples = {
        "properties": {},
        "items": {},
        "required": [],
        "enum": [],
        "type": "string",
        "x-scrub": "path",
    }

    assert len(keywords) > 20
    for keyword in keywords:
        project_event(event(properties={"f": {keyword: samples.get(keyword, 1)}}), {})


@pytest.mark.parametrize(
    "values",
    [
        ["a", "a!", "a b", "é", "\U0001f600", "\uffff", '"', "\\", "\n", "", "A"],
        ["a", None, "a!"],
        [True, "true", 1, 10, 9, 0.5],
    ],
)
def test_values_are_in_the_order_of_their_canonical_text(values):
    """Whatever kinds of values there are, or text alone."""
    projected = project_event(event(properties={"f": {"enum": values}}), {})

    assert projected["data"]["properties"]["f"]["enum"] == sorted(values, key=projection_text)


@pytest.mark.parametrize(
    "bound", [2**63 - 1, 2**53 + 1, 2**53, -(2**60) - 1, 0.1, 1e300, 3.943170101892521e16]
)
def test_every_bound_reads_back_exactly(bound):
    """Integers that no double holds are kept apart, and keep their digests apart."""
    projections = [
        project_event(event(properties={"f": {"type": "integer", "maximum": value}}), {})
        for value in (bound, bound - 1)
    ]

    assert read_projection(projection_text(projections[0])) == projections[0]
    assert (projections[0] != projections[1]) is (
        projection_digest(projections[0]) != projection_digest(projections[1])
    )


def test_roots_take_part_where_there_are_any():
    """A catalogue that states none is projected as before there were roots."""
    rooted, rootless = (
        project_catalogue(catalogue(package_roots=roots), {}).rules for roots in (("b", "a"), ())
    )

    assert rooted.pop("package_roots") == ["a", "b"]
    assert rooted == rootless


def test_modelkits_projections_read_back():
    """Every projection of the project's own catalogue survives its canonical text."""
    made = load_catalogue(SCHEMAS).catalogue
    assert made is not None

    projected = project_catalogue(made, {"message": "1", "path": "1"})

    every = [*projected.events.values(), *projected.slots.values(), projected.rules]
    assert len(every) == 3 + 4 + 1
    for item in every:
        text = projection_text(item)
        assert read_projection(text) == item
        assert "description" not in text
        assert json.loads(text)["projection"] == 1


def test_skipped_events_are_left_out():
    """Events that need no comparison are not projected."""
    projected = project_catalogue(catalogue(event("A"), event("B")), {}, skip=["A"])

    assert list(projected.events) == ["B"]


@pytest.mark.parametrize("text", ["[]", "{", "1"])
def test_what_is_no_projection_is_refused(text):
    """Damaged text is an error, not an empty projection."""
    with pytest.raises(ValueError, match=r"Expecting|expected"):
        read_projection(text)
