"""The self-test that every generated package can be put to: it passes, and it can fail."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import modelkit_events
from declarant import selftest

ROOT = Path(__file__).parents[2]
PACKAGE = Path(modelkit_events.__file__).parent

_spec = importlib.util.spec_from_file_location("zoo", ROOT / "tests/codegen/zoo.py")
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)


def command(
    *words: str, folder: Path, program: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the self-test as its user does, with *folder* first on the path."""
    start = ["-c", program] if program else ["-m", "declarant.selftest"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "HOME": str(folder), **variables}
    environment |= {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return subprocess.run(
        [sys.executable, *start, *words],
        capture_output=True, text=True, check=False, env=environment, cwd=folder,
    )  # fmt: skip


def test_the_committed_package_passes_wherever_it_runs(tmp_path: Path) -> None:
    """Also where telemetry is off; nothing is stored, and no file is made."""
    ran = command("modelkit_events", folder=tmp_path, DO_NOT_TRACK="1", CI="true")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch(r"3 events: \d+ valid values, \d+ that .*; 0 of them .*\n", ran.stdout)
    assert list(tmp_path.iterdir()) == []


def test_every_keyword_of_the_committed_schemas_is_breached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At each place that bounds a value, at least one of its keywords is tried."""
    tried: set[tuple[str, str]] = set()

    def spied(*given: Any) -> Any:
        for breach in real(*given):
            tried.add((breach.place, breach.keyword))
            yield breach

    real = selftest.breaches
    monkeypatch.setattr(selftest, "breaches", spied)

    result = selftest.run("modelkit_events")

    assert result.problems == []
    assert result.breaches >= len(tried)
    assert {"required", "additionalProperties", "enum", "pattern", "minimum", "maximum", "type",
            "maxItems", "maxLength"} <= {keyword for _, keyword in tried}  # fmt: skip
    places = {place for place, _ in tried}
    for event in json.loads((PACKAGE / "manifest.json").read_text("utf-8"))["events"]:
        assert {field["name"] for field in event["fields"]} <= places
    assert "exception_stack[].line" in places


@pytest.mark.once
def test_a_package_of_every_kind_of_field_passes(tmp_path: Path) -> None:
    """Nullable, nested, optional, scrubbed, listed, with every format."""
    package = zoo.fresh_package()
    schemas = zoo.write_catalogue(tmp_path, zoo.zoo_events(), package=package)
    zoo.install(zoo.load(schemas), tmp_path / "out")

    ran = command(package, folder=tmp_path / "out")

    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout


@pytest.mark.parametrize(
    ("found", "changed", "told"),
    [
        ("duration_ms <= ", "duration_ms <= 9", "duration_ms: the emitter does not find maximum"),
        ("duration_ms <= ", "duration_ms <= -", ": the emitter refuses a valid value"),
        ('"Script"', '"Skript"', ": the emitter refuses a valid value"),
        (
            "<= 2592000000",
            "<= 2592000001",
            "duration_ms: the emitter does not find maximum breached",
        ),
    ],
)
def test_a_package_that_was_tampered_with_fails(
    tmp_path: Path, found: str, changed: str, told: str
) -> None:
    """A bound that is no longer the schema's is seen, whichever way it moved."""
    shutil.copytree(PACKAGE, tmp_path / "modelkit_events")
    module = tmp_path / "modelkit_events/model_kit_action.py"
    text = module.read_text("utf-8")
    assert found in text
    module.write_text(text.replace(found, changed), "utf-8")

    ran = command("modelkit_events", folder=tmp_path)

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert told in ran.stdout


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """Without the engine, without the package, and without a name, it could not run."""
    blocked = (
        "import sys; sys.modules['jsonschema_rs'] = None\n"
        "from declarant.selftest import main; sys.exit(main(sys.argv[1:]))\n"
    )

    for ran, words in (
        (command("modelkit_events", folder=tmp_path, program=blocked), "pip install"),
        (command("no_such_package", folder=tmp_path), "expected the module no_such_package"),
        (command("json", folder=tmp_path), "expected a generated package"),
        (command(folder=tmp_path), "expected the name of one generated package"),
    ):
        assert (ran.returncode, ran.stdout) == (2, "")
        assert words in ran.stderr
        assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z]{1,3}$",
        r"^(?:a|bc)?\d+$",
        r"^[^a]{2}$",
        r"^\w\.[\x41-\x43]$",
        "a+b",
        r"^[^\d]$",
        "^$",
    ],
)
def test_texts_of_a_pattern_match_it(pattern: str) -> None:
    """What Python's parser makes of a pattern is what its matcher takes."""
    from declarant._selftest_values import valid_values

    found = valid_values({"type": "string", "pattern": pattern}, lambda _schema, _value: True)

    texts = [text for text in found if isinstance(text, str)]
    assert any(re.search(pattern, text) for text in texts)
