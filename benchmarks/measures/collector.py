"""The local collector: requests of one event each, kept alive, counted in its store."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import collector
from harness.figures import spread
from harness.report import Section, Table

if TYPE_CHECKING:
    from harness.run import Run

_SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def measure(run: Run) -> Section:
    """Measure every set-up of `benchmarks/collector.py` in turns."""
    section = Section(
        "The local collector",
        "`declarant collector` in a process of its own; clients in others that send one event a "
        "request on a connection that they keep, and wait for each answer. The rate counts what "
        "its store holds.",
    )
    taken: dict[str, list[tuple[float, float]]] = {}
    with TemporaryDirectory() as folder:
        for number in range(run.rounds(4)):
            options: tuple[tuple[int, list[str]], ...] = (
                (1, ["--quiet"]),
                (4, ["--quiet"]),
                (4, ["--quiet", "--schemas", str(_SCHEMAS)]),
                (4, ["--quiet", "--db", str(Path(folder) / f"{number}.db")]),
            )
            for clients, words in options:
                said = " ".join(word for word in words if word.startswith("--"))
                found = collector.measure(clients, 6_000 // clients, words)
                taken.setdefault(f"{clients} clients, {said}", []).append(found)
    rows = []
    for label, found in taken.items():
        rate = spread(rate for rate, _ in found)
        section.note("collector_stored_per_s", label, rate)
        rows.append((label, rate.text(digits=0), spread(cpu for _, cpu in found).text(digits=0)))
    section.parts.append(Table(("", "stored/s", "its CPU, µs each"), rows))
    return section
