"""Short-lived programs: what telemetry adds to a command, in good times and in bad."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harness.figures import Spread, ratio, spread, times
from harness.goals import FAULTS
from harness.peers import GLEAN, OTEL, POSTHOG, WINML
from harness.processes import Ended, Job, run
from harness.report import Section, Table, say
from harness.run import MeasureError, tell
from harness.sink import ClosedPort

sys.path.append(str(Path(__file__).resolve().parents[1] / "programs"))
from decoding import distinct, unexplained

if TYPE_CHECKING:
    from harness.peers import Peer
    from harness.run import Run

#: A peer that is not done after this is killed: nobody waits so long for a command to end.
CAP_S = 20.0
#: A slow sink answers after this, longer than any of Declarant's time-outs and shorter than the
#: peers' own.
SLOW_S = 6.0
#: The next run starts so long after the first: Declarant asks a collector that failed again after
#: 3 to 6 s at the earliest.
PAUSE_S = 6.5
FIRST, NEXT = "first", "next"
_ONCE = (OTEL, POSTHOG, GLEAN)


def ready(run_: Run) -> Section:
    """Measure import, set-up and first emit."""
    section = Section(
        "Import, set-up and first emit",
        "A fresh process that emits one event and is gone without any end, less the bare "
        "interpreter right before it; a new user each time. When Declarant's emit returns, the "
        "event is on disk.",
    )
    taken: dict[str, list[tuple[Ended, Ended]]] = {}
    for number in range(run_.rounds(12) + 1):
        for peer in run_.peers():
            state = run_.states.fresh()
            command = run_.command(peer, "ready", state, port=run_.sink.port)
            pair = _attempt(run_, peer, state, run_.bare(peer, state), command)
            if number and pair:
                taken.setdefault(peer.label, []).append(pair)
    _costs(section, "ready", taken)
    return section


def healthy(run_: Run) -> Section:
    """Measure a whole command while all is well."""
    section = Section(
        "A command of three events, healthy sink",
        "Heartbeat, action and an error from a real exception; then the end that the SDK "
        "documents, and the exit. Less the bare interpreter right before it; a new user each "
        "time. What a command leaves running (Declarant's detached sender) is waited for and "
        "printed beside it: it is never free.",
    )
    taken: dict[str, list[tuple[Ended, Ended]]] = {}
    arrived: dict[str, list[int]] = {}
    for number in range(run_.rounds(8) + 1):
        for peer in run_.peers():
            run_.sink.reset()
            state = run_.states.fresh()
            command = run_.command(peer, "three", state, port=run_.sink.port, tag=FIRST)
            pair = _attempt(run_, peer, state, run_.bare(peer, state), command)
            if number and pair:
                taken.setdefault(peer.label, []).append(pair)
                came = len(distinct(run_.sink.events()))
                arrived.setdefault(peer.label, []).append(came)
    _costs(section, "healthy", taken, arrived)
    return section


def _attempt(run_: Run, peer: Peer, state: Path, *jobs: Job) -> tuple[Ended, Ended] | None:
    try:
        bare, command = run(*jobs)
        run_.check(peer, state, command)
    except MeasureError as error:
        tell(error)
        return None
    finally:
        run_.states.drop(state)
    return bare, command


def _costs(
    section: Section,
    name: str,
    taken: dict[str, list[tuple[Ended, Ended]]],
    arrived: dict[str, list[int]] | None = None,
) -> None:
    """Note and tabulate what each command took over the bare interpreter."""
    for label, pairs in taken.items():
        section.note(f"{name}_cpu_s", label, spread(c.cpu_s - b.cpu_s for b, c in pairs))
        section.note(f"{name}_wall_s", label, spread(c.wall_s - b.wall_s for b, c in pairs))
        left = [command.left_cpu_s for _, command in pairs if command.left_cpu_s is not None]
        if left:
            section.note(f"{name}_left_cpu_s", label, spread(left))
        if arrived is not None:
            section.note(f"{name}_arrived", label, spread(arrived[label]))
    rows = []
    for label in taken:
        cpu, wall = section.get(f"{name}_cpu_s", label), section.get(f"{name}_wall_s", label)
        assert cpu is not None
        assert wall is not None
        row = (
            label,
            cpu.text(1e3, 0),
            times(ratio(cpu, section.get(f"{name}_cpu_s", WINML))),
            wall.text(1e3, 0),
            times(ratio(wall, section.get(f"{name}_wall_s", WINML))),
        )
        if arrived is not None:
            left_behind = section.get(f"{name}_left_cpu_s", label)
            row += (_left(left_behind), f"{spread(arrived[label]).text(digits=0)} of 3")
        rows.append(row)
    head = ("", "CPU ms over bare", f"x {WINML}", "wall ms over bare", f"x {WINML}")
    if arrived is not None:
        head += ("CPU ms of what it left running", "arrived")
    section.parts.append(Table(head, rows))


def _left(found: Spread | None) -> str:
    if found is None:
        return "cannot be told here"
    return found.text(1e3, 0) if found.greatest > 0 else "nothing left"


class _Faulty:
    """One command at a failing sink, and what became of it."""

    def __init__(self, peer: Peer, state: Path, bare: Ended, command: Ended) -> None:
        self.peer = peer
        self.state = state
        self.bare = bare
        self.command = command
        done = state / "done"
        told = done.read_text("ascii") if done.exists() else ""
        #: Seconds from the end of the program's own work to its exit.
        self.exit_s = command.ended_at - float(told) if told else command.wall_s
        self.at_once: list[tuple] = []
        self.later: list[tuple] = []

    @property
    def delivered(self) -> int:
        return len(self._mine(self.at_once + self.later))

    @property
    def unexplained(self) -> int:
        """Return how many came twice and cannot be told to be duplicates."""
        return unexplained([*self.at_once, *self.later])

    @property
    def twice(self) -> int:
        return len(self._mine(self.at_once) & self._mine(self.later))

    def _mine(self, events: list[tuple]) -> set[tuple]:
        return {event for event in distinct(events) if event[2] != NEXT}


def faults(run_: Run) -> Section:
    """Measure the same command at a sink that fails, and what its next run delivers."""
    section = Section(
        "The same command while the sink fails, and its next run",
        "Refused: nobody listens. Silent: requests are taken and never answered. Slow: they are "
        f"taken, and answered after {SLOW_S:g} s. A program that has not ended after {CAP_S:g} s "
        f"is killed. The next run starts {PAUSE_S:g} s after the last of the first ones, at a "
        "healthy sink, and emits one event of its own, which is not counted.",
    )
    for fault in FAULTS:
        taken: dict[str, list[_Faulty]] = {}
        for number in range(run_.rounds(3)):
            # Once is enough of those that no goal names: they wait for long.
            peers = [p for p in run_.peers() if not (number and p.label in _ONCE)]
            for one in _round(run_, fault, peers):
                taken.setdefault(one.peer.label, []).append(one)
        _tell_fault(section, fault, taken)
    return section


def _round(run_: Run, fault: str, peers: list[Peer]) -> list[_Faulty]:
    say(f"  {fault}")
    closed = ClosedPort()
    port = closed.port if fault == "refused" else run_.sink.port
    found = []
    for peer in peers:
        run_.sink.reset("healthy" if fault == "refused" else fault, SLOW_S)
        state = run_.states.fresh()
        jobs = (
            run_.bare(peer, state),
            run_.command(peer, "three", state, port=port, tag=FIRST, cap_s=CAP_S),
        )
        bare, command = run(*jobs)
        try:
            run_.check(peer, state, command)
        except MeasureError as error:
            # A peer that does not work has lost nothing; ours has no excuse.
            if not peer.distribution:
                raise
            tell(error)
            continue
        one = _Faulty(peer, state, bare, command)
        one.at_once = run_.sink.events()
        found.append(one)
    closed.close()
    time.sleep(PAUSE_S)
    for one in found:
        run_.sink.reset()
        run(run_.command(one.peer, "next", one.state, port=run_.sink.port, tag=NEXT, cap_s=CAP_S))
        run_.sink.settle(0.2)
        one.later = run_.sink.events()
        run_.states.drop(one.state)
    return found


def _tell_fault(section: Section, fault: str, taken: dict[str, list[_Faulty]]) -> None:
    rows = []
    for label, all_ in taken.items():
        cpu = spread(one.command.cpu_s - one.bare.cpu_s for one in all_)
        wall = spread(one.command.wall_s - one.bare.wall_s for one in all_)
        left = [one.command.left_cpu_s for one in all_ if one.command.left_cpu_s is not None]
        for name, found in (
            ("cpu_s", cpu),
            ("wall_s", wall),
            ("exit_s", spread(one.exit_s for one in all_)),
            ("delivered", spread(one.delivered for one in all_)),
            ("unexplained", spread(one.unexplained for one in all_)),
            *([("left_cpu_s", spread(left))] if left else []),
        ):
            section.note(f"{fault}_{name}", label, found)
        killed = sum(one.command.capped for one in all_)
        rows.append(
            (
                label + (f" (killed {killed} of {len(all_)} times)" if killed else ""),
                cpu.text(1e3, 0),
                wall.text(1e3, 0),
                spread(one.exit_s for one in all_).text(1e3, 0),
                _left(section.get(f"{fault}_left_cpu_s", label)),
                spread(len(distinct(one.at_once)) for one in all_).text(digits=0),
                spread(one.delivered for one in all_).text(digits=0),
                spread(one.twice for one in all_).text(digits=0),
                spread(one.unexplained for one in all_).text(digits=0),
            )
        )
    head = (
        f"sink: {fault}",
        "CPU ms over bare",
        "wall ms over bare",
        "ms from its last line to its exit",
        "CPU ms of what it left running",
        "taken in the first run",
        "delivered in the end, of 3",
        "came twice",
        "of these not recognisable",
    )
    section.parts.append(Table(head, rows))
