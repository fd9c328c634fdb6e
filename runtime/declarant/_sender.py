"""One pass over the offline store: lease, batch, send, settle, count.

Used by the delivery thread, by `declarant send` and by the detached process. Only one sender works
on a store at a time; what it learns for later processes stands in `_ledger`.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from declarant._batches import SegmentReader
from declarant._ledger import Ledger
from declarant._limits import BACKOFF_FIRST_S, BACKOFF_LAST_S
from declarant._merge import merge_small
from declarant._outcome import DropReason
from declarant._pace import Pace
from declarant._transport import OUT_OF_TIME, Payload, SendOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant._batches import Batch
    from declarant._catalogue import Catalogue
    from declarant._consent import Signal
    from declarant._counts import Counts
    from declarant._lease import Head, Lease
    from declarant._store import OfflineStore
    from declarant._transport import Transport


#: What refusals are counted under when the collector does not say which events it means.
UNNAMED = "unnamed"


class Report:
    """What one pass did.

    Attributes:
        busy: Another sender was at work, nothing was done.
        held_s: Seconds until the backoff allows the next try, 0 if it does now.
        complete: Every segment that could be leased is done.
        accepted: Events the collector took.
        dropped: Events given up, by reason.
        refusals: Events the collector refused, by its own words.
        retry: The outcome that ended the pass early, or None.
        withheld: Segments that wait for the user's answer.
        off: The signal by which nothing was or is sent, or None.
    """

    def __init__(self) -> None:
        """Start from nothing."""
        self.busy = False
        self.held_s = 0.0
        self.complete = False
        self.accepted = 0
        self.dropped: dict[DropReason, int] = {}
        self.refusals: dict[str, int] = {}
        self.retry: SendOutcome | None = None
        self.withheld = 0
        self.off: Signal | None = None

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Count *count* dropped events."""
        self.dropped[reason] = self.dropped.get(reason, 0) + count

    def refuse(self, words: str, count: int = 1) -> None:
        """Count *count* events that the collector refused with *words*."""
        self.refusals[words] = self.refusals.get(words, 0) + count

    def add(self, other: Report) -> None:
        """Add the counts of *other*."""
        self.accepted += other.accepted
        for reason, count in other.dropped.items():
            self.drop(reason, count)
        for words, count in other.refusals.items():
            self.refuse(words, count)

    def counts(self) -> Counts:
        """Return the counts in the ledger's form."""
        return {
            "accepted": {"events": self.accepted} if self.accepted else {},
            "dropped": {str(reason): count for reason, count in self.dropped.items()},
            "refused": dict(self.refusals),
        }


def send_waiting(
    store: OfflineStore,
    catalogue: Catalogue,
    tenant: str,
    make_transport: Callable[[], Transport],
    *,
    seconds_left: Callable[[], float],
    ignore_backoff: bool = False,
    pace: Pace | None = None,
    may_lease: Callable[[Head], bool] = lambda _: True,
) -> Report:
    """Send what waits in *store* until it is empty, the time is up, or the collector says later.

    Args:
        store: The offline store.
        catalogue: Re-validates lines that another generation wrote.
        tenant: Tenant token of the sender's key; lines of another are dropped and counted.
        make_transport: Called once there is something to send, so that an idle pass stays cheap.
        seconds_left: Seconds that remain for the pass.
        ignore_backoff: Try even while the backoff holds (a person asked).
        pace: What this process knows of its collector; nothing yet if None.
        may_lease: Asked with the head of each segment; one that may not be sent stays as it is.
    """
    report = Report()
    if not store.segments():
        report.complete = True
        return report
    ledger = Ledger(store.folder)
    if not ledger.lock():
        report.busy = True
        return report
    try:
        report.held_s = 0.0 if ignore_backoff else ledger.held_s()
        if report.held_s <= 0:
            _Pass(
                store,
                catalogue,
                tenant,
                make_transport,
                seconds_left,
                report,
                ledger,
                pace or Pace(),
                may_lease,
            ).run()
            _set_backoff(ledger, report)
    finally:
        ledger.unlock()
    return report


def _set_backoff(ledger: Ledger, report: Report) -> None:
    # Having had too little time says nothing about the collector.
    if report.retry is not None and report.retry.reason != OUT_OF_TIME:
        step = ledger.failures()
        delay = min(BACKOFF_FIRST_S * 2**step, BACKOFF_LAST_S)
        delay = max(random.uniform(delay, 2 * delay), report.retry.retry_after_s or 0.0)  # noqa: S311  jitter, not a secret
        ledger.hold(delay, failures=step + 1)
    elif report.accepted or report.refusals:
        ledger.release_hold()


class _Pass:
    def __init__(
        self,
        store: OfflineStore,
        catalogue: Catalogue,
        tenant: str,
        make_transport: Callable[[], Transport],
        seconds_left: Callable[[], float],
        report: Report,
        ledger: Ledger,
        pace: Pace,
        may_lease: Callable[[Head], bool],
    ) -> None:
        self.store = store
        self.ledger = ledger
        self.catalogue = catalogue
        self.tenant = tenant
        self.make_transport = make_transport
        self.seconds_left = seconds_left
        self.report = report
        self.pace = pace
        self.may_lease = may_lease
        self.transport: Transport | None = None

    def run(self) -> None:
        self._settle_what_is_counted()
        self.store.enforce_bounds(self._count_drop)
        merge_small(self.store)
        complete = True
        try:
            for lease in self.store.leases():
                complete &= self._end_lease(lease)
                if self.report.retry is not None:
                    return
            self.report.complete = complete
        finally:
            if self.transport is not None:
                self.transport.close()

    def _settle_what_is_counted(self) -> None:
        """Settle what a sender counted and then died, so that nobody sends or counts it again."""
        name, offset = self.ledger.settled()
        lease = self.store.lease(name) if name else None
        if lease is None:
            return
        try:
            if lease.offset < offset <= lease.end:
                lease.settle(offset)
        finally:
            lease.release()

    def _count_drop(self, reason: DropReason, count: int) -> None:
        dropped = Report()
        dropped.drop(reason, count)
        self._record(dropped, "", 0)

    def _record(self, done: Report, segment: str, offset: int) -> None:
        self.report.add(done)
        self.ledger.record(done.counts(), segment, offset)

    def _end_lease(self, lease: Lease) -> bool:
        """Send one segment and give it back; False if it is not done."""
        try:
            if not self.may_lease(lease.head):
                self.report.withheld += 1
                return False
            return self._send_lease(lease)
        except OSError:
            # This segment cannot be settled; the next one may.
            return False
        finally:
            lease.release()

    def _send_lease(self, lease: Lease) -> bool:
        """Send one segment; False when the collector said "later"."""
        # What cannot be settled must not be sent: it would be sent again for ever.
        lease.settle(lease.offset)
        reader = SegmentReader(lease, self.catalogue, self.tenant)
        for batch in reader.batches(lambda: self.pace.batch_events(self.seconds_left())):
            if not self._send_batch(batch, lease, reader):
                return False
        lease.finish()
        return True

    def _send_batch(self, batch: Batch, lease: Lease, reader: SegmentReader) -> bool:
        """Send *batch* until each line has a final outcome, and settle it; False for "later"."""
        done = Report()
        if batch.lines:
            outcome = self._send(batch.lines)
            if outcome.kind == "retry":
                self.report.retry = outcome
                return False
            if outcome.kind == "too_large" and len(batch.lines) > 1:
                return all(self._send_batch(half, lease, reader) for half in batch.halves())
            _take_outcome(outcome, len(batch.lines), done)
        for reason, count in reader.take_dropped(batch.end).items():
            done.drop(reason, count)
        self._record(done, lease.name, batch.end)
        lease.settle(batch.end)
        return True

    def _send(self, lines: list[bytes]) -> SendOutcome:
        if self.transport is None and self.seconds_left() > 0:
            # First: what it imports takes a part of the time.
            self.transport = self.make_transport()
        before = self.seconds_left()
        if self.transport is None or not self.pace.allows(before):
            return SendOutcome("retry", reason=OUT_OF_TIME)
        started = time.monotonic()
        outcome = self.transport.send(Payload(lines))
        took = time.monotonic() - started
        if outcome.status:
            self.pace.note_answer(took)
        elif self.seconds_left() <= 0:
            self.pace.note_cut(took)
            if self.pace.answered:
                # Cut by our own deadline, and the collector is known to answer.
                return SendOutcome("retry", reason=OUT_OF_TIME)
        return outcome


def _take_outcome(outcome: SendOutcome, sent: int, done: Report) -> None:
    if outcome.kind == "accepted":
        done.accepted = sent - len(outcome.rejected) - outcome.unnamed
        for words in outcome.rejected.values():
            done.drop(DropReason.REJECTED)
            done.refuse(words)
        if outcome.unnamed:
            done.drop(DropReason.REJECTED, outcome.unnamed)
            done.refuse(UNNAMED, outcome.unnamed)
    elif outcome.kind == "too_large":
        done.drop(DropReason.SIZE_LIMIT_EXCEEDED, sent)
        done.refuse(outcome.reason, sent)
    else:
        done.drop(DropReason.NON_RETRYABLE_STATUS, sent)
        done.refuse(outcome.reason, sent)


def deadline(seconds: float) -> Callable[[], float]:
    """Return a clock that counts down from *seconds*."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()
