"""SECURITY.md promises nothing without a test, and names no test that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[^`]*)`", TEXT)


def functions(path: Path) -> set[str]:
    """Return the names of the functions that *path* defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_named_test_is_there() -> None:
    """By file and function, as pytest takes it."""
    missing = []
    for name in NAMED:
        path, _, function = name.partition("::")
        if not function.startswith("test_") or function not in functions(ROOT / path):
            missing.append(name)

    assert len(NAMED) > 50
    assert missing == []


def test_every_guarantee_names_a_test() -> None:
    """A row of a table says what holds and, beside it, what shows that."""
    guaranteed = TEXT.partition("## What is guaranteed")[2].partition("## What is not")[0]
    rows = [line for line in guaranteed.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith(("| guarantee |", "| --- "))]

    assert promises
    for row in promises:
        _promise, shown = row.strip("| ").split(" | ")
        assert shown.startswith("`tests/"), row
