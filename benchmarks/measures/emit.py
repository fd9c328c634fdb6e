"""An emit on the caller's thread: what one call costs, how long the slowest take, under threads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.figures import Spread, ratio, spread, times
from harness.peers import OTEL, WINML
from harness.report import Section, Table
from harness.run import MeasureError, tell

if TYPE_CHECKING:
    from harness.run import Run

#: Declarant's sender looks for events this often while calls are timed, so that it is at work all
#: the while, as the peers' senders are; by default it looks every 5 s.
_BUSY = "flush_interval_s=0.05"
_QUEUE = "queue=big"
#: Figure to what the worker calls it.
_CALLS = {"steady": "steady_ns", "own": "own_ns", "crowd": "crowd_each_ns"}

_STEADILY = (
    "Steadily, µs of single calls without the time in which the machine ran something else; in the "
    "last columns with it. p99 and what is above it are of the calls of all rounds together, those "
    "of single rounds in brackets:"
)
_AT_ONCE = (
    "8 threads at once, wall µs; the first column is the time of all calls by their number. The "
    "last two tell of the whole measure what the sink saw, in the median, until the process ended, "
    "which waits for no more than the SDK's flush does:"
)


def measure(run: Run) -> Section:
    """Have each SDK take the same calls in the same rhythm, in turns."""
    calls = 4_000 if run.quick else 20_000
    section = Section(
        "An emit on the caller's thread",
        "One typed event of six fields. In a row: 7 batches of 2,000 calls, all of them sent "
        "between two batches. Steadily: one call each 100 µs while the SDK's sender works in the "
        "same process, each call timed by itself. 8 threads: 2,000 calls each, at once. Queues "
        "are large enough to drop nothing, and Declarant's sender looks for events every 50 ms, "
        "so that it works as continuously as the others do. Declarant's call validates and "
        "returns when the event is on disk; OpenTelemetry's does neither, winml-cli's checks "
        "names of fields.",
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for _ in range(run.rounds(3)):
        for peer in run.callers():
            run.sink.reset()
            try:
                taken = run.work(peer, "emit", calls, _BUSY, _QUEUE)
            except MeasureError as error:
                tell(error)
                continue
            count = run.sink.count()
            taken |= {"requests": count.requests, "arrived": count.events}
            found.setdefault(peer.label, []).append(taken)
    _tell(section, found)
    return section


def _tell(section: Section, found: dict[str, list[dict[str, Any]]]) -> None:
    for label, rounds in found.items():
        for figure, key in (("emit_cpu_ns", "cpu_ns"), ("emit_wall_ns", "wall_ns")):
            section.note(figure, label, spread(value for taken in rounds for value in taken[key]))
        for figure, key in _CALLS.items():
            samples = [taken[key] for taken in rounds]
            section.note(f"{figure}_p50_ns", label, spread(one["median"] for one in samples))
            for name, share in (("p99", 0.99), ("p999", 0.999), ("p9999", 0.9999), ("most", 1.0)):
                section.note(f"{figure}_{name}_ns", label, _pooled(samples, share))
        section.note("crowd_ns", label, spread(taken["crowd_ns"] for taken in rounds))
        section.note("steady_calls", label, spread(taken["steady_ns"]["calls"] for taken in rounds))
        section.note("emit_requests", label, spread(taken["requests"] for taken in rounds))
        share = spread(taken["arrived"] / taken["emitted"] for taken in rounds)
        section.note("emit_arrived_share", label, share)

    def figure(name: str, label: str, digits: int = 1) -> str:
        taken = section.get(name, label)
        return "" if taken is None else taken.text(1e-3, digits)

    def share(name: str, label: str, other: str) -> str:
        return times(ratio(section.get(name, label), section.get(name, other)))

    section.parts += [
        "In a row:",
        Table(
            ("", "CPU µs a call", "wall µs a call", f"CPU x {OTEL}", f"CPU x {WINML}"),
            [
                (
                    label,
                    figure("emit_cpu_ns", label, 2),
                    figure("emit_wall_ns", label, 2),
                    share("emit_cpu_ns", label, OTEL),
                    share("emit_cpu_ns", label, WINML),
                )
                for label in found
            ],
        ),
        _STEADILY,
        Table(
            (
                "",
                "median",
                "p99",
                "p99.9",
                f"p99.9 x {WINML}",
                "p99.99",
                "slowest",
                "calls",
                "p99.9, with it",
                f"the same x {WINML}",
            ),
            [
                (
                    label,
                    *(figure(f"own_{name}_ns", label) for name in ("p50", "p99", "p999")),
                    share("own_p999_ns", label, WINML),
                    figure("own_p9999_ns", label),
                    figure("own_most_ns", label),
                    f"{_median(section, 'steady_calls', label):,.0f}",
                    figure("steady_p999_ns", label),
                    share("steady_p999_ns", label, WINML),
                )
                for label in found
            ],
        ),
        _AT_ONCE,
        Table(
            ("", "all", "median of one", "p99 of one", "requests", "arrived"),
            [
                (
                    label,
                    figure("crowd_ns", label),
                    figure("crowd_p50_ns", label),
                    figure("crowd_p99_ns", label),
                    f"{_median(section, 'emit_requests', label):,.0f}",
                    f"{_median(section, 'emit_arrived_share', label):.0%}",
                )
                for label in found
            ],
        ),
    ]


def _pooled(samples: list[dict[str, Any]], share: float) -> Spread:
    """Return a quantile of the calls of all rounds, with those of single rounds around it."""
    each = [_slow_quantile(one["slowest"], one["calls"], share) for one in samples]
    slowest = sorted(taken for one in samples for taken in one["slowest"])
    pooled = _slow_quantile(slowest, sum(one["calls"] for one in samples), share)
    return Spread(pooled, min(each), max(each), len(each))


def _slow_quantile(slowest: list[int], calls: int, share: float) -> float:
    """Return a quantile of *calls* samples, of which the *slowest* are here, in their order."""
    above = calls - math.ceil(calls * share)
    return slowest[-1 - above]


def _median(section: Section, name: str, label: str) -> float:
    taken = section.get(name, label)
    return float("nan") if taken is None else taken.median
