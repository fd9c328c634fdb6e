"""Imports at first use, and the forks that wait for them.

A fork copies one thread alone. A module that another thread is importing at that moment stays half
imported in the child, under a lock that nobody gives back, and whoever imports it there waits for
ever. So no fork happens in the middle of an import of ours.
"""

from __future__ import annotations

import os
from _thread import RLock, get_ident

#: Seconds that a fork waits for an import; after them it goes on, as it would without this module.
_PATIENCE_S = 5.0


class Importing:
    """Held around an import at first use: `with importing:`; by one thread at a time."""

    __slots__ = ("_forking", "_lock")

    def __init__(self) -> None:
        """Hold nothing."""
        self._lock = RLock()
        self._forking: set[int] = set()

    def __enter__(self) -> None:
        """Wait for another thread's import, or fork, and begin."""
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Be done."""
        self._lock.release()

    def before_fork(self) -> None:
        """Wait until no other thread imports, and keep them from it."""
        if self._lock.acquire(timeout=_PATIENCE_S):
            self._forking.add(get_ident())

    def after_fork(self) -> None:
        """In the parent: let the others go on."""
        # Not held if the wait was in vain.
        if get_ident() in self._forking:
            self._forking.discard(get_ident())
            self._lock.release()

    def after_fork_in_child(self) -> None:
        """In the child: the others do not exist, whatever they held."""
        if get_ident() in self._forking:
            # What this thread itself was importing when it forked, it goes on with.
            self._lock.release()
        else:
            self._lock = RLock()
        self._forking.clear()


importing = Importing()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=importing.before_fork,
        after_in_parent=importing.after_fork,
        after_in_child=importing.after_fork_in_child,
    )
