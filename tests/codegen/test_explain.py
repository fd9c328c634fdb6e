"""The commands explain and rules, and the examples they show."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from declarant_codegen import load_catalogue
from declarant_codegen.explain import Example, rule_examples
from declarant_codegen.meta_files import meta_files
from declarant_codegen.rules import RULES

BASE = Path(__file__).parents[1] / "rules/base"
EVENT, EXT = "events/sample_opened.schema.json", "ext/os.schema.json"
EXAMPLES = rule_examples()
IN_FILES = sorted(rule_id for rule_id, example in EXAMPLES.items() if example.file)


def declarant(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "declarant.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def merged(value: Any, patch: Any) -> Any:
    """Lay a fragment over a value (RFC 7396)."""
    if not isinstance(patch, dict) or not isinstance(value, dict):
        return patch
    out = copy.copy(value)
    for key, part in patch.items():
        out[key] = merged(out.get(key), part)
    return out


def written(example: Example, part: Any, into: Path) -> Path:
    """Write a small catalogue with one half of an example in it."""
    schemas = into / "schemas"
    shutil.copytree(BASE, schemas)
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    assert example.file is not None
    place = schemas / example.file
    if example.replace is not None:
        text = place.read_text("utf-8")
        assert text.count(example.replace) == 1
        place.write_text(text.replace(example.replace, part), "utf-8")
        return schemas
    if not place.exists():
        lay_new(schemas, example.file)
    place.write_text(json.dumps(merged(json.loads(place.read_text("utf-8")), part), indent=2))
    return schemas


def lay_new(schemas: Path, file: str) -> None:
    """Write the file that an example adds to the catalogue, without what the example says."""
    folder, _, name = file.partition("/")
    value = json.loads((schemas / (EVENT if folder == "events" else EXT)).read_text("utf-8"))
    if folder == "ext":
        slot = name.partition(".")[0]
        value |= {"title": slot, "properties": {}}
        event = json.loads((schemas / EVENT).read_text("utf-8"))
        (schemas / EVENT).write_text(json.dumps(event | {"x-ext": ["os", slot]}))
    (schemas / file).write_text(json.dumps(value))


def test_every_rule_has_an_example() -> None:
    """The package's examples and the table of rules name the same ids."""
    assert sorted(EXAMPLES) == sorted(RULES)


@pytest.mark.parametrize("rule_id", IN_FILES)
def test_the_bad_example_breaks_its_rule(rule_id: str, tmp_path: Path) -> None:
    """What the explanation calls bad is found, under that rule."""
    example = EXAMPLES[rule_id]

    found = load_catalogue(written(example, example.bad, tmp_path)).findings

    assert rule_id in {finding.rule_id for finding in found}


@pytest.mark.parametrize("rule_id", IN_FILES)
def test_the_good_example_breaks_none(rule_id: str, tmp_path: Path) -> None:
    """What the explanation calls good has no finding of any kind."""
    example = EXAMPLES[rule_id]

    assert load_catalogue(written(example, example.good, tmp_path)).findings == ()


def test_explain_tells_purpose_severity_and_both_examples() -> None:
    """One rule in words, and no invisible character among them."""
    ran = declarant("explain", "text_invisible")

    assert ran.returncode == 0
    assert ran.stdout == (
        "TEXT_INVISIBLE (error)\n\n"
        f"{RULES['TEXT_INVISIBLE'].purpose}\n\n"
        "Bad, in schemas/events/sample_opened.schema.json:\n\n"
        "    {\n"
        '      "properties": {\n'
        '        "kind": {\n'
        '          "description": "The kind.",\n'
        '          "type": "string",\n'
        '          "x-class": "low",\n'
        '          "x-notice": "usage",\n'
        '          "enum": ["user", "us\\u200ber"]\n'
        "        }\n"
        "      }\n"
        "    }\n\n"
        "Good:\n\n"
        "    {\n"
        '      "properties": {\n'
        '        "kind": {\n'
        '          "description": "The kind.",\n'
        '          "type": "string",\n'
        '          "x-class": "low",\n'
        '          "x-notice": "usage",\n'
        '          "enum": ["user"]\n'
        "        }\n"
        "      }\n"
        "    }\n"
    )


def test_explain_says_when_generate_mends() -> None:
    """What the tool mends itself is not left to the reader."""
    assert "`declarant generate` mends it." in declarant("explain", "DRIFT_STALE").stdout
    assert "mends" not in declarant("explain", "TYPE_UNION").stdout


def test_explain_names_the_rule_that_was_meant() -> None:
    """A slip is answered with the nearest id, and with exit code 2."""
    ran = declarant("explain", "TYPE_MISING")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        'declarant explain: expected a rule, found "TYPE_MISING"; did you mean TYPE_MISSING?\n'
    )


def test_rules_lists_every_rule() -> None:
    """A line a rule: id, severity, purpose."""
    ran = declarant("rules")

    assert [line.split(maxsplit=2) for line in ran.stdout.splitlines()] == [
        [rule.id, rule.severity.value, rule.purpose] for rule in RULES.values()
    ]


def test_rules_as_json() -> None:
    """The same for machines."""
    rows = json.loads(declarant("rules", "--format", "json").stdout)

    assert {row["id"]: (row["severity"], row["purpose"]) for row in rows} == {
        rule.id: (rule.severity.value, rule.purpose) for rule in RULES.values()
    }


def test_neither_command_needs_the_extra() -> None:
    """Both tell with the generator's libraries missing."""
    boot = (
        "import sys; sys.modules.update(dict.fromkeys(('jinja2', 'ruff', 'rich', 'jsonschema', "
        "'datamodel_code_generator'))); from declarant.cli import main; sys.exit(main())"
    )
    for words in (["explain", "TYPE_UNION"], ["rules"]):
        command = [sys.executable, "-c", boot, *words]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
