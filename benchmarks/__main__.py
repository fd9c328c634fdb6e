"""Declarant beside its peers, against one loopback sink.

usage: python benchmarks [--quick] [MEASURE ...]

Without a MEASURE all are taken, in about half an hour. Each is kept as JSON below
`benchmarks/results/`, and the report of all that are kept is written to `docs/benchmarks.md`; quick
ones are kept apart and reported in `benchmarks/results/quick/`. Environments of the peers are
installed from PyPI into `.bench/` at the first run. No figure is a threshold: whatever they are, it
succeeds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from harness.environments import ROOT, Environments
from harness.goals import standings
from harness.peers import OTHERS, PEERS
from harness.processes import States
from harness.report import Section, here_and_now, markdown, say
from harness.run import Run
from harness.saved import load, save, save_goals
from harness.sink import Sink
from measures import (
    burst,
    cold_import,
    collector,
    commands,
    crashes,
    emit,
    generators,
    ours,
    scrubber,
    validators,
)

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = ROOT / "benchmarks" / "results"
DOCUMENT = ROOT / "docs" / "benchmarks.md"

#: Name to what is measured by it, in the order of the report.
MEASURES: dict[str, Callable[[Run], Section]] = {
    "import": cold_import.measure,
    "emit": emit.measure,
    "ready": commands.ready,
    "command": commands.healthy,
    "faults": commands.faults,
    "crash": crashes.measure,
    "burst": burst.measure,
    "wire": burst.wire,
    "validators": validators.measure,
    "generators": generators.measure,
    "scrubber": scrubber.measure,
    "collector": collector.measure,
    "ours": ours.measure,
}


def main() -> int:
    """Measure and write; always succeeds, for these are figures and no test."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    arguments = parser.parse_args()
    unknown = set(arguments.measures) - set(MEASURES)
    if unknown:
        parser.error(
            f"no such measure: {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}"
        )
    # An installed program has its bytecode; without it every start would compile everything again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    chosen = [name for name in MEASURES if name in (arguments.measures or MEASURES)]
    environments = Environments()
    with tempfile.TemporaryDirectory(prefix="declarant-bench-") as folder, Sink() as sink:
        run = Run(
            environments=environments,
            states=States(Path(folder)),
            sink=sink,
            quick=arguments.quick,
        )
        for peer in PEERS:
            environments.python(peer.environment)
        kept = RESULTS / "quick" if arguments.quick else RESULTS
        for name in chosen:
            begun = datetime.now(timezone.utc)
            say(f"{name} ...")
            section = _taken(name, run)
            section.taken = here_and_now(begun)
            save(kept, name, section)
            say(f"{name}: {(datetime.now(timezone.utc) - begun).total_seconds():.0f} s")
            # After each: a run that is interrupted leaves what it has.
            text = _report(kept, environments, quick=arguments.quick)
    print(text)
    return 0


def _taken(name: str, run: Run) -> Section:
    """Return what a measure found; one that fails is named, and the others are still taken."""
    try:
        return MEASURES[name](run)
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever it is, the rest is worth having
        traceback.print_exc()
        return Section(name, f"This measure failed: {type(error).__name__}.")


def _report(folder: Path, environments: Environments, *, quick: bool) -> str:
    """Write the report of all that is kept, and return it."""
    sections = load(folder, MEASURES)
    compared = [(peer.environment, peer.distribution) for peer in PEERS if peer.distribution]
    compared += [(place, name) for place, names in OTHERS.items() for name in names]
    versions = [
        f"{name} {environments.version(place, name)}"
        for place, name in compared
        if place not in environments.missing
    ]
    untaken = [name for name in MEASURES if not load(folder, [name])]
    reached = standings(sections)
    save_goals(folder, reached)
    text = markdown(sections, reached, environments, versions, untaken, quick=quick)
    place = folder / "report.md" if quick else DOCUMENT
    place.write_text(text, "utf-8")
    return text


if __name__ == "__main__":
    sys.exit(main())
