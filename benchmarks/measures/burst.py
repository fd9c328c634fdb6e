"""100,000 events as fast as the caller can, to the last one at the sink; and a batch of 100."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.figures import Spread, ratio, spread, times
from harness.peers import GLEAN, IN_PROCESS, POSTHOG, WINML
from harness.report import Section, Table
from harness.run import MeasureError, tell

if TYPE_CHECKING:
    from harness.peers import Peer
    from harness.run import Run

EVENTS = 100_000
#: Fewer of what would take too long; of Glean what one ping holds, for it uploads 15 a minute.
_FEWER = {POSTHOG: 20_000, GLEAN: 400}
_AS_SHIPPED, _BIG = "as shipped", "queue for all"


def measure(run: Run) -> Section:
    """Burst from each SDK in turns; of the peers with their default queue, and with one for all."""
    section = Section(
        "A burst of 100,000 events",
        "One thread emits as fast as it can; the clock stops when the SDK says that all are "
        "sent. CPU is of the whole process, its sender's included. Lost is what never arrived: "
        "counted at the sink, each different event once. Peers are run as shipped, where their "
        "queues drop what is too much, and with a queue for all, which is what they are compared "
        "by. Declarant has no such setting; what it has emitted is on disk. PostHog emits fewer, "
        "for all would take too long, and Glean as many as one ping holds, for it uploads 15 of "
        "them a minute.",
    )
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _ in range(run.rounds(2)):
        for peer in run.callers():
            for queue in (_AS_SHIPPED, _BIG) if _has_queue(peer) else (_AS_SHIPPED,):
                events = min(_FEWER.get(peer.label, EVENTS), EVENTS // 10 if run.quick else EVENTS)
                run.sink.reset()
                options = ("queue=big",) if queue == _BIG else ()
                try:
                    taken = run.work(peer, "burst", events, *options)
                except MeasureError as error:
                    tell(error)
                    continue
                count = run.sink.settle(0.3)
                arrived = count.distinct - 1  # the heartbeat
                taken |= {
                    "events": events,
                    "arrived": arrived,
                    "twice": count.events - count.distinct,
                    "requests": count.requests,
                    "wire_bytes": (count.head_bytes + count.body_bytes) / max(1, count.events),
                }
                found.setdefault((peer.label, queue), []).append(taken)
    _tell(section, found)
    return section


def _has_queue(peer: Peer) -> bool:
    return bool(peer.distribution) and peer.label != GLEAN


def _tell(section: Section, found: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    rates: dict[tuple[str, str], Spread] = {}
    cpus: dict[tuple[str, str], Spread] = {}
    for key, rounds in found.items():
        label, queue = key
        rates[key] = spread(taken["arrived"] / taken["total_s"] for taken in rounds)
        cpus[key] = spread(taken["cpu_s"] / taken["arrived"] for taken in rounds)
        lost = spread(taken["events"] - taken["arrived"] for taken in rounds)
        section.note(f"burst_lost, {queue}", label, lost)
        if queue == _BIG or (label, _BIG) not in found:
            section.note("burst_events_per_s", label, rates[key])
            section.note("burst_cpu_s_per_event", label, cpus[key])
            wire = spread(taken["wire_bytes"] for taken in rounds)
            section.note("burst_wire_bytes_per_event", label, wire)
    theirs = (WINML, _BIG)
    rows = []
    for key, rounds in found.items():
        label, queue = key
        rows.append(
            (
                label if label in (IN_PROCESS, GLEAN) else f"{label}, {queue}",
                f"{rounds[0]['events']:,}",
                spread(taken["events"] - taken["arrived"] for taken in rounds).text(digits=0),
                rates[key].text(digits=0),
                times(ratio(rates[key], rates.get(theirs))),
                cpus[key].text(1e5, 2),
                times(ratio(cpus[key], cpus.get(theirs))),
                spread(taken["peak_kb"] / 1024 for taken in rounds).text(digits=0),
                spread(taken["wire_bytes"] for taken in rounds).text(digits=0),
                spread(taken["requests"] for taken in rounds).text(digits=0),
                spread(taken["twice"] for taken in rounds).text(digits=0),
            )
        )
    head = (
        "",
        "events",
        "lost",
        "events/s",
        f"x {WINML}",
        "CPU s per 100,000",
        f"x {WINML}",
        "peak MiB",
        "wire bytes each",
        "requests",
        "came twice",
    )
    section.parts.append(Table(head, rows))


def wire(run: Run) -> Section:
    """Send one batch of 100 events that differ as a day's do, and count bytes."""
    section = Section(
        "Bytes on the wire, 100 varied events",
        "100 events with the commands and durations of a day, sent in one go: request lines, "
        "headers and bodies, divided by the events that arrived. As shipped, and compressed "
        "where that is a setting.",
    )
    rows = []
    for peer in run.callers():
        can = peer.sdk in ("otel", "posthog")
        for options in ((), ("compress=on",)) if can else ((),):
            run.sink.reset()
            try:
                run.work(peer, "wire", 100, *options, cap_s=60)
            except MeasureError as error:
                tell(error)
                continue
            count = run.sink.settle(0.5)
            label = f"{peer.label}, compressed" if options else peer.label
            each = spread([(count.head_bytes + count.body_bytes) / max(1, count.events)])
            section.note("wire_bytes_per_event", label, each)
            rows.append(
                (
                    label,
                    f"{count.events}",
                    f"{count.requests}",
                    f"{count.plain_bytes / max(1, count.events):.0f}",
                    each.text(),
                    times(ratio(each, section.get("wire_bytes_per_event", WINML))),
                    ", ".join(count.codings),
                )
            )
    ours = section.get("wire_bytes_per_event", IN_PROCESS)
    theirs = section.get("wire_bytes_per_event", WINML)
    rows = [
        (*row[:5], times(ratio(ours, theirs)) if row[0] == IN_PROCESS else row[5], row[6])
        for row in rows
    ]
    head = ("", "events", "requests", "bytes each, plain", "on the wire", f"x {WINML}", "coding")
    section.parts.append(Table(head, rows))
    return section
