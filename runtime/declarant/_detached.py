"""The detached sender process: a pass or two over the store, then gone.

Started by `_spawn`. Null streams, own session, the store as working folder, and a hard life time,
because no time-out of an HTTP library bounds name resolution.
"""

from __future__ import annotations

import os
import signal
import threading
from importlib import import_module

from declarant import _clocks
from declarant._limits import SENDER_LIFE_S
from declarant._settings import Settings

#: Seconds before its end at which the sender starts no further request.
_RESERVE_S = 5.0


#: What two clocks and the end of a command may differ by.
_MARGIN_S = 0.3

#: A sender stays at most this long for events of commands that started no sender of their own.
_LONGEST_STAY_S = 15.0


def main(
    package: str, store_folder: str, endpoint: str, ikey_ref: str, sender_interval_s: str
) -> None:
    """Send what waits, and end this process.

    Args:
        package: Import name of the generated package.
        store_folder: The offline store.
        endpoint: The collector.
        ikey_ref: Where the key is imported from, "package.module:NAME".
        sender_interval_s: Seconds, as text, for which no command starts another sender.
    """
    try:
        _limit_life()
        os.chdir(store_folder)
        _send(package, store_folder, endpoint, ikey_ref, float(sender_interval_s))
    finally:
        # Not by returning: whatever the host's modules registered for an exit is not for us, a
        # sender of their own least of all.
        os._exit(0)


def _send(
    package: str, store_folder: str, endpoint: str, ikey_ref: str, sender_interval_s: float
) -> None:
    # Late: a sender that cannot even start should not pay for the rest.
    from declarant._catalogue import Catalogue
    from declarant._drafts import store_place
    from declarant._ledger import Ledger
    from declarant._pace import Pace
    from declarant._pass import run_pass
    from declarant._store import OfflineStore

    catalogue = import_module(package).CATALOGUE
    assert isinstance(catalogue, Catalogue)
    # The installed package decides, and it may have been made anew since the host started us.
    store_folder = store_place(catalogue, store_folder)
    settings = Settings.for_sender(ikey_ref=ikey_ref, endpoint=endpoint, store_folder=store_folder)
    store = OfflineStore(store_folder)
    end = _clocks.monotonic() + SENDER_LIFE_S - _RESERVE_S
    pace = Pace()
    report = run_pass(catalogue, settings, store, end - _clocks.monotonic(), pace=pace)
    if report.retry is None:
        # Commands that ended meanwhile started no sender, because this one had just started. Their
        # events must not wait for a command that may never come.
        left = sender_interval_s - Ledger(store_folder).started_s_ago()
        _clocks.sleep(max(0.0, min(left + _MARGIN_S, _LONGEST_STAY_S)))
        # Nor did those that ended while this one was sending. What living processes write is not
        # to be had, and ends it.
        accepted = 1
        while accepted and report.retry is None and store.segments():
            report = run_pass(catalogue, settings, store, end - _clocks.monotonic(), pace=pace)
            accepted = report.accepted


def _limit_life() -> None:
    if hasattr(signal, "alarm"):
        # The kernel's own clock, whose default is the end: it works while Python cannot run.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(SENDER_LIFE_S))
        return
    watchdog = threading.Timer(SENDER_LIFE_S, os._exit, args=(0,))
    watchdog.daemon = True
    watchdog.start()
