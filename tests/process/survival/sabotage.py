"""Defects that are put into the runtime on purpose: an account that misses one is worth nothing."""

from __future__ import annotations

from declarant import _locks, _merge, _segments, _sender
from declarant._lease import Lease
from declarant._ledger import Ledger
from declarant._segments import SegmentWriter


def settle_first() -> None:
    """Settle a batch before the collector has it."""
    send = _sender._Pass._send_batch

    def settled(self, batch, lease, reader):
        lease.settle(batch.end)
        return send(self, batch, lease, reader)

    _sender._Pass._send_batch = settled


def never_settle() -> None:
    """Note nothing of what was accepted."""
    Lease.settle = lambda self, offset: None
    Ledger.record = lambda self, news, segment, offset: None


def never_count() -> None:
    """Note in the segment alone what was accepted."""
    Ledger.settled = lambda self: ("", 0)


def no_locks() -> None:
    """Take every lock as had."""
    _locks.try_lock = lambda fd: _locks.ACQUIRED


def no_sender_lock() -> None:
    """Let every sender in."""
    Ledger.lock = lambda self: True


def buffered() -> None:
    """Return from an emit before the line is written."""
    append = SegmentWriter.append
    waiting: list[bytes] = []

    def late(self, line):
        waiting.append(line)
        if len(waiting) == 5:
            lines = b"".join(waiting)
            waiting.clear()
            return append(self, lines)
        return True

    SegmentWriter.append = late


def merge_by_name_alone() -> None:
    """Publish a merged segment that does not say what it was made of."""
    header = _segments.header
    _merge.header = lambda generation, tenant, merged=(), **marks: header(
        generation, tenant, (), **marks
    )


def sources_first() -> None:
    """Delete what is merged before the result stands."""
    publish = _merge._publish

    def late(store, leases):
        for lease in leases:
            _segments.unlink_quietly(lease.path)
        return publish(store, leases)

    _merge._publish = late


def published_unlocked() -> None:
    """Show a segment before its maker holds its lock."""
    open_segment = _merge.open_segment

    def unlocked(folder, name, content):
        fd = open_segment(folder, name, content)
        _locks._unlock(fd)
        return fd

    _merge.open_segment = unlocked
    _segments.open_segment = unlocked


def torn() -> None:
    """Glue a line to one that was cut off: lose the newline of every fourth."""
    append = SegmentWriter.append
    count = [0]

    def cut(self, line):
        count[0] += 1
        return append(self, line if count[0] % 4 else line[:-1])

    SegmentWriter.append = cut


KINDS = {
    each.__name__: each
    for each in (
        settle_first,
        never_settle,
        never_count,
        no_locks,
        no_sender_lock,
        buffered,
        merge_by_name_alone,
        sources_first,
        published_unlocked,
        torn,
    )
}


def do(kind: str) -> None:
    """Put the defect *kind* in; none for "".

    Raises:
        KeyError: There is no such defect.
    """
    if kind:
        KINDS[kind]()
