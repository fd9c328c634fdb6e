"""Sample payloads: real bytes that every consumer takes, and nothing of the reviewer's machine."""

from __future__ import annotations

import getpass
import json
import platform
import shutil
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from projections import zoo

from declarant import _limits
from declarant_codegen import load_catalogue
from declarant_codegen.bundle import envelope_schema
from declarant_codegen.review.payloads import Payload, SamplesFailed, sample_payloads
from declarant_codegen.review.sample_values import Size
from declarant_codegen.telemetry_words import endpoint_variable

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue

ROOT = Path(__file__).parents[2]
LOW = {"description": "A value.", "x-class": "low", "x-notice": "usage"}


@pytest.fixture(scope="module")
def modelkit() -> Catalogue:
    """ModelKit's own catalogue."""
    catalogue = load_catalogue(ROOT / "schemas").catalogue
    assert catalogue is not None
    return catalogue


@pytest.fixture(scope="module")
def zoo_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Events with every kind of field, required and optional."""
    folder = tmp_path_factory.mktemp("zoo")
    made: Catalogue = zoo.load(
        zoo.write_catalogue(folder, zoo.zoo_events(), package="zoo_payloads")
    )
    return made


def made_of(folder: Path, **fields: Any) -> dict[str, tuple[Payload, ...]]:
    """Return the payloads of one event with some fields."""
    event = zoo.event("ModelKitOdd", fields, list(fields))
    catalogue = zoo.load(
        zoo.write_catalogue(folder, {"model_kit_odd": event}, package="odd_payloads")
    )
    return sample_payloads(catalogue, catalogue.events)


def see_payloads(payloads: tuple[Payload, ...], schema: Any) -> None:
    """See that payloads are valid envelopes, in the order of their sizes."""
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert [payload.size for payload in payloads] == sorted(
        {payload.size for payload in payloads}, key=list(Size).index
    )
    for payload in payloads:
        assert payload.line is not None
        assert [str(error) for error in validator.iter_errors(json.loads(payload.line))] == []
        assert payload.length == len(payload.line.encode())
        assert "\n" not in payload.line
    lengths = [payload.length for payload in payloads]
    assert lengths == sorted(lengths)


def test_modelkits_payloads_are_what_its_schemas_say(modelkit: Catalogue) -> None:
    """Each is valid by the committed schema of its envelope."""
    payloads = sample_payloads(modelkit, modelkit.events)

    assert list(payloads) == [event.name for event in modelkit.events]
    for name, found in payloads.items():
        path = ROOT / "generated" / "modelkit_events" / "schemas" / f"{name}.json"
        see_payloads(found, json.loads(path.read_text("utf-8")))


def test_every_kind_of_field_has_payloads(zoo_catalogue: Catalogue) -> None:
    """Whatever a field is, it is sent as its schema says, absent or present."""
    payloads = sample_payloads(zoo_catalogue, zoo_catalogue.events)

    for event in zoo_catalogue.events:
        found = payloads[event.name]
        see_payloads(found, envelope_schema(event, zoo_catalogue))
        assert [payload.size for payload in found] == list(Size)
        least, *_, most = (json.loads(payload.line or "")["data"] for payload in found)
        assert set(least) == set(event.schema["required"])
        assert set(most) == set(event.schema["properties"])


def test_an_event_without_values_has_one_payload(modelkit: Catalogue) -> None:
    """What is like a smaller one is not shown again."""
    (payload,) = sample_payloads(modelkit, modelkit.events)["ModelKitHeartbeat"]

    assert (payload.size, payload.given) == (Size.SMALLEST, {})


def test_an_event_has_the_same_page_alone_and_among_others(zoo_catalogue: Catalogue) -> None:
    """Neither the others nor the hour change a byte."""
    together = sample_payloads(zoo_catalogue, zoo_catalogue.events)

    for event in zoo_catalogue.events:
        assert sample_payloads(zoo_catalogue, [event]) == {event.name: together[event.name]}


def test_the_reviewers_machine_is_nobodys_matter(
    modelkit: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name, version or identifier of the machine is in a payload, and no key."""
    here = {
        *(socket.gethostname(), platform.node(), platform.release(), platform.version()),
        *(str(Path.home()), str(Path.cwd())),
    }
    names = {name for name in (getpass.getuser(), *here) if len(name) > 3}

    text = "".join(
        payload.line or ""
        for found in sample_payloads(modelkit, modelkit.events).values()
        for payload in found
    )

    assert [name for name in names if name in text] == []
    for payload in sample_payloads(modelkit, modelkit.events)["ModelKitAction"]:
        ext = json.loads(payload.line or "")["ext"]
        assert ext["os"] == {"name": "Linux", "ver": "6.1.0"}
        assert ext["device"]["localId"] == "r:00000000-0000-4000-8000-000000000001"
        assert ext["device"]["deviceClass"] == "x86_64"
        assert ext["app"]["sesId"] == "00000000-0000-4000-8000-000000000003"
        assert ext["sdk"]["epoch"] == "00000000-0000-4000-8000-000000000002"
        assert json.loads(payload.line or "")["iKey"] == f"o:{'0' * 32}"


def test_the_reviewers_environment_changes_nothing(
    modelkit: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither where the product sends to here, nor language, path or home."""
    expected = sample_payloads(modelkit, modelkit.events)

    monkeypatch.setenv(endpoint_variable(modelkit.product), "https://elsewhere.example.com/")
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    (tmp_path / "json.py").write_text("raise SystemExit('not this one')")
    (tmp_path / "modelkit_events.py").write_text("raise SystemExit('nor this')")
    monkeypatch.chdir(tmp_path)

    assert sample_payloads(modelkit, modelkit.events) == expected


def test_a_sample_of_the_machine_fits_its_schema(modelkit: Catalogue) -> None:
    """Where ours does not, or there is none, one is chosen that the runtime would send."""
    told = {
        "os_name": {"type": "string", "enum": ["Windows"]},
        "os_version": {"type": "string", "pattern": "^v[0-9]$"},
    }
    fields = tuple(
        replace(field, schema={**told[field.source], "x-source": field.source})
        for field in modelkit.ext["os"]
    )
    narrow = replace(modelkit, ext={**modelkit.ext, "os": fields})
    events = [event for event in narrow.events if event.name == "ModelKitAction"]

    for payload in sample_payloads(narrow, events)["ModelKitAction"]:
        ext = json.loads(payload.line or "")["ext"]
        assert ext["os"] == {"name": "Windows", "ver": "v0"}


def test_letters_that_end_lines_elsewhere_are_sent(tmp_path: Path) -> None:
    """A payload is one line, whatever its letters."""
    odd = {
        "type": "string",
        "pattern": "^[\\u2028-\\u2029\\u0085]{1,4}$",
        **LOW,
        "x-class": "middle",
    }
    word = {"type": "string", "enum": ["é", "漢", "\U0001f600 x"], **LOW}

    (found,) = made_of(tmp_path, odd=odd, word=word).values()

    largest = json.loads(found[-1].line or "")["data"]
    assert len(largest["odd"]) == 4
    assert largest["word"] == "\U0001f600 x"


def test_what_is_too_long_to_be_sent_is_said(tmp_path: Path) -> None:
    """An event beyond what the runtime stores has no line, and the others have theirs."""
    # As letters of ASCII they would fit.
    text = {"type": "string", "pattern": "^\u20ac{0,240}$"}
    words = {**LOW, "type": "array", "maxItems": 1000, "items": text, "x-class": "middle"}

    (found,) = made_of(tmp_path, words=words).values()

    assert [payload.line is None for payload in found] == [False, False, True]
    assert found[-1].length is None
    assert len("".join(found[-1].given["words"]).encode()) > _limits.MAX_EVENT_BYTES


def test_no_event_has_no_payload(modelkit: Catalogue) -> None:
    """Nothing is run for nothing."""
    assert sample_payloads(modelkit, ()) == {}


def test_a_program_that_fails_is_said(modelkit: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong is told in one line."""
    false = shutil.which("false")
    if false is None:
        pytest.skip("needs the program `false`")
    monkeypatch.setattr(sys, "executable", false)

    with pytest.raises(SamplesFailed) as caught:
        sample_payloads(modelkit, modelkit.events)

    assert str(caught.value) == (
        "modelkit_events: expected generated code that runs, found: no word of why; report this"
    )


def test_nothing_is_left_behind(
    modelkit: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package and the store go with the process."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    sample_payloads(modelkit, modelkit.events)

    assert list(tmp_path.iterdir()) == []
