"""Cold import: what a program pays before it has done anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.figures import ratio, spread, times
from harness.peers import DECLARANT, GLEAN, OTEL, PEERS, POSTHOG, REQUESTS, WINML
from harness.processes import run
from harness.report import Section, Table

if TYPE_CHECKING:
    from harness.run import Run

_OF = {peer.label: peer for peer in PEERS}
_OURS = PEERS[0]

#: Label to environment's owner and code. Of winml-cli also what its first event loads.
_IMPORTS = {
    DECLARANT: (_OURS, "import modelkit_events"),
    REQUESTS: (_OURS, "import requests"),
    WINML: (_OF[WINML], "import winml.modelkit.telemetry"),
    f"{WINML}, with what its start loads": (
        _OF[WINML],
        "import winml.modelkit.telemetry, winml.modelkit.telemetry.library",
    ),
    OTEL: (
        _OF[OTEL],
        "import opentelemetry.exporter.otlp.proto.http._log_exporter",
    ),
    POSTHOG: (_OF[POSTHOG], "import posthog"),
    GLEAN: (_OF[GLEAN], "import glean"),
}


def measure(run_: Run) -> Section:
    """Import each in fresh processes, each right after the same interpreter without an import."""
    section = Section(
        "Cold import",
        "A fresh process with warm bytecode caches, less the same interpreter doing nothing "
        "right before it.",
    )
    known = run_.peers()
    jobs = {label: job for label, job in _IMPORTS.items() if job[0] in known}
    cpu: dict[str, list[float]] = {label: [] for label in jobs}
    wall: dict[str, list[float]] = {label: [] for label in jobs}
    for number in range(run_.rounds(12) + 1):
        for label, (peer, code) in jobs.items():
            state = run_.states.fresh()
            bare, found = run(run_.bare(peer, state), run_.one_line(peer, code, state))
            run_.check(peer, state, found)
            run_.states.drop(state)
            # The first round fills caches.
            if number:
                cpu[label].append(found.cpu_s - bare.cpu_s)
                wall[label].append(found.wall_s - bare.wall_s)
    yardstick = spread(cpu[REQUESTS])
    rows = []
    for label in jobs:
        found = spread(cpu[label])
        section.note("import_cpu_s", label, found)
        share = times(ratio(found, yardstick))
        rows.append((label, found.text(1e3), spread(wall[label]).text(1e3), share))
    head = ("", "CPU ms over bare", "wall ms over bare", f"x {REQUESTS}")
    section.parts.append(Table(head, rows))
    return section
