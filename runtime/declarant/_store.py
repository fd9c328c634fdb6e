"""The offline store as its senders and tools see it: lease, bounds, purge.

Owns every segment that no living process writes. See `_segments` for the format, `_lease` for the
claim on one segment, `_merge` for how many small ones become few.
"""

from __future__ import annotations

import os
import stat

from declarant import _clocks, _locks
from declarant._errors import os_place
from declarant._guard import give_back
from declarant._limits import (
    LEFTOVER_AGE_S,
    SMALL_SEGMENT_BYTES,
    STORE_AGE_S,
    STORE_BYTES,
    STORE_SEGMENTS,
)
from declarant._losses import Losses, tally
from declarant._outcome import DropReason
from declarant._segments import (
    MERGED_SUFFIX,
    NEW_SUFFIX,
    SUFFIX,
    is_regular,
    open_regular,
    unlink_quietly,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from declarant._lease import Head, Lease


class OfflineStore:
    """The segments below one folder.

    Args of the constructor: the folder, and the bounds: bytes of all segments together, seconds
    since a segment's last line, and number of small segment files before they are merged.
    """

    __slots__ = ("folder", "max_age_s", "max_bytes", "max_segments")

    def __init__(
        self,
        folder: str,
        *,
        max_bytes: int = STORE_BYTES,
        max_age_s: float = STORE_AGE_S,
        max_segments: int = STORE_SEGMENTS,
    ) -> None:
        """Describe the store; nothing touches the disk yet."""
        self.folder = folder
        self.max_bytes = max_bytes
        self.max_age_s = max_age_s
        self.max_segments = max_segments

    def path(self, name: str) -> str:
        """Return where the segment *name* lies."""
        return os.path.join(self.folder, name)

    def segments(self) -> list[str]:
        """Return the names of all segments, oldest first."""
        try:
            with os.scandir(self.folder) as entries:
                return sorted(e.name for e in entries if e.name.endswith(SUFFIX) and _is_file(e))
        except OSError as error:
            give_back(error)
            return []

    def problem(self) -> str:
        """Return why what waits cannot be told, with the folder; "" where there is no folder yet.

        Whoever only sends has nothing to do then; whoever asks must not be told that nothing waits.
        """
        try:
            os.scandir(self.folder).close()
        except FileNotFoundError:
            return ""
        except OSError as error:
            give_back(error)
            return os_place(error)
        return ""

    def lease(self, name: str) -> Lease | None:
        """Lease the segment *name*, or return None while it is not to be had.

        A lock alone is not enough: after a merge that was cut short, lines stand in two files. A
        source that a merged segment names is done with, and a merged segment is leased only when
        none of its sources is left.
        """
        lease = self._lock(name)
        if lease is None:
            return None
        try:
            # Asked under the lock: whoever merges holds its sources until the result is named.
            if name in self.merged_sources():
                lease.finish()
                return None
            if all(self._is_gone(source) for source in lease.head.merged):
                self._settle_what_is_counted(lease)
                return lease
        except OSError as error:
            give_back(error)
        lease.release()
        return None

    def is_held(self, name: str) -> bool:
        """Tell whether somebody writes or sends the segment *name*, so that no other sender may."""
        from declarant._lease import lock_file

        # Nothing is written by a look.
        fd = lock_file(self.path(name), os.O_RDONLY)
        if fd is None:
            return True
        _locks.free(fd)
        return False

    def leases(self) -> Iterator[Lease]:
        """Yield a lease on each segment that can be had, oldest first; the caller ends each."""
        for name in self.segments():
            lease = self.lease(name)
            if lease is not None:
                yield lease

    def merged_sources(self) -> set[str]:
        """Return the names of all segments whose lines stand in a merged one."""
        # Late on purpose, as everywhere here: a first emit leases nothing.
        from declarant._lease import read_head

        merged = (name for name in self.segments() if name.endswith(MERGED_SUFFIX))
        return {source for name in merged for source in read_head(self.path(name)).merged}

    def waiting_bytes(self) -> int:
        """Return the size of all segments together, in bytes, headers included."""
        return sum(size for _, size, _ in self.stats())

    def waiting(self) -> Iterator[bytes]:
        """Yield what waits in each segment, drop records included, without leasing any."""
        done = self.merged_sources()
        for name in self.segments():
            if name in done:
                continue
            yield self.snapshot(name)[1]

    def snapshot(self, name: str) -> tuple[Head, bytes]:
        """Return the head of the segment *name* and the lines that wait in it, without a lease.

        Nothing waits in one where a sender was faster.
        """
        from declarant._lease import Head

        content = _read(self.path(name))
        head = Head(content)
        begin = max(head.offset, self._counted(name))
        # A torn last line is no line.
        return head, content[begin : content.rfind(b"\n") + 1]

    def enforce_bounds(
        self, count_losses: Callable[[Losses, Losses], None], *, room: int = 0
    ) -> None:
        """Drop the oldest segments that the bounds no longer allow, and merge small ones.

        Args:
            count_losses: Told of each segment that was dropped what was lost with it, and what was
                counted before by records in it.
            room: Bytes that the bound of the size must leave free, for the segment to come.
        """
        stats = self.stats()
        self.beyond_bounds(
            stats, lambda name, reason: self._drop_segment(name, reason, count_losses), room=room
        )
        if sum(size <= SMALL_SEGMENT_BYTES for _, size, _ in stats) > self.max_segments:
            # Late on purpose: rare, and a first emit should not pay for it.
            from declarant._merge import merge_small

            merge_small(self)

    def beyond_bounds(
        self,
        stats: list[tuple[str, int, float]],
        drop: Callable[[str, DropReason], bool],
        *,
        room: int = 0,
    ) -> None:
        """Find the segments that the bounds no longer allow, oldest first.

        Args:
            stats: All segments, as `stats` returns them.
            drop: Told of each, and why; tells whether it is gone.
            room: Bytes that must be left free.
        """
        total = sum(size for _, size, _ in stats) + room
        now = _clocks.now()
        for name, size, written_at in stats:
            too_old = now - written_at > self.max_age_s
            if not too_old and total <= self.max_bytes:
                continue
            if drop(name, DropReason.TOO_OLD if too_old else DropReason.STORE_FULL):
                total -= size

    def purge(self) -> int:
        """Delete every event, those of living processes included.

        A segment that somebody holds loses its lines and stays: its writer goes on in it, and
        nothing that is emitted afterwards is lost.

        Returns:
            How many events were deleted.

        Raises:
            OSError: A segment cannot be deleted.
        """
        deleted, _ = tally(self.waiting())
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else ():
            if name.endswith((SUFFIX, SUFFIX + NEW_SUFFIX)):
                try:
                    self._purge_one(name)
                except FileNotFoundError:
                    # A sender was faster.
                    continue
        return deleted

    def _purge_one(self, name: str) -> None:
        path = self.path(name)
        status = os.lstat(path)
        if stat.S_ISDIR(status.st_mode):
            return
        if not stat.S_ISREG(status.st_mode):
            os.unlink(path)
            return
        if name.endswith(NEW_SUFFIX) and status.st_size == 0:
            # Just made, and not yet locked by its maker: there is nothing in it.
            return
        from declarant._lease import cut_to_header

        lease = self._lock(name)
        if lease is not None:
            lease.finish()
        else:
            cut_to_header(path)

    def stats(self) -> list[tuple[str, int, float]]:
        """Return name, size in bytes and time of the last line of each segment, oldest first."""
        stats: list[tuple[str, int, float]] = []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    self._add_stat(entry, stats)
        except OSError as error:
            give_back(error)
            return []
        stats.sort()
        return stats

    def _add_stat(self, entry: os.DirEntry[str], stats: list[tuple[str, int, float]]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            give_back(error)
            return
        if not stat.S_ISREG(status.st_mode):
            return
        if entry.name.endswith(SUFFIX):
            stats.append((entry.name, status.st_size, status.st_mtime))
        elif entry.name.endswith(NEW_SUFFIX) and _clocks.now() - status.st_mtime > LEFTOVER_AGE_S:
            unlink_quietly(entry.path)

    def _lock(self, name: str) -> Lease | None:
        from declarant._lease import Lease, lock_file

        fd = lock_file(self.path(name))
        if fd is None:
            return None
        try:
            return Lease(self.path(name), fd)
        except OSError as error:
            give_back(error)
            _locks.free(fd)
            return None

    def _settle_what_is_counted(self, lease: Lease) -> None:
        """Settle what a sender counted in the ledger before it died.

        Whoever leases it does so: merged with others it would be sent and counted once more.
        """
        counted = self._counted(lease.name)
        if lease.offset < counted <= lease.end:
            lease.settle(counted)

    def _counted(self, name: str) -> int:
        """Return before which offset of the segment *name* all is counted, as the ledger has it."""
        from declarant._ledger import Ledger

        segment, offset = Ledger(self.folder).settled()
        return offset if segment == name else 0

    def _is_gone(self, source: str) -> bool:
        """Delete the segment *source* if it still exists; False if somebody has it."""
        lease = self._lock(source)
        if lease is not None:
            lease.finish()
        return not is_regular(self.path(source))

    def _drop_segment(
        self, name: str, reason: DropReason, count_losses: Callable[[Losses, Losses], None]
    ) -> bool:
        lease = self.lease(name)
        if lease is None:
            return False
        try:
            events, recorded = tally(lease.pieces())
            lease.finish()
        except OSError as error:
            give_back(error)
            lease.release()
            return False
        lost = Losses()
        if lease.is_torn:
            lost.drop(DropReason.CORRUPT)
        if events:
            lost.drop(reason, events)
        count_losses(lost, recorded)
        return True


def event_lines(content: bytes) -> Iterator[bytes]:
    """Yield the whole waiting envelopes of a segment's *content*; see `_lease.event_lines`."""
    from declarant._lease import event_lines as lines

    return lines(content)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError as error:
        give_back(error)
        return False


def _read(path: str) -> bytes:
    try:
        with open(open_regular(path), "rb") as file:
            return file.read()
    except OSError as error:
        give_back(error)
        # A sender was faster.
        return b""
