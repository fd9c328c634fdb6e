"""Projections to try things on: ModelKit's, and those of events with every kind of field."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from declarant_codegen import load_catalogue
from declarant_codegen.review.declared import subjects_of

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("zoo", ROOT / "tests" / "codegen" / "zoo.py")
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)


def modelkit() -> dict[str, Any]:
    """Return the projection of each subject of ModelKit's catalogue."""
    catalogue = load_catalogue(ROOT / "schemas").catalogue
    assert catalogue is not None
    return {subject.name: subject.projection for subject in subjects_of(catalogue)}
