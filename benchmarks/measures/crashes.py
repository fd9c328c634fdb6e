"""Death right after the last emit: what the next run still delivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.figures import spread
from harness.processes import run
from harness.report import Section, Table
from harness.run import MeasureError, tell
from measures.commands import FIRST, NEXT, distinct, unexplained

if TYPE_CHECKING:
    from harness.run import Run

#: Mode of `programs/command.py` to what ends the program, and its exit code then.
_MODES = {"kill": ("SIGKILL", -9), "exit": ("`os._exit`", 7)}


def measure(run_: Run) -> Section:
    """Emit 100 events, die, run once more, and count at the sink."""
    section = Section(
        "100 events, then death",
        "A process emits 100 events as fast as it can and dies before the next line; the same "
        "program runs once more, with one event of its own. Counted at the sink, each different "
        "event once.",
    )
    rows = []
    for mode, (words, code) in _MODES.items():
        at_once: dict[str, list[int]] = {}
        in_all: dict[str, list[int]] = {}
        for _ in range(run_.rounds(3)):
            for peer in run_.peers():
                run_.sink.reset()
                state = run_.states.fresh()
                port = run_.sink.port
                try:
                    (dead,) = run(run_.command(peer, mode, state, port=port, tag=FIRST))
                    run_.check(peer, state, dead, code)
                    run_.sink.settle(0.1)
                    first = len(distinct(run_.sink.events()))
                    (following,) = run(run_.command(peer, "next", state, port=port, tag=NEXT))
                    run_.check(peer, state, following)
                except MeasureError as error:
                    # A peer that does not work has lost nothing; ours has no excuse.
                    if not peer.distribution:
                        raise
                    tell(error)
                    continue
                run_.sink.settle(0.2)
                events = [event for event in run_.sink.events() if event[2] == FIRST]
                run_.states.drop(state)
                assert not unexplained(events) or peer.distribution, "one event, two identities"
                at_once.setdefault(peer.label, []).append(first)
                in_all.setdefault(peer.label, []).append(len(distinct(events)))
        for label, counts in in_all.items():
            section.note(f"{mode}_delivered", label, spread(counts))
            rows.append(
                (
                    f"{label}, {words}",
                    spread(at_once[label]).text(digits=0),
                    spread(counts).text(digits=0),
                )
            )
    section.parts.append(Table(("", "arrived before the next run", "delivered in the end"), rows))
    return section
