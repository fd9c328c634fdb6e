"""The master switch: `"telemetry": "off"` in the catalogue makes a package that is off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import declarant
from declarant._segments import SUFFIX

from .conftest import KEY, ROOT

HOST = """
import sys
import modelkit_events
from modelkit_events import CATALOGUE

store, endpoint, consent, delivery, *key = sys.argv[1:]
modelkit_events.configure(
    app_version="1.0", consent=consent, delivery=delivery, store_folder=store,
    endpoint=endpoint, ikey=key[0] if key else None)
print(modelkit_events.emit_model_kit_action(
    invoked_from="Script", action_name="build", device=None, ep=None, duration_ms=7, success=True))
"""

SENDER = """
import sys
from declarant._detached import main
main("modelkit_events", sys.argv[1], sys.argv[2], "somekey:IKEY", "0")
"""


def declarant_(work, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "declarant", *arguments],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def switched_off(tmp_path_factory):
    """ModelKit's package with its master switch off, approved as ever; and a module with a key."""
    work = tmp_path_factory.mktemp("off")
    shutil.copytree(ROOT / "schemas", work / "schemas")
    place = work / "schemas/catalogue.json"
    place.write_text(place.read_text().replace("{", '{\n  "telemetry": "off",', 1))
    made = declarant_(work, "generate")
    assert made.returncode == 0, made.stdout
    assert declarant_(work, "check", "--full").returncode == 0
    (work / "generated/somekey.py").write_text(f'IKEY = "{KEY}"\n')
    return work / "generated"


@pytest.fixture
def run(tmp_path):
    def run(home, *arguments, code=HOST):
        runtime = Path(declarant.__file__).parents[1]
        paths = [str(runtime), str(runtime.parent / "codegen")]
        homes = [] if home is None else [str(home)]
        ran = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "store"), *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*homes, *paths])},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout.strip()

    return run


@pytest.fixture
def waiting(run, collector, tmp_path):
    """An event that a version whose switch was on has stored."""
    assert run(None, collector.url, "granted", "manual", KEY) == "Outcome(STORED)"
    return tmp_path / "store"


def left(store):
    """Return the names of what tells of a user."""
    return [p.name for p in store.iterdir() if p.name.endswith(SUFFIX) or "device" in p.name]


@pytest.mark.parametrize("consent", ["granted", "denied", "stored"])
@pytest.mark.parametrize("key", [(KEY,), ()], ids=["key", "keyless"])
@pytest.mark.parametrize("delivery", ["detached", "thread", "manual"])
def test_a_start_empties_the_store(switched_off, run, waiting, collector, consent, key, delivery):
    """Whatever the host says; nothing is stored, nothing is sent, and no identifier stays."""
    assert left(waiting) != []

    said = run(switched_off, collector.url, consent, delivery, *key)

    assert said == "Outcome(SWITCHED_OFF)"
    assert left(waiting) == []
    assert collector.requests() == []


def test_a_start_makes_no_folder(switched_off, run, collector, tmp_path):
    """There was nothing, and there is nothing."""
    run(switched_off, collector.url, "granted", "thread", KEY)

    assert not (tmp_path / "store").exists()


def test_a_sender_looks_at_the_switch_again(switched_off, run, waiting, collector):
    """Started by a version that was on, it finds one that is off: it deletes and sends nothing."""
    run(switched_off, collector.url, code=SENDER)

    assert left(waiting) == []
    assert collector.requests() == []


@pytest.mark.parametrize("key", [["--ikey-ref", "somekey:IKEY"], []], ids=["key", "keyless"])
def test_the_command_says_why(switched_off, run, waiting, collector, key):
    """`declarant send` sends nothing, and empties the store as every sender does."""
    code = """
import sys
from declarant.cli import main
sys.stderr = sys.stdout
print(main(["send", "modelkit_events", "--store", *sys.argv[1:2], "--endpoint", *sys.argv[2:]]))
"""
    said = run(switched_off, collector.url, *key, code=code)

    words = "nothing was sent: telemetry is switched off in the product's source"
    assert said.splitlines() == [f"declarant send: {words}", "2"]
    assert left(waiting) == []
    assert collector.requests() == []


def test_the_client_of_another_package_takes_none_of_its_events(switched_off, run, collector):
    """An event of a package that is off is off wherever it is handed to."""
    code = HOST + (
        "from declarant import Client\n"
        "from declarant._catalogue import Catalogue\n"
        "names = set(Catalogue.__slots__) - {'client', 'damage'}\n"
        "members = {name: getattr(CATALOGUE, name) for name in names}\n"
        "other = Client(Catalogue(**{**members, 'off': False, 'product': 'other'}))\n"
        "other.configure(app_version='1', consent='granted', ikey=key[0], delivery='manual',\n"
        "    endpoint=endpoint, store_folder=store)\n"
        "print(other.submit(\n"
        "    CATALOGUE.event('ModelKitAction'), ('Script', 'build', None, None, 7, True)))\n"
    )

    said = run(switched_off, collector.url, "granted", "manual", KEY, code=code)

    assert said.splitlines() == ["Outcome(SWITCHED_OFF)"] * 2


def test_pages_manifest_and_inventory_say_so(switched_off):
    """Whoever reads what is collected learns that nothing is."""
    for page in ("PRIVACY.md", "README-telemetry.md", "modelkit_events/PRIVACY.md"):
        assert switched_off.joinpath(page).read_text().splitlines()[2] == (
            "> **Switched off in this version: nothing is stored or sent, and what waited is "
            "deleted.**"
        )
    manifest = switched_off / "manifest.json"
    assert json.loads(manifest.read_text())["telemetry"] == "off"
    told = declarant_(switched_off.parent, "inventory", "--manifest", str(manifest))
    assert told.stdout.splitlines()[0].endswith(", switched off")


def test_switching_on_again_needs_no_approval_and_no_new_consent(switched_off, tmp_path):
    """What is sent then is what was approved and agreed to."""
    work = tmp_path / "work"
    shutil.copytree(switched_off.parent, work)
    place = work / "schemas/catalogue.json"
    place.write_text(place.read_text().replace('"telemetry": "off"', '"telemetry": "on"', 1))

    assert declarant_(work, "generate").returncode == 0
    assert declarant_(work, "check", "--full").returncode == 0
    assert "off=True" not in (work / "generated/modelkit_events/_catalogue.py").read_text()


@pytest.mark.parametrize("word", ["no", "OFF", False, None])
def test_another_word_is_no_switch(work, word):
    """Neither on nor off is an error, and never on."""
    place = work / "schemas/catalogue.json"
    text = place.read_text().replace("{", f'{{\n  "telemetry": {json.dumps(word)},', 1)
    place.write_text(text)

    made = declarant_(work, "generate")

    assert made.returncode == 1
    assert "schemas/catalogue.json:2: error KEYWORD_VALUE: " in made.stdout
