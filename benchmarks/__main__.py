"""Declarant beside its peers, in one run, against one loopback sink.

usage: python benchmarks [--quick] [MEASURE ...]

Without a MEASURE all are taken, in about half an hour, and the report replaces
`docs/benchmarks.md`. Reports of other runs go to `benchmarks/results/`. Environments of the peers
are installed from PyPI into `.bench/` at the first run. No figure is a threshold: whatever they
are, it succeeds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harness.environments import ROOT, Environments
from harness.goals import standings
from harness.peers import PEERS
from harness.processes import States
from harness.report import Section, as_json, markdown, say
from harness.run import Run
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
        sections = []
        for name in chosen:
            begun = time.monotonic()
            say(f"{name} ...")
            sections.append(MEASURES[name](run))
            say(f"{name}: {time.monotonic() - begun:.0f} s")
    versions = [
        f"{peer.distribution} {environments.version(peer.environment, peer.distribution)}"
        for peer in PEERS
        if peer.distribution and peer.environment not in environments.missing
    ]
    reached = standings(sections)
    text = markdown(sections, reached, environments, versions, quick=arguments.quick)
    RESULTS.mkdir(exist_ok=True)
    stem = "-".join(arguments.measures) or "all"
    (RESULTS / f"{stem}.md").write_text(text, "utf-8")
    (RESULTS / f"{stem}.json").write_text(as_json(sections, reached), "utf-8")
    if not arguments.measures and not arguments.quick:
        DOCUMENT.write_text(text, "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
