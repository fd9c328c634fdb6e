"""Imports at first use, and the forks that wait for them.

A fork copies one thread alone. A module that another thread is importing at that moment stays half
imported in the child, under a lock that nobody gives back, and whoever imports it there waits for
ever. So no fork happens in the middle of an import of ours.

What a fork holds while it waits must not be what the import needs. `logging` locks itself before a
fork, and whoever loads `requests` asks it for loggers. Hooks before a fork run in the reverse of
the order in which they came, so the hook for such imports has to come after logging's own
(`get_ready_to_send`).
"""

from __future__ import annotations

import os
from _thread import RLock, get_ident

#: Seconds that a fork waits for an import; after them it goes on, as it would without this module.
_PATIENCE_S = 2.0


class Importing:
    """Held around an import at first use: `with importing:`; by one thread at a time."""

    __slots__ = ("_forking", "_is_heeded", "_lock")

    def __init__(self) -> None:
        """Hold nothing; no fork heeds it yet."""
        self._lock = RLock()
        self._forking: set[int] = set()
        self._is_heeded = False

    def __enter__(self) -> None:
        """Wait for another thread's import, or fork, and begin."""
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Be done."""
        self._lock.release()

    def heed(self) -> None:
        """Have the process's forks wait, from now on."""
        if self._is_heeded:
            return
        self._is_heeded = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before_fork,
                after_in_parent=self._after_fork,
                after_in_child=self._after_fork_in_child,
            )

    def _before_fork(self) -> None:
        """Wait until no other thread imports, and keep them from it."""
        if self._lock.acquire(timeout=_PATIENCE_S):
            self._forking.add(get_ident())

    def _after_fork(self) -> None:
        """In the parent: let the others go on."""
        # Not held if the wait was in vain, or if the hooks came in the midst of a fork.
        if get_ident() in self._forking:
            self._forking.discard(get_ident())
            self._lock.release()

    def _after_fork_in_child(self) -> None:
        """In the child: the others do not exist, whatever they held."""
        if get_ident() in self._forking:
            # What this thread itself was importing when it forked, it goes on with.
            self._lock.release()
        else:
            self._lock = RLock()
        self._forking.clear()


#: For modules that load nothing but what is of this package, or takes no lock of its own.
importing = Importing()
importing.heed()

#: For what sends, and loads `requests`; after `get_ready_to_send`.
importing_senders = Importing()


def get_ready_to_send() -> None:
    """Load `logging`, and have forks wait for whoever loads a sender."""
    # Of two threads at once only one may register: a hook that stands twice would never give back.
    with importing:
        # For its hook, which has to be there first.
        __import__("logging")
        importing_senders.heed()
