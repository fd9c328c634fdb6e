"""A host that lives through a whole soak: emits as it is told, and tells what memory it has.

usage: python -m survival.old_host STORE ENDPOINT
Reads "FIRST COUNT" lines; answers each with the memory that is resident, in bytes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import modelkit_events
from modelkit_events import CATALOGUE
from survival.events import KEY, action, emit_number
from survival.patience import be_patient

PAGE = os.sysconf("SC_PAGE_SIZE")


def main(store: str, endpoint: str) -> None:
    """Obey until the input ends."""
    be_patient()
    modelkit_events.configure(
        app_version="1.0",
        consent="granted",
        ikey=KEY,
        delivery="thread",
        store_folder=store,
        endpoint=endpoint,
        flush_interval_s=0.01,
    )
    for line in sys.stdin:
        first, count = map(int, line.split())
        for number in range(first, first + count):
            assert emit_number(number)
            if number % 100 == 0:
                invalid = {**action(number), "duration_ms": -1}
                assert not modelkit_events.emit_model_kit_action(**invalid)
        # Nobody can lease what a living process writes.
        CATALOGUE.client._writer.seal()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
        print(resident, flush=True)
    CATALOGUE.client.close()


main(*sys.argv[1:])
