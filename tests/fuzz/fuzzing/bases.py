"""Catalogues that are sound, to begin from."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

from declarant_codegen.meta_files import meta_files

ROOT = Path(__file__).parents[3]
META = {name: text.encode() for name, text in meta_files().items()}

_spec = importlib.util.spec_from_file_location("zoo", ROOT / "tests/codegen/zoo.py")
assert _spec is not None
assert _spec.loader is not None
zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zoo)


def files_of(schemas: Path) -> dict[str, bytes]:
    """Return the files of a catalogue but the dialect's own, by their paths inside it."""
    paths = sorted(path for path in schemas.rglob("*.json") if "meta" not in path.parts)
    return {path.relative_to(schemas).as_posix(): path.read_bytes() for path in paths}


@cache
def small() -> dict[str, bytes]:
    """Return a small catalogue without findings, with a field of each kind that is judged apart."""
    chosen = ("choice", "maybe_choice", "text", "day", "free", "even", "ratio", "things", "numbers")
    fields: dict[str, Any] = {name: zoo.FIELDS[name] for name in chosen}
    bounds = {"type": "integer", "minimum": 0, "maximum": 9}
    rest = {key: it for key, it in zoo.FIELDS["count"].items() if key not in bounds}
    fields["again"] = {"$ref": "#/$defs/again", **rest}
    defs = {"$defs": {"again": bounds}}
    event = zoo.event("SampleKinds", fields, list(chosen[::2]), **{"x-ext": ["os"], **defs})
    own = {"events/sample_kinds.schema.json": json.dumps(event).encode()}
    return {**files_of(ROOT / "tests/rules/base"), **own}


@cache
def modelkit() -> dict[str, bytes]:
    """Return ModelKit's catalogue, approvals too."""
    return files_of(ROOT / "schemas")
