"""What the mutation run goes by is still there: a name that is gone would stand for nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from groups import GROUPS

ROOT = Path(__file__).parents[2]
PLACES = {"declarant": "runtime", "declarant_codegen": "codegen"}
EQUIVALENT = json.loads(Path(__file__).with_name("equivalent.json").read_text("utf-8"))


@pytest.mark.parametrize("name", GROUPS)
def test_a_groups_modules_and_tests_exist(name):
    """Those that were renamed would be mutated, or asked, no more."""
    group = GROUPS[name]
    assert [path for path in group.modules + group.tests if not list(ROOT.glob(path))] == []

    files = [
        file for path in group.tests for file in (*ROOT.glob(path), *ROOT.glob(f"{path}/*.py"))
    ]
    text = "".join(file.read_text("utf-8") for file in files if file.is_file())
    assert [word for word in group.without if f"def {word}(" not in text] == []


@pytest.mark.parametrize("entry", EQUIVALENT, ids=lambda entry: entry["function"])
def test_an_explained_mutant_is_one_of_todays_code(entry):
    """A survivor whose line has changed or moved is not explained by what was said of another."""
    module = ROOT / PLACES[entry["module"].partition("/")[0]] / entry["module"]
    lines = [line.strip() for line in module.read_text("utf-8").splitlines()]
    taken = [line[1:] for line in entry["change"].splitlines() if line.startswith("-")]

    assert any(line.startswith(f"def {entry['function'].rpartition('.')[2]}(") for line in lines)
    assert taken
    assert [line for line in taken if line not in lines] == []
