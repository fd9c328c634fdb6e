"""The offline store as its senders and tools see it: lease, settle, bounds, merge, purge.

Owns every segment that no living process writes. A lease is the lock on the segment's file; it
ends with the holder, so a claim is never stale. See `_segments` for the format.
"""

from __future__ import annotations

import os
import time

from declarant import _locks
from declarant._limits import (
    MAX_EVENT_BYTES,
    SEGMENT_BYTES,
    SMALL_SEGMENT_BYTES,
    STORE_AGE_S,
    STORE_BYTES,
    STORE_SEGMENTS,
)
from declarant._outcome import DropReason
from declarant._segments import (
    DROP_START,
    HEADER_START,
    MERGED_SUFFIX,
    SETTLED_DIGITS,
    SUFFIX,
    drop_record,
    header,
    new_name,
    open_segment,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SETTLED_AT = len(HEADER_START)
#: Without file locks a segment counts as abandoned after this long without a write.
_UNLOCKED_AGE_S = 3600.0
#: A half-made file of a crashed process is removed after this.
_LEFTOVER_AGE_S = 600.0


class Lease:
    """One segment that this process alone may send, settle and delete.

    Attributes:
        path: The segment's file.
        generation: Digest of the catalogue that wrote its lines.
        tenant: Tenant token that its lines carry.
        merged: Names of segments whose lines were moved into this one.
    """

    __slots__ = ("_content", "_fd", "generation", "merged", "offset", "path", "tenant")

    def __init__(self, path: str, fd: int, content: bytes) -> None:
        """Take over *fd*, whose file holds *content*; a damaged header leaves no generation."""
        self.path = path
        self._fd = fd
        self._content = content
        self.generation = _header_text(content, b'"generation":"')
        self.tenant = _header_text(content, b'"tenant":"')
        self.merged = _header_names(content)
        first = content.find(b"\n") + 1
        #: Bytes from the start of the file that need no more work.
        self.offset = max(first, _settled(content)) if content.startswith(HEADER_START) else 0

    @property
    def age_s(self) -> float:
        """Seconds since the last line was written."""
        return time.time() - os.fstat(self._fd).st_mtime

    @property
    def remaining_bytes(self) -> int:
        """Bytes that still wait."""
        return len(self._content) - self.offset

    @property
    def is_torn(self) -> bool:
        """Whether the last line was never finished: its emit call did not return True."""
        return len(self._content) > self.offset and not self._content.endswith(b"\n")

    def lines(self) -> Iterator[tuple[bytes, int]]:
        """Yield each whole waiting line, newline excluded, with the offset behind it."""
        position = self.offset
        content = self._content
        while (end := content.find(b"\n", position)) >= 0:
            yield content[position:end], end + 1
            position = end + 1

    def event_count(self) -> int:
        """Return how many events wait, a torn one included."""
        waiting = b"\n" + self._content[self.offset :]
        records = waiting.count(b"\n" + DROP_START)
        return waiting.count(b"\n") - 1 - records + self.is_torn

    def settle(self, offset: int) -> None:
        """Record that everything before *offset* is done, so that no later sender repeats it."""
        self.offset = offset
        digits = f"{offset:0{SETTLED_DIGITS}d}".encode("ascii")
        os.lseek(self._fd, _SETTLED_AT, os.SEEK_SET)
        os.write(self._fd, digits)

    def finish(self) -> None:
        """Delete the segment: every line is done."""
        # Unlink first: between close and unlink another sender could lease and send it again.
        try:
            os.unlink(self.path)
        except PermissionError:
            # Windows deletes no open file; the settled offset already stops a repeat.
            self.settle(len(self._content))
            self.release()
            _unlink(self.path)
            return
        except FileNotFoundError:
            pass
        self.release()

    def release(self) -> None:
        """Give the segment back, with what is settled so far."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


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

    def segments(self) -> list[str]:
        """Return the names of all segments, oldest first."""
        try:
            names = os.listdir(self.folder)
        except OSError:
            return []
        return sorted(name for name in names if name.endswith(SUFFIX))

    def lease(self, name: str) -> Lease | None:
        """Lease the segment *name*, or return None while somebody else has it."""
        path = os.path.join(self.folder, name)
        try:
            fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except OSError:
            return None
        try:
            if not _is_ours(fd, path):
                os.close(fd)
                return None
            return Lease(path, fd, _read_all(fd))
        except OSError:
            os.close(fd)
            return None

    def leases(self) -> Iterator[Lease]:
        """Yield a lease on each segment that can be had, oldest first; the caller ends each."""
        self.drop_merged_sources()
        for name in self.segments():
            lease = self.lease(name)
            if lease is not None:
                yield lease

    def waiting_bytes(self) -> int:
        """Return the size of all segments together, in bytes, headers included."""
        return sum(size for _, size, _ in self._stats())

    def enforce_bounds(self, count_drop: Callable[[DropReason, int], None]) -> None:
        """Drop the oldest segments that the bounds no longer allow, and merge small ones.

        Args:
            count_drop: Told the reason and number of the events that were dropped.
        """
        stats = self._stats()
        total = sum(size for _, size, _ in stats)
        now = time.time()
        for name, size, written_at in stats:
            too_old = now - written_at > self.max_age_s
            if not too_old and total <= self.max_bytes:
                continue
            reason = DropReason.TOO_OLD if too_old else DropReason.STORE_FULL
            if self._drop_segment(name, reason, count_drop):
                total -= size
        if sum(size <= SMALL_SEGMENT_BYTES for _, size, _ in stats) > self.max_segments:
            self.merge()

    def merge(self) -> None:
        """Move the lines of small abandoned segments into few larger ones."""
        self.drop_merged_sources()
        group: list[Lease] = []
        for name, size, _ in self._stats():
            lease = self.lease(name) if size <= SMALL_SEGMENT_BYTES else None
            if lease is None:
                continue
            if not lease.generation:
                lease.release()
                continue
            if group and not _fits(group, lease):
                self._merge_group(group)
                group = []
            group.append(lease)
        self._merge_group(group)

    def drop_merged_sources(self) -> None:
        """Finish merges whose process died between publishing the result and deleting sources."""
        for name in self.segments():
            if not name.endswith(MERGED_SUFFIX):
                continue
            for source in _header_names(_read_head(os.path.join(self.folder, name))):
                lease = self.lease(source) if source != name else None
                if lease is not None:
                    lease.finish()

    def purge(self) -> int:
        """Delete every segment, those of living processes included.

        Returns:
            How many events were deleted.

        Raises:
            OSError: A segment cannot be deleted.
        """
        deleted = 0
        for name in self.segments():
            path = os.path.join(self.folder, name)
            with open(path, "rb") as file:
                content = file.read()
            deleted += sum(1 for _ in event_lines(content))
            os.unlink(path)
        return deleted

    def _stats(self) -> list[tuple[str, int, float]]:
        stats: list[tuple[str, int, float]] = []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    self._add_stat(entry, stats)
        except OSError:
            return []
        stats.sort()
        return stats

    def _add_stat(self, entry: os.DirEntry[str], stats: list[tuple[str, int, float]]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return
        if entry.name.endswith(SUFFIX):
            stats.append((entry.name, status.st_size, status.st_mtime))
        elif entry.name.endswith(".new") and time.time() - status.st_mtime > _LEFTOVER_AGE_S:
            _unlink(entry.path)

    def _drop_segment(
        self, name: str, reason: DropReason, count_drop: Callable[[DropReason, int], None]
    ) -> bool:
        lease = self.lease(name)
        if lease is None:
            return False
        dropped = lease.event_count()
        lease.finish()
        if dropped:
            count_drop(reason, dropped)
        return True

    def _merge_group(self, group: list[Lease]) -> None:
        try:
            if len(group) > 1:
                self._publish_merged(group)
                for lease in group:
                    lease.finish()
        finally:
            for lease in group:
                lease.release()

    def _publish_merged(self, group: list[Lease]) -> None:
        names = tuple(os.path.basename(lease.path) for lease in group)
        stamp = names[0].partition("-")[0]
        name = new_name(MERGED_SUFFIX, stamp_ms=int(stamp) if stamp.isdecimal() else None)
        lines = [line + b"\n" for lease in group for line, _ in lease.lines()]
        torn = sum(lease.is_torn for lease in group)
        if torn:
            lines.append(drop_record(DropReason.CORRUPT, "", torn))
        first_line = header(group[0].generation, group[0].tenant, names)
        os.close(open_segment(self.folder, name, first_line + b"".join(lines)))


def event_lines(content: bytes) -> Iterator[bytes]:
    """Yield the waiting envelopes of a segment's *content*, drop records left out."""
    first = content.find(b"\n") + 1
    start = max(first, _settled(content)) if content.startswith(HEADER_START) else 0
    for line in content[start:].split(b"\n"):
        if line and not line.startswith(DROP_START):
            yield line


def _fits(group: list[Lease], lease: Lease) -> bool:
    same = (group[0].generation, group[0].tenant) == (lease.generation, lease.tenant)
    size = sum(member.remaining_bytes for member in group) + lease.remaining_bytes
    return same and size <= SEGMENT_BYTES - MAX_EVENT_BYTES


def _is_ours(fd: int, path: str) -> bool:
    answer = _locks.try_lock(fd)
    mine, there = os.fstat(fd), os.stat(path)
    # A sender may have finished the segment between our open and our lock.
    if (mine.st_ino, mine.st_dev) != (there.st_ino, there.st_dev) or mine.st_nlink == 0:
        return False
    if answer == _locks.UNSUPPORTED:
        return time.time() - mine.st_mtime > _UNLOCKED_AGE_S
    return answer == _locks.ACQUIRED


def _read_all(fd: int) -> bytes:
    size = os.fstat(fd).st_size
    chunks: list[bytes] = []
    while size > 0:
        chunk = os.read(fd, size)
        if not chunk:
            break
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _read_head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.readline(1_048_576)
    except OSError:
        return b""


def _header_text(content: bytes, label: bytes) -> str:
    head = content[: content.find(b"\n") + 1]
    start = head.find(label)
    if not head.startswith(HEADER_START) or start < 0:
        return ""
    start += len(label)
    return head[start : head.find(b'"', start)].decode("ascii", "replace")


def _header_names(content: bytes) -> tuple[str, ...]:
    head = content[: content.find(b"\n") + 1]
    start = head.find(b'"merged":[')
    if not head.startswith(HEADER_START) or start < 0:
        return ()
    listed = head[start + 10 : head.find(b"]", start)].decode("ascii", "replace")
    names = (name.strip('"') for name in listed.split(",") if name)
    # A forged header must not reach files outside the store.
    return tuple(name for name in names if os.path.basename(name) == name)


def _settled(content: bytes) -> int:
    digits = content[_SETTLED_AT : _SETTLED_AT + SETTLED_DIGITS]
    return min(int(digits), len(content)) if digits.isdigit() else 0


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
