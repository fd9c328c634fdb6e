"""The quick answer on the dialect, held against the one that tells every breach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarant_codegen import dialect, dialect_fit
from declarant_codegen.dialect_fit import keeps_to_dialect, repeats
from declarant_codegen.meta_schemas import root_node

SCHEMAS = Path(__file__).parents[2] / "schemas"
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([1.0, 0.5, "a", "b", ""])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)


def _files() -> list[tuple[str, Any]]:
    folders = {"events": "event", "ext": "ext"}
    found = [("catalogue", json.loads((SCHEMAS / "catalogue.json").read_text("utf-8")))]
    for folder, kind in folders.items():
        paths = sorted((SCHEMAS / folder).glob("*.json"))
        found += [(kind, json.loads(path.read_text("utf-8"))) for path in paths]
    return found


def _slow(kind: str, value: Any) -> list[dialect.Breach]:
    breaches: list[dialect.Breach] = []
    dialect._check_object(root_node(kind), value, "", breaches)
    return breaches


def test_correct_files_are_known_quickly() -> None:
    """Each file of the project's own catalogue is told without the slower check."""
    files = _files()

    assert len(files) > 5
    assert all(keeps_to_dialect(kind, value) for kind, value in files)


@pytest.mark.parametrize(("kind", "value"), _files())
def test_no_breach_is_overlooked(kind: str, value: Any) -> None:
    """Whatever is put in any place of a file: a quick yes means that there is no breach."""
    verdicts = set()

    @settings(max_examples=150, deadline=None, database=None)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        changed = json.loads(json.dumps(value))
        places = [changed]
        for place in places:
            members = place.values() if isinstance(place, dict) else place
            places += [member for member in members if isinstance(member, (dict, list)) and member]
        place = data.draw(st.sampled_from(places))
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
        inserted = data.draw(JSON | st.sampled_from(places))
        place[key] = json.loads(json.dumps(inserted))
        verdict = keeps_to_dialect(kind, changed)
        verdicts.add(verdict)
        assert not verdict or _slow(kind, changed) == []

    agree()
    assert False in verdicts


@given(st.lists(JSON, max_size=5))
def test_repeated_items_are_those_of_the_quick_answer(values: list[Any]) -> None:
    """Items are distinct just if none is told as repeated; true is not 1, and 1.0 is."""
    assert dialect_fit._is_distinct(values) is (list(repeats(values)) == [])
