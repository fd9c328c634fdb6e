"""Time of what a reviewer and a pre-commit hook wait for, beside glean_parser, on 1,000 events.

Prints one Markdown table: a warm `declarant check` of an unchanged catalogue, `declarant diff` of
two catalogues (nothing, one event, every event changed; beside a folder also a git revision, the
default base), and on as many event metrics of as many extra keys glean_parser's `glinter` (it reads
and judges all), its `data-review` (what it prints for reviewers; of one metric and of all) and its
`dump`. Every command runs once a round, in fresh processes with warm caches; figures are medians
over the rounds, with the least and the greatest, interpreter start included.

glean_parser is installed from PyPI into a virtual environment of the benchmarks' own, in `.bench/`.
Run: `python benchmarks/review.py [EVENTS] [ROUNDS]`.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from harness.environments import Environments
from made_catalogue import approvals, edit_event, event_files, run, write_catalogue

CHECK_GOAL, DIFF_GOAL = 0.5, 2.0
"""Seconds: of a warm check, and of a diff."""

CHECKED, ALL_CHANGED = "`declarant check`, unchanged", "`declarant diff`, every event changed"

Job = Callable[[], tuple[float, float, str]]


def declarant_jobs(folder: Path, events: int) -> dict[str, Job]:
    """Write the catalogues, generate once, and return what is measured, by name."""
    cache = folder / "cache"
    base = folder / "base" / "schemas"
    base.mkdir(parents=True)
    write_catalogue(base, events)
    one, all_ = (Path(shutil.copytree(base, folder / name / "schemas")) for name in ("one", "all"))
    edit_event(event_files(one)[events // 2])
    for path in event_files(all_):
        edit_event(path)
    command = [sys.executable, "-m", "declarant.cli"]
    placed = ["--schemas", str(base), "--out", str(folder / "generated")]
    for words in approvals(base):
        run([*command, *words], cache)
    run([*command, "generate", *placed], cache)

    def diff(after: Path) -> Job:
        # 1: something widens.
        arguments = ["diff", str(base), "--schemas", str(after)]
        return lambda: run([*command, *arguments], cache, codes=(0, 1))

    jobs: dict[str, Job] = {
        CHECKED: lambda: run([*command, "check", *placed], cache),
        "`declarant diff`, nothing changed": diff(base),
        "`declarant diff`, one event changed": diff(one),
        ALL_CHANGED: diff(all_),
    }
    if shutil.which("git"):
        tree = folder / "tree"
        shutil.copytree(base, tree / "schemas")
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "base"]):
            who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]
            subprocess.run(["git", *who, *words], cwd=tree, check=True)
        edit_event(event_files(tree / "schemas")[events // 2])
        jobs["`declarant diff` of HEAD, one event changed"] = lambda: run(
            [*command, "diff"], cache, folder=tree, codes=(0, 1)
        )
    return jobs


def peer_jobs(folder: Path, events: int) -> dict[str, Job]:
    """Write as many metrics and return what is measured of glean_parser, by name."""
    program = peer_program()
    if program is None:
        return {}
    metrics, pings = write_metrics(folder, events)
    cache = folder / "peer-cache"

    def job(*arguments: str) -> Job:
        return lambda: run([program, *arguments], cache, is_ours=False)

    return {
        "`glean_parser glinter`": job("glinter", str(metrics), str(pings)),
        "`glean_parser data-review`, one metric": job("data-review", "1000000", str(metrics)),
        "`glean_parser data-review`, every metric": job("data-review", "2000000", str(metrics)),
        "`glean_parser dump`": job("dump", str(metrics), str(pings)),
    }


def peer_program() -> str | None:
    """Return glean_parser's program; None if it cannot be had here."""
    program = Environments().program("generators", "glean_parser")
    return None if program is None else str(program)


KEYS = {
    "mode": "string",
    "command": "string",
    "device": "string",
    "duration_ms": "quantity",
    "ratio": "string",
    "success": "boolean",
    "started_on": "string",
    "labels": "string",
}
"""The fields of the catalogue's events, by the types that glean has for extra keys."""


def write_metrics(folder: Path, events: int) -> tuple[Path, Path]:
    """Write *events* event metrics and their ping, as their authors do."""
    metrics = ["$schema: moz://mozilla.org/schemas/glean/metrics/2-0-0"]
    for number in range(events):
        keys = "".join(
            f"      {key}:\n        type: {kind}\n"
            f"        description: What {key} of event {number} means, in a sentence or two.\n"
            for key, kind in KEYS.items()
        )
        metrics.append(METRIC.format(number=number, bug=1_000_000 + number) + keys)
    paths = folder / "metrics.yaml", folder / "pings.yaml"
    for path, text in zip(paths, ("\n".join(metrics), PING), strict=True):
        path.write_text(text, "utf-8")
    return paths


METRIC = """\
bench_{number:04}:
  happened:
    type: event
    description: Event {number} happened. Sent once, after it ended.
    bugs:
      - https://bugs.example.com/2000000
      - https://bugs.example.com/{bug}
    data_reviews:
      - https://bugs.example.com/2000000
    data_sensitivity:
      - interaction
    notification_emails:
      - nobody@example.com
    expires: never
    send_in_pings:
      - bench
    extra_keys:
"""
PING = """\
$schema: moz://mozilla.org/schemas/glean/pings/2-0-0
bench:
  description: Events.
  include_client_id: true
  bugs:
    - https://bugs.example.com/2000000
  data_reviews:
    - https://bugs.example.com/2000000
  notification_emails:
    - nobody@example.com
"""


def measured(jobs: dict[str, Job], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Run every job once a round, after one round that only fills caches."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            cpu, wall, _ = job()
            if number:
                found[name].append((cpu, wall))
    return found


def row(name: str, taken: list[tuple[float, float]], peer: float | None) -> str:
    """Return one line of the table."""
    cpus, walls = zip(*taken, strict=True)
    median = statistics.median(walls)
    cells = [
        name,
        f"{median:.2f} ({min(walls):.2f} to {max(walls):.2f})",
        f"{statistics.median(cpus):.2f} ({min(cpus):.2f} to {max(cpus):.2f})",
        "" if peer is None else f"{median / peer:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    events, rounds = (
        int(sys.argv[place]) if len(sys.argv) > place else otherwise
        for place, otherwise in ((1, 1000), (2, 5))
    )
    with tempfile.TemporaryDirectory() as name:
        ours = declarant_jobs(Path(name), events)
        peers = peer_jobs(Path(name), events)
        found = measured({**ours, **peers}, rounds)
    walls = {name: statistics.median(wall for _, wall in taken) for name, taken in found.items()}
    peer = walls.get("`glean_parser glinter`")
    version = Environments().version("generators", "glean-parser")
    print(f"{events} events of 8 fields; medians of {rounds} rounds (least to greatest); ", end="")
    print(f"glean-parser {version}\n")
    print("| what | wall s | CPU s | wall / glinter |\n| --- | --- | --- | --- |")
    for name, taken in found.items():
        print(row(name, taken, peer))
    check, diff = walls[CHECKED], walls[ALL_CHANGED]
    print(
        f"\nwarm check: {check:.2f} s (goal {CHECK_GOAL}); "
        f"diff, every event changed: {diff:.2f} s (goal {DIFF_GOAL:g})"
    )


if __name__ == "__main__":
    main()
