"""One pass over the offline store: lease, batch, send, settle, count.

Used by the delivery thread, by `declarant send` and by the detached process. Only one sender works
on a store at a time; what it learns for later processes stands in `_ledger`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from declarant import _clocks
from declarant._batches import SegmentReader, name_and_time
from declarant._isolation import UNFINISHED, Isolation, take_outcome
from declarant._kill_switch import ALL, KillSwitch
from declarant._ledger import Ledger
from declarant._limits import (
    BACKOFF_FIRST_S,
    BACKOFF_LAST_S,
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
)
from declarant._merge import merge_small
from declarant._outcome import DropReason
from declarant._pace import Pace
from declarant._report import Report
from declarant._transport import OUT_OF_TIME, Payload, SendOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant._batches import Batch
    from declarant._catalogue import Catalogue
    from declarant._lease import Head, Lease
    from declarant._losses import Losses
    from declarant._store import OfflineStore
    from declarant._transport import Transport

__all__ = ["Report", "deadline", "send_waiting"]


def send_waiting(
    store: OfflineStore,
    catalogue: Catalogue,
    tenant: str,
    make_transport: Callable[[], Transport],
    *,
    seconds_left: Callable[[], float],
    ignore_backoff: bool = False,
    pace: Pace | None = None,
    kills: KillSwitch | None = None,
    may_lease: Callable[[Head], bool] = lambda _: True,
) -> Report:
    """Send what waits in *store* until it is empty, the time is up, or the collector says later.

    What the collector ordered to be silent is dropped, not sent.

    Args:
        store: The offline store.
        catalogue: Re-validates lines that another generation wrote.
        tenant: Tenant token of the sender's key; lines of another are dropped and counted.
        make_transport: Called once there is something to send, so that an idle pass stays cheap.
        seconds_left: Seconds that remain for the pass.
        ignore_backoff: Try even while our own backoff holds (a person asked); not while the
            collector asked to wait.
        pace: What this process knows of its collector; nothing yet if None.
        kills: What this process knows of kill orders for *tenant*; nothing yet if None.
        may_lease: Asked with the head of each segment; one that may not be sent stays as it is.
    """
    report = Report()
    kills = kills or KillSwitch(store.folder, tenant)
    if not store.segments():
        report.complete = True
        return report
    ledger = Ledger(store.folder)
    if not ledger.lock():
        report.busy = True
        return report
    try:
        kills.refresh(at_once=True)
        held_s = ledger.asked_s() if ignore_backoff else ledger.held_s()
        # What is silenced is dropped without asking anybody.
        report.held_s = 0.0 if kills.is_silent else held_s
        if report.held_s <= 0:
            failures = ledger.failures()
            _Pass(
                store,
                catalogue,
                make_transport,
                seconds_left,
                report,
                ledger,
                pace or Pace(),
                kills,
                may_lease,
            ).run()
            _set_backoff(ledger, report, failures)
    finally:
        ledger.unlock()
    report.silent_s = kills.silent_s(_clocks.now())
    return report


def _set_backoff(ledger: Ledger, report: Report, failures: int | None = None) -> None:
    """Note what a pass means for the next one.

    Args:
        ledger: Where it is noted.
        report: What the pass did.
        failures: Failures in a row before the pass; those that the ledger has if None.
    """
    asked_s = report.asked_s
    # Having had too little time says nothing about the collector.
    if report.retry is not None and report.retry.reason != OUT_OF_TIME:
        step = ledger.failures() if failures is None else failures
        _hold(ledger, step, asked_s)
    elif asked_s > 0:
        ledger.hold(asked_s, failures=0, asked_s=asked_s)
    elif report.accepted or report.refusals:
        ledger.release_hold()


def _hold(ledger: Ledger, step: int, asked_s: float = 0.0, *, from_now_s: float = 0.0) -> None:
    """Have senders wait after failure number *step*.

    Args:
        ledger: Where it is noted.
        step: From 0; each doubles the wait.
        asked_s: Seconds the collector asked to wait at least.
        from_now_s: Seconds until the wait begins.
    """
    delay = min(BACKOFF_FIRST_S * 2**step, BACKOFF_LAST_S)
    delay = random.uniform(delay, 2 * delay)  # noqa: S311  jitter, not a secret
    ledger.hold(from_now_s + max(delay, asked_s), failures=step + 1, asked_s=asked_s)


class _Pass:
    def __init__(
        self,
        store: OfflineStore,
        catalogue: Catalogue,
        make_transport: Callable[[], Transport],
        seconds_left: Callable[[], float],
        report: Report,
        ledger: Ledger,
        pace: Pace,
        kills: KillSwitch,
        may_lease: Callable[[Head], bool],
    ) -> None:
        self.store = store
        self.ledger = ledger
        self.catalogue = catalogue
        self.make_transport = make_transport
        self.seconds_left = seconds_left
        self.report = report
        self.pace = pace
        self.kills = kills
        self.isolation = Isolation()
        self.may_lease = may_lease
        self.transport: Transport | None = None

    def run(self) -> None:
        self._settle_what_is_counted()
        self.store.enforce_bounds(self._count_losses)
        merge_small(self.store)
        complete = True
        try:
            for lease in self.store.leases():
                complete = self._end_lease(lease) and complete
                if not complete and self._is_over():
                    return
            self.report.complete = complete
        finally:
            if self.transport is not None:
                self.transport.close()

    def _settle_what_is_counted(self) -> None:
        """Have what a dead sender counted settled before the ledger says anything else."""
        name, _ = self.ledger.settled()
        lease = self.store.lease(name) if name else None
        if lease is not None:
            lease.release()

    def _count_losses(self, lost: Losses, recorded: Losses) -> None:
        done = Report()
        done.losses.add(lost)
        done.losses.add(recorded)
        self._record(done, "", 0)

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
        if self._is_over():
            return False
        # What cannot be settled must not be sent: it would be sent again for ever.
        lease.settle(lease.offset)
        reader = SegmentReader(lease, self.catalogue, self.kills.tenant)
        for batch in reader.batches(lambda: self.pace.batch_events(self.seconds_left())):
            if not self._send_batch(batch, lease, reader):
                return False
        lease.finish()
        return True

    def _is_over(self) -> bool:
        """Tell whether nothing more may be sent. What is silenced can be dropped all the same."""
        said_later = self.report.retry is not None or self.report.asked_s > 0
        return said_later and not self.kills.is_silent

    def _send_batch(self, batch: Batch, lease: Lease, reader: SegmentReader) -> bool:
        """Send *batch* until each line has a final outcome, and settle it; False for "later"."""
        if self._is_over():
            return False
        batch = self._without_silenced(batch, reader)
        done = Report()
        if batch.count:
            outcome = self._send(batch)
            silenced = self._obey(outcome, batch)
            if len(silenced) == batch.count:
                done.drop(DropReason.KILL_SWITCH, len(silenced))
            elif outcome.kind == "retry":
                # Once more only if an order came with it: then nothing of it is sent again.
                return self.kills.is_silent and self._send_batch(batch, lease, reader)
            elif self._is_to_be_cut(outcome, batch):
                return self._send_apart(outcome, silenced, batch, lease, reader)
            else:
                _count(outcome, batch.count, silenced, done)
        reader.take_dropped(batch.end, done)
        self._record(done, lease.name, batch.end)
        lease.settle(batch.end)
        return True

    def _is_to_be_cut(self, outcome: SendOutcome, batch: Batch) -> bool:
        """Tell whether parts of *batch*, which was refused whole, shall be sent by themselves."""
        is_whole = outcome.kind in ("poisoned", "too_large") and batch.count > 1
        return is_whole and not self.isolation.is_hopeless

    def _send_apart(
        self,
        outcome: SendOutcome,
        silenced: frozenset[int],
        batch: Batch,
        lease: Lease,
        reader: SegmentReader,
    ) -> bool:
        """Send *batch* without what the collector named, or its halves if it named nothing."""
        if self.isolation.is_spent:
            self.report.retry = SendOutcome("retry", status=outcome.status, reason=UNFINISHED)
            return False
        offsets = batch.offsets
        for index in silenced:
            reader.drop(offsets[index], DropReason.KILL_SWITCH)
        for index, words in outcome.rejected.items():
            if index not in silenced:
                reader.drop(offsets[index], DropReason.REJECTED, words)
        named = silenced.union(outcome.rejected)
        if named:
            return self._send_batch(batch.without(named), lease, reader)
        return all(self._send_batch(half, lease, reader) for half in batch.halves())

    def _without_silenced(self, batch: Batch, reader: SegmentReader) -> Batch:
        """Return *batch* without what the kill switch drops, which is counted when it settles."""
        self.kills.refresh()
        if not self.kills.has_orders:
            return batch
        places = [
            index
            for index, line in enumerate(batch.lines)
            if self.kills.drops(*name_and_time(line))
        ]
        offsets = batch.offsets
        for index in places:
            reader.drop(offsets[index], DropReason.KILL_SWITCH)
        return batch.without(frozenset(places))

    def _obey(self, outcome: SendOutcome, batch: Batch) -> frozenset[int]:
        """Remember the answer's kill order; return which lines of *batch* it drops right away.

        An order that lasts leaves the request that brought it its own outcome.
        """
        order = outcome.kill
        if order is None:
            return frozenset()
        names = [name_and_time(line)[0] for line in batch.lines]
        # Nothing that is nobody's event gets into a file of ours.
        events = order.events & {ALL, *self.catalogue.events, *names}
        if order.seconds > 0:
            if events:
                self.kills.obey(events, order.seconds)
            return frozenset()
        return frozenset(
            index for index, name in enumerate(names) if ALL in events or name in events
        )

    def _send(self, batch: Batch) -> SendOutcome:
        if self.transport is None and self.seconds_left() > 0:
            # First: what it imports takes a part of the time.
            self.transport = self.make_transport()
        before = self.seconds_left()
        if self.transport is None or not self.pace.allows(before):
            return self._later(SendOutcome("retry", reason=OUT_OF_TIME))
        is_first = not self.pace.answered
        if is_first:
            # Whatever ends this process before an answer comes, the next one waits.
            longest = min(before, CONNECT_TIMEOUT_S + READ_TIMEOUT_S)
            _hold(self.ledger, self.ledger.failures(), from_now_s=longest)
        started = _clocks.monotonic()
        outcome = self.transport.send(Payload(batch.body(), batch.count))
        took = _clocks.monotonic() - started
        if is_first and outcome.status and outcome.kind != "retry":
            self.ledger.release_hold()
        self.isolation.note(outcome)
        if outcome.status:
            self.pace.note_answer(took)
        elif self.seconds_left() <= 0:
            self.pace.note_cut(took)
            if self.pace.answered:
                # Cut by our own deadline, and the collector is known to answer.
                outcome = SendOutcome("retry", reason=OUT_OF_TIME)
        return self._later(outcome)

    def _later(self, outcome: SendOutcome) -> SendOutcome:
        """Note when the collector wants no more requests for now."""
        if outcome.kind == "retry":
            self.report.retry = outcome
        # What is to be cut comes again at once, in parts: a wait would bring it back whole.
        if outcome.kind not in ("poisoned", "too_large"):
            self.report.asked_s = outcome.retry_after_s or 0.0
        return outcome


def _count(outcome: SendOutcome, sent: int, silenced: frozenset[int], done: Report) -> None:
    """Count a final *outcome* of *sent* events, of which the collector *silenced* some."""
    left = sent - len(silenced)
    if silenced:
        done.drop(DropReason.KILL_SWITCH, len(silenced))
        named = {i: words for i, words in outcome.rejected.items() if i not in silenced}
        outcome.rejected = named
        outcome.unnamed = min(outcome.unnamed, left - len(named))
    take_outcome(outcome, left, done)


def deadline(seconds: float) -> Callable[[], float]:
    """Return a clock that counts down from *seconds*."""
    end = _clocks.monotonic() + seconds
    return lambda: end - _clocks.monotonic()
