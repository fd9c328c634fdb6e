"""Where the user's answer is kept is one of the rules that are approved."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from declarant.cli import main

SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


@pytest.mark.parametrize("file", [".other/config.json", None])
def test_another_place_of_the_answer_needs_an_approval(
    schemas: Path, file: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A no that is not looked for where it stands is a no forgotten."""
    path = schemas / "catalogue.json"
    value: dict[str, Any] = json.loads(path.read_text("utf-8"))
    value["consent"].pop("file")
    if file is not None:
        value["consent"]["file"] = file
    path.write_text(json.dumps(value, indent=2), "utf-8")

    assert main(["generate"]) == 1
    told = "".join(capsys.readouterr())

    assert "SEAL_MISMATCH" in told
    assert "a no may be forgotten" in told
    assert not (schemas.parent / "generated").exists()


def test_a_reader_that_goes_away_is_no_success(schemas: Path) -> None:
    """A pipeline that stops at the first failure must see that not all was told."""
    (schemas / "catalogue.json").write_text("{}", "utf-8")
    read = subprocess.Popen(
        [sys.executable, "-m", "declarant.cli", "check", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert read.stdout is not None
    read.stdout.close()

    assert read.wait() == 141
