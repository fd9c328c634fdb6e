"""Whatever stands in files of the largest size, a check of it ends, soon and with findings.

"Soon" is processor time, which says the same on a machine that is busy with something else.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from declarant_codegen.documents import MAX_BYTES

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(
        sys.platform == "win32", reason="needs limits of a process's time and memory"
    ),
]

SCHEMAS = Path(__file__).parents[2] / "schemas"
EVENT = "events/model_kit_action.schema.json"
LOW = {"description": "A value.", "x-class": "low", "x-notice": "usage"}
#: Runs within 60 seconds of processor time and 1 GiB, of which the interpreter takes a part.
LIMITED = (
    "import resource, sys\n"
    "resource.setrlimit(resource.RLIMIT_CPU, (60, 60))\n"
    "resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
    "from declarant.cli import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)


def _event(**members: Any) -> str:
    return json.dumps({**json.loads((SCHEMAS / EVENT).read_text("utf-8")), **members})


def _fields(fields: dict[str, Any], **members: Any) -> str:
    return _event(properties=fields, required=[], **members)


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, **LOW}


def _patterns(*patterns: str) -> str:
    field = {**LOW, "type": "string", "x-class": "middle"}
    return _fields({f"f{at}": {**field, "pattern": it} for at, it in enumerate(patterns)})


def _doubling() -> str:
    """A definition that holds the next one twice, sixty times over."""
    definitions: dict[str, Any] = {"a60": {"type": "boolean"}}
    for number in range(60):
        inner = {"$ref": f"#/$defs/a{number + 1}", **LOW}
        definitions[f"a{number}"] = _object(x=inner, y=inner)
    return _fields({"f": {"$ref": "#/$defs/a0", **LOW}}, **{"$defs": definitions})


def _cycle() -> str:
    definitions = {f"a{at}": {"$ref": f"#/$defs/a{(at + 1) % 2000}"} for at in range(2000)}
    return _fields({"f": {"$ref": "#/$defs/a0", **LOW}}, **{"$defs": definitions})


def _many_required() -> str:
    fields = {f"prop_{number}": {"type": "boolean", **LOW} for number in range(500)}
    return _event(properties=fields, required=[f"propx_{number}" for number in range(3_000)])


#: Characters of which none takes another's place, and a hundred of them that may be left out.
KANJI = [chr(0x4E00 + number) for number in range(170)]
OPTIONAL = "".join(f"{letter}?" for letter in KANJI[70:])

CATALOGUE = "catalogue.json"


def _catalogue(**members: Any) -> str:
    # A line for each member: findings on the same line are told once.
    return json.dumps({**json.loads((SCHEMAS / CATALOGUE).read_text("utf-8")), **members}, indent=0)


def _notice(count: int, digits: int = 5) -> str:
    consent = json.loads((SCHEMAS / CATALOGUE).read_text("utf-8"))["consent"]
    lines = {f"line{number:0{digits}d}": "A line." for number in range(count)}
    return _catalogue(consent={**consent, "notice": lines})


def _each(count: int, **members: Any) -> str:
    """An event of so many fields, a line for each of their members."""
    made = {f"p{number}": {**LOW, "type": "boolean", **members} for number in range(count)}
    return json.dumps(json.loads(_fields(made)), indent=0)


def _astray() -> str:
    """References beside the definitions that they mean, thousands of both."""
    definitions = {f"a{number}": {"type": "boolean"} for number in range(5_000)}
    made = {f"p{number}": {"$ref": f"#/$defs/a{number}x"} for number in range(5_000)}
    return json.dumps(json.loads(_fields(made, **{"$defs": definitions})), indent=0)


def _one_enumeration() -> str:
    """Thousands of fields that refer to one long enumeration."""
    definitions = {"word": {"type": "string", "enum": [f"v{number}" for number in range(900)]}}
    made = {f"p{number}": {**LOW, "$ref": "#/$defs/word"} for number in range(7_000)}
    return _fields(made, **{"$defs": definitions})


def _beside_identifiers() -> dict[str, str]:
    """Entries beside the identifiers that they mean, thousands of both."""
    entries = {f"ModelKitAction.p{number}x": "low" for number in range(5_000)}
    identifiers = _each(2_000, **{"type": "string", "format": "uuid", "x-class": "identifier"})
    return {CATALOGUE: _catalogue(linkability=entries), EVENT: identifiers}


CASES: dict[str, tuple[str | dict[str, str], str]] = {
    "deep arrays": ("[" * 900_000, "JSON_TOO_DEEP"),
    "deep objects": ('{"a":' * 200_000, "JSON_TOO_DEEP"),
    "one key again and again": ("{" + '"a":1,\n' * 130_000 + '"b":1}', "JSON_DUPLICATE_KEY"),
    "numbers that are none": ("[" + "NaN,\n" * 170_000 + "1]", "JSON_NOT_A_NUMBER"),
    "a long number": ('{"a":' + "9" * 1_000_000 + "}", "JSON_NUMBER_TOO_LARGE"),
    "keywords that are none": (_event(**{f"k{at}": 1 for at in range(20_000)}), "KEYWORD_UNKNOWN"),
    "one long keyword": (_event(**{"t" * 900_000: 1}), "KEYWORD_UNKNOWN"),
    "names of no property": (_many_required(), "REQUIRED_UNKNOWN"),
    "definitions that double": (_doubling(), "REF_TOO_LARGE"),
    "definitions in a circle": (_cycle(), "REF_TOO_LARGE"),
    "one enumeration for all": (_one_enumeration(), "EVENT_TOO_LARGE"),
    "counts within counts": (
        _patterns("^" + "(?:" * 4 + "a{1,999}" + "){1,999}" * 4 + "$"),
        "PATTERN_UNSAFE",
    ),
    "stars within stars": (_patterns("^" + "(?:" * 100 + "a" + ")*" * 100 + "$"), "PATTERN_UNSAFE"),
    "ways without end": (
        _patterns(*("^" + "a?" * 235 + "b" * (10 + at) + "$" for at in range(15))),
        "PATTERN_UNSAFE",
    ),
    "ways in a loop": (
        _patterns("^(?:(?:" + "|".join(f"{it}a?" for it in KANJI[:64]) + ")" + OPTIONAL + ")*$"),
        "PATTERN_UNSAFE",
    ),
    "fields without any of many lines": (
        {
            CATALOGUE: _notice(4_000, digits=60),
            EVENT: _each(6_000).replace('"x-notice": "usage"', '"x-unit": "s"'),
        },
        "NOTICE_MISSING",
    ),
    "fields that miss many lines": (
        {CATALOGUE: _notice(10_000), EVENT: _each(1_500, **{"x-notice": "line1234x"})},
        "NOTICE_UNKNOWN",
    ),
    "references that miss many definitions": (_astray(), "REF_MISSING"),
    "entries that miss many identifiers": (_beside_identifiers(), "LINKABILITY_UNKNOWN"),
    "one too large": (" " * (MAX_BYTES + 1), "FILE_TOO_LARGE"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_soon_judged(tmp_path: Path, name: str) -> None:
    """It is told what is wrong with it, by a rule, within bounds of time and memory."""
    given, rule = CASES[name]
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    for path, text in (given if isinstance(given, dict) else {EVENT: given}).items():
        (tmp_path / "schemas" / path).write_text(text, "utf-8")
        assert len(text) <= MAX_BYTES + 1

    command = [sys.executable, "-c", LIMITED, "check"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 1, ran.stderr[-500:]
    assert rule in ran.stdout
    assert "Traceback" not in ran.stderr
