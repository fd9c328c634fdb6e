"""What the mutation run goes by is still there: a name that is gone would stand for nothing."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
from fnmatch import fnmatchcase
from pathlib import Path
from types import SimpleNamespace

import pytest
from groups import GROUPS
from hypothesis import given, settings
from hypothesis import strategies as st
from mutant_samples import endings, sample

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


@pytest.mark.parametrize(("rest", "step"), [(3, 5), (8, 10), (8, 20), (0, 4), (99, 100), (0, 1)])
def test_a_sample_is_every_so_many_th_number(rest, step):
    """As patterns that say so of any number."""
    names = [f"declarant.scrub.x_scrub__mutmut_{number}" for number in range(1, 1200)]

    found = [
        name
        for name in names
        if any(fnmatchcase(name, f"*x*__mutmut_{end}") for end in endings(rest, step))
    ]

    assert found == [name for number, name in enumerate(names, 1) if number % step == rest]


@pytest.mark.parametrize("text", ["5", "5/5", "0/3", "-1/5", "1/2/4", "a/b"])
def test_what_is_no_sample_is_refused(text):
    """Rather than that something else is tried."""
    with pytest.raises(argparse.ArgumentTypeError, match="expected R/N"):
        sample(text)


@contextlib.contextmanager
def in_profile(config, name):
    """Put a profile of examples in force, and give what all tests share."""
    (shared,) = (it for it in config.pluginmanager.get_plugins() if hasattr(it, "FEW"))
    was = settings.get_current_profile_name()
    settings.load_profile(name)
    try:
        yield shared
    finally:
        settings.load_profile(was)


@pytest.mark.parametrize(
    ("profile", "expected"), [("mutation", range(1, 26)), ("declarant", range(26, 99))]
)
def test_a_test_that_asks_for_more_examples_gets_few_of_them(pytestconfig, profile, expected):
    """Under the profile of the run, and under no other: a survivor would wait for all of them."""
    met = []
    with in_profile(pytestconfig, profile) as shared:

        @settings(max_examples=60, database=None)
        @given(st.integers())
        def asks(number):
            met.append(number)

        shared.pytest_collection_modifyitems([SimpleNamespace(obj=asks)])
        asks()

    assert len(met) in expected


@pytest.mark.parametrize(("profile", "expected"), [("mutation", 2), ("declarant", 1)])
def test_a_mutant_is_not_answered_from_memory(pytestconfig, profile, expected):
    """What the original gave, in the process that the tool forks, is not taken for the mutant's."""
    met = []

    @functools.lru_cache
    def remembered():
        met.append(1)

    with in_profile(pytestconfig, profile) as shared:
        remembered()
        shared.pytest_collection_modifyitems([])
        remembered()

    assert len(met) == expected
