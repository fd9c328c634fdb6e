"""What lies on this machine, for its user: events that wait, counts, orders to be silent."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from declarant import _clocks
from declarant._counts import store_counts
from declarant._drafts import DRAFT_WORDS
from declarant._errors import StoreError
from declarant._kill_switch import ALL, kills_in_force
from declarant._outcome import DROP_MEANINGS
from declarant._store import event_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant._catalogue import Catalogue
    from declarant._counts import Counts
    from declarant._store import OfflineStore


def shown(catalogue: Catalogue, store: OfflineStore) -> dict[str, object]:
    """Return what waits and what became of the rest, for JSON.

    Raises:
        StoreError: The store is there and cannot be read.
    """
    counts = store_counts(store)
    events: list[object] = [json.loads(line) for line in _waiting(store)]
    mark: dict[str, object] = {"draft": True} if catalogue.draft else {}
    return {**mark, "waiting": events, "counts": counts, "silenced": silenced(store)}


def shown_lines(catalogue: Catalogue, store: OfflineStore) -> Iterator[str]:
    """Yield the same for a person; each event as the line that it is.

    Raises:
        StoreError: The store is there and cannot be read.
    """
    counts = store_counts(store)
    waiting = 0
    for line in _waiting(store):
        waiting += 1
        yield line.decode("utf-8", "replace")
    yield f"{waiting} waiting in {store.folder}{draft_tail(catalogue)}"
    yield from count_lines(counts)
    yield from silence_lines(silenced(store))


def count_lines(counts: Counts) -> Iterator[str]:
    """Yield what became of the events that wait no more, over all runs."""
    yield f"{counts['accepted'].get('events', 0)} accepted so far"
    for reason, count in sorted(counts["dropped"].items()):
        yield f"{count} dropped, {reason}: {DROP_MEANINGS.get(reason, 'unknown reason')}"
    for words, count in sorted(counts["refused"].items()):
        yield f"{count} refused by the collector: {words}"
    for path, count in sorted(counts["left_out"].items()):
        yield f"{count} without ext.{path}: its value did not fit its schema"


def silence_lines(orders: list[dict[str, object]]) -> Iterator[str]:
    """Yield what the collector silenced."""
    for order in orders:
        what = "every event" if order["event"] == ALL else order["event"]
        yield f"silenced by the collector for {order['seconds']} s more: {what}"


def silenced(store: OfflineStore) -> list[dict[str, object]]:
    """Return what the collector ordered to be silent: tenant token, event, seconds."""
    now = _clocks.now()
    return [
        {"tenant": kill.tenant, "event": kill.event, "seconds": math.ceil(kill.until - now)}
        for kill in kills_in_force(store.folder, now)
    ]


def deleted_words(count: int, catalogue: Catalogue) -> str:
    """Return how many events were deleted."""
    return f"deleted {count} {'event' if count == 1 else 'events'}{draft_tail(catalogue)}"


def draft_tail(catalogue: Catalogue) -> str:
    """Return what a line about a draft ends in."""
    return f" ({DRAFT_WORDS})" if catalogue.draft else ""


def waiting_words(store: OfflineStore, count: int) -> str:
    """Return how many events wait and where, or why that cannot be told."""
    return unreadable(store) or f"{count} waiting in {store.folder or 'no place'}"


def unreadable(store: OfflineStore) -> str:
    """Return that and why nobody can tell what waits; "" if somebody can."""
    problem = store.problem() if store.folder else ""
    return f"what waits cannot be read: {problem}" if problem else ""


def _waiting(store: OfflineStore) -> Iterator[bytes]:
    words = unreadable(store)
    if words:
        raise StoreError(words)
    for name in store.segments():
        with open(store.path(name), "rb") as file:
            yield from event_lines(file.read())
