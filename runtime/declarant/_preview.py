"""The exact bytes that a sender would send now, or why it would send nothing; nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant._batches import SegmentReader, name_and_time
from declarant._consent import resolve
from declarant._drafts import DRAFT_WORDS, may_send
from declarant._errors import ConfigError
from declarant._kill_switch import KillSwitch
from declarant._lease import Head
from declarant._ledger import Ledger
from declarant._settings import tenant_token
from declarant._status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant._host import Host
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

    def words(self, endpoint: str) -> Iterator[str]:
        """Yield what is said of it beside the bytes."""
        if self.reason:
            yield f"Nothing would be sent: {self.reason}."
            return
        size = sum(map(len, self.requests))
        told = f"{len(self.requests)} request(s), {size} bytes before compression"
        yield f"{told}, would be sent to {endpoint}"
        if self.held_s > 0:
            yield f"Not now: senders wait for {self.held_s:.0f} s more."
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
    found = _requests(host, store, kills)
    found.held_s = held_s
    return found


def _requests(host: Host, store: OfflineStore, kills: KillSwitch) -> Preview:
    answered = resolve(host.catalogue, "stored", disabled=host.disabled)
    withheld = ""
    requests: list[bytes] = []
    for segment in _segments(store):
        if segment.head.asked and not answered.is_on:
            withheld = answered.decided_by.words
            continue
        for batch in SegmentReader(segment, host.catalogue, kills.tenant).batches():
            lines = [line for line in batch.lines if not kills.drops(*name_and_time(line))]
            if lines:
                requests.append(b"\n".join(lines))
    return Preview(requests, withheld or "nothing waits to be sent", withheld)


class _Snapshot:
    """A segment as it was when it was read; nobody's lease."""

    def __init__(self, content: bytes) -> None:
        self.head = Head(content)
        self.end = content.rfind(b"\n") + 1
        # What is not finished yet is another process's to finish.
        self.is_torn = False
        self._content = content

    def lines(self) -> Iterator[tuple[bytes, int]]:
        position = min(self.head.offset, self.end)
        for line in self._content[position : self.end].splitlines(keepends=True):
            position += len(line)
            yield line[:-1], position


def _segments(store: OfflineStore) -> Iterator[_Snapshot]:
    merged = store.merged_sources()
    for name in store.segments():
        if name not in merged:
            yield _Snapshot(store.read(name))
