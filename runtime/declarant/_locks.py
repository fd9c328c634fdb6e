"""One advisory lock per open file, on POSIX and on Windows.

The lock lives as long as the descriptor: the kernel frees it when the process dies, however it
dies. That is how a segment of a dead process is told from one in use.

A POSIX lock belongs to the open file, which a forked child shares: the child closes its copies
(`close_in_child`), or it would keep its parent's locks alive.
"""

from __future__ import annotations

import errno
import os
import sys

from declarant._guard import give_back

#: Answers of `try_lock`.
ACQUIRED, HELD, UNSUPPORTED = "acquired", "held", "unsupported"

#: errno of a lock that somebody else holds; everything else means the file system has none.
_HELD_ERRNOS = frozenset((errno.EAGAIN, errno.EACCES, errno.EDEADLK))

#: Descriptors of this process that hold a lock, or tried to where the file system has none.
_locked: set[int] = set()


def free(fd: int) -> None:
    """Unlock and close *fd*."""
    _locked.discard(fd)
    try:
        # Closing alone frees nothing while a forked child still has the file open.
        _unlock(fd)
    finally:
        os.close(fd)


def forget(fd: int) -> None:
    """Drop *fd* from the books: somebody else closed it, and it may be another file by now."""
    _locked.discard(fd)


def close_in_child() -> None:
    """In a forked child: close the parent's locked files, and leave the locks to the parent."""
    for fd in tuple(_locked):
        _locked.discard(fd)
        try:
            os.close(fd)
        except OSError as error:
            give_back(error)
            continue


if sys.platform == "win32":
    import msvcrt

    #: Windows locks are mandatory for the locked bytes, so the byte lies far past any content.
    _LOCK_BYTE = 0x7FFF_0000

    def try_lock(fd: int) -> str:
        """Lock the whole file behind *fd* without waiting.

        Returns:
            ACQUIRED, HELD by another descriptor, or UNSUPPORTED by the file system.
        """
        position = os.lseek(fd, 0, os.SEEK_CUR)
        try:
            os.lseek(fd, _LOCK_BYTE, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            give_back(error)
            return HELD if error.errno in _HELD_ERRNOS else UNSUPPORTED
        finally:
            os.lseek(fd, position, os.SEEK_SET)
        return ACQUIRED

    def _unlock(fd: int) -> None:
        """Do nothing: Windows has no fork, so closing is enough."""

else:
    import fcntl

    def try_lock(fd: int) -> str:
        """Lock the whole file behind *fd* without waiting.

        Returns:
            ACQUIRED, HELD by another descriptor, or UNSUPPORTED by the file system.
        """
        # Noted first: a child forked between the two lines must close the file, too.
        _locked.add(fd)
        # flock, not lockf: a POSIX record lock is lost when any descriptor of the file closes.
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            give_back(error)
            if error.errno in _HELD_ERRNOS:
                _locked.discard(fd)
                return HELD
            return UNSUPPORTED
        return ACQUIRED

    def _unlock(fd: int) -> None:
        try:
            fcntl.flock(fd, fcntl.LOCK_UN)
        except OSError as error:
            give_back(error)
            return
