"""The same two catalogues give the same words, however they are written, wherever they are read."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_catalogues import catalogue, event, ext_field

from declarant_codegen.privacy_diff import compare, diff, render_text

SCHEMAS = Path(__file__).parents[2] / "schemas"
FREE = frozenset({"enum", "required", "type", "x-ext", "x-owners", "names", "removed_by", "never"})
"""Keywords of lists whose order says nothing."""

LOW = {"x-class": "low", "x-notice": "usage"}
WORD = {"type": ["string", "null"], "pattern": "^(?:b|a|c{1,9})$", "x-class": "identifier"}
CHOICE = {"type": "string", "enum": ["zeta", "beta", "alpha"], **LOW}
POINT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["y", "x", "word"],
    "properties": {
        "y": {"type": "integer", "minimum": 0, "maximum": 9},
        "x": {"type": "number", "minimum": 0.5, "maximum": 9},
        "word": CHOICE,
        "at": WORD,
    },
    **LOW,
}
TWINS = {name: {**CHOICE, "x-class": "middle"} for name in ("size_b", "size_a", "size_c")}
OTHERS = {name.replace("size", "sizes"): schema for name, schema in TWINS.items()}
FIELDS = [
    {"point": POINT, "choice": CHOICE, "word": WORD, **TWINS},
    {
        "point": {"type": "array", "maxItems": 3, "items": POINT, **LOW},
        "choice": {**CHOICE, "enum": ["omega", "alpha", "beta", "eta"]},
        "word": {**WORD, "pattern": "^(?:d|a|[bc]{1,12})$"},
        "new": POINT,
        **OTHERS,
    },
    {"point": CHOICE, "choice": POINT},
    {
        "point": {**POINT, "required": ["x"], "properties": {"x": CHOICE, "z": WORD, "y": WORD}},
        "choice": CHOICE,
    },
]


def shuffled(value, rng):
    """The same value, written in another order where order means nothing."""
    if isinstance(value, dict):
        keys = rng.sample(sorted(value), len(value))
        found = {key: shuffled(value[key], rng) for key in keys}
        for key in FREE & found.keys():
            if isinstance(found[key], list):
                rng.shuffle(found[key])
        return found
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(FIELDS), st.sampled_from(FIELDS))
def test_order_in_memory_changes_nothing(rng, one, other):
    """Keys, choices, required names, slots, fields and events may stand in any order."""
    names = ["OldStart", "OldStop", "OldStep"]
    renamed = ["NewStop", "NewStep", "OldStart"]

    def told(source):
        before = made(one, names, ["name", "ver"], source)
        return render_text(diff(before, made(other, renamed, ["locale", "name", "ver"], source)))

    assert told(rng) == told(random.Random(0))


def made(fields, names, slot, rng):
    """A catalogue of events of these fields, everything in a random order."""
    events = [
        event(
            name,
            properties=shuffled(fields, rng),
            required=rng.sample(sorted(fields)[:2], 2),
            slots=tuple(rng.sample(["os", "app", "device"], 3)),
        )
        for name in rng.sample(names, len(names))
    ]
    found = [ext_field("os", name, shuffled(WORD, rng)) for name in rng.sample(slot, len(slot))]
    return catalogue(*events, ext={"os": tuple(found)})


def edited(folder, rng):
    """Write every file of a catalogue anew, in a random order of files and keys."""
    paths = sorted(path for path in folder.rglob("*.json") if path.parent.name != "meta")
    for path in rng.sample(paths, len(paths)):
        value = shuffled(json.loads(path.read_text("utf-8")), rng)
        path.unlink()
        path.write_text(json.dumps(value, indent=rng.choice([None, 2])), "utf-8")


def written(folder, *, is_after):
    """Write one of two catalogues that differ where a comparison has most to choose from."""
    path = folder / "events" / "model_kit_error.schema.json"
    value = json.loads(path.read_text("utf-8"))
    fields = value["properties"]
    place = {"type": "integer", "minimum": 0, "maximum": 9, "description": "A number.", **LOW}
    parts = {name: {**place, "description": f"The {name}."} for name in ("width", "depth", "rise")}
    box = {"type": "object", "additionalProperties": False, "required": list(parts)}
    word = {"type": "string", "enum": ["big", "small"], "description": "How large.", **LOW}
    fields["box"] = word if is_after else {**place, **box, "properties": parts}
    for key in () if is_after else ("minimum", "maximum"):
        del fields["box"][key]
    for letter in "abcd":
        name = f"sizes_{letter}" if is_after else f"{letter}_size"
        fields[name] = {**word, "description": f"The size {letter}."}
    if is_after:
        fields["trace"] = fields.pop("exception_stack")
        value["required"].remove("exception_stack")
        value["x-ext"] = value["x-ext"][1:]
    path.write_text(json.dumps(value), "utf-8")


def test_a_witness_is_written_in_one_order():
    """An object that shows a difference has its fields by name, in whatever order they were."""
    number = {"type": "integer", "minimum": 0, "maximum": 9}
    closed = {"type": "object", "additionalProperties": False}
    inner = {**closed, "properties": dict.fromkeys(("b", "a", "c"), number)}

    answer = compare(inner, {**inner, "maxProperties": 2})

    assert json.dumps(answer.witness) == '{"a": 0, "b": 0, "c": 0}'


@pytest.mark.once
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_command_says_the_same_everywhere(tmp_path, form):
    """Order of files and keys, hash seed and locale change no byte of the output."""
    outputs = set()
    for seed in range(4):
        rng = random.Random(seed)
        sides = [tmp_path / str(seed) / side / "schemas" for side in ("before", "after")]
        for folder in sides:
            shutil.copytree(SCHEMAS, folder)
            written(folder, is_after=folder == sides[1])
            edited(folder, rng)
        locale = ["C", "tr_TR.UTF-8", "C.UTF-8", "de_DE"][seed]
        command = ["diff", str(sides[0]), "--schemas", str(sides[1]), "--format", form]
        done = subprocess.run(
            [sys.executable, "-m", "declarant.cli", *command],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "LC_ALL": locale, "LANG": locale},
            capture_output=True,
            check=False,
        )
        assert (done.stderr, done.returncode) == (b"", 1)
        outputs.add(done.stdout)

    assert len(outputs) == 1
    assert b"looks renamed" in outputs.pop()
