"""Whether telemetry is on, every signal that has a say and the one that decided, and the counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from declarant import _clocks
from declarant._consent import answer_file
from declarant._counts import store_counts
from declarant._errors import ConfigError
from declarant._kill_switch import KillSwitch
from declarant._on_disk import (
    count_lines,
    draft_tail,
    silence_lines,
    silenced,
    unreadable,
    waiting_words,
)
from declarant._outcome import DROP_MEANINGS
from declarant._settings import tenant_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant._host import Host


class Status:
    """The state of telemetry, as it was when this was made.

    Attributes:
        is_on: Whether a command that runs now would store events.
        reason: What decided that, in words.
    """

    def __init__(self, host: Host) -> None:
        """Look; nothing is written, and nobody is asked."""
        self._host = host
        self._resolution = host.resolution
        self.reason = _problem(host) if self._resolution.is_on else ""
        self.is_on = self._resolution.is_on and not self.reason
        self.reason = self.reason or self._resolution.decided_by.words

    def as_json(self) -> dict[str, object]:
        """Return all of it for JSON.

        Raises:
            ConfigError: The program names a store that cannot be used.
        """
        host, found = self._host, self._resolution
        store = host.store
        return {
            "product": host.catalogue.product,
            "on": self.is_on,
            "reason": self.reason,
            "decided_by": found.decided_by.name,
            "signals": [
                {"name": signal.name, "effect": signal.effect, "words": signal.words}
                for signal in found.signals
            ],
            "answer": found.answer,
            "answer_file": answer_file(host.catalogue),
            "consent_version": host.catalogue.consent_version,
            "draft": host.catalogue.draft,
            "endpoint": host.endpoint,
            "store": store.folder,
            "unreadable": unreadable(store),
            "counts": store_counts(store),
            "silenced": silenced(store),
        }

    def lines(self) -> Iterator[str]:
        """Yield all of it for a person.

        Raises:
            ConfigError: The program names a store that cannot be used.
        """
        host, found = self._host, self._resolution
        state = "on" if self.is_on else "off"
        product = host.catalogue.product
        yield f"Telemetry of {product} is {state}: {self.reason}{draft_tail(host.catalogue)}"
        for signal in found.signals:
            mark = "*" if signal is found.decided_by else " "
            yield f"{mark} {signal.name:13} {_EFFECTS[signal.effect]:4} {signal.words}"
        store = host.store
        counts = store_counts(store)
        yield f"The answer is kept in {answer_file(host.catalogue) or 'no place: there is no home'}"
        yield f"Events go to {host.endpoint}"
        yield waiting_words(store, counts["waiting"].get("events", 0))
        yield from count_lines(counts)
        yield from silence_lines(silenced(store))


_EFFECTS = {"off": "off", "on": "on", "none": "-"}


def _problem(host: Host) -> str:
    """Return why nothing would be stored although everybody agrees; "" if it would."""
    if not host.catalogue.events:
        return host.catalogue.damage
    try:
        settings = host.settings()
    except ConfigError as error:
        return f"the program's set-up cannot be used: {error}"
    if settings.ikey is None:
        return DROP_MEANINGS["NO_KEY"]
    if not settings.store_folder:
        return "there is no folder to keep events in"
    kills = KillSwitch(settings.store_folder, tenant_token(settings.ikey))
    kills.refresh(at_once=True)
    silent_s = kills.silent_s(_clocks.now())
    return (
        f"the collector ordered silence for {math.ceil(silent_s)} s more" if kills.is_silent else ""
    )
