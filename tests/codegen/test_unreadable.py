"""Schema files that cannot be read are findings, whatever stands in their place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from privileges import unprivileged

from declarant.cli import main

ROOT = Path(__file__).parents[2]
EVENT = "events/model_kit_action.schema.json"

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="needs modes and named pipes of Unix"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue and what was generated from it, current, in the working directory."""
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    shutil.copytree(ROOT / "generated", tmp_path / "generated")
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    assert main(["generate"]) == 0
    return tmp_path


def check(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run `check` and return the lines of its findings."""
    capsys.readouterr()
    assert main(["check"]) == 1
    told = capsys.readouterr()
    return [line for line in (told.out + told.err).splitlines() if ": error " in line]


@pytest.mark.parametrize("name", [EVENT, "ext/os.schema.json", "catalogue.json"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "forbidden"])
def test_what_stands_in_a_files_place_is_a_finding(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    """A folder, a pipe or a file that may not be read is told, and the exit code is 1."""
    place = folder / "schemas" / name
    if kind == "forbidden":
        place.chmod(0)
        with unprivileged():
            lines = check(capsys)
        found = "one that you may not read; make it a file you may read"
    else:
        place.unlink()
        place.mkdir() if kind == "folder" else os.mkfifo(place)
        lines = check(capsys)
        found = {"folder": "a folder; move", "pipe": "a pipe, a socket or a device; make"}[kind]

    told = f"schemas/{name}:1: error FILE_UNREADABLE: expected a readable file, found {found}"
    assert [line.startswith(told) for line in lines] == [True]


@pytest.mark.parametrize("name", ["events", "ext"])
def test_a_folder_that_may_not_be_listed_is_a_finding(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """It is told once, and nothing is concluded from the files that could not be seen."""
    (folder / "schemas" / name).chmod(0)
    with unprivileged():
        lines = check(capsys)
    (folder / "schemas" / name).chmod(0o755)

    found = "found one that you may not read; make it a folder you may read"
    assert lines == [
        f"schemas/{name}:1: error FILE_UNREADABLE: expected a readable folder, {found}"
    ]


def test_a_file_that_vanishes_is_a_finding(folder: Path) -> None:
    """A file that is listed and then gone is told, with what to do."""
    # The hook removes the second event when the first is opened: both are listed by then.
    vanish = (
        "import os, sys\n"
        "def hook(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('model_kit_action.schema.json'):\n"
        "        if os.path.exists('schemas/events/model_kit_error.schema.json'):\n"
        "            os.unlink('schemas/events/model_kit_error.schema.json')\n"
        "from declarant.cli import main\n"
        "sys.addaudithook(hook)\n"
        "sys.exit(main(['check', '--full']))\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", vanish], cwd=folder, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1, ran.stderr
    assert (
        "schemas/events/model_kit_error.schema.json:1: error FILE_UNREADABLE: expected a readable "
        "file, found none, though it was there a moment ago; run the command again"
    ) in ran.stdout + ran.stderr


def test_a_pipe_among_the_dialects_files_is_waited_for_by_nobody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It counts as missing."""
    place = folder / "schemas/meta/event.v1.json"
    place.unlink()
    os.mkfifo(place)

    (line,) = check(capsys)

    assert line.startswith("schemas/meta/event.v1.json:1: error META_MISSING")
