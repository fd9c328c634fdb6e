"""No field that is declared scrubbed is stored raw, whatever the rules let pass."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from declarant_codegen.datamodel import type_names
from declarant_codegen.documentation import argument_text
from declarant_codegen.errors import CodegenError
from declarant_codegen.members import Member
from declarant_codegen.view import catalogue_view, event_view

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue
    from declarant_codegen.view import EventView

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)

SCRUBBED: dict[str, Any] = {"type": "string", "maxLength": 20, "x-scrub": "message"}
WRONG: list[dict[str, Any]] = [
    {"pattern": "^.{0,9}$"},
    {"format": "date"},
    {"enum": ["a", "b"]},
    {"enum": ["a"], "type": ["string", "null"]},
    {"const": "a"},
    {"const": None, "type": ["string", "null"]},
    {"minLength": 1},
    {"minLength": 1, "type": ["string", "null"]},
    {"type": "integer", "minimum": 0, "maximum": 1},
    {"type": ["string", "integer"], "minimum": 0, "maximum": 1, "pattern": "^a$"},
    {"type": "array", "maxItems": 2, "items": {"type": "string", "enum": ["a"]}},
    {"type": "object", "additionalProperties": False, "properties": {}, "required": []},
]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """ModelKit's own catalogue, which is without findings."""
    return zoo.load(zoo.SCHEMAS)


def view_of(catalogue: Catalogue, schema: dict[str, Any], *, required: bool) -> EventView:
    """Return the view of an event whose only field has a schema that no rule has seen."""
    event = catalogue.events[0]
    field = dataclasses.replace(event.fields[0], name="text", schema=schema, required=required)
    changed = dataclasses.replace(
        event,
        fields=(field,),
        schema={
            "type": "object",
            "additionalProperties": False,
            "required": ["text"] if required else [],
            "properties": {"text": schema},
        },
    )
    whole = dataclasses.replace(catalogue, events=(changed,))
    return event_view(changed, whole, type_names(whole))


def nested(schema: dict[str, Any]) -> dict[str, Any]:
    inner = {"type": "array", "maxItems": 3, "items": schema}
    properties = {"inner": inner}
    return {"type": "object", "additionalProperties": False, "properties": properties}


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("within", [dict, nested])
@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_scrubber_that_would_not_run_stops_the_generation(
    catalogue: Catalogue, wrong: dict[str, Any], within: Any, required: bool
) -> None:
    """At any depth, required or not: an error that names the field and says how to mend it."""
    with pytest.raises(CodegenError, match=r'^text\w*: expected "x-scrub" on text that .*; remove'):
        view_of(catalogue, within({**SCRUBBED, **wrong}), required=required)


def test_a_scrubber_without_a_bound_stops_the_generation(catalogue: Catalogue) -> None:
    """The scrubber cuts to maxLength, so there must be one."""
    with pytest.raises(CodegenError, match=r"^text: expected"):
        view_of(catalogue, {"type": "string", "x-scrub": "message"}, required=True)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("within", [dict, nested])
@pytest.mark.parametrize("kinds", ["string", ["string", "null"]])
def test_a_scrubber_on_bounded_text_runs(
    catalogue: Catalogue, kinds: Any, within: Any, required: bool
) -> None:
    """The plain case is let through, and the call stands in the encoder."""
    rootless = dataclasses.replace(catalogue, package_roots=())

    view = view_of(rootless, within({**SCRUBBED, "type": kinds}), required=required)

    assert any('scrub("message", ' in text and ", 20)" in text for text in written(view))


def written(view: EventView) -> list[str]:
    """Return all that the encoders of an event's module write and prepare."""
    return [
        text
        for function in view.encoders
        for text in (*function.pieces, *(made.expression for made in function.prepared))
    ]


@pytest.mark.parametrize("within", [dict, nested])
def test_a_scrubber_is_given_the_roots_that_the_catalogue_states(
    catalogue: Catalogue, within: Any
) -> None:
    """The constant of the catalogue's module is imported where a scrubber runs, only there."""
    rooted = dataclasses.replace(catalogue, package_roots=("winml/modelkit", "kit"))

    view = view_of(rooted, within(SCRUBBED), required=True)
    plain = view_of(rooted, {"type": "string", "maxLength": 9}, required=True)

    assert any(", 20, PACKAGE_ROOTS)" in text for text in written(view))
    assert [line.names for line in view.imports if "_catalogue" in line.module] == [
        "CATALOGUE, PACKAGE_ROOTS"
    ]
    assert [line.names for line in plain.imports if "_catalogue" in line.module] == ["CATALOGUE"]
    assert catalogue_view(rooted, {}).package_roots == '("winml/modelkit", "kit")'
    assert catalogue_view(rooted, {}).exports == '"CATALOGUE", "EXT", "PACKAGE_ROOTS"'


def test_without_roots_none_are_written(catalogue: Catalogue) -> None:
    """A catalogue that states none is generated as ever."""
    rootless = dataclasses.replace(catalogue, package_roots=())

    view = view_of(rootless, SCRUBBED, required=True)

    assert [line.names for line in view.imports if "_catalogue" in line.module] == ["CATALOGUE"]
    assert catalogue_view(rootless, {}).package_roots is None
    assert catalogue_view(rootless, {}).exports == '"CATALOGUE", "EXT"'


def test_an_ext_field_has_no_scrubber(catalogue: Catalogue) -> None:
    """The runtime scrubs no ext field, so a scrubber there would be a false promise."""
    field = dataclasses.replace(catalogue.ext["os"][0], schema=SCRUBBED)
    changed = dataclasses.replace(catalogue, ext={**catalogue.ext, "os": (field,)})

    with pytest.raises(CodegenError, match=rf"^ext\.os\.{field.name}: expected"):
        catalogue_view(changed, {})


@pytest.mark.parametrize("wrong", [{}, *WRONG], ids=str)
def test_no_docstring_cuts_to_nothing(wrong: dict[str, Any]) -> None:
    """Without a length, none is told."""
    schema = {**SCRUBBED, **wrong}
    del schema["maxLength"]

    text = argument_text(Member(name="a", schema=schema, required=True))

    assert "None characters" not in text
    assert "cut to" not in text


def test_a_docstring_tells_scrubber_and_length() -> None:
    """The plain case in words."""
    text = argument_text(Member(name="a", schema=SCRUBBED, required=True))

    assert text == 'Scrubbed as "message", then cut to 20 characters, before it is stored.'
