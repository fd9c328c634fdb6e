"""The detached sender process: one pass over the store, then gone.

Started by `_spawn`. Null streams, own session, the store as working folder, and a hard life time,
because no time-out of an HTTP library bounds name resolution.
"""

from __future__ import annotations

import os
import signal
import threading
from importlib import import_module

from declarant._limits import SENDER_LIFE_S
from declarant._settings import Settings

#: Seconds before its end at which the sender starts no further request.
_RESERVE_S = 5.0


def main(package: str, store_folder: str, endpoint: str, ikey_ref: str) -> None:
    """Send what waits, and end this process.

    Args:
        package: Import name of the generated package.
        store_folder: The offline store.
        endpoint: The collector.
        ikey_ref: Where the key is imported from, "package.module:NAME".
    """
    try:
        _limit_life()
        os.chdir(store_folder)
        _send(package, store_folder, endpoint, ikey_ref)
    finally:
        # Not by returning: whatever the host's modules registered for an exit is not for us, a
        # sender of their own least of all.
        os._exit(0)


def _send(package: str, store_folder: str, endpoint: str, ikey_ref: str) -> None:
    # Late: a sender that cannot even start should not pay for the rest.
    from declarant._catalogue import Catalogue
    from declarant._pass import run_pass
    from declarant._store import OfflineStore

    catalogue = import_module(package).CATALOGUE
    assert isinstance(catalogue, Catalogue)
    settings = Settings.for_sender(ikey_ref=ikey_ref, endpoint=endpoint, store_folder=store_folder)
    run_pass(catalogue, settings, OfflineStore(store_folder), SENDER_LIFE_S - _RESERVE_S)


def _limit_life() -> None:
    if hasattr(signal, "alarm"):
        # The kernel's own clock, whose default is the end: it works while Python cannot run.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(SENDER_LIFE_S))
        return
    watchdog = threading.Timer(SENDER_LIFE_S, os._exit, args=(0,))
    watchdog.daemon = True
    watchdog.start()
