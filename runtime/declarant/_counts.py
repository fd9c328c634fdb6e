"""Counts: how many events were accepted, wait, or were dropped and why, and what they went without.

A loss is counted in one place at a time: in a record that waits in a segment, in the ledger once a
sender has taken the record in, or in memory (`DropCounter`) while no record can be written.
"""

from __future__ import annotations

from _thread import RLock

from declarant._guard import guarded
from declarant._losses import Losses, drop_record, left_out_record, tally
from declarant._outcome import DropReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._segments import SegmentWriter
    from declarant._store import OfflineStore

    #: Kind, of KINDS, to what is counted to how many.
    Counts = dict[str, dict[str, int]]

KINDS = ("accepted", "waiting", "dropped", "refused", "left_out")

#: Drops that an emitting process writes down one by one.
RECORDED = frozenset(
    (
        DropReason.INVALID_EVENT,
        DropReason.SIZE_LIMIT_EXCEEDED,
        DropReason.PACKAGE_DAMAGED,
        DropReason.INTERNAL,
    )
)

#: Drops of a client that is off. They are no losses, and nothing is stored of them.
_OFF = frozenset(
    (
        DropReason.NOT_CONFIGURED,
        DropReason.CONSENT_OFF,
        DropReason.NO_KEY,
        DropReason.LEVEL_OFF,
        DropReason.SWITCHED_OFF,
    )
)


class DropCounter:
    """The losses of this process; safe to use from any thread.

    Attributes:
        unheard: Drops, as INTERNAL, that are counted where nothing can be called any more. Whoever
            drops one adds to it; the other methods take it in.
    """

    __slots__ = ("_lock", "_total", "_unrecorded", "unheard")

    def __init__(self) -> None:
        """Start from nothing."""
        self._lock = RLock()
        self.unheard = 0
        self._total = Losses()
        self._unrecorded = Losses()

    def add(self, reason: DropReason, count: int = 1, *, recorded: bool = False) -> None:
        """Count *count* drops; *recorded* says that a record on disk tells of them."""
        with self._lock:
            self._total.drop(reason, count)
            if not recorded:
                self._unrecorded.drop(reason, count)

    def leave_out(self, path: str) -> None:
        """Count an event that goes without the ext field at *path*."""
        with self._lock:
            self._total.leave_out(path)
            self._unrecorded.leave_out(path)

    def take_over(self, lost: Losses, recorded: Losses) -> None:
        """Count what is *lost*; of what was *recorded* before nothing on disk tells any more."""
        with self._lock:
            self._total.add(lost)
            self._unrecorded.add(lost)
            self._unrecorded.add(recorded)

    def drop(self, reason: DropReason, event_name: str, writer: SegmentWriter | None) -> None:
        """Count one dropped event, and write it down beside the events if that is due.

        So the count outlives a crash. Not what a client that is off drops: nothing is stored of it.
        What cost the event may well be the disk, or what a host made of it (an audit hook, a patch
        of `os`): then the drop is counted here, and written down when the disk can be used.
        """
        line = drop_record(reason, event_name, 1) if reason in RECORDED else b""
        recorded = False
        try:
            if writer is not None and line:
                recorded = guarded(lambda: writer.append(line), _no, strict=False)
        finally:
            # What belongs to the host passes, and the event is dropped all the same.
            self.add(reason, recorded=recorded)

    def total(self) -> Losses:
        """Return all losses of this process."""
        with self._lock:
            self._hear()
            return self._total.copy()

    def unrecorded(self) -> Losses:
        """Return the losses that only this process knows of."""
        with self._lock:
            self._hear()
            return self._unrecorded.copy()

    def record(self, writer: SegmentWriter) -> None:
        """Write down what no record tells of yet, as far as the disk takes it."""
        untold = self._take_recordable()
        try:
            for reason, count in tuple(untold.dropped.items()):
                if writer.append(drop_record(reason, "", count)):
                    del untold.dropped[reason]
            for path, count in tuple(untold.left_out.items()):
                if writer.append(left_out_record(path, count)):
                    del untold.left_out[path]
        finally:
            with self._lock:
                self._unrecorded.add(untold)

    def _hear(self) -> None:
        if self.unheard:
            count, self.unheard = self.unheard, 0
            self.add(DropReason.INTERNAL, count)

    def _take_recordable(self) -> Losses:
        with self._lock:
            self._hear()
            taken, self._unrecorded = self._unrecorded, Losses()
            for reason in _OFF.intersection(taken.dropped):
                self._unrecorded.drop(reason, taken.dropped.pop(reason))
            return taken


def _no() -> bool:
    return False


def all_counts(store: OfflineStore | None, drops: DropCounter) -> Counts:
    """Return what the disk tells of *store*, and the drops that this process alone knows of."""
    counts: Counts = {kind: {} for kind in KINDS}
    if store is not None:
        counts = store_counts(store)
    _add(counts, drops.unrecorded())
    return counts


def store_counts(store: OfflineStore) -> Counts:
    """Return what the disk tells of *store*: the ledger and what waits in segments.

    Returns:
        `{"accepted": {"events": n}, "waiting": {"events": n}, "dropped": {reason: n}, "refused":
        {the collector's words: n}, "left_out": {path: n}}`; a count of nothing may be missing.
    """
    # Late on purpose: it reads JSON.
    from declarant._ledger import Ledger

    counts = Ledger(store.folder).counts()
    events, losses = tally(store.waiting())
    _add(counts, losses)
    counts["waiting"] = {"events": events}
    return counts


def _add(counts: Counts, losses: Losses) -> None:
    for kind, found in losses.counts().items():
        kept = counts[kind]
        for name, count in found.items():
            kept[name] = kept.get(name, 0) + count
