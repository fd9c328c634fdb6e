"""The detached sender process: one pass over the store, then gone.

Started by `_spawn`. Null streams, own session, the store as working folder, and a hard life time,
because no time-out of an HTTP library bounds name resolution or a dripping answer.
"""

from __future__ import annotations

import os
import threading
from importlib import import_module

from declarant._limits import SENDER_LIFE_S
from declarant._settings import Settings


def main(package: str, store_folder: str, endpoint: str, ikey_ref: str) -> None:
    """Send what waits.

    Args:
        package: Import name of the generated package.
        store_folder: The offline store.
        endpoint: The collector.
        ikey_ref: Where the key is imported from, "package.module:NAME".
    """
    _close_inherited_files()
    watchdog = threading.Timer(SENDER_LIFE_S, os._exit, args=(0,))
    watchdog.daemon = True
    watchdog.start()
    os.chdir(store_folder)
    # Late: a sender that cannot even start should not pay for requests.
    from declarant._catalogue import Catalogue
    from declarant._pass import run_pass
    from declarant._store import OfflineStore

    catalogue = import_module(package).CATALOGUE
    assert isinstance(catalogue, Catalogue)
    settings = Settings.for_sender(ikey_ref=ikey_ref, endpoint=endpoint, store_folder=store_folder)
    run_pass(catalogue, settings, OfflineStore(store_folder), SENDER_LIFE_S - 5.0)


def _close_inherited_files() -> None:
    """Close what a host left inheritable: a pipe kept open would make its reader wait for us."""
    os.closerange(3, 4096)
