"""Reading of files that somebody else wrote: regular files alone, and never a wait.

Owns the words for what stands in a file's place.
"""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["read_regular", "unreadable"]

# A pipe would wait for a writer, and a link may lead anywhere. Windows has neither flag, and needs
# the third for the bytes as they are.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


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
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "a pipe, a socket or a device", path)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(descriptor)


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
