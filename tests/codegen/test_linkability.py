"""Linkability: what may stand in one event with an identifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from declarant_codegen import Finding, load_catalogue
from declarant_codegen.meta_files import meta_files

BASE = Path(__file__).parents[1] / "rules/base"
EVENT = "events/sample_opened.schema.json"
LINE = {"x-notice": "usage"}
COUNT = {"description": "N.", "type": "integer", "minimum": 0, "maximum": 9, "x-class": "low"}
WORD = {"description": "W.", "type": "string", "pattern": "^[a-z]{1,9}$", "x-class": "middle"}
TICKET = {**WORD, "x-class": "identifier"}
TEXT = {
    "description": "T.",
    "type": "string",
    "maxLength": 99,
    "x-class": "free_text",
    "x-scrub": "message",
    "x-scrub-vectors": [{"text": "jo.doe@example.com", "kept": "<scrubbed>"}],
    "x-reason": "No bounded form would do.",
}
DEVICE_ID = {**TICKET, "pattern": "^r:[0-9a-f]{9}$", "x-source": "device_id", **LINE}
ARCHITECTURE = {"x-source": "architecture", **LINE}
OBJECT = {"description": "O.", "type": "object", "additionalProperties": False}


def lay(into: Path, properties: dict[str, Any], linkability: Any = None, **slots: Any) -> Path:
    """Write the base with these fields in its event, these ext slots and this rule."""
    schemas = into / "schemas"
    for path in BASE.rglob("*.json"):
        place = schemas / path.relative_to(BASE)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path.read_text("utf-8"), "utf-8")
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    event = json.loads((schemas / EVENT).read_text("utf-8"))
    event["properties"] = {name: {**schema, **LINE} for name, schema in properties.items()}
    event["required"] = []
    event["x-ext"] = ["os", *slots]
    (schemas / EVENT).write_text(json.dumps(event, indent=1), "utf-8")
    for slot, fields in slots.items():
        ext = {**json.loads((schemas / "ext/os.schema.json").read_text("utf-8"))}
        ext |= {"title": slot, "properties": fields}
        (schemas / f"ext/{slot}.schema.json").write_text(json.dumps(ext), "utf-8")
    if linkability is not None:
        catalogue = json.loads((schemas / "catalogue.json").read_text("utf-8"))
        catalogue["linkability"] = linkability
        (schemas / "catalogue.json").write_text(json.dumps(catalogue), "utf-8")
    return schemas


def found(schemas: Path) -> list[Finding]:
    """Return the findings about linkability."""
    findings = load_catalogue(schemas).findings
    return [finding for finding in findings if finding.rule_id.startswith("LINKABILITY")]


#: Fields, ext slots, rule, and the identifiers that the event breaks.
DEVICE = {"device": {"localId": DEVICE_ID}}
CASES: dict[str, tuple[Any, Any, Any, list[str]]] = {
    "nothing above by default": ({"a": TICKET, "b": WORD, "c": TICKET}, DEVICE, None, []),
    "free text above by default": ({"b": TEXT}, DEVICE, None, ["ext.device.localId"]),
    "no identifier": ({"b": TEXT, "c": COUNT}, {}, None, []),
    "an identifier of the data": ({"a": TICKET, "b": TEXT}, {}, None, ["SampleOpened.a"]),
    "raised": ({"a": TICKET, "b": TEXT}, {}, {"SampleOpened.a": "free_text"}, []),
    "lowered": (
        {"a": TICKET, "b": WORD},
        {},
        {"SampleOpened.a": "low"},
        ["SampleOpened.a"],
    ),
    "not lowered enough to break": (
        {"a": TICKET, "b": WORD},
        {},
        {"SampleOpened.a": "middle"},
        [],
    ),
    "an identifier does not stand beside itself": (
        {"a": TICKET},
        {},
        {"SampleOpened.a": "middle"},
        [],
    ),
    "two of them do": (
        {"a": TICKET, "b": TICKET},
        {},
        {"SampleOpened.a": "middle", "SampleOpened.b": "middle"},
        ["SampleOpened.a", "SampleOpened.b"],
    ),
    "an ext field of another slot": (
        {},
        DEVICE,
        {"ext.device.localId": "low"},
        ["ext.device.localId"],
    ),
    "an ext field of the same slot": (
        {},
        {
            "device": {
                "localId": DEVICE_ID,
                "deviceClass": {**WORD, **ARCHITECTURE},
            }
        },
        {"ext.device.localId": "low"},
        ["ext.device.localId"],
    ),
    "an ext field above an identifier of the data": (
        {"a": TICKET},
        {"device": {"deviceClass": {**WORD, "x-class": "free_text", **ARCHITECTURE}}},
        None,
        ["SampleOpened.a"],
    ),
    "a part": (
        {"a": TICKET, "b": {**OBJECT, "properties": {"c": TEXT}, "x-class": "free_text"}},
        {},
        None,
        ["SampleOpened.a"],
    ),
    "an identifier among the parts of a list": (
        {
            "a": {
                "description": "L.",
                "type": "array",
                "maxItems": 2,
                "items": {**OBJECT, "properties": {"c": TICKET}},
                "x-class": "identifier",
            },
            "b": WORD,
        },
        {},
        {"SampleOpened.a[].c": "low"},
        ["SampleOpened.a[].c"],
    ),
    "parts that identify together": (
        {"a": {**OBJECT, "properties": {"c": COUNT}, "x-class": "identifier"}, "b": WORD},
        {},
        {"SampleOpened.a": "low"},
        ["SampleOpened.a"],
    ),
    "what has parts is no value beside them": (
        {"a": {**OBJECT, "properties": {"c": TICKET}, "x-class": "identifier"}},
        {},
        {"SampleOpened.a.c": "low"},
        ["SampleOpened.a.c"],  # for ext.os.name
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_stands_beside_an_identifier(case: str, tmp_path: Path) -> None:
    """Every other value of the event counts, and the identifier's own entry or the default."""
    properties, slots, rule, broken = CASES[case]

    findings = found(lay(tmp_path, properties, rule, **slots))

    assert [finding.rule_id for finding in findings] == ["LINKABILITY_BROKEN"] * len(broken)
    assert [f.message.partition("identifier ")[2].partition(",")[0] for f in findings] == broken


def test_what_has_parts_is_named_by_them(tmp_path: Path) -> None:
    """An entry for the whole of something whose part is the identifier names no identifier."""
    whole = {**OBJECT, "properties": {"c": TICKET}, "x-class": "identifier"}

    (finding,) = found(lay(tmp_path, {"a": whole}, {"SampleOpened.a": "identifier"}))

    assert finding.rule_id == "LINKABILITY_UNKNOWN"
    assert finding.message.endswith('did you mean "SampleOpened.a.c"?')


def test_an_entry_for_another_class_says_which(tmp_path: Path) -> None:
    """Also where no event has anything above a low class."""
    (finding,) = found(lay(tmp_path, {"b": COUNT}, {"SampleOpened.b": "free_text"}))

    assert finding.message == (
        'expected an identifier of the catalogue, found "SampleOpened.b", whose class is "low"; '
        "remove the entry"
    )


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (("x-ext",), "os"),
        (("properties", "a", "x-class"), "identifir"),
        (("properties", "a", "$ref"), 1),
        (("title",), "A"),
    ],
)
def test_what_is_not_known_breaks_nothing(
    pointer: tuple[str, ...], value: Any, tmp_path: Path
) -> None:
    """A wrong keyword hides what depends on it; no entry is called unknown for it."""
    rule = {"SampleOpened.a": "low"}
    schemas = lay(tmp_path, {"a": TICKET, "b": COUNT}, rule)
    assert len(found(schemas)) == 1
    event = json.loads((schemas / EVENT).read_text("utf-8"))
    place = event
    for key in pointer[:-1]:
        place = place[key]
    place[pointer[-1]] = value
    (schemas / EVENT).write_text(json.dumps(event), "utf-8")

    assert found(schemas) == []


def test_an_event_that_cannot_be_read_may_have_any_identifier(tmp_path: Path) -> None:
    """Its entry is not called unknown."""
    schemas = lay(tmp_path, {"b": COUNT}, {"SampleClosed.a": "low"})
    assert len(found(schemas)) == 1
    (schemas / "events/sample_closed.schema.json").write_text("{", "utf-8")

    assert found(schemas) == []


def test_a_wrong_entry_hides_no_other(tmp_path: Path) -> None:
    """Entries that the dialect refuses are as good as none."""
    rule = {"SampleOpened.a": "lowest", "ext.device.localId": "low", "a b": "low"}

    findings = found(lay(tmp_path, {"a": TICKET, "b": WORD}, rule, **DEVICE))

    assert [finding.message.partition(" beside")[0] for finding in findings] == [
        'expected nothing above "low"'
    ]


@pytest.mark.parametrize("rule", [1, {"SampleOpened.a": "lowest"}, {"SampleOpened.a": None}])
def test_a_rule_that_cannot_be_read_may_say_anything(rule: Any, tmp_path: Path) -> None:
    """Nothing is judged by it, and not by the default in its place."""
    assert found(lay(tmp_path, {"a": TICKET, "b": TEXT}, rule)) == []


def test_modelkits_decisions_are_all_needed() -> None:
    """Without one of them its error event would break the rule; the others never do."""
    folder = Path(__file__).parents[2] / "schemas"
    catalogue = load_catalogue(folder).catalogue
    assert catalogue is not None

    identifiers = {
        f"ext.{field.slot}.{field.name}"
        for fields in catalogue.ext.values()
        for field in fields
        if field.schema["x-class"] == "identifier"
    }
    assert catalogue.linkability == dict.fromkeys(sorted(identifiers), "free_text")


@pytest.mark.parametrize("text", ["[]", '"x"', "3", "null", "{"])
def test_a_catalogue_that_is_no_object_breaks_no_rule_of_its_own(tmp_path: Path, text: str) -> None:
    """Which rule it would have had is not known: the cause alone is told."""
    schemas = lay(tmp_path, {"said": TEXT}, device={"localId": DEVICE_ID})
    assert "LINKABILITY_BROKEN" in {item.rule_id for item in load_catalogue(schemas).findings}

    (schemas / "catalogue.json").write_text(text, "utf-8")

    (finding,) = load_catalogue(schemas).findings
    assert finding.path == "schemas/catalogue.json"
    assert finding.rule_id in ("KEYWORD_VALUE", "JSON_SYNTAX")
