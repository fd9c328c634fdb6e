"""Counts: how many events were accepted, wait, or were dropped and why.

A drop is counted in one place at a time: in a drop record that waits in a segment, in the ledger
once a sender has taken the record in, or in memory (`DropCounter`) while no record can be written.
"""

from __future__ import annotations

from _thread import RLock

from declarant._outcome import DropReason
from declarant._segments import DROP_START, drop_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from declarant._segments import SegmentWriter
    from declarant._store import OfflineStore

    #: Kind ("accepted", "waiting", "dropped", "refused") to what is counted to how many.
    Counts = dict[str, dict[str, int]]

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
    """The drops of this process; safe to use from any thread.

    Attributes:
        uncounted: Drops where there was no room on the stack to call a method; counted later.
    """

    __slots__ = ("_lock", "_total", "_unrecorded", "uncounted")

    def __init__(self) -> None:
        """Start from nothing."""
        self._lock = RLock()
        self._total: dict[DropReason, int] = {}
        self._unrecorded: dict[DropReason, int] = {}
        self.uncounted: list[DropReason] = []

    def add(self, reason: DropReason, count: int = 1, *, recorded: bool = False) -> None:
        """Count *count* drops; *recorded* says that a drop record on disk tells of them."""
        with self._lock:
            self._total[reason] = self._total.get(reason, 0) + count
            if not recorded:
                self._unrecorded[reason] = self._unrecorded.get(reason, 0) + count

    def drop(self, reason: DropReason, event_name: str, writer: SegmentWriter | None) -> None:
        """Count one dropped event, and write it down beside the events if that is due.

        So the count outlives a crash. Not what a client that is off drops: nothing is stored of it.
        """
        line = drop_record(reason, event_name, 1) if reason in RECORDED else b""
        recorded = writer is not None and line != b"" and writer.append(line)
        self.add(reason, recorded=recorded)

    def total(self) -> dict[DropReason, int]:
        """Return all drops of this process."""
        with self._lock:
            self._count_rest()
            return dict(self._total)

    def unrecorded(self) -> dict[DropReason, int]:
        """Return the drops that only this process knows of."""
        with self._lock:
            self._count_rest()
            return dict(self._unrecorded)

    def record(self, writer: SegmentWriter) -> None:
        """Write down what no drop record tells of yet, as far as the disk takes it."""
        for reason, count in self._take_recordable().items():
            if not writer.append(drop_record(reason, "", count)):
                with self._lock:
                    self._unrecorded[reason] = self._unrecorded.get(reason, 0) + count

    def _take_recordable(self) -> dict[DropReason, int]:
        with self._lock:
            self._count_rest()
            taken = {r: count for r, count in self._unrecorded.items() if r not in _OFF}
            for reason in taken:
                del self._unrecorded[reason]
            return taken

    def _count_rest(self) -> None:
        while self.uncounted:
            self.add(self.uncounted.pop())


def read_drop_record(line: bytes) -> tuple[DropReason, int]:
    """Return reason and number of a drop record.

    Raises:
        ValueError: The line is damaged.
    """
    # Late on purpose: an emitting process has no use for it.
    import json

    try:
        record = json.loads(line)
        reason, count = DropReason(record["declarant_drop"]), record["count"]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a drop record") from error
    if reason not in DropReason.ALL or type(count) is not int or count < 1:
        raise ValueError("not a drop record of this version")
    return reason, count


def tally(pieces: Iterable[bytes]) -> tuple[int, dict[DropReason, int]]:
    """Return how many of the whole lines in *pieces* are events, and what drop records say."""
    events = 0
    drops: dict[DropReason, int] = {}
    for piece in pieces:
        events += piece.count(b"\n")
        # A full store drops whole segments in the emitting process: this has to be quick.
        for line in piece.split(b"\n") if DROP_START in piece else ():
            if line.startswith(DROP_START):
                events -= 1
                _add_record(line, drops)
    return events, drops


def _add_record(line: bytes, drops: dict[DropReason, int]) -> None:
    try:
        reason, count = read_drop_record(line)
    except ValueError:
        reason, count = DropReason.CORRUPT, 1
    drops[reason] = drops.get(reason, 0) + count


def all_counts(store: OfflineStore | None, drops: DropCounter) -> Counts:
    """Return what the disk tells of *store*, and the drops that this process alone knows of."""
    counts: Counts = {"accepted": {}, "waiting": {}, "dropped": {}, "refused": {}}
    if store is not None:
        counts = store_counts(store)
    dropped = counts["dropped"]
    for reason, count in drops.unrecorded().items():
        dropped[str(reason)] = dropped.get(str(reason), 0) + count
    return counts


def store_counts(store: OfflineStore) -> Counts:
    """Return what the disk tells of *store*: the ledger and what waits in segments.

    Returns:
        `{"accepted": {"events": n}, "waiting": {"events": n}, "dropped": {reason: n}, "refused":
        {the collector's words: n}}`; a count of nothing may be missing.
    """
    # Late on purpose: it reads JSON.
    from declarant._ledger import Ledger

    counts = Ledger(store.folder).counts()
    dropped = counts["dropped"]
    events, drops = tally(store.waiting())
    for reason, count in drops.items():
        dropped[str(reason)] = dropped.get(str(reason), 0) + count
    counts["waiting"] = {"events": events}
    return counts
