"""One pass over the offline store: lease, batch, send, settle, count.

Used by the delivery thread, by `declarant send` and by the detached process. Only one sender works
on a store at a time; what it learns for later processes stands in `_ledger`.
"""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

from declarant._ledger import Ledger
from declarant._limits import (
    BACKOFF_FIRST_S,
    BACKOFF_LAST_S,
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_EVENT_BYTES,
)
from declarant._outcome import DropReason
from declarant._segments import DROP_START
from declarant._transport import Payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from declarant._catalogue import Catalogue
    from declarant._store import Lease, OfflineStore
    from declarant._transport import SendOutcome, Transport


class Report:
    """What one pass did.

    Attributes:
        busy: Another sender was at work, nothing was done.
        held_s: Seconds until the backoff allows the next try, 0 if it does now.
        accepted: Events the collector took.
        dropped: Events given up, by reason.
        retry: The outcome that ended the pass early, or None.
    """

    def __init__(self) -> None:
        """Start from nothing."""
        self.busy = False
        self.held_s = 0.0
        self.accepted = 0
        self.dropped: dict[DropReason, int] = {}
        self.refusals: dict[str, int] = {}
        self.retry: SendOutcome | None = None

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Count *count* dropped events."""
        self.dropped[reason] = self.dropped.get(reason, 0) + count


class Batch:
    """Lines of one lease that go into one request, and where to settle once they are done."""

    __slots__ = ("lines", "offset")

    def __init__(self, lines: list[bytes], offset: int) -> None:
        """Hold *lines* (maybe none), done with everything before *offset*."""
        self.lines = lines
        self.offset = offset


def send_waiting(
    store: OfflineStore,
    catalogue: Catalogue,
    tenant: str,
    make_transport: Callable[[], Transport],
    *,
    seconds_left: Callable[[], float],
    ignore_backoff: bool = False,
) -> Report:
    """Send what waits in *store* until it is empty, the time is up, or the collector says later.

    Args:
        store: The offline store.
        catalogue: Re-validates lines that another generation wrote.
        tenant: Tenant token of the sender's key; lines of another are dropped and counted.
        make_transport: Called once there is something to send, so that an idle pass stays cheap.
        seconds_left: Seconds that remain for the pass.
        ignore_backoff: Try even while the backoff holds (a person asked).
    """
    report = Report()
    ledger = Ledger(store.folder)
    if not ledger.lock():
        report.busy = True
        return report
    try:
        report.held_s = 0.0 if ignore_backoff else ledger.held_s()
        if report.held_s <= 0:
            _Pass(store, catalogue, tenant, make_transport, seconds_left, report, ledger).run()
            _set_backoff(ledger, report)
    finally:
        ledger.unlock()
    return report


def _set_backoff(ledger: Ledger, report: Report) -> None:
    if report.retry is not None:
        step = ledger.failures()
        delay = min(BACKOFF_FIRST_S * 2**step, BACKOFF_LAST_S)
        delay = max(random.uniform(delay, 2 * delay), report.retry.retry_after_s or 0.0)  # noqa: S311  jitter, not a secret
        ledger.hold(delay, failures=step + 1)
    elif report.accepted:
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
    ) -> None:
        self.store = store
        self.ledger = ledger
        self.catalogue = catalogue
        self.tenant = tenant
        self.make_transport = make_transport
        self.seconds_left = seconds_left
        self.report = report
        self.transport: Transport | None = None

    def run(self) -> None:
        self.store.enforce_bounds(self.report.drop)
        self.store.merge()
        try:
            for lease in self.store.leases():
                more = self._send_lease(lease)
                # Once a segment, so that a sender that is killed loses few counts.
                self.ledger.record(self.report)
                if not more:
                    break
        finally:
            if self.transport is not None:
                self.transport.close()

    def _send_lease(self, lease: Lease) -> bool:
        """Send one segment; False when the pass must end."""
        for batch in self._batches(lease):
            if not self._send_batch(batch.lines):
                lease.release()
                return False
            lease.settle(batch.offset)
        lease.finish()
        return True

    def _send_batch(self, lines: list[bytes]) -> bool:
        """Send *lines* until each has a final outcome; False for "later"."""
        if not lines:
            return True
        if self.transport is None:
            self.transport = self.make_transport()
        outcome = self.transport.send(Payload(lines))
        if outcome.kind == "retry":
            self.report.retry = outcome
            return False
        if outcome.kind == "too_large" and len(lines) > 1:
            half = len(lines) // 2
            return self._send_batch(lines[:half]) and self._send_batch(lines[half:])
        self._settle(outcome, len(lines))
        return True

    def _settle(self, outcome: SendOutcome, sent: int) -> None:
        if outcome.kind == "accepted":
            refused = len(outcome.rejected)
            self.report.accepted += sent - refused
            if refused:
                self.report.drop(DropReason.REJECTED, refused)
            for reason in outcome.rejected.values():
                self._refuse(reason, 1)
        elif outcome.kind == "too_large":
            self.report.drop(DropReason.SIZE_LIMIT_EXCEEDED, sent)
        else:
            self.report.drop(DropReason.NON_RETRYABLE_STATUS, sent)
            self._refuse(outcome.reason, sent)

    def _refuse(self, reason: str, count: int) -> None:
        self.report.refusals[reason] = self.report.refusals.get(reason, 0) + count

    def _batches(self, lease: Lease) -> Iterator[Batch]:
        """Cut a segment into requests within the collector's limits (counted in encoded bytes)."""
        trusted = lease.generation == self.catalogue.generation
        lines: list[bytes] = []
        size = 0
        done = lease.offset
        for line, offset in lease.lines():
            if self._keep(line, trusted=trusted):
                if lines and (
                    len(lines) == MAX_BATCH_EVENTS or size + len(line) + 1 > MAX_BATCH_BYTES
                ):
                    yield Batch(lines, done)
                    lines, size = [], 0
                lines.append(line)
                size += len(line) + 1
            done = offset
        if lease.is_torn:
            self.report.drop(DropReason.CORRUPT)
        yield Batch(lines, done)

    def _keep(self, line: bytes, *, trusted: bool) -> bool:
        if line.startswith(DROP_START):
            self._take_drop_record(line)
            return False
        if not line.strip():
            return False
        reason = self._doubt(line, trusted=trusted)
        if reason is not None:
            self.report.drop(reason)
        return reason is None

    def _doubt(self, line: bytes, *, trusted: bool) -> DropReason | None:
        """Return why *line* must not be sent, or None."""
        mine = f'","iKey":"o:{self.tenant}",'.encode("ascii")
        # A line that this generation wrote is whole exactly if it ends as the encoder ends it.
        if trusted and line.startswith(b'{"ver":"4.0","name":"') and line.endswith(b"}}"):
            return None if mine in line else DropReason.KEY_CHANGED
        if len(line) > MAX_EVENT_BYTES:
            return DropReason.CORRUPT
        from declarant._envelopes import line_doubt

        return line_doubt(line, self.catalogue, self.tenant)

    def _take_drop_record(self, line: bytes) -> None:
        try:
            record = json.loads(line)
            reason = DropReason(record["declarant_drop"])
            count = int(record["count"])
        except (ValueError, KeyError, TypeError):
            self.report.drop(DropReason.CORRUPT)
            return
        if reason in DropReason.ALL and count > 0:
            self.report.drop(reason, count)


def deadline(seconds: float) -> Callable[[], float]:
    """Return a clock that counts down from *seconds*."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()
