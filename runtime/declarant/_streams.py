"""Keeping our files and connections off the numbers of the standard streams.

A host may run with a closed standard stream (`program >&-`). The kernel gives the lowest free
number to whatever is opened next, and a host or a library that then writes to number 1 would write
into our file, or to our collector.
"""

from __future__ import annotations

import os

_LAST_STREAM = 2


def clear_of_streams(fd: int) -> int:
    """Return *fd*, or a copy of it behind the standard streams if it has one of their numbers.

    Raises:
        OSError: There is no free number; *fd* is closed.
    """
    if fd > _LAST_STREAM:
        return fd
    taken = [fd]
    try:
        while taken[-1] <= _LAST_STREAM:
            taken.append(os.dup(taken[-1]))
        return taken.pop()
    finally:
        for number in taken:
            os.close(number)


def are_open() -> bool:
    """Tell whether no connection could get the number of a standard stream."""
    try:
        for number in range(_LAST_STREAM + 1):
            os.fstat(number)
    except OSError:
        return False
    return True
