"""One advisory lock per open file, on POSIX and on Windows.

The lock lives as long as the descriptor: the kernel frees it when the process dies, however it
dies. That is how a segment of a dead process is told from one in use.
"""

from __future__ import annotations

import errno
import os
import sys

#: Answers of `try_lock`.
ACQUIRED, HELD, UNSUPPORTED = "acquired", "held", "unsupported"

#: errno of a lock that somebody else holds; everything else means the file system has none.
_HELD_ERRNOS = frozenset((errno.EAGAIN, errno.EACCES, errno.EDEADLK))

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
            return HELD if error.errno in _HELD_ERRNOS else UNSUPPORTED
        finally:
            os.lseek(fd, position, os.SEEK_SET)
        return ACQUIRED

else:
    import fcntl

    def try_lock(fd: int) -> str:
        """Lock the whole file behind *fd* without waiting.

        Returns:
            ACQUIRED, HELD by another descriptor, or UNSUPPORTED by the file system.
        """
        # flock, not lockf: a POSIX record lock is lost when any descriptor of the file closes.
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return HELD if error.errno in _HELD_ERRNOS else UNSUPPORTED
        return ACQUIRED
