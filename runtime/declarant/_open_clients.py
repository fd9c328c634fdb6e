"""The clients of this process.

Owns what befalls all of them at once: the process's exit, a fork, a generated package that turns
out to be damaged, and a user who says no.
"""

from __future__ import annotations

import os

from declarant import _locks
from declarant._guard import quietly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._catalogue import Catalogue
    from declarant._client import Client
    from declarant._delivery import DeliveryPolicy

#: Of them those that were ever on.
_clients: list[Client] = []
_all: list[Client] = []


def know(client: Client) -> None:
    """Act for *client*, which may never be on, in this process's forked children."""
    if not _all and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_fork_all)
    _all.append(client)


def remember(client: Client) -> None:
    """Act for *client*, which goes on, at this process's exit and before its forks."""
    if not _clients:
        import atexit

        atexit.register(_close_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_before_fork)
    if client not in _clients:
        _clients.append(client)


def close_quietly(delivery: DeliveryPolicy) -> None:
    """Have *delivery* act at the host's exit, which nothing here may disturb."""
    try:
        delivery.close()
    except (ImportError, OSError, RuntimeError):
        # The events are on disk; a later process sends them.
        return


def switch_off(catalogue: Catalogue) -> None:
    """Take consent away from every client that sends events of *catalogue*."""
    for client in tuple(_clients):
        if client.catalogue is catalogue:
            client.switch_off()


def forget_envelopes() -> None:
    """Have every client ask again, at each event's next emit, whether it is on for it."""
    for client in _clients:
        client.forget_envelopes()


def _close_all() -> None:
    for client in _clients:
        quietly(client.close_at_exit)


def _before_fork() -> None:
    for client in _clients:
        quietly(client.before_fork)


def _fork_all() -> None:
    quietly(_locks.close_in_child)
    for client in _all:
        quietly(client.after_fork_in_child, client.abandon_in_child)
