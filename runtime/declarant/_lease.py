"""A lease: one abandoned segment, locked, so that this process alone sends and settles it.

The lock ends with its holder, so a claim is never stale. See `_segments` for the format.
"""

from __future__ import annotations

import os

from declarant import _clocks, _locks
from declarant._guard import give_back
from declarant._limits import UNLOCKED_AGE_S
from declarant._losses import RECORD_STARTS
from declarant._runs import Run
from declarant._segments import (
    ASKED_MARK,
    DRAFT_MARK,
    HEADER_START,
    SETTLED_DIGITS,
    open_regular,
    unlink_quietly,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTLED_AT = len(HEADER_START)
#: No header is longer: MERGE_SEGMENTS names of about 45 bytes and some digests.
_MAX_HEADER_BYTES = 65_536
#: Bytes of a segment that are read at once.
_PIECE_BYTES = 65_536


class Head:
    """What a segment's first line says.

    Attributes:
        generation: Digest of the catalogue that wrote the lines; "" in a damaged segment.
        tenant: Tenant token that the lines carry.
        draft: Whether a draft made the lines.
        asked: Whether the lines are only sent while the user's stored answer is yes.
        merged: Names of segments whose lines were moved into this one.
        offset: Bytes from the start of the file that need no more work.
    """

    __slots__ = ("asked", "draft", "generation", "merged", "offset", "tenant")

    def __init__(self, content: bytes) -> None:
        """Read the start of a segment's *content*; a damaged one has no generation."""
        end = content.find(b"\n", 0, _MAX_HEADER_BYTES) + 1
        line = content[:end] if content.startswith(HEADER_START) else b""
        self.generation = _member(line, b'"generation":"', b'"')
        self.tenant = _member(line, b'"tenant":"', b'"')
        self.draft = DRAFT_MARK in line
        self.asked = ASKED_MARK in line
        listed = _member(line, b'"merged":[', b"]")
        names = (name.strip('"') for name in listed.split(",") if name)
        # A forged header must not reach files outside the store.
        self.merged = tuple(name for name in names if os.path.basename(name) == name)
        digits = line[_SETTLED_AT : _SETTLED_AT + SETTLED_DIGITS]
        settled = int(digits) if digits.isdigit() else 0
        self.offset = max(len(line), settled)


class Lease:
    """One segment that this process alone may send, settle and delete.

    Attributes:
        path: The segment's file.
        head: What its first line says.
        offset: Bytes from the start of the file that need no more work.
        end: The file's size in bytes.
        is_torn: Whether the last line was never finished: its emit call did not return True.
    """

    __slots__ = ("_fd", "_written_at", "end", "head", "is_torn", "offset", "path")

    def __init__(self, path: str, fd: int) -> None:
        """Take over *fd*, which is locked, and read its head.

        Raises:
            OSError: The file cannot be read.
        """
        self.path = path
        self._fd = fd
        status = os.fstat(fd)
        self._written_at = status.st_mtime
        self.end = status.st_size
        self.head = Head(self._read(0, _MAX_HEADER_BYTES))
        self.offset = min(self.head.offset, self.end)
        self.is_torn = self.end > self.offset and self._read(self.end - 1, 1) != b"\n"

    @property
    def name(self) -> str:
        """The segment's file name."""
        return os.path.basename(self.path)

    @property
    def written_at(self) -> float:
        """When its last line was written, in seconds since 1970."""
        return self._written_at

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole lines that wait, some at a time: an emitting process has to stay small.

        Raises:
            OSError: The file cannot be read.
        """
        position = self.offset
        rest = b""
        while position < self.end:
            read = self._read(position, min(_PIECE_BYTES, self.end - position))
            if not read:
                return
            position += len(read)
            whole, newline, rest = (rest + read).rpartition(b"\n")
            if newline:
                yield whole + newline

    def runs(self) -> Iterator[Run]:
        """Yield the whole lines that wait, some at a time, with their places."""
        position = self.offset
        for piece in self.pieces():
            yield Run(piece, position)
            position += len(piece)

    def lines(self) -> Iterator[tuple[bytes, int]]:
        """Yield each whole waiting line, newline excluded, with the offset behind it."""
        for run in self.runs():
            yield from run

    def settle(self, offset: int) -> None:
        """Record that everything before *offset* is done, so that no later sender repeats it.

        Raises:
            OSError: The disk does not take it.
        """
        self.offset = offset
        if not self.head.generation:
            # No room for it: where the header was damaged, digits would overwrite a line.
            return
        os.lseek(self._fd, _SETTLED_AT, os.SEEK_SET)
        os.write(self._fd, f"{offset:0{SETTLED_DIGITS}d}".encode("ascii"))
        # The age of a segment is that of its last line.
        os.utime(self.path, (self._written_at, self._written_at))

    def finish(self) -> None:
        """Delete the segment: every line is done.

        Raises:
            OSError: The disk does not take it.
        """
        # Unlink first: between close and unlink another sender could lease and send it again.
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except PermissionError:
            # Windows deletes no open file; the settled offset already stops a repeat.
            self.settle(self.end)
            self.release()
            unlink_quietly(self.path)
        self.release()

    def _read(self, position: int, size: int) -> bytes:
        os.lseek(self._fd, position, os.SEEK_SET)
        return os.read(self._fd, size)

    def release(self) -> None:
        """Give the segment back, with what is settled so far; once is enough."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            _locks.free(fd)


def lock_file(path: str, flags: int = os.O_RDWR) -> int | None:
    """Open and lock the file at *path*, or return None while somebody else has it."""
    try:
        fd = open_regular(path, flags)
    except OSError as error:
        give_back(error)
        return None
    try:
        if _is_ours(fd, path):
            return fd
    except OSError as error:
        give_back(error)
        # Deleted between our open and our lock.
    _locks.free(fd)
    return None


def read_head(path: str) -> Head:
    """Return the head of the segment at *path*, an empty one if it cannot be read."""
    try:
        with open(open_regular(path), "rb") as file:
            return Head(file.readline(_MAX_HEADER_BYTES))
    except OSError as error:
        give_back(error)
        return Head(b"")


def cut_to_header(path: str) -> None:
    """Take all lines out of a segment that somebody else holds, and leave the file to them.

    A writer appends, so what it writes after this stands behind the header.

    Raises:
        OSError: The file cannot be cut.
    """
    with open(open_regular(path, os.O_RDWR), "r+b") as file:
        head = file.readline(_MAX_HEADER_BYTES)
        whole = head.startswith(HEADER_START) and head.endswith(b"\n")
        file.truncate(len(head) if whole else 0)


def event_lines(content: bytes) -> Iterator[bytes]:
    """Yield the whole waiting envelopes of a segment's *content*, records of losses left out."""
    for line in content[Head(content).offset :].split(b"\n")[:-1]:
        if line and not line.startswith(RECORD_STARTS):
            yield line


def _is_ours(fd: int, path: str) -> bool:
    answer = _locks.try_lock(fd)
    mine, there = os.fstat(fd), os.stat(path)
    # Another process may have replaced or deleted the file between our open and our lock.
    if (mine.st_ino, mine.st_dev) != (there.st_ino, there.st_dev) or mine.st_nlink == 0:
        return False
    if answer == _locks.UNSUPPORTED:
        return _clocks.now() - mine.st_mtime > UNLOCKED_AGE_S
    return answer == _locks.ACQUIRED


def _member(line: bytes, label: bytes, end: bytes) -> str:
    start = line.find(label)
    if start < 0:
        return ""
    start += len(label)
    return line[start : line.find(end, start)].decode("ascii", "replace")
