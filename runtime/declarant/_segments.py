"""The offline store's file format, and the writer of this process's own segment.

A segment is NDJSON that a person can read. Its first line is a header:

    {"declarant_segment":1,"settled":"0000000123","generation":"...","tenant":"...","merged":[...]}

The header of a draft's segment also holds `"draft":true`, before the generation; that of a segment
whose lines the user's stored answer allows, and not the program's own word, `"asked":true`.
`settled` counts the bytes from the start of the file that need no more work; it has a fixed width
and is overwritten in place. Each further line is one finished envelope, exactly the bytes that go
on the wire, or a record of a loss (`_losses`).

The process that writes a segment holds a lock on it (`_locks`); the kernel frees it at the
process's death, and from then on any sender may lease the segment.
"""

from __future__ import annotations

import os
import stat
from _thread import RLock

from declarant import _clocks, _locks
from declarant._drafts import DRAFT_FOLDER
from declarant._guard import give_back
from declarant._limits import SEGMENT_BYTES, UNLOCKED_AGE_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIX = ".ndjson"
MERGED_SUFFIX = ".merged.ndjson"
#: Ends the name of a file that is still being made; no sender looks at it.
NEW_SUFFIX = ".new"
HEADER_START = b'{"declarant_segment":1,"settled":"'
SETTLED_DIGITS = 10
#: Stands in the header of a draft's segment.
DRAFT_MARK = b'"draft":true'
#: Stands in the header of a segment that is only sent while the user's stored answer is yes.
ASKED_MARK = b'"asked":true'

#: After a failed open the store is left alone this long, so that a full or read-only disk costs
#: a host next to nothing per event.
_RETRY_OPEN_S = 1.0

#: The size of a segment that is not open: no line fits, so `append` needs no second test.
_CLOSED = SEGMENT_BYTES

_O_BINARY: int = getattr(os, "O_BINARY", 0)
#: A symbolic link is not followed, and a FIFO without a writer is not waited for.
_O_CAREFUL: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | _O_BINARY


def header(
    generation: str,
    tenant: str,
    merged: tuple[str, ...] = (),
    *,
    draft: bool = False,
    asked: bool = False,
) -> bytes:
    """Return a segment's first line, newline included."""
    names = ",".join(f'"{name}"' for name in merged)
    settled = "0" * SETTLED_DIGITS
    mark = f"{DRAFT_MARK.decode()}," if draft else ""
    mark += f"{ASKED_MARK.decode()}," if asked else ""
    return HEADER_START + (
        f'{settled}",{mark}"generation":"{generation}","tenant":"{tenant}","merged":[{names}]}}\n'
    ).encode("ascii")


def new_name(suffix: str = SUFFIX, *, stamp_ms: int | None = None) -> str:
    """Return a file name that sorts by creation time and that no other process picks."""
    # A clock before 1970 must not make a name that starts with "-".
    stamp = max(0, int(_clocks.now() * 1000)) if stamp_ms is None else stamp_ms
    return f"{stamp:013d}-{os.getpid()}-{os.urandom(4).hex()}{suffix}"


def make_folder(folder: str, mode: int = 0o700) -> None:
    """Create the store *folder* for its owner alone, if it is not there.

    A folder of drafts lies in a store, which is made for its owner alone as well. In none of the
    folders above it that have to be made may others write, whatever the process's umask says: who
    may, can put another store in the place of ours.

    Raises:
        OSError: The folder cannot be made.
    """
    if os.path.isdir(folder):
        return
    above, name = os.path.split(folder)
    if above != folder:
        make_folder(above, 0o700 if name == DRAFT_FOLDER else 0o755)
    try:
        os.mkdir(folder, mode)
    except FileExistsError:
        # Another process was faster.
        if not os.path.isdir(folder):
            raise


def open_regular(path: str, flags: int = os.O_RDONLY) -> int:
    """Open the regular file at *path*: whoever can write to the store may put anything there.

    Raises:
        OSError: It cannot be opened, or is a symbolic link, a FIFO, a folder or a device.
    """
    fd = _open(path, flags | _O_CAREFUL)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise OSError("not a regular file")


def _open(path: str, flags: int) -> int:
    fd = os.open(path, flags, 0o600)
    if fd > 2:
        return fd
    # Late on purpose: few hosts run with a closed standard stream.
    from declarant._streams import clear_of_streams

    return clear_of_streams(fd)


def is_regular(path: str) -> bool:
    """Tell whether *path* is a regular file, and no link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError as error:
        give_back(error)
        return False


def write_whole(fd: int, content: bytes) -> None:
    """Write all of *content*.

    Raises:
        OSError: The disk took only a part of it.
    """
    if os.write(fd, content) != len(content):
        raise OSError("the store's disk is full")


def open_segment(folder: str, name: str, content: bytes) -> int:
    """Create and lock the segment *name*, fill it with *content*, and return its descriptor.

    The segment is built under a name that no sender looks at and renamed when it holds its lock
    and its content, so nobody ever sees it half made.

    Raises:
        OSError: The file cannot be created or written.
    """
    path = os.path.join(folder, name)
    hidden = path + NEW_SUFFIX
    # Appending makes every write land behind the last one, whatever interrupts the code around it.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _O_BINARY
    fd = _open(hidden, flags)
    try:
        _locks.try_lock(fd)
        write_whole(fd, content)
        os.rename(hidden, path)
    except BaseException:
        # Whatever it is: the descriptor and the file are nobody's.
        try:
            _locks.free(fd)
        finally:
            unlink_quietly(hidden)
        raise
    return fd


def unlink_quietly(path: str) -> None:
    """Delete *path* if that is possible."""
    try:
        os.unlink(path)
    except OSError as error:
        give_back(error)
        return


def replace_file(path: str, content: bytes) -> bool:
    """Put *content* at *path* for the owner alone: whole or not at all; False if not.

    Only one process may do so at a time, and only one thread of it: the senders' lock sees to it.
    """
    hidden = f"{path}.{os.getpid()}{NEW_SUFFIX}"
    try:
        fd = _open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _O_CAREFUL)
        try:
            write_whole(fd, content)
        finally:
            os.close(fd)
        os.replace(hidden, path)
    except OSError as error:
        give_back(error)
        unlink_quietly(hidden)
        return False
    return True


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_ino, status.st_dev


class SegmentWriter:
    """Appends finished lines to this process's own segment; opened at the first line.

    Safe to call from any thread and from a signal handler. Never raises for what the disk does:
    `append` answers False.
    """

    __slots__ = (
        "_after_open",
        "_asked",
        "_before_open",
        "_draft",
        "_fd",
        "_folder",
        "_generation",
        "_head_bytes",
        "_identity",
        "_lock",
        "_path",
        "_retry_at",
        "_size",
        "_tenant",
        "used",
    )

    def __init__(
        self,
        folder: str,
        *,
        generation: str,
        tenant: str,
        draft: bool = False,
        asked: bool = False,
        before_open: Callable[[], None],
        after_open: Callable[[], None],
    ) -> None:
        """Prepare to write below *folder*; nothing touches the disk yet.

        Args:
            folder: The offline store.
            generation: Digest of the catalogue whose encoders make the lines.
            tenant: Tenant token that the lines carry.
            draft: Whether a draft makes the lines.
            asked: Whether the user's stored answer allows them, and not the program's own word.
            before_open: Called before a new segment is opened, to keep the store in its bounds.
            after_open: Called when it is open, to record drops that no line tells of yet.
        """
        self._folder = folder
        self._generation = generation
        self._tenant = tenant
        self._draft = draft
        self._asked = asked
        self._before_open = before_open
        self._after_open = after_open
        # Reentrant: a signal handler that emits may interrupt an emit of the same thread.
        self._lock = RLock()
        self._fd = -1
        self._path = ""
        self._identity = (0, 0)
        self._head_bytes = 0
        #: Whether this process stored anything since it started, or since it was forked.
        self.used = False
        #: Bytes of the open segment; past the end of any while none is open.
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
            if self._size + length <= SEGMENT_BYTES:
                try:
                    written = os.write(self._fd, line)
                except OSError as error:
                    give_back(error)
                    written = 0
                if written == length:
                    self._size += length
                    return True
                self._take_back(written)
            return self._append_to_next(line)

    def check_place(self) -> None:
        """Open a new segment next time if this one was deleted, moved or closed under us."""
        with self._lock:
            if self._fd < 0:
                return
            try:
                there = os.stat(self._path)
            except OSError as error:
                give_back(error)
                self._close()
                return
            if there.st_size < self._head_bytes:
                # Somebody emptied it.
                self._close()
                return
            # It shrinks when a person purges the store.
            self._size = there.st_size
            # Without file locks an idle segment soon counts as abandoned.
            idle = _clocks.now() - there.st_mtime > UNLOCKED_AGE_S / 2
            if idle or _identity(there) != self._identity or not self._is_mine():
                self._close()

    def seal(self) -> bool:
        """Close the segment, so that a sender may lease it; the next line opens another.

        Returns:
            True if there was one.
        """
        with self._lock:
            return self._close()

    def close(self) -> None:
        """Seal the segment and open no other: `append` answers False from now on."""
        with self._lock:
            self._close()
            self._retry_at = float("inf")

    def forget_after_fork(self) -> None:
        """In a forked child: leave the parent's segment and lock to the parent."""
        # Another thread of the parent may have held the lock at the fork.
        self._lock = RLock()
        self.used = False
        if self._retry_at < float("inf"):
            self._retry_at = 0.0
        # `_locks.close_in_child` closed the descriptor.
        self._fd = -1
        self._size = _CLOSED

    def _append_to_next(self, line: bytes) -> bool:
        self._discard_empty()
        if not self._renew():
            return False
        try:
            written = os.write(self._fd, line)
        except OSError as error:
            give_back(error)
            written = 0
        if written == len(line):
            self._size += written
            return True
        self._take_back(written)
        self._retry_at = _clocks.monotonic() + _RETRY_OPEN_S
        self._discard_empty()
        self._close()
        return False

    def _discard_empty(self) -> None:
        """Delete a segment that took no line: one for each second of a full disk is a heap."""
        if self._size == self._head_bytes:
            unlink_quietly(self._path)

    def _renew(self) -> bool:
        """Close the segment, if there is one, and open the next."""
        self._close()
        if _clocks.monotonic() < self._retry_at:
            return False
        content = header(self._generation, self._tenant, draft=self._draft, asked=self._asked)
        name = new_name()
        try:
            make_folder(self._folder)
            self._before_open()
            fd = open_segment(self._folder, name, content)
        except OSError as error:
            give_back(error)
            self._retry_at = _clocks.monotonic() + _RETRY_OPEN_S
            return False
        # A signal handler may have opened one in between.
        self._close()
        self._fd = fd
        self._path = os.path.join(self._folder, name)
        self._identity = _identity(os.fstat(fd))
        self._size = self._head_bytes = len(content)
        self.used = True
        self._after_open()
        return self._fd >= 0

    def _is_mine(self) -> bool:
        """Tell whether the descriptor still is our file: a host may have closed all of its own."""
        try:
            return _identity(os.fstat(self._fd)) == self._identity
        except OSError as error:
            give_back(error)
            return False

    def _close(self) -> bool:
        if self._fd < 0:
            return False
        mine = self._is_mine()
        fd, self._fd = self._fd, -1
        self._size = _CLOSED
        if mine:
            _locks.free(fd)
        else:
            _locks.forget(fd)
        return mine

    def _take_back(self, written: int) -> None:
        """Cut off the torn line's *written* bytes; if that fails, leave the segment."""
        try:
            end = os.fstat(self._fd).st_size
            # A purge in between took the torn line with it, and must leave the header.
            os.ftruncate(self._fd, max(end - written, self._head_bytes))
        except OSError as error:
            give_back(error)
            # The reader counts the torn line as CORRUPT; later lines go elsewhere.
            self._close()
