"""docs/protocol.md lists every case, and the tests that hold it are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
CASES = [f"B{number:02}" for number in range(1, 56)]


def rows():
    text = (HERE.parents[1] / "docs" / "protocol.md").read_text("utf-8")
    found = re.findall(r"^\| (B\d\d) \| .+ \| .+ \| ([^|]+) \|$", text, re.M)
    return [(case, set(re.findall(r"`(test_\w+)`", tests))) for case, tests in found]


def written():
    names = set()
    for path in HERE.glob("test_protocol_b_*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {name for name in names if re.match(r"test_b\d\d_", name)}


def test_every_case_has_one_row():
    """In order, none twice."""
    assert [case for case, _ in rows()] == CASES


def test_every_row_names_exactly_the_tests_of_its_case():
    """A test is found by its number, and no test stands in the table that does not exist."""
    tests = written()
    for case, named in rows():
        assert named == {name for name in tests if name.startswith(f"test_{case.lower()}_")}, case
        assert named, case
