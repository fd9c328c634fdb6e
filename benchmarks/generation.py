"""Time of a cold generation and of checks of 1,000 events of 8 fields, approved by two roles.

Prints one Markdown table: the whole of `declarant generate` in a fresh process with an empty cache,
datamodel-code-generator's own part of that very run, the rest (ours), and datamodel-code-generator
alone on the same event schemas in one call, also in a fresh process. CPU seconds count children
(the formatter). Run: `python benchmarks/generation.py [EVENTS]`.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from made_catalogue import approvals, run, write_catalogue

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
