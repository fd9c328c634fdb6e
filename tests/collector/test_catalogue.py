"""Events against a catalogue: local rules, so named in a header and switched off on request."""

import json
import shutil
from pathlib import Path

import pytest

from declarant_collector import Collector

SCHEMAS = Path(__file__).parents[2] / "schemas"
ACTION = {
    "invoked_from": "Interactive",
    "action_name": "build",
    "device": None,
    "ep": None,
    "duration_ms": 12,
    "success": True,
}
EXT = {
    "device": {
        "localId": "r:00000000-0000-4000-8000-000000000001",
        "authId": "NEW",
        "deviceClass": "AMD64",
    },
    "os": {"name": "Windows", "ver": "10.0.22631"},
}


@pytest.fixture
def catalogue(make_wire):
    return make_wire(schemas=SCHEMAS)


def test_a_declared_event_is_accepted(catalogue):
    answer = catalogue.post(catalogue.event(data=ACTION, ext=EXT))

    assert (answer.status, answer.body) == (200, b'{"acc":1}')


@pytest.mark.parametrize(
    ("rule", "field", "fields"),
    [
        ("CATALOGUE_EVENT", "name", {"name": "ModelKitNobody", "data": {}}),
        ("CATALOGUE_DATA", "data.extra", {"data": ACTION | {"extra": 1}}),
        ("CATALOGUE_DATA", "data.success", {"data": ACTION | {"success": "yes"}}),
        ("CATALOGUE_DATA", "data.invoked_from", {"data": ACTION | {"invoked_from": "Robot"}}),
        ("CATALOGUE_EXT", "ext.user", {"data": ACTION, "ext": {"user": {"locale": "en"}}}),
        ("CATALOGUE_EXT", "ext.os.locale", {"data": ACTION, "ext": {"os": {"locale": "en"}}}),
        ("CATALOGUE_EXT", "ext.os.ver", {"data": ACTION, "ext": {"os": {"ver": "x" * 5000}}}),
    ],
)
def test_what_the_catalogue_does_not_allow_is_listed_by_index(catalogue, rule, field, fields):
    good = catalogue.event(data=ACTION)

    answer = catalogue.post(good, catalogue.event(**fields))

    assert answer.status == 200
    assert answer.body == b'{"acc":1,"rej":1,"efi":{"InvalidEventFormat":[1]}}'
    assert answer.local_rules == rule
    (rejected,) = catalogue.collector.rejected()
    assert [(each.rule, each.field) for each in rejected.violations] == [(rule, field)]


def test_a_missing_field_is_named(catalogue):
    data = {name: value for name, value in ACTION.items() if name != "device"}

    catalogue.post(catalogue.event(data=data))

    (rejected,) = catalogue.collector.rejected()
    assert [each.field for each in rejected.violations] == ["data.device"]


def test_a_lenient_collector_still_asks_the_catalogue_it_was_given(make_wire):
    wire = make_wire(schemas=SCHEMAS, strict=False)

    assert wire.post(wire.event(name="ModelKitNobody")).local_rules == "CATALOGUE_EVENT"
    assert (
        make_wire(schemas=SCHEMAS, off=["CATALOGUE_EVENT"])
        .post(wire.event(name="ModelKitNobody"))
        .status
        == 200
    )


def test_a_catalogue_with_errors_is_not_loaded(tmp_path):
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    path = tmp_path / "schemas" / "ext" / "os.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["release"] = schema["properties"]["ver"]
    path.write_text(json.dumps(schema), "utf-8")

    with pytest.raises(ValueError, match="EXT_FIELD_UNDOCUMENTED"):
        Collector(schemas=tmp_path / "schemas")
