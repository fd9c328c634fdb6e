"""A collector's script that chance writes: answers that are bad, late or lost."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import TYPE_CHECKING

from declarant_collector._script import Connection, Drip, Kill, Script, ScriptRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from declarant_collector._request import IngestRequest
    from declarant_collector._rows import StoredRequest

#: How many of all requests go as they should.
_PLAIN_SHARE = 0.7

_ALL_REFUSED = {"acc": 0, "efi": {"InvalidEventFormat": "all"}}

#: What may happen to a request.
KINDS = {
    "500": ScriptRule(status=500),
    "503": ScriptRule(status=503),
    "429": ScriptRule(status=429),
    "408": ScriptRule(status=408),
    "200 without a body": ScriptRule(status=204),
    "400 for all": ScriptRule(status=400, body=_ALL_REFUSED),
    "413": ScriptRule(status=413),
    "403": ScriptRule(status=403),
    "some refused": ScriptRule(throttle=frozenset(range(0, 500, 7))),
    "silence for this request": ScriptRule(
        status=401, kill=Kill(duration="this-request-only"), body=""
    ),
    "reset, not taken": ScriptRule(connection=Connection.RESET),
    "reset, taken": ScriptRule(connection=Connection.RESET, store=True),
    "half, not taken": ScriptRule(connection=Connection.HALF),
    "half, taken": ScriptRule(connection=Connection.HALF, store=True),
    "closed": ScriptRule(connection=Connection.CLOSE),
    "late": ScriptRule(delay_ms=30),
    "dripping": ScriptRule(connection=Drip(bytes=40, every_ms=1)),
}


class Faults(Script):
    """Chooses what happens to each request by chance; safe to share between threads.

    Attributes:
        done: What happened, and how often.
    """

    #: The collector's word for what it refuses on purpose.
    REFUSED = "EventLevelThrottling"

    def __init__(self, seed: int) -> None:
        """Start with nothing done."""
        super().__init__()
        self.done: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._guard = threading.Lock()
        self._hidden: set[tuple[str, str]] = set()

    def choose(self, request: IngestRequest, names: Sequence[str]) -> ScriptRule | None:
        """Return what happens to *request*."""
        with self._guard:
            if self._random.random() < _PLAIN_SHARE:
                self.done["as it should"] += 1
                return None
            kind = self._random.choice(sorted(KINDS))
            self.done[kind] += 1
            rule = KINDS[kind]
            if rule.stores and rule.loses_answer:
                self._hidden.add((request.target, request.header("upload-time") or ""))
            return rule

    def hid(self, request: StoredRequest) -> bool:
        """Tell whether *request* was taken and its sender never knew."""
        time = {name.lower(): value for name, value in request.headers}.get("upload-time", "")
        with self._guard:
            return (request.target, time) in self._hidden
