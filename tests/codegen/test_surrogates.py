"""Half of a surrogate pair, which no UTF-8 can carry, never gets into a catalogue."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from declarant_codegen import load_catalogue

SCHEMAS = Path(__file__).parents[2] / "schemas"
HEARTBEAT = "events/model_kit_heartbeat.schema.json"
FIELD = {"description": "A kind.", "type": "string", "x-class": "middle", "x-notice": "usage"}
PATTERN = {"pattern": "^[^a]{1,4}$"}


def rules(folder: Path, name: str, field: dict[str, Any]) -> set[str]:
    """Return the rules that ModelKit's catalogue breaks with a field more."""
    schemas = Path(shutil.copytree(SCHEMAS, folder / "schemas"))
    value = json.loads((schemas / HEARTBEAT).read_text("utf-8"))
    value["properties"] = {name: {**FIELD, **field}}
    (schemas / HEARTBEAT).write_text(json.dumps(value), "utf-8")
    return {finding.rule_id for finding in load_catalogue(schemas).findings}


@pytest.mark.parametrize("codes", [[0xD800], [0xDBFF], [0xDC00], [0xDFFF], [97, 0xDE00, 0xD83D]])
@pytest.mark.parametrize("keyword", ["enum", "const", "examples", "description", "pattern", "name"])
def test_half_a_pair_is_a_finding(keyword: str, codes: list[int], tmp_path: Path) -> None:
    """Listed values, examples, patterns, names and prose alike."""
    half = "".join(map(chr, codes))
    value = [half] if keyword in ("enum", "examples") else half
    bounds = PATTERN if keyword in ("examples", "description", "name") else {}
    field = bounds if keyword == "name" else {**bounds, keyword: value}

    assert "JSON_ENCODING" in rules(tmp_path, half if keyword == "name" else "kind", field)


@pytest.mark.parametrize("field", [{"enum": ["\U0001f600"]}, {"const": "\U0001f600"}])
def test_a_whole_pair_is_one_character(field: dict[str, Any], tmp_path: Path) -> None:
    """A character beyond the first plane, escaped as JSON does it, is right."""
    assert rules(tmp_path, "kind", field) == set()
