"""Coverage-guided fuzzing of what reads hostile input.

usage: python tests/fuzz/run.py [--seconds N] [--jobs N] [--lines | --replay] [TARGET ...]

Each target runs for so many seconds in a process of its own, on from what earlier runs found worth
keeping in .cache/fuzz. Prints a row a target; what went wrong lies in .cache/fuzz/TARGET/found, an
input and its traceback. Exits with 1 if anything did. Runs inside an environment of its own
(`make fuzz`): atheris is no dependency of ours.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from fuzzing.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "fuzz"
PACKAGES = ("declarant", "declarant_codegen", "declarant_collector")
#: Seconds after which libFuzzer ends a process that hangs in one input.
HANG = 180
_COVERAGE = re.compile(r"^#\d+\s+(\w+)\s+cov: (\d+) ft: \d+ corp: (\d+)/", re.MULTILINE)
_EXECUTED = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.MULTILINE)


class Result(NamedTuple):
    """What became of a target."""

    name: str
    executions: int
    edges_at_first: int
    edges: int
    corpus: int
    found: list[Path]
    failure: str


def main() -> int:
    """Run the targets and print what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all"
    )
    parser.add_argument("--seconds", type=int, default=60, help="of each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--lines", action="store_true", help="say which lines are reached")
    instead.add_argument("--replay", action="store_true", help="run what is kept, once")
    arguments = parser.parse_args()
    names = arguments.targets or list(TARGETS)
    for name in names:
        if name not in TARGETS:
            parser.error(f"no target {name!r}; there are {', '.join(TARGETS)}")
    if arguments.lines or arguments.replay:
        lines(names) if arguments.lines else replay(names)
        return 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(lambda name: fuzz(name, arguments.seconds), names))
    tell(results, arguments.seconds)
    return 1 if any(result.found or result.failure for result in results) else 0


def fuzz(name: str, seconds: int) -> Result:
    """Run one target."""
    folder = WORK / name
    for part in ("found", "seeds"):
        shutil.rmtree(folder / part, ignore_errors=True)
    for part in ("found", "seeds", "corpus"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    print(f"{name}: what libFuzzer says is in {folder / 'log'}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="declarant-fuzz-") as scratch:
        program = Path(__file__).with_name("drive.py")
        command = [sys.executable, str(program), name, str(folder), scratch]
        command += [f"-max_total_time={seconds}", f"-timeout={HANG}", "-rss_limit_mb=3000"]
        command += [f"-artifact_prefix={folder}/found/", "-print_final_stats=1"]
        with (folder / "log").open("w") as log:
            ended = subprocess.run(
                command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False
            )
    said = (folder / "log").read_text("utf-8", "replace")
    steps = _COVERAGE.findall(said)
    executed = _EXECUTED.search(said)
    first = [int(edges) for word, edges, _ in steps if word == "INITED"]
    return Result(
        name=name,
        executions=int(executed[1]) if executed else 0,
        edges_at_first=first[0] if first else 0,
        edges=max((int(edges) for _, edges, _ in steps), default=0),
        corpus=int(steps[-1][2]) if steps else 0,
        found=sorted(path for path in (folder / "found").iterdir() if path.suffix != ".txt"),
        failure="" if ended.returncode == 0 else f"ended with {ended.returncode}",
    )


def tell(results: list[Result], seconds: int) -> None:
    """Print a table, then what was found."""
    print("| target | executions | a second | edges: seeds | edges: end | inputs | found |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for it in results:
        cells = (
            it.executions,
            it.executions // max(seconds, 1),
            it.edges_at_first,
            it.edges,
            it.corpus,
        )
        print(f"| {it.name} | {' | '.join(f'{cell:,}' for cell in cells)} | {len(it.found)} |")
    for it in results:
        for path in it.found:
            words = path.with_name(f"{path.name}.txt")
            first = words.read_text("utf-8").partition("\n")[0] if words.exists() else "see the log"
            print(f"{path.relative_to(ROOT)}: {first}")
        if it.failure:
            print(f"{it.name}: {it.failure}; the log's end:")
            print(
                "\n".join((WORK / it.name / "log").read_text("utf-8", "replace").splitlines()[-8:])
            )


def replay(names: list[str]) -> None:
    """Run what is kept of earlier runs once more."""
    with tempfile.TemporaryDirectory(prefix="declarant-fuzz-") as scratch:
        for name in names:
            kept = (WORK / name / part for part in ("seeds", "corpus"))
            for path in (path for folder in kept for path in sorted(folder.glob("*"))):
                try:
                    TARGETS[name].check(path.read_bytes(), Path(scratch))
                except Exception as error:  # noqa: BLE001  only the lines are asked for
                    print(f"{path}: {error!r}", file=sys.stderr)


def lines(names: list[str]) -> None:
    """Report the lines and branches of each module that a replay reaches."""
    coverage = [sys.executable, "-m", "coverage"]
    own = [f"--rcfile={os.devnull}", f"--data-file={WORK / 'lines'}"]
    what = ["--branch", f"--source={','.join(PACKAGES)}", __file__, "--replay", *names]
    subprocess.run([*coverage, "run", *own, *what], cwd=ROOT, check=True)
    subprocess.run([*coverage, "report", *own, "--sort=cover"], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
