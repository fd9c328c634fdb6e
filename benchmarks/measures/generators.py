"""Generation and checks of catalogues of growing size, beside glean_parser's rust output."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from generation import measure as generate_and_check
from harness.figures import Spread, spread, times
from harness.goals import COMPARED, SIZES
from harness.peers import RUST
from harness.report import Section, Table, say
from made_catalogue import run as run_command
from review import write_metrics

if TYPE_CHECKING:
    from generation import Found
    from harness.run import Run


def measure(run: Run) -> Section:
    """Generate at every size, check, and have glean_parser translate as many events in between."""
    section = Section(
        "Generation and checks",
        "Made-up catalogues of events with eight fields, approved by two roles, generated in "
        "fresh processes with empty caches; CPU seconds count children "
        "(datamodel-code-generator's process, the formatter). glean_parser translates as many "
        "event metrics with as many extra keys. A warm check is `declarant check` with nothing "
        "changed. The last column but one is the factor of `generate`'s CPU to the line above.",
    )
    rows = []
    before: tuple[int, Spread] | None = None
    for size in SIZES[:3] if run.quick else SIZES:
        say(f"  {size} events")
        rust = [] if size > COMPARED else _rust(run, size)
        repeats = 1 if run.quick or size > COMPARED else 3
        found = generate_and_check(size, repeats, brief=True)
        rust += [] if size > COMPARED else _rust(run, size)
        generate = _note(section, str(size), found)
        peer = spread(rust) if rust else None
        if peer and size == COMPARED:
            section.note("peer_generate_cpu_s", RUST, peer)
        growth = ""
        if before:
            step = generate.median / before[1].median
            growth = f"{step:.1f} for {size / before[0]:g} times the events"
        before = size, generate
        rows.append(_row(size, section, peer, growth))
    head = (
        "events",
        "generate, CPU s",
        "datamodel-code-generator in it",
        "ours",
        f"{RUST}, CPU s",
        f"ours x {RUST}",
        "growth",
        "warm check, wall s",
    )
    section.parts.append(Table(head, rows))
    return section


def _note(section: Section, size: str, found: Found) -> Spread:
    generate = spread(cpu for cpu, _ in found.generate)
    section.note("generate_cpu_s", size, generate)
    section.note("generate_wall_s", size, spread(wall for _, wall in found.generate))
    section.note("generate_types_cpu_s", size, spread(found.types))
    section.note("generate_own_cpu_s", size, spread(found.own))
    section.note("check_wall_s", size, spread(wall for _, wall in found.check))
    return generate


def _row(size: int, section: Section, peer: Spread | None, growth: str) -> tuple[str, ...]:
    cells = [
        section.figures[figure][str(size)].text(digits=2)
        for figure in ("generate_cpu_s", "generate_types_cpu_s", "generate_own_cpu_s")
    ]
    own = section.figures["generate_own_cpu_s"][str(size)]
    return (
        f"{size:,}",
        *cells,
        peer.text(digits=2) if peer else "",
        times(own.median / peer.median) if peer else "",
        growth,
        section.figures["check_wall_s"][str(size)].text(digits=2),
    )


def _rust(run: Run, events: int) -> list[float]:
    """Return CPU seconds of glean_parser for *events* events, none if it is not installed."""
    program = run.environments.program("generators", "glean_parser")
    if program is None:
        return []
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = [str(path) for path in write_metrics(folder, events)]
        words = [str(program), "translate", "-f", "rust", "-o", str(folder / "out")]
        taken = [run_command([*words, *files], folder / "cache", is_ours=False)[0]]
        assert any((folder / "out").rglob("*.rs")), "glean_parser wrote nothing"
    return taken
