"""From a folder to a catalogue."""

from __future__ import annotations

import copy
import json
import os
import shutil
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from declarant_codegen import load_catalogue
from declarant_codegen.documents import _COUNTS
from declarant_codegen.findings import Finding, Severity
from declarant_codegen.meta_files import meta_files
from declarant_codegen.meta_schemas import meta_schema
from declarant_codegen.rules import MENDED_BY_GENERATE

SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of ModelKit's catalogue that a test may change."""
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def edit(path: Path, **members: Any) -> None:
    """Set members of a file's object."""
    value = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**value, **members}, indent=2), "utf-8")


def test_modelkits_catalogue_has_no_findings() -> None:
    """The project's own catalogue is clean."""
    result = load_catalogue(SCHEMAS)

    assert result.findings == ()
    assert result.catalogue is not None
    assert [event.name for event in result.catalogue.events] == [
        "ModelKitAction",
        "ModelKitError",
        "ModelKitHeartbeat",
    ]


def test_modelkit_carries_the_fields_of_its_events() -> None:
    """Each event has its fields, the required ones first, and the agreed ext fields."""
    catalogue = load_catalogue(SCHEMAS).catalogue
    assert catalogue is not None

    action, error, heartbeat = catalogue.events
    assert [(field.name, field.required, field.nullable) for field in action.fields] == [
        ("invoked_from", True, False),
        ("action_name", True, False),
        ("device", True, True),
        ("ep", True, True),
        ("duration_ms", True, False),
        ("success", True, False),
    ]
    assert [field.scrub for field in error.fields] == [None, "message", None]
    assert heartbeat.fields == ()
    assert (error.is_exception, action.is_exception) == (True, False)
    assert {slot: [field.name for field in fields] for slot, fields in catalogue.ext.items()} == {
        "app": ["ver", "sesId"],
        "device": ["localId", "authId", "deviceClass"],
        "os": ["name", "ver"],
        "sdk": ["ver", "epoch", "seq"],
    }


def test_event_tells_where_it_comes_from() -> None:
    """Path, module, function and lines are those of the file."""
    catalogue = load_catalogue(SCHEMAS).catalogue
    assert catalogue is not None

    action = catalogue.events[0]
    lines = (SCHEMAS / "events" / "model_kit_action.schema.json").read_text("utf-8").splitlines()

    assert action.path == "schemas/events/model_kit_action.schema.json"
    assert (action.module, action.function) == ("model_kit_action", "emit_model_kit_action")
    for field in action.fields:
        assert lines[field.line - 1].strip() == f'"{field.name}": {{'


def test_references_are_inlined() -> None:
    """The resolved schema is a closed one that stands alone."""
    catalogue = load_catalogue(SCHEMAS).catalogue
    assert catalogue is not None

    schema = catalogue.events[1].schema
    frame = {"file": "a.py", "line": 3, "function": "<module>"}
    data = {"exception_type": "ValueError", "exception_message": "", "exception_stack": [frame]}

    assert "$ref" not in json.dumps(schema)
    assert list(schema) == ["type", "additionalProperties", "required", "properties"]
    assert Draft202012Validator(schema).is_valid(data)
    frame["release"] = "10"
    assert not Draft202012Validator(schema).is_valid(data)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", [None, 7])
def test_layout_changes_no_digest(schemas: Path, indent: int | None, newline: str) -> None:
    """Line endings, indentation and escapes are not part of what a file says."""
    before = load_catalogue(schemas).catalogue

    for path in schemas.rglob("*.json"):
        if path.parent.name != "meta":
            value = json.loads(path.read_text("utf-8"))
            path.write_text(json.dumps(value, indent=indent), "utf-8", newline=newline)
    after = load_catalogue(schemas).catalogue

    assert before is not None
    assert after is not None
    assert (before.inputs, before.generation) == (after.inputs, after.generation)


def test_order_of_fields_changes_the_digest(schemas: Path) -> None:
    """Generated arguments follow the file's order, so the order is part of what it says."""
    path = schemas / "events" / "model_kit_action.schema.json"
    before = load_catalogue(schemas).catalogue

    properties = json.loads(path.read_text("utf-8"))["properties"]
    edit(path, properties=dict(reversed(properties.items())))
    after = load_catalogue(schemas).catalogue

    assert before is not None
    assert after is not None
    assert before.generation != after.generation


def test_names_do_not_depend_on_the_way_to_the_folder(
    schemas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From any working directory the same folder gives the same catalogue."""
    absolute = load_catalogue(schemas)

    monkeypatch.chdir(schemas.parent)
    relative = load_catalogue(Path("schemas"))
    monkeypatch.chdir(schemas)
    here = load_catalogue(Path())

    assert absolute == relative == here


def test_roots_of_packages_are_read(schemas: Path) -> None:
    """In the file's order; none are needed."""
    error = schemas / "events" / "model_kit_error.schema.json"
    value = json.loads(error.read_text("utf-8"))
    value["$defs"]["frame"]["properties"]["file"]["x-scrub-vectors"] = [
        {"text": "/home/jo/work/secret/train.py", "kept": "train.py"}
    ]
    error.write_text(json.dumps(value), "utf-8")
    edit(schemas / "catalogue.json", package_roots=["winml/modelkit", "a-b/c.d_e"])
    rooted = load_catalogue(schemas).catalogue
    value = json.loads((schemas / "catalogue.json").read_text("utf-8"))
    del value["package_roots"]
    (schemas / "catalogue.json").write_text(json.dumps(value), "utf-8")
    rootless = load_catalogue(schemas).catalogue

    assert rooted is not None
    assert rooted.package_roots == ("winml/modelkit", "a-b/c.d_e")
    assert rootless is not None
    assert rootless.package_roots == ()


@pytest.mark.parametrize(
    "roots",
    [
        *([], ["/abs"], ["a/"], ["a//b"], ["../a"], ["a/../b"], ["."], ["a\\b"], [""], ["a b"]),
        *(["a", "a"], "a", ["a"] * 21, [1], ["C:/a"], ["~/a"], ["a" * 201]),
    ],
    ids=str,
)
def test_other_roots_are_refused(schemas: Path, roots: Any) -> None:
    """A root is a relative path with "/" between names, and there are at most twenty."""
    edit(schemas / "catalogue.json", package_roots=roots)

    result = load_catalogue(schemas)

    assert result.catalogue is None
    assert {finding.rule_id for finding in result.findings} == {"KEYWORD_VALUE"}


def test_every_file_is_reported_in_one_run(schemas: Path) -> None:
    """A broken file hides no problem of another, and the report is sorted."""
    (schemas / "events" / "model_kit_action.schema.json").write_text("{", "utf-8")
    edit(schemas / "ext" / "os.schema.json", title="oss")
    edit(schemas / "catalogue.json", version="one")
    edit(schemas / "events" / "model_kit_error.schema.json", **{"x-level": "must"})

    result = load_catalogue(schemas)

    assert result.catalogue is None
    assert [(finding.path, finding.rule_id) for finding in result.findings] == [
        ("schemas/catalogue.json", "KEYWORD_VALUE"),
        ("schemas/events/model_kit_action.schema.json", "JSON_SYNTAX"),
        ("schemas/events/model_kit_error.schema.json", "KEYWORD_VALUE"),
        ("schemas/ext/os.schema.json", "EXT_SLOT_UNKNOWN"),
        ("schemas/ext/os.schema.json", "FILE_NAME"),
    ]


def test_undocumented_ext_field_has_the_agreed_message(schemas: Path) -> None:
    """The release that refused every batch is stopped with a line, the fields and the answer."""
    path = schemas / "ext" / "os.schema.json"
    text = path.read_text("utf-8").replace('"ver": {', '"release": {')
    path.write_text(text, "utf-8")
    line = text[: text.index('"release"')].count("\n") + 1

    (finding,) = load_catalogue(schemas).findings

    assert str(finding) == (
        f"schemas/ext/os.schema.json:{line}: error EXT_FIELD_UNDOCUMENTED: ext.os has no field "
        '"release" in Common Schema 4.0; documented: bootId, expId, locale, name, ver; remove it '
        "(the collector answers 400 InvalidEventFormat for the whole batch)"
    )


def test_errors_that_generate_mends_leave_the_catalogue(schemas: Path) -> None:
    """Without the dialect's files the catalogue is whole, and each missing file is an error."""
    shutil.rmtree(schemas / "meta")

    result = load_catalogue(schemas)

    assert result.catalogue is not None
    assert {finding.rule_id for finding in result.findings} == {"META_MISSING"}
    assert {"META_MISSING", "META_CHANGED"} == MENDED_BY_GENERATE


def test_warnings_leave_the_catalogue(schemas: Path) -> None:
    """A warning is reported, and the catalogue is whole."""
    path = schemas / "events" / "model_kit_heartbeat.schema.json"
    edit(path, **{"$defs": {"flag": {"type": "boolean"}}})

    result = load_catalogue(schemas)

    assert [finding.severity for finding in result.findings] == [Severity.WARNING]
    assert result.catalogue is not None


@pytest.mark.skipif(
    sys.platform != "linux", reason="needs file names of any bytes, as Linux has them"
)
def test_hostile_file_names_stay_on_one_line(schemas: Path) -> None:
    """A line break or a broken byte in a file's name cannot forge or break a report."""
    event = (schemas / "events" / "model_kit_action.schema.json").read_bytes()
    for name in (b"a\nb.schema.json", b"c\xff.schema.json", b"d\ne.json"):
        (schemas / "events" / os.fsdecode(name)).write_bytes(event)

    findings = load_catalogue(schemas).findings

    assert {finding.rule_id for finding in findings} == {
        "EVENT_NAME_COLLISION",
        "FILE_NAME",
        "FILE_UNEXPECTED",
    }
    assert all(str(finding).isprintable() for finding in findings)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a folder's name with a line break")
def test_a_hostile_folders_name_stays_on_one_line(schemas: Path) -> None:
    """Of the folder's name, too, whichever of its files a finding is about."""
    folder = schemas.rename(schemas.with_name("x\n::error::y"))
    shutil.rmtree(folder / "meta")
    (folder / "catalogue.json").write_text("{}", "utf-8")

    findings = load_catalogue(folder).findings

    assert {"META_MISSING", "KEYWORD_MISSING"} <= {finding.rule_id for finding in findings}
    assert all(str(finding).isprintable() for finding in findings)


def test_a_missing_folder_is_no_finding(tmp_path: Path) -> None:
    """Without a folder nothing can be checked, which is another outcome than errors."""
    with pytest.raises(NotADirectoryError):
        load_catalogue(tmp_path / "gone")


def test_an_empty_folder_lacks_a_catalogue(tmp_path: Path) -> None:
    """A folder without files is reported, not raised."""
    result = load_catalogue(tmp_path)

    assert "CATALOGUE_MISSING" in {finding.rule_id for finding in result.findings}
    assert result.catalogue is None


def test_definitions_are_shared_between_files(schemas: Path) -> None:
    """A field may refer to a file of ``common``; what it says itself goes before the target's."""
    (schemas / "common").mkdir()
    shared = {"$schema": "../meta/types.v1.json", "description": "Shared."}
    code = {
        "description": "A code.",
        "type": "string",
        "pattern": "^[A-Z]{4}$",
        "x-class": "middle",
    }
    path = schemas / "common" / "types.schema.json"
    path.write_text(json.dumps({**shared, "$defs": {"code": code}}), "utf-8")
    own = {"description": "The exit code's name.", "x-class": "identifier", "x-notice": "usage"}
    edit(
        schemas / "events" / "model_kit_heartbeat.schema.json",
        properties={"exit_code": {"$ref": "../common/types.schema.json#/$defs/code", **own}},
    )

    result = load_catalogue(schemas)

    assert result.findings == ()
    assert result.catalogue is not None
    (field,) = result.catalogue.events[2].fields
    assert field.schema == {**code, **own}
    assert "schemas/common/types.schema.json" in dict(result.catalogue.inputs)


@pytest.mark.parametrize("end", [{"type": "boolean"}, {"$ref": "#/$defs/d0"}])
def test_a_long_chain_of_definitions_is_a_finding(schemas: Path, end: dict[str, Any]) -> None:
    """Thousands of definitions that lead from one to the next, in a circle or not, end nothing."""
    chain = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(3000)}
    own = {"description": "On or off.", "x-class": "low", "x-notice": "usage"}
    edit(
        schemas / "events" / "model_kit_heartbeat.schema.json",
        properties={"flag": {"$ref": "#/$defs/d0", **own}},
        **{"$defs": {**chain, "d3000": end}},
    )

    result = load_catalogue(schemas)

    assert result.catalogue is None
    assert {finding.rule_id for finding in result.findings} == {"REF_TOO_LARGE"}


def test_files_may_be_taken_as_not_there(schemas: Path) -> None:
    """A file that is skipped is neither read nor missed; another one is."""
    skipped = "events/model_kit_action.schema.json"
    (schemas / skipped).write_text("{", "utf-8")

    result = load_catalogue(schemas, skip={skipped})

    assert result.catalogue is not None
    assert [event.name for event in result.catalogue.events] == [
        "ModelKitError",
        "ModelKitHeartbeat",
    ]
    assert load_catalogue(schemas, skip={"events/other"}).catalogue is None


def test_examples_are_judged_beside_a_definition_that_is_wrong(schemas: Path) -> None:
    """What hangs on a mistake elsewhere is not told, and nothing breaks on it."""
    path = schemas / "events" / "model_kit_action.schema.json"
    value = json.loads(path.read_text("utf-8"))
    value["$defs"] = {"word": {"type": "string", "maxLength": "five", "x-class": "low"}}
    value["properties"]["device"] = {
        "$ref": "#/$defs/word",
        "description": "A word.",
        "examples": ["cpu", 7],
        "x-class": "free_text",
        "x-notice": "usage",
    }
    path.write_text(json.dumps(value), "utf-8")

    rules = {finding.rule_id for finding in load_catalogue(schemas).findings}

    assert "KEYWORD_VALUE" in rules
    assert "EXAMPLE_INVALID" not in rules


def test_finding_reads_as_one_line() -> None:
    """The form is path, line, severity, rule, message."""
    finding = Finding(
        path="a.json", line=3, severity=Severity.WARNING, rule_id="DEF_UNUSED", message="words"
    )

    assert str(finding) == "a.json:3: warning DEF_UNUSED: words"
    with pytest.raises(FrozenInstanceError):
        finding.line = 4  # type: ignore[misc]


FILES = sorted(
    path.relative_to(SCHEMAS).as_posix()
    for path in SCHEMAS.rglob("*.json")
    if path.parent.name in ("events", "ext", "schemas")
)
KEYS = sorted(
    {
        *meta_schema("ext")["$defs"]["ext_field"]["properties"],
        *meta_schema("event")["properties"],
        *meta_schema("catalogue")["properties"],
        *("zz", "/", "~", "", "a/b"),
    }
)
VALUES = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 2**70, 1.5, 5e300, "", "a", "string", "object", "array"),
        *(["string", "null"], ["null"], [], [1, 1.0], ["a", "a"], [[]], [{}], {}, {"a": {}}),
        *({"a": 1}, {"type": "string"}, {"$ref": "#/$defs/frame"}, {"$ref": "#"}, "#/$defs/frame"),
        *("#/$defs/x", "../events/model_kit_error.schema.json#/$defs/frame", "^a$", "(", "low"),
        *("free_text", "message", "date", "2028-11-30", "\u202e", "\U0001f600", "os", "x" * 5000),
        *({"frame": {"$ref": "#/$defs/frame"}}, {"frame": True}, "ModelKitAction", "^(?:a|b)+$"),
        {"enum": [1, "a", None], "type": "string"},
        {"type": "array", "items": {"type": "array", "items": {"$ref": "#/$defs/frame"}}},
    ]
)


def change(draw: Any, value: Any) -> None:
    """Set, replace or remove one member anywhere in a value."""
    places = [value]
    for place in places:
        members = place.values() if isinstance(place, dict) else place
        places += [member for member in members if isinstance(member, (dict, list))]
    place = draw(st.sampled_from(places))
    if isinstance(place, list):
        place.insert(draw(st.integers(0, len(place))), copy.deepcopy(draw(VALUES)))
    elif place and draw(st.booleans()):
        del place[draw(st.sampled_from(sorted(place)))]
    else:
        place[draw(st.sampled_from([*KEYS, *sorted(place)]))] = copy.deepcopy(draw(VALUES))


@settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_file_breaks_the_loader(data: st.DataObject, schemas: Path) -> None:
    """Whatever a file holds, the result is sorted findings of one printable line each."""
    path = schemas / data.draw(st.sampled_from(FILES))
    original = path.read_text("utf-8")
    value = json.loads(original)
    for _ in range(data.draw(st.integers(1, 3))):
        change(data.draw, value)

    path.write_text(json.dumps(value, indent=1), "utf-8")
    try:
        result = load_catalogue(schemas)
    finally:
        path.write_text(original, "utf-8")

    assert list(result.findings) == sorted(result.findings)
    assert all(str(finding).isprintable() for finding in result.findings)
    has_error = any(finding.severity is Severity.ERROR for finding in result.findings)
    assert (result.catalogue is None) == has_error


def test_a_slots_file_of_another_title_breaks_no_check(schemas: Path) -> None:
    """An event finds its slot by the file's name, whatever stands inside."""
    edit(schemas / "ext" / "app.schema.json", title="a")

    assert load_catalogue(schemas).catalogue is None


@pytest.mark.parametrize("properties", [None, 1, [], {"a": None}], ids=str)
def test_parts_that_are_none_are_findings(schemas: Path, properties: Any) -> None:
    """A field of an ext slot whose parts are no schemas breaks no later check."""
    path = schemas / "ext" / "app.schema.json"
    value = json.loads(path.read_text("utf-8"))
    next(iter(value["properties"].values()))["properties"] = properties
    path.write_text(json.dumps(value), "utf-8")

    result = load_catalogue(schemas)

    assert result.catalogue is None
    assert {finding.path for finding in result.findings} == {"schemas/ext/app.schema.json"}


@pytest.mark.parametrize("roots", [7, ["/abs"]], ids=str)
def test_vectors_wait_for_roots_that_can_be_read(schemas: Path, roots: Any) -> None:
    """What a scrubber keeps depends on them: no vector is said to fail."""
    edit(schemas / "catalogue.json", package_roots=roots)

    found = {finding.path for finding in load_catalogue(schemas).findings}

    assert found == {"schemas/catalogue.json"}


_FIELD = {"type": "integer", "minimum": 0, "maximum": 9, "x-class": "low", "x-notice": "commands"}
# As the first in Python's eyes, or but for one keyword.
_WRONG_IN_ITS_OWN_WAY = {
    "ENUM_TYPE": {"type": "integer", "enum": [False, True], "x-class": "low"},
    "NUMBER_UNBOUNDED": {"type": "integer", "minimum": 0, "x-class": "low"},
    "CLASS_TOO_LOW": {"type": "string", "format": "uuid", "x-class": "low"},
    "NOTICE_UNKNOWN": {**_FIELD, "x-notice": "nothing"},
    "NOTICE_MISSING": {"type": "integer", "enum": [0, 1], "x-class": "low"},
}


def _with_field(schemas: Path, event: str, name: str, schema: dict[str, Any]) -> None:
    """Give an event one field more."""
    path = schemas / "events" / f"model_kit_{event}.schema.json"
    value = json.loads(path.read_text("utf-8"))
    value["properties"][name] = {"description": f"Of {event}.", **schema}
    path.write_text(json.dumps(value, indent=2), "utf-8")


@pytest.mark.parametrize("rule", _WRONG_IN_ITS_OWN_WAY)
@pytest.mark.parametrize("is_first", [False, True])
def test_a_sound_field_hides_no_other_of_its_name(
    schemas: Path, rule: str, *, is_first: bool
) -> None:
    """Fields alike are judged once; one that differs in anything is judged by itself."""
    notice = next(
        iter(json.loads((schemas / "catalogue.json").read_text("utf-8"))["consent"]["notice"])
    )
    sound = {"type": "integer", "enum": [0, 1], "x-class": "low", "x-notice": notice}
    wrong = dict(_WRONG_IN_ITS_OWN_WAY[rule])
    if not rule.startswith("NOTICE"):
        wrong["x-notice"] = notice
    one, other = (wrong, sound) if is_first else (sound, wrong)
    _with_field(schemas, "action", "level_of_it", one)
    _with_field(schemas, "error", "level_of_it", other)
    _with_field(schemas, "heartbeat", "level_of_it", sound)

    found = load_catalogue(schemas).findings

    assert {finding.rule_id for finding in found} == {rule}
    path = f"schemas/events/model_kit_{'action' if is_first else 'error'}.schema.json"
    assert {finding.path for finding in found} == {path}


def test_a_wrong_field_is_told_wherever_it_stands(schemas: Path) -> None:
    """A finding is one of each event that has the field, and of the place it has there."""
    for event in ("action", "error", "heartbeat"):
        _with_field(schemas, event, "level_of_it", _WRONG_IN_ITS_OWN_WAY["NOTICE_UNKNOWN"])

    found = load_catalogue(schemas).findings

    assert [finding.rule_id for finding in found] == ["NOTICE_UNKNOWN"] * 3
    assert len({finding.path for finding in found}) == 3


def _counts(schema: Any, keyword: str = "") -> set[str]:
    """Return the keywords whose value a meta-schema wants to be a whole number."""
    if isinstance(schema, list):
        return set().union(*map(_counts, schema))
    if not isinstance(schema, dict):
        return set()
    own = {keyword} if schema.get("type") == "integer" else set()
    return own.union(*(_counts(inner, name) for name, inner in schema.items()))


def test_counts_are_the_dialects_whole_numbers() -> None:
    """What is read as a whole number is what the dialect wants to be one."""
    found = {name for text in meta_files().values() for name in _counts(json.loads(text))}

    assert found == _COUNTS
