"""Time of a cold generation and of checks of 1,000 events of 8 fields, approved by two roles.

Prints one Markdown table: the whole of `declarant generate` in a fresh process with an empty cache,
datamodel-code-generator's own part of that very run, the rest (ours), and datamodel-code-generator
alone on the same event schemas in one call, also in a fresh process. CPU seconds count children
(the formatter). Run: `python benchmarks/generation.py [EVENTS]`.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 3

ALONE = """
import json, sys, time, pathlib
from datamodel_code_generator import GenerateConfig, InputFileType, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType
from datamodel_code_generator.parser import LiteralType
defs = {}
for path in sorted(pathlib.Path(sys.argv[1], "events").glob("*.json")):
    schema = json.loads(path.read_text("utf-8"))
    defs[schema["title"]] = {k: v for k, v in schema.items() if k != "$schema"}
document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": defs}
source = generate(json.dumps(document), config=GenerateConfig(
    input_file_type=InputFileType.JsonSchema, output_model_type=DataModelType.TypingTypedDict,
    target_python_version=PythonVersion.PY_310, enum_field_as_literal=LiteralType.All,
    use_closed_typed_dict=False, use_union_operator=True, use_standard_collections=True,
    use_generic_container_types=True, keep_model_order=True, skip_root_model=True, formatters=[],
    disable_timestamp=True, allow_remote_refs=False, strict_refs=True,
    settings_path=pathlib.Path(sys.argv[1])))
assert source.count("class ") == len(defs), source.count("class ")
"""

# The command itself, with a clock on the process in which datamodel-code-generator runs: that one
# is reaped inside `output`.
TIMED = """
import json, resource, sys
from declarant_codegen import datamodel
inner, spent = datamodel._Worker.output, []
def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
def timed(self):
    before = children()
    try:
        return inner(self)
    finally:
        spent.append(children() - before)
datamodel._Worker.output = timed
from declarant.cli import main
code = main(["generate", "--schemas", sys.argv[1], "--out", sys.argv[2]])
print(json.dumps({"code": code, "types": sum(spent)}), file=sys.stderr)
"""


def write_catalogue(folder: Path, events: int) -> None:
    """Write a catalogue of *events* events of 8 fields of all common kinds."""
    shutil.copytree(ROOT / "schemas" / "meta", folder / "meta")
    shutil.copytree(ROOT / "schemas" / "ext", folder / "ext")
    shutil.copy(ROOT / "schemas" / "catalogue.json", folder)
    (folder / "events").mkdir()
    lines = list(json.loads((folder / "catalogue.json").read_text())["consent"]["notice"])
    for number in range(events):
        word = "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")
        name = f"ModelKitBench{word.capitalize()}"
        path = folder / "events" / f"model_kit_bench_{word}.schema.json"
        path.write_text(
            json.dumps(_event(name, number, lines[number % len(lines)]), indent=2), encoding="utf-8"
        )


def _event(name: str, number: int, notice: str) -> dict[str, object]:
    low = {"x-class": "low", "x-notice": notice}
    middle = {"x-class": "middle", "x-notice": notice}
    text = {"type": "string", "pattern": f"^[a-z][a-z0-9_.-]{{0,{30 + number % 40}}}$", **middle}
    properties = {
        "mode": {"type": "string", "enum": ["Interactive", "Script", f"Mode{number}"], **low},
        "command": text,
        "device": {**text, "type": ["string", "null"]},
        "duration_ms": {"type": "integer", "minimum": 0, "maximum": 10**9, "x-unit": "ms", **low},
        "ratio": {"type": "number", "minimum": 0, "maximum": 1, **low},
        "success": {"type": "boolean", **low},
        "started_on": {"type": "string", "format": "date", **middle},
        "labels": {"type": "array", "maxItems": 8, "items": {**text}, **middle},
    }
    del properties["labels"]["items"]["x-notice"], properties["labels"]["items"]["x-class"]
    for key, schema in properties.items():
        schema["description"] = f"What {key} of event {number} means, in a sentence or two."
    return {
        "$schema": "../meta/event.v1.json",
        "title": name,
        "description": f"Event {number} happened. Sent once, after it ended.",
        "x-purpose": "Measure the generator.",
        "x-owners": ["benchmarks (role)"],
        "x-level": "optional",
        "x-retention-days": 30,
        "x-expires": "2030-01-01",
        "x-ext": ["app", "device", "os", "sdk"],
        "type": "object",
        "additionalProperties": False,
        "required": [key for key in properties if key != "labels"],
        "properties": properties,
    }


def approvals(folder: Path) -> list[list[str]]:
    """Return the arguments by which each role that has to approves all of a catalogue."""
    review = json.loads((folder / "catalogue.json").read_text("utf-8"))["review"]
    roles = sorted({role for listed in review["approvers"].values() for role in listed})
    words = ["approve", "--all", "--schemas", str(folder), "--reference", "BENCH-1"]
    return [
        [*words, "--by", f"Approver {number}", "--role", role] for number, role in enumerate(roles)
    ]


def run(command: list[str], cache: Path) -> tuple[float, float, str]:
    """Return CPU seconds (children too), wall-clock seconds and standard error of *command*."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("runtime", "codegen")),
        "XDG_CACHE_HOME": str(cache),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - begun, os.times()
    if done.returncode:
        raise SystemExit(done.stdout[:2000] + done.stderr[-2000:])
    cpu = after.children_user - before.children_user + after.children_system
    return cpu - before.children_system, wall, done.stderr


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    python = sys.executable
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        schemas, out = folder / "schemas", folder / "generated"
        schemas.mkdir()
        write_catalogue(schemas, events)
        front = [python, "-m", "declarant.cli"]
        approved = [run([*front, *words], folder / "cache")[:2] for words in approvals(schemas)]
        totals, types, alone = [], [], []
        run([python, "-c", ALONE, str(schemas)], folder / "cache")  # fills the bytecode caches
        for number in range(REPEATS):
            shutil.rmtree(out, ignore_errors=True)
            cpu, wall, told = run(
                [python, "-c", TIMED, str(schemas), str(out)], folder / f"cache{number}"
            )
            totals.append((cpu, wall))
            types.append(json.loads(told.splitlines()[-1])["types"])
            alone.append(run([python, "-c", ALONE, str(schemas)], folder / "cache")[:2])
        check = [*front, "check", "--schemas", str(schemas), "--out", str(out)]
        checks = [run(check, folder / "cache")[:2] for _ in range(5)]
        full = run([*check, "--full"], folder / "cache0")[:2]
        against = run([*check, "--against", str(schemas)], folder / "cache0")[:2]
        cached = [
            run([python, "-c", TIMED, str(schemas), str(out)], folder / "cache0")[:2]
            for _ in range(REPEATS)
        ]
    total = min(cpu for cpu, _ in totals)
    peer = min(cpu for cpu, _ in alone)
    own = min(cpu - part for (cpu, _), part in zip(totals, types, strict=True))
    print(f"{events} events of 8 fields; best of {REPEATS}\n")
    print("| what | CPU s | wall s |\n| --- | --- | --- |")
    print(f"| cold generate, all | {total:.2f} | {min(w for _, w in totals):.2f} |")
    print(f"| - datamodel-code-generator in it | {statistics.median(types):.2f} | |")
    print(f"| - ours (start, load, check, render, format, write) | {own:.2f} | |")
    print(f"| datamodel-code-generator alone | {peer:.2f} | {min(w for _, w in alone):.2f} |")
    again = f"{min(c for c, _ in cached):.2f} | {min(w for _, w in cached):.2f}"
    print(f"| generate once more, types cached, nothing to write | {again} |")
    print(f"| approve all, one role | {min(approved)[0]:.2f} | {min(approved)[1]:.2f} |")
    print(f"| check --full, types cached | {full[0]:.2f} | {full[1]:.2f} |")
    print(f"| check --against a folder, types cached | {against[0]:.2f} | {against[1]:.2f} |")
    print(f"| warm check | {min(c for c, _ in checks):.2f} | {min(w for _, w in checks):.2f} |")
    wall, peer_wall = min(w for _, w in totals), min(w for _, w in alone)
    print(
        f"\ntotal / datamodel-code-generator alone: {wall / peer_wall:.2f} wall, "
        f"{total / peer:.2f} CPU (goal 1.3)"
    )
    print(
        f"ours: {own:.2f} CPU s (goal 3); warm check: {min(w for _, w in checks):.2f} s (goal 0.5)"
    )


if __name__ == "__main__":
    main()
