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
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Found:
    """CPU and wall-clock seconds of each step, a pair for each time that it was done.

    Attributes:
        generate: All of a cold `declarant generate`.
        types: CPU seconds of datamodel-code-generator's part of each of these.
        again: `generate` once more, with its types cached and nothing to write.
        alone: datamodel-code-generator alone on the same schemas.
        approve: `approve --all`, for each role.
        check: A warm `check`.
        full: `check --full` with cached types.
        against: `check --against` a folder, with cached types.
    """

    generate: list[tuple[float, float]]
    types: list[float]
    again: list[tuple[float, float]]
    alone: list[tuple[float, float]]
    approve: list[tuple[float, float]]
    check: list[tuple[float, float]]
    full: list[tuple[float, float]]
    against: list[tuple[float, float]]

    @property
    def own(self) -> list[float]:
        """CPU seconds of each generation without datamodel-code-generator's part."""
        return [cpu - part for (cpu, _), part in zip(self.generate, self.types, strict=True)]


def measure(events: int, repeats: int = REPEATS, *, brief: bool = False) -> Found:
    """Generate and check a made-up catalogue of *events* events, *repeats* times.

    Args:
        events: How many events of 8 fields.
        repeats: How often.
        brief: Leave out all but approvals, cold generations and warm checks.
    """
    python = sys.executable
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        schemas, out = folder / "schemas", folder / "generated"
        schemas.mkdir()
        write_catalogue(schemas, events)
        front = [python, "-m", "declarant.cli"]
        approve = [run([*front, *words], folder / "cache")[:2] for words in approvals(schemas)]
        generate, types, alone = [], [], []
        if not brief:
            run([python, "-c", ALONE, str(schemas)], folder / "cache")  # fills the bytecode caches
        for number in range(repeats):
            shutil.rmtree(out, ignore_errors=True)
            cpu, wall, told = run(
                [python, "-c", TIMED, str(schemas), str(out)], folder / f"cache{number}"
            )
            generate.append((cpu, wall))
            types.append(json.loads(told.splitlines()[-1])["types"])
            if not brief:
                alone.append(run([python, "-c", ALONE, str(schemas)], folder / "cache")[:2])
        check = [*front, "check", "--schemas", str(schemas), "--out", str(out)]
        cache = folder / "cache0"
        once = () if brief else (cache,)
        return Found(
            generate=generate,
            types=types,
            again=[
                run([python, "-c", TIMED, str(schemas), str(out)], cache)[:2]
                for _ in range(0 if brief else repeats)
            ],
            alone=alone,
            approve=approve,
            check=[run(check, folder / "cache")[:2] for _ in range(repeats + 2)],
            full=[run([*check, "--full"], place)[:2] for place in once],
            against=[run([*check, "--against", str(schemas)], place)[:2] for place in once],
        )


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    found = measure(events)

    def best(taken: list[tuple[float, float]]) -> tuple[float, float]:
        return min(cpu for cpu, _ in taken), min(wall for _, wall in taken)

    own, types = min(found.own), statistics.median(found.types)
    print(f"{events} events of 8 fields; best of {REPEATS}\n")
    print("| what | CPU s | wall s |\n| --- | --- | --- |")
    for label, taken in (
        ("cold generate, all", found.generate),
        ("datamodel-code-generator alone", found.alone),
        ("generate once more, types cached, nothing to write", found.again),
        ("approve all, one role", found.approve),
        ("check --full, types cached", found.full),
        ("check --against a folder, types cached", found.against),
        ("warm check", found.check),
    ):
        cpu, wall = best(taken)
        print(f"| {label} | {cpu:.2f} | {wall:.2f} |")
        if taken is found.generate:
            print(f"| - datamodel-code-generator in it | {types:.2f} | |")
            print(f"| - ours (start, load, check, render, format, write) | {own:.2f} | |")
    (total, wall), (peer, peer_wall) = best(found.generate), best(found.alone)
    print(
        f"\ntotal / datamodel-code-generator alone: {wall / peer_wall:.2f} wall, "
        f"{total / peer:.2f} CPU (goal 1.3)"
    )
    print(f"ours: {own:.2f} CPU s (goal 3); warm check: {best(found.check)[1]:.2f} s (goal 0.5)")


if __name__ == "__main__":
    main()
