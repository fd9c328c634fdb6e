"""Every problem in one run: what is wrong in one place hides nothing that does not depend on it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from declarant_codegen import load_catalogue
from declarant_codegen.meta_files import meta_files

BASE = Path(__file__).parents[1] / "rules/base"
WORD = {"description": "A word.", "type": "string", "x-class": "middle", "x-notice": "usage"}
COUNT = {"description": "A count.", "type": "integer", "x-class": "low", "x-notice": "usage"}
OBJECT = {"description": "A pair.", "type": "object", "x-class": "low", "x-notice": "usage"}
ARRAY = {"description": "Some.", "type": "array", "x-class": "low", "x-notice": "usage"}
EVENT = "events/sample_opened.schema.json"


def lay_base(into: Path) -> Path:
    """Lay out a catalogue without findings and return its folder."""
    schemas = into / "schemas"
    shutil.copytree(BASE, schemas)
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    return schemas


def found(folder: Path, **members: Any) -> set[str]:
    """Return the rules broken by the base with these members in its event."""
    schemas = lay_base(folder)
    value = json.loads((schemas / EVENT).read_text("utf-8"))
    (schemas / EVENT).write_text(json.dumps({**value, **members}), "utf-8")
    return {finding.rule_id for finding in load_catalogue(schemas).findings}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({**COUNT, "minimum": "0"}, {"KEYWORD_VALUE", "NUMBER_UNBOUNDED"}),
        ({**COUNT, "minimum": 0, "maximun": 9}, {"KEYWORD_UNKNOWN"}),
        ({**COUNT, "zz": 1, "minimum": 9, "maximum": 0}, {"KEYWORD_UNKNOWN", "BOUNDS_CONTRADICT"}),
        ({**COUNT, "enum": [1, 1]}, {"ENUM_DUPLICATE"}),
        ({**WORD, "type": "strin", "maxLength": 9}, {"KEYWORD_VALUE"}),
        ({**WORD, "patern": "^a$"}, {"KEYWORD_UNKNOWN"}),
        ({**WORD, "format": "email"}, {"KEYWORD_VALUE"}),
        (
            {**WORD, "maxLength": 9, "zz": 1},
            {"KEYWORD_UNKNOWN", "CLASS_TOO_LOW", "SCRUB_MISSING", "REASON_MISSING"},
        ),
        (
            {**WORD, "maxLength": 9, "x-class": "free_text", "x-scrub": "mesage"},
            {"KEYWORD_VALUE", "SCRUB_CONTRADICTED", "REASON_MISSING", "SCRUB_VECTORS_MISSING"},
        ),
        (
            {**WORD, "pattern": "^a$", "x-notice": "users", "zz": 1},
            {"KEYWORD_UNKNOWN", "NOTICE_UNKNOWN"},
        ),
        (
            {**WORD, "pattern": "^a$", "x-class": "lo", "examples": ["b"]},
            {"KEYWORD_VALUE", "EXAMPLE_INVALID"},
        ),
        (
            {**WORD, "pattern": "(", "minLength": 2, "maxLength": 1},
            {"PATTERN_UNSAFE", "BOUNDS_CONTRADICT"},
        ),
        ({**COUNT, "minimum": 0, "examples": [-1]}, {"NUMBER_UNBOUNDED", "EXAMPLE_INVALID"}),
        ({**ARRAY, "items": {"type": "boolean", "zz": 1}}, {"KEYWORD_UNKNOWN", "ARRAY_UNBOUNDED"}),
        ({**ARRAY, "items": {"$ref": "#/$defs/no"}}, {"REF_MISSING", "ARRAY_UNBOUNDED"}),
        ({**ARRAY, "maxItems": 2, "items": True}, {"KEYWORD_VALUE"}),
        (
            {**OBJECT, "properties": {"a": {**COUNT, "zz": 1}}, "required": ["b"]},
            {"KEYWORD_UNKNOWN", "NUMBER_UNBOUNDED", "OBJECT_OPEN", "REQUIRED_UNKNOWN"},
        ),
        (
            {**OBJECT, "properties": {"a": True}, "required": ["a", "b", 3]},
            {"KEYWORD_VALUE", "OBJECT_OPEN", "REQUIRED_UNKNOWN"},
        ),
        (
            {
                **OBJECT,
                "x-class": "middle",
                "additionalProperties": False,
                "properties": {"a": {**WORD, "pattern": "("}},
                "examples": [{"a": "b"}],
            },
            {"PATTERN_UNSAFE"},
        ),
        (
            {"$ref": "#/$defs/no", "zz": 1},
            {"REF_MISSING", "KEYWORD_UNKNOWN", "KEYWORD_MISSING", "NOTICE_MISSING"},
        ),
    ],
)
def test_a_wrong_keyword_hides_what_depends_on_it_alone(
    field: dict[str, Any], expected: set[str], tmp_path: Path
) -> None:
    """Each of these is told in one run, and no mistake is told twice in other words."""
    properties = {"count": {**COUNT, "minimum": 0, "maximum": 9}, "field": field}

    assert found(tmp_path, properties=properties) == expected


def test_a_required_name_without_property_is_told_beside_a_wrong_property(tmp_path: Path) -> None:
    """The names of fields are known whatever the fields are."""
    properties = {"a": {**COUNT, "minimum": 0, "maximum": 9, "zz": 1}}

    assert found(tmp_path, properties=properties, required=["a", "zz"]) == {
        "KEYWORD_UNKNOWN",
        "REQUIRED_UNKNOWN",
    }


def test_an_array_that_is_too_long_hides_none_of_its_items(tmp_path: Path) -> None:
    """A wrong item of an enum is told though there are too many."""
    field = {**COUNT, "enum": [{}, *range(1000)]}
    schemas = lay_base(tmp_path)
    value = json.loads((schemas / EVENT).read_text("utf-8"))
    value["properties"]["field"] = field
    (schemas / EVENT).write_text(json.dumps(value, indent=1), "utf-8")

    messages = [finding.message for finding in load_catalogue(schemas).findings]

    assert len(messages) == 2
    assert any("found an array of 1001 items" in message for message in messages)
    assert any("an empty object" in message for message in messages)


def test_a_wrong_part_of_consent_hides_no_notice_line(tmp_path: Path) -> None:
    """The lines are known though the version is not."""
    schemas = lay_base(tmp_path)
    catalogue = json.loads((schemas / "catalogue.json").read_text("utf-8"))
    catalogue["consent"]["version"] = "one"
    catalogue["consent"]["never"] = [{"line": "How many things you open.", "names": ["count"]}]
    (schemas / "catalogue.json").write_text(json.dumps(catalogue), "utf-8")
    event = json.loads((schemas / EVENT).read_text("utf-8"))
    event["properties"]["other"] = {**COUNT, "minimum": 0, "maximum": 9, "x-notice": "no"}
    (schemas / EVENT).write_text(json.dumps(event), "utf-8")

    rules = {finding.rule_id for finding in load_catalogue(schemas).findings}

    assert rules == {"KEYWORD_VALUE", "NOTICE_UNKNOWN", "NEVER_CONTRADICTED"}
