"""The offline store's file format, and the writer of this process's own segment.

A segment is NDJSON that a person can read. Its first line is a header:

    {"declarant_segment":1,"settled":"0000000123","generation":"...","tenant":"...","merged":[...]}

`settled` counts the bytes from the start of the file that need no more work; it has a fixed width
and is overwritten in place. Each further line is one finished envelope, exactly the bytes that go
on the wire, or a drop record `{"declarant_drop":"INVALID_EVENT","event":"X","count":1}`.

The process that writes a segment holds a lock on it (`_locks`); the kernel frees it at the
process's death, and from then on any sender may lease the segment.
"""

from __future__ import annotations

import os
import time
from _thread import allocate_lock

from declarant import _locks
from declarant._limits import SEGMENT_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIX = ".ndjson"
MERGED_SUFFIX = ".merged.ndjson"
HEADER_START = b'{"declarant_segment":1,"settled":"'
SETTLED_DIGITS = 10
DROP_START = b'{"declarant_drop":"'

#: After a failed open the store is left alone this long, so that a full or read-only disk costs
#: a host next to nothing per event.
_RETRY_OPEN_S = 1.0

#: The size of a segment that is not open: no line fits, so `append` needs no second test.
_CLOSED = SEGMENT_BYTES

if hasattr(os, "pwrite"):
    write_at = os.pwrite
else:

    def write_at(fd: int, line: bytes, position: int, /) -> int:
        """Write *line* at *position*; the caller holds the writer's lock."""
        os.lseek(fd, position, os.SEEK_SET)
        return os.write(fd, line)


def header(generation: str, tenant: str, merged: tuple[str, ...] = ()) -> bytes:
    """Return a segment's first line, newline included."""
    names = ",".join(f'"{name}"' for name in merged)
    settled = "0" * SETTLED_DIGITS
    return HEADER_START + (
        f'{settled}","generation":"{generation}","tenant":"{tenant}","merged":[{names}]}}\n'
    ).encode("ascii")


def drop_record(reason: str, event: str, count: int) -> bytes:
    """Return the line that records *count* dropped events, newline included."""
    return DROP_START + f'{reason}","event":"{event}","count":{count}}}\n'.encode("ascii")


def new_name(suffix: str = SUFFIX, *, stamp_ms: int | None = None) -> str:
    """Return a file name that sorts by creation time and that no other process picks."""
    stamp = int(time.time() * 1000) if stamp_ms is None else stamp_ms
    return f"{stamp:013d}-{os.getpid()}-{os.urandom(4).hex()}{suffix}"


def make_folder(folder: str) -> None:
    """Create *folder* for its owner alone, if it is not there.

    Raises:
        OSError: The folder cannot be made.
    """
    if not os.path.isdir(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)


def open_segment(folder: str, name: str, first_line: bytes) -> int:
    """Create, lock and head the segment *name*, and return its descriptor.

    The segment is built under a name that no sender looks at and renamed when it holds its lock
    and its header, so nobody ever sees it half made.

    Raises:
        OSError: The file cannot be created or written.
    """
    path = os.path.join(folder, name)
    hidden = path + ".new"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    fd = os.open(hidden, flags, 0o600)
    try:
        _locks.try_lock(fd)
        if os.write(fd, first_line) != len(first_line):
            raise OSError("the store's disk is full")
        os.rename(hidden, path)
    except OSError:
        os.close(fd)
        _unlink_quietly(hidden)
        raise
    return fd


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


class SegmentWriter:
    """Appends finished lines to this process's own segment; opened at the first line.

    Safe to call from any thread. Never raises for what the disk does: `append` answers False.
    """

    __slots__ = (
        "_before_open",
        "_fd",
        "_folder",
        "_generation",
        "_lock",
        "_retry_at",
        "_size",
        "_tenant",
        "used",
    )

    def __init__(
        self, folder: str, *, generation: str, tenant: str, before_open: Callable[[], None]
    ) -> None:
        """Prepare to write below *folder*; nothing touches the disk yet.

        Args:
            folder: The offline store.
            generation: Digest of the catalogue whose encoders make the lines.
            tenant: Tenant token that the lines carry.
            before_open: Called before a new segment is opened, to keep the store in its bounds.
        """
        self._folder = folder
        self._generation = generation
        self._tenant = tenant
        self._before_open = before_open
        self._lock = allocate_lock()
        self._fd = -1
        #: Whether this process stored anything since it started, or since it was forked.
        self.used = False
        #: Where the next line goes; past the end of any segment while none is open.
        self._size = _CLOSED
        self._retry_at = 0.0

    def append(self, line: bytes) -> bool:
        """Write *line*, newline included, in one call to the kernel.

        When it returns True the line survives the death of this process.

        Returns:
            False when the disk did not take the whole line; nothing of it is left behind then.
        """
        length = len(line)
        with self._lock:
            position = self._size
            if position + length > SEGMENT_BYTES:
                if not self._renew():
                    return False
                position = self._size
            try:
                written = write_at(self._fd, line, position)
            except OSError:
                written = -1
            if written == length:
                self._size = position + length
                return True
            self._take_back()
            return False

    def check_place(self) -> None:
        """Open a new segment next time if this one was deleted under us."""
        with self._lock:
            if self._fd >= 0 and os.fstat(self._fd).st_nlink == 0:
                self._close()

    def seal(self) -> bool:
        """Close the segment, so that a sender may lease it.

        Returns:
            True if there was one.
        """
        with self._lock:
            return self._close()

    def forget_after_fork(self) -> None:
        """In a forked child: leave the parent's segment and lock to the parent."""
        # Another thread of the parent may have held the lock at the fork.
        self._lock = allocate_lock()
        self.used = False
        self._retry_at = 0.0
        self._close()

    def _renew(self) -> bool:
        """Close the segment, if there is one, and open the next."""
        self._close()
        now = time.monotonic()
        if now < self._retry_at:
            return False
        try:
            make_folder(self._folder)
            self._before_open()
            first_line = header(self._generation, self._tenant)
            self._fd = open_segment(self._folder, new_name(), first_line)
        except OSError:
            self._retry_at = now + _RETRY_OPEN_S
            return False
        self._size = len(first_line)
        self.used = True
        return True

    def _close(self) -> bool:
        if self._fd < 0:
            return False
        # A second close would hit whatever file took the number since.
        fd, self._fd = self._fd, -1
        self._size = _CLOSED
        try:
            os.close(fd)
        except OSError:
            return False
        return True

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            # The reader counts the torn line as CORRUPT; later lines go elsewhere.
            self._close()
