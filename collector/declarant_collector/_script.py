"""Fault scripts: make the collector answer badly, late or not at all, on purpose.

A script is a JSON file ``{"rules": [...]}``, or the same rules as Python mappings. For each request
the first rule that matches is applied, so later rules are the fallback. Every key is optional:

``when``
    ``request``: a number, counted from 1 since start or reset, or ``[first, last]`` (last may be
    null); ``event``: the request carries an event of that name; ``header``: names and values the
    request has. All given must hold; without ``when`` a rule matches always.
``times``
    How often the rule may be applied; without it, always.
``preset``
    ``quota`` (403), ``chatty`` (429), ``overloaded`` (503, Connection: Close) or ``ticket``
    (401 with TokenCrackingFailure).
``status``, ``reason``, ``headers``, ``body``
    The answer. A header's value may be a list, sent as repeated headers. A string body is sent as
    it is, ``"auto"`` (the default) is the natural answer's body under a success and none under
    anything else; other values are sent as JSON.
``delay_ms``
    Wait before answering.
``connection``
    ``black_hole`` (never answer), ``reset`` (RST), ``half`` (half of the answer, then close),
    ``close``, or ``{"drip": {"bytes": 1, "every_ms": 20}}``.
``throttle``
    Indices of events that are over their quota, or ``"matched"`` for those named in ``when``.
``kill``
    ``duration`` (seconds or any text), ``form`` (``tenant``, ``key`` or ``both``), ``event`` (kill
    that event name only), ``header`` (``kill-duration`` or ``kill-duration-seconds``).
``store``
    Whether the events count as taken although the answer says otherwise or is lost. Default: only
    if the status is a success and the answer arrives.

Source:
    onecollector.md 2.1 to 2.4, A36 to A40, part B.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from declarant_collector._request import IngestRequest

__all__ = ["Connection", "Drip", "Kill", "Script", "ScriptRule", "When"]


class Connection(Enum):
    """What happens to the connection instead of, or after, a full answer."""

    BLACK_HOLE = "black_hole"
    RESET = "reset"
    HALF = "half"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """Send the answer a few bytes at a time.

    Attributes:
        bytes: Bytes of one portion, at least 1.
        every_ms: Wait between portions, in milliseconds.
    """

    bytes: int
    every_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """An order to be silent, as headers (onecollector.md 2.4).

    Attributes:
        duration: Seconds, or any text to send in their place.
        form: ``tenant`` (o:<token>:all), ``key`` (the full key as received) or ``both``.
        event: Kill that event name only; empty kills the tenant.
        header: Name of the header that carries the duration.
    """

    duration: str
    form: str = "both"
    event: str = ""
    header: str = "kill-duration"

    def headers(self, request: IngestRequest) -> tuple[tuple[str, str], ...]:
        """Return the headers for the tenants of *request*."""
        suffix = self.event or "all"
        tokens = [f"o:{tenant}:{suffix}" for tenant in request.tenants]
        if self.form == "key":
            tokens = []
        if self.form != "tenant":
            tokens += request.keys
        safe = ",".join(token for token in tokens if token.isprintable() and token.isascii())
        return (("kill-tokens", safe), (self.header, self.duration))


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which requests a rule matches; every given part must hold."""

    first: int = 1
    last: int | None = None
    event: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def matches(self, number: int, request: IngestRequest, names: Iterable[str]) -> bool:
        """Return whether the rule is for this request."""
        if number < self.first or (self.last is not None and number > self.last):
            return False
        if self.event is not None and self.event not in names:
            return False
        return all(
            (request.header(name) or "").lower() == value.lower() for name, value in self.headers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRule:
    """One rule of a script; see the module's text for each attribute's meaning."""

    when: When = When()
    times: int | None = None
    status: int | None = None
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: object = "auto"
    delay_ms: int = 0
    connection: Connection | Drip | None = None
    throttle: frozenset[int] | str | None = None
    kill: Kill | None = None
    store: bool | None = None

    @property
    def loses_answer(self) -> bool:
        """Whether the client never sees a whole answer."""
        return self.connection in (Connection.BLACK_HOLE, Connection.RESET, Connection.HALF)

    @property
    def stores(self) -> bool:
        """Whether events count as taken."""
        if self.store is not None:
            return self.store
        return not self.loses_answer and (self.status is None or 200 <= self.status < 300)

    def throttles(self, index: int, name: str) -> bool:
        """Return whether the event is over its quota."""
        if isinstance(self.throttle, frozenset):
            return index in self.throttle
        return self.throttle == "matched" and self.when.event in (None, name)


class Script:
    """The rules of a collector, and how often each was applied. Safe to share between threads."""

    def __init__(self, rules: Iterable[ScriptRule] = ()) -> None:
        self._rules = tuple(rules)
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Count requests and applications from the start again."""
        with self._lock:
            self._number = 0
            self._left = [rule.times for rule in self._rules]

    def choose(self, request: IngestRequest, names: Sequence[str]) -> ScriptRule | None:
        """Count a request and return the rule for it, if any.

        Args:
            request: The request.
            names: Names of its events.
        """
        with self._lock:
            self._number += 1
            for place, rule in enumerate(self._rules):
                left = self._left[place]
                if left == 0 or not rule.when.matches(self._number, request, names):
                    continue
                if left is not None:
                    self._left[place] = left - 1
                return rule
        return None
