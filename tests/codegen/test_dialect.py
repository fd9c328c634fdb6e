"""The dialect: the checker and the meta-schemas say the same."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from declarant_codegen.compiler import KEYWORDS
from declarant_codegen.cs40 import EVENT_NAME
from declarant_codegen.dialect import check_dialect
from declarant_codegen.formats import FORMATS
from declarant_codegen.meta_files import meta_files
from declarant_codegen.meta_schemas import KINDS, keyword_types, meta_schema
from declarant_codegen.rules import RULES

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
FILES = {
    "catalogue": SCHEMAS / "catalogue.json",
    "event": SCHEMAS / "events" / "model_kit_error.schema.json",
    "ext": SCHEMAS / "ext" / "device.schema.json",
}
FIELD_NAMES = meta_schema("event")["$defs"]["value"]["properties"]["properties"]["propertyNames"]
ENGINES = {
    kind: Draft202012Validator(meta_schema(kind), format_checker=FormatChecker(["date"]))
    for kind in KINDS
}


def engine_accepts(kind: str, value: object) -> bool:
    """Ask an independent engine; the names of fields are judged elsewhere."""
    errors = ENGINES[kind].iter_errors(value)
    return all(error.schema == FIELD_NAMES for error in errors)


def subschemas(schema: Any) -> list[dict[str, Any]]:
    """Return a meta-schema's objects that are schemas, outermost first."""
    found = [schema]
    for key in ("properties", "$defs"):
        for child in schema.get(key, {}).values():
            found += subschemas(child)
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(key), dict):
            found += subschemas(schema[key])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_meta_schema_is_a_valid_closed_2020_12_schema(kind: str) -> None:
    """Editors can read each file, and every object in it is closed."""
    Draft202012Validator.check_schema(meta_schema(kind))

    for schema in subschemas(meta_schema(kind)):
        if "properties" in schema:
            assert schema["additionalProperties"] is False


@pytest.mark.parametrize("kind", KINDS)
def test_meta_schema_recurses_by_plain_local_ref(kind: str) -> None:
    """No ``$dynamicRef``, no ``allOf``; beside ``$ref`` stand annotations alone."""
    text = json.dumps(meta_schema(kind))

    assert not any(word in text for word in ("$dynamic", "allOf", "anyOf", "oneOf", "$anchor"))
    for schema in subschemas(meta_schema(kind)):
        if "$ref" in schema:
            assert schema["$ref"].startswith("#/$defs/")
            assert set(schema) <= {"$ref", "markdownDescription", "x-applies-to"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_keyword_is_explained_to_editors(kind: str) -> None:
    """Every keyword has hover text, its own or that of the definition it refers to."""
    for schema in subschemas(meta_schema(kind)):
        for name, keyword in schema.get("properties", {}).items():
            assert "$ref" in keyword or keyword.get("markdownDescription"), name


@pytest.mark.parametrize("kind", KINDS)
def test_rules_named_in_the_meta_schemas_exist(kind: str) -> None:
    """A breach can always be reported under the rule that the file names."""
    for schema in subschemas(meta_schema(kind)):
        assert set(schema.get("x-rules", {}).values()) <= set(RULES)


def test_shared_definitions_are_one() -> None:
    """Values and properties are the same in events, slots and shared definitions."""
    event, ext, types = (meta_schema(kind)["$defs"] for kind in ("event", "ext", "types"))

    assert event == types
    assert event == {name: schema for name, schema in ext.items() if name != "ext_field"}


def test_every_keyword_is_one_the_compiler_enforces() -> None:
    """There are no decorative constraints: the compiler takes each keyword that is no ``x-``."""
    keywords = meta_schema("event")["$defs"]["value"]["properties"]

    assert {name for name in keywords if not name.startswith("x-")} <= set(KEYWORDS) | {
        "title",
        "description",
        "examples",
        "deprecated",
    }


def test_formats_are_those_that_are_enforced() -> None:
    """The allow-list that editors show is the compiler's."""
    assert meta_schema("event")["$defs"]["value"]["properties"]["format"]["enum"] == sorted(FORMATS)


def test_event_names_are_those_the_standard_takes() -> None:
    """The title's form is the one of Common Schema's data (onecollector.md 3.6)."""
    title = meta_schema("event")["properties"]["title"]

    found = (title["pattern"], title["minLength"], title["maxLength"])
    assert found == (EVENT_NAME.pattern, EVENT_NAME.min_length, EVENT_NAME.max_length)


def test_schemas_folder_holds_the_dialect_itself() -> None:
    """What ModelKit's editors check against is codegen's own copy."""
    for name, text in meta_files().items():
        assert (SCHEMAS / name).read_text("utf-8") == text


def test_keywords_of_one_type_are_known() -> None:
    """A keyword that applies to some types only says to which."""
    assert keyword_types()["maxLength"] == {"string"}
    assert keyword_types()["minimum"] == {"integer", "number"}
    assert "enum" not in keyword_types()


@pytest.mark.parametrize("kind", FILES)
def test_both_accept_modelkits_files(kind: str) -> None:
    """Checker and engine accept a correct file."""
    value = json.loads(FILES[kind].read_text("utf-8"))

    assert check_dialect(kind, value) == []
    assert engine_accepts(kind, value)


KEYS = sorted(
    {
        key
        for kind in KINDS
        for schema in subschemas(meta_schema(kind))
        for key in (*schema.get("properties", {}), "maxLenght", "default", "not")
    }
)
VALUES = st.one_of(
    st.none() | st.booleans() | st.integers(-2, 40_000) | st.floats(-2, 2),
    st.sampled_from(
        ["object", "string", "strng", "low", "required", "date", "path", "2028-11-30", "2027-02-30"]
    ),
    st.sampled_from(
        [["string", "null"], ["string", "integer"], ["null"], [], [1, 1.0], ["a", "a"], [{}]]
    ),
    st.sampled_from([{}, {"a": {}}, {"a": 1}, {"a": {"type": "string"}}, {"type": "integer"}]),
    st.sampled_from(["", "a", "ab", "a" * 33, "a" * 3000, "x@y.z", "ms", "../meta/event.v1.json"]),
    st.sampled_from([5.0, 2**70, 1e300, -0.0]),
)


@st.composite
def mutated(draw: st.DrawFn, kind: str) -> Any:
    """A correct file with a few members set, replaced or removed anywhere."""
    value = copy.deepcopy(json.loads(FILES[kind].read_text("utf-8")))
    for _ in range(draw(st.integers(1, 3))):
        places = [value]
        for place in places:
            members = place.values() if isinstance(place, dict) else place
            places += [member for member in members if isinstance(member, (dict, list))]
        place = draw(st.sampled_from(places))
        if isinstance(place, list):
            place.append(copy.deepcopy(draw(VALUES)))
        elif place and draw(st.booleans()):
            del place[draw(st.sampled_from(sorted(place)))]
        else:
            place[draw(st.sampled_from([*KEYS, *sorted(place)]))] = copy.deepcopy(draw(VALUES))
    return value


@pytest.mark.parametrize("kind", FILES)
def test_checker_and_engine_agree(kind: str) -> None:
    """On files with mistakes of every kind both give the same verdict."""
    verdicts = set()

    @settings(max_examples=400, deadline=None, database=None)
    @given(mutated(kind))
    def agree(value: Any) -> None:
        breaches = check_dialect(kind, value)
        accepted = engine_accepts(kind, value)
        verdicts.add(accepted)
        assert (breaches == []) == accepted, (value, breaches)

    agree()
    assert verdicts == {True, False}


@pytest.mark.parametrize("value", [[], "event", 3, None])
def test_a_file_is_an_object(value: object) -> None:
    """Any other JSON value is one finding, not a crash."""
    assert [breach.rule_id for breach in check_dialect("event", value)] == ["KEYWORD_VALUE"]
    assert not engine_accepts("event", value)
