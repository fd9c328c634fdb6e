"""Reading of files that somebody else wrote: regular files alone, and never a wait.

Owns the words for what stands in a file's place.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_regular", "unreadable"]

# A pipe would wait for a writer, and a link may lead anywhere. Windows has neither flag, and needs
# the third for the bytes as they are.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)
_LEAST = 4_095  # bytes to make room for; some file systems tell no size


def read_regular(path: str, limit: int = -1) -> bytes:
    """Return the bytes of a regular file.

    Args:
        path: The file.
        limit: Most bytes to read; all if negative.

    Raises:
        OSError: It cannot be read, or it is no regular file.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "a pipe, a socket or a device", path)
        return b"".join(_parts(descriptor, status.st_size, limit))
    finally:
        os.close(descriptor)


def _parts(descriptor: int, size: int, limit: int) -> Iterator[bytes]:
    """Yield what an open file holds, whose *size* may be another by now."""
    # One more than that, so that the first reading takes all of it. File objects of Python cost as
    # much again as the reading itself, and make room for all of *limit* first.
    wanted = max(size, _LEAST) + 1
    if limit >= 0:
        wanted = min(wanted, limit)
    while part := os.read(descriptor, wanted):
        yield part
        if limit >= 0:
            limit -= len(part)
            wanted = min(wanted, limit)


def unreadable(error: OSError, *, noun: str = "file") -> str:
    """Return the message on a file (or another *noun*) that cannot be read."""
    found, mend = error.strerror or type(error).__name__, f"make it a {noun} you may read"
    if isinstance(error, FileNotFoundError):
        found, mend = "none, though it was there a moment ago", "run the command again"
    elif isinstance(error, IsADirectoryError):
        found, mend = "a folder", "move it away and put the file here"
    elif isinstance(error, PermissionError):
        found = "one that you may not read"
    return f"expected a readable {noun}, found {found}; {mend}"
