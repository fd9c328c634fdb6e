"""The exact bytes that a sender would send now, or why it would send nothing; nothing is sent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from declarant._batches import SegmentReader, name_and_time
from declarant._ci import ci_variable
from declarant._consent import resolve
from declarant._drafts import DRAFT_WORDS, may_send
from declarant._errors import ConfigError
from declarant._kill_switch import KillSwitch
from declarant._ledger import Ledger
from declarant._merge import portions
from declarant._on_disk import unreadable
from declarant._runner_commands import inert
from declarant._runs import Run
from declarant._settings import tenant_token
from declarant._status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant._host import Host
    from declarant._lease import Head
    from declarant._outcome import DropReason
    from declarant._store import OfflineStore


class Preview:
    """What would be sent.

    Attributes:
        requests: The body of each request, before compression.
        reason: Why there is none; "" otherwise.
        withheld: Why a part of what waits is not among it; "" otherwise.
        held_s: Seconds for which senders wait before they send it, as after a failure.
    """

    __slots__ = ("held_s", "reason", "requests", "withheld")

    def __init__(self, requests: list[bytes], reason: str = "", withheld: str = "") -> None:
        """Hold all three."""
        self.requests = requests
        self.reason = reason if not requests else ""
        self.withheld = withheld if requests else ""
        self.held_s = 0.0

    def printed(self) -> Iterator[bytes]:
        """Yield the requests to be printed: as they are, unless a CI runner reads along.

        In continuous integration what an event says could be a command to the runner; there its
        mark stands as an escape, which is the same JSON.
        """
        if ci_variable() is None:
            yield from self.requests
            return
        for request in self.requests:
            yield inert(request.decode("utf-8", "replace")).encode()

    def words(self, endpoint: str) -> Iterator[str]:
        """Yield what is said of it beside the bytes."""
        if self.reason:
            yield f"Nothing would be sent: {self.reason}."
            return
        size = sum(map(len, self.requests))
        told = f"{len(self.requests)} request(s), {size} bytes before compression"
        yield f"{told}, would be sent to {endpoint}"
        if self.held_s > 0:
            yield f"Not now: senders wait for {math.ceil(self.held_s)} s more."
        if self.withheld:
            yield f"The rest would not: {self.withheld}."


def preview(host: Host) -> Preview:
    """Return what a sender of *host* would send now; nothing is sent, written or deleted."""
    status = Status(host)
    if not status.is_on:
        return Preview([], status.reason)
    try:
        settings, store = host.settings(), host.store
    except ConfigError as error:
        return Preview([], str(error))
    tenant = tenant_token(settings.ikey)
    kills = KillSwitch(store.folder, tenant)
    kills.refresh(at_once=True)
    held_s = Ledger(store.folder).held_s()
    if not may_send(host.catalogue, settings.endpoint):
        return Preview([], DRAFT_WORDS)
    if words := unreadable(store):
        return Preview([], words)
    found = _requests(host, store, kills)
    found.held_s = held_s
    return found


def _requests(host: Host, store: OfflineStore, kills: KillSwitch) -> Preview:
    answered = resolve(host.catalogue, "stored", disabled=host.disabled)
    segments, withheld = _segments(store)
    requests: list[bytes] = []
    for segment in segments:
        if segment.head.asked and not answered.is_on:
            withheld = answered.decided_by.words
            continue
        for batch in SegmentReader(segment, host.catalogue, kills.tenant).batches():
            lines = [line for line in batch.lines if not kills.drops(*name_and_time(line))]
            if lines:
                requests.append(b"\n".join(lines))
    return Preview(requests, withheld or "nothing waits to be sent", withheld)


class _Snapshot:
    """Segments as they were when they were read, as if merged; nobody's lease."""

    def __init__(self, *segments: tuple[Head, bytes]) -> None:
        self.head = segments[0][0]
        waiting = b"".join(lines for _, lines in segments)
        self.end = len(waiting)
        # A torn line is nothing that would be sent.
        self.is_torn = False
        self._waiting = waiting

    def runs(self) -> Iterator[Run]:
        yield Run(self._waiting, 0)


def _segments(store: OfflineStore) -> tuple[list[_Snapshot], str]:
    """Return what a sender finds once it has merged, and why it leaves the rest of the store."""
    done = store.merged_sources()
    stats = [found for found in store.stats() if found[0] not in done]
    gone: list[str] = []

    def goes(name: str, _: DropReason) -> bool:
        gone.append(name)
        return True

    store.beyond_bounds(stats, goes)
    free = [found for found in stats if found[0] not in gone and not store.is_held(found[0])]
    # Merged, they stand where the first of them stood.
    places = {name: [name] for name, _, _ in free}
    for names in portions(store, free):
        for name in names:
            del places[name]
        places[names[0]] = names
    found = [_Snapshot(*map(store.snapshot, places[name])) for name in sorted(places)]
    held = len(free) + len(gone) < len(stats)
    return found, "a process that runs still writes or sends it" if held else ""
