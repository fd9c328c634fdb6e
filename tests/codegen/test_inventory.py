"""What a build can send, read from its manifest wherever it lies, and two builds compared."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from declarant.cli import main
from declarant_codegen.inventory import InventoryError, load_inventory
from declarant_codegen.manifest import make_manifest, manifest_text
from declarant_codegen.projection import project_catalogue

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue

_spec = importlib.util.spec_from_file_location("zoo", Path(__file__).with_name("zoo.py"))
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "generated/manifest.json"


@pytest.fixture(scope="module")
def modelkit() -> Catalogue:
    """ModelKit's own catalogue."""
    catalogue: Catalogue = zoo.load(ROOT / "schemas")
    return catalogue


def write(catalogue: Catalogue, place: Path) -> Path:
    """Write the manifest that a generation of *catalogue* has."""
    inputs = [(path, digest, digest) for path, digest in catalogue.inputs]
    made = make_manifest(catalogue, generator="0", is_clean=True, inputs=inputs, outputs={})
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(manifest_text(made), "utf-8")
    return place


@pytest.mark.parametrize("events", ["modelkit", "zoo"])
def test_a_build_tells_all_that_its_schemas_do(
    modelkit: Catalogue, events: str, tmp_path: Path
) -> None:
    """Whatever takes part in a comparison of catalogues comes back from the manifest."""
    catalogue = modelkit
    if events == "zoo":
        folder = zoo.write_catalogue(tmp_path, zoo.zoo_events(), package="zoo_events")
        catalogue = zoo.load(folder)

    _, found = load_inventory(str(write(catalogue, tmp_path / "manifest.json")))

    assert project_catalogue(found, {}) == project_catalogue(catalogue, {})
    kept = ("notice", "never", "consent_version", "consent_default", "generation", "version")
    assert [getattr(found, name) for name in kept] == [getattr(catalogue, name) for name in kept]


def wheel(place: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(place, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/") + ".json", content)
    return place


def test_every_kind_of_source_is_read(
    modelkit: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, a distribution's folder, a package's parent, a wheel, an installed package."""
    raw = MANIFEST.read_bytes()
    parent = tmp_path / "site"
    (parent / "built_events").mkdir(parents=True)
    (parent / "built_events/manifest.json").write_bytes(raw)
    # Reading an inventory must run nothing of the build.
    (parent / "built_events/__init__.py").write_text("raise SystemExit('ran')\n")
    monkeypatch.syspath_prepend(str(parent))
    made = wheel(tmp_path / "a.whl", built_events__manifest=raw, other__sub__manifest=b"{}")

    sources = (MANIFEST, ROOT / "generated", parent, made, "built_events")

    assert {load_inventory(str(source))[1].generation for source in sources} == {
        modelkit.generation
    }


def test_what_is_no_inventory_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing there, an edited or damaged file, too many: exit code 2 and one line each."""
    edited = tmp_path / "edited.json"
    edited.write_bytes(MANIFEST.read_bytes().replace(b"ModelKit", b"Modelkit"))
    damaged = tmp_path / "damaged.whl"
    whole = wheel(tmp_path / "whole.whl", a__manifest=MANIFEST.read_bytes())
    damaged.write_bytes(whole.read_bytes()[:100] + b"\0" * 100 + whole.read_bytes()[200:])
    two = wheel(tmp_path / "two.whl", a__manifest=b"{}", b__manifest=b"{}")
    shapeless = tmp_path / "shapeless.json"
    shapeless.write_text(manifest_text({"a": "x" * 600, "sha256": "", "format": 1}))
    (tmp_path / "empty").mkdir()
    names = [edited, damaged, two, shapeless, tmp_path / "empty", tmp_path / "none", "no_such"]

    codes = [main(["inventory", "--manifest", str(name)]) for name in names]

    told = capsys.readouterr()
    assert codes == [2] * len(names)
    assert told.out == ""
    assert [line.partition(": ")[0] for line in told.err.splitlines()] == [
        "declarant inventory"
    ] * len(names)


def test_query_lists_values(capsys: pytest.CaptureFixture[str]) -> None:
    """One event of one class, in text: its values and those of its context."""
    arguments = ["--manifest", str(MANIFEST), "--event", "ModelKitError", "--class", "free_text"]

    assert main(["inventory", *arguments]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ModelKit 0.1.0 (modelkit_events), consent version 1, generation ")
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        "exception_message",
        "exception_stack",
        "exception_stack[].file",
    ]
    assert lines[-1] == "1 event, 3 values"


def test_query_as_json_has_every_value(
    modelkit: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON names each event and each value, and nothing twice."""
    assert main(["inventory", "--manifest", str(MANIFEST), "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert [event["name"] for event in told["events"]] == [e.name for e in modelkit.events]
    places = [value["place"] for value in told["context"]]
    assert sorted(places) == sorted(
        f"ext.{slot}.{field.name}" for slot, fields in modelkit.ext.items() for field in fields
    )


def test_an_unknown_event_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt event is an error with the likely name."""
    assert main(["inventory", "--manifest", str(MANIFEST), "--event", "ModelKitEror"]) == 2

    assert 'did you mean "ModelKitError"?' in capsys.readouterr().err


def test_hostile_text_stays_text(
    modelkit: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A build of others cannot write to the terminal: controls are shown as escapes."""
    nasty = "\x1b[2J\u202e\r"
    changed = dataclasses.replace(modelkit, display_name=nasty, version=nasty)

    assert main(["inventory", "--manifest", str(write(changed, tmp_path / "m.json"))]) == 0

    assert all(letter.isprintable() or letter == "\n" for letter in capsys.readouterr().out)


def _changed(modelkit: Catalogue, **members: Any) -> Catalogue:
    return dataclasses.replace(modelkit, **members)


def test_diff_of_equal_builds_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """The same build twice: nothing, exit code 0."""
    assert main(["inventory", "diff", str(MANIFEST), str(ROOT / "generated")]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "no change that matters for privacy, callers or readers",
        "consent version 1, then 1: fits",
    ]


def test_diff_tells_what_widens(
    modelkit: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A build with an event less, then with it again: widening, and consent must be asked anew."""
    fewer = write(_changed(modelkit, events=modelkit.events[1:]), tmp_path / "fewer.json")

    narrowing = main(["inventory", "diff", str(MANIFEST), str(fewer)])
    capsys.readouterr()
    widening = main(["inventory", "diff", "--json", str(fewer), str(MANIFEST)])

    told = json.loads(capsys.readouterr().out)
    assert (narrowing, widening) == (1, 1)
    assert told["consent"]["verdict"] == "must rise"
    assert [item["place"] for item in told["consent"]["widened"]] == ["ModelKitAction"]


def test_diff_of_two_wheels(modelkit: Catalogue, tmp_path: Path) -> None:
    """Releases are compared as they were built; owners and wording take no part."""
    events = tuple(dataclasses.replace(item, owners=("another role",)) for item in modelkit.events)
    other = write(_changed(modelkit, events=events), tmp_path / "m.json").read_bytes()
    one = wheel(tmp_path / "one.whl", modelkit_events__manifest=MANIFEST.read_bytes())
    two = wheel(tmp_path / "two.whl", modelkit_events__manifest=other)

    assert main(["inventory", "diff", str(one), str(two)]) == 0


def test_a_package_inside_another_is_not_looked_for(tmp_path: Path) -> None:
    """Finding a sub-package would import what is around it."""
    with pytest.raises(InventoryError):
        load_inventory("json.decoder")


def test_a_folder_of_two_packages_is_ambiguous(tmp_path: Path) -> None:
    """Two manifests in one folder: none is chosen silently."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shutil.copy(MANIFEST, tmp_path / name)

    with pytest.raises(InventoryError, match=r"expected one manifest\.json, found 2"):
        load_inventory(str(tmp_path))


@pytest.mark.parametrize("named", ["", "manifest.json"])
@pytest.mark.parametrize("below", ["", "package"])
def test_a_folder_in_a_manifests_place_is_told_with_what_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str, below: str
) -> None:
    """Where, what was expected, what stands there, and what to do."""
    place = tmp_path / below / "manifest.json"
    place.mkdir(parents=True)
    source = tmp_path / below / named if named else tmp_path

    assert main(["inventory", "--manifest", str(source)]) == 2

    assert capsys.readouterr().err == (
        f"declarant inventory: {place}: expected a manifest, found a folder; move it away and run "
        "`declarant generate`, or name another with --manifest\n"
    )
