"""The JSON API: what came, what was refused and why, for people and tests on this machine.

Owns paths, filters and shapes. No CORS headers; the Host and Origin checks keep web pages out.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from declarant_collector._answer import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from declarant_collector._rows import StoredEvent, StoredRequest, StoredViolation
    from declarant_collector._store import Store

__all__ = ["Api", "is_local_host"]

DEFAULT_LIMIT = 1000
"""Rows of one answer unless ``limit`` says otherwise."""

_OUTCOMES = ("accepted", "rejected", "discarded", "unsettled")
_HEADERS = (
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)


class _QueryError(ValueError):
    """A filter that cannot be followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filter:
    name: str | None
    since: int
    limit: int
    outcomes: tuple[str, ...]

    @staticmethod
    def read(query: str, outcomes: tuple[str, ...]) -> _Filter:
        options = parse_qs(query, keep_blank_values=True)
        chosen = tuple(options.get("outcome", outcomes))
        if others := sorted(set(chosen) - set(_OUTCOMES)):
            raise _QueryError(f"outcome: expected one of {', '.join(_OUTCOMES)}, got {others[0]!r}")
        return _Filter(
            name=options["name"][-1] if "name" in options else None,
            since=_count(options, "since", 0),
            limit=_count(options, "limit", DEFAULT_LIMIT),
            outcomes=chosen,
        )


def _count(options: dict[str, list[str]], name: str, default: int) -> int:
    text = options.get(name, [str(default)])[-1]
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    raise _QueryError(f"{name}: expected a number from 0")


class Api:
    """Answers the requests below ``/api/``."""

    def __init__(self, store: Store, reset: Callable[[], None]) -> None:
        self._store = store
        self._reset = reset
        self._routes: dict[tuple[str, str], Callable[[str], object]] = {
            ("GET", "/api/events"): self._events,
            ("GET", "/api/rejections"): self._rejections,
            ("GET", "/api/requests"): self._requests,
            ("GET", "/api/counts"): lambda _query: self._store.counts(),
            ("POST", "/api/reset"): self._forget,
        }

    def answer(self, method: str, target: str) -> Answer:
        """Return the answer to a request whose Host and Origin are in order."""
        parts = urlsplit(target)
        path = parts.path.rstrip("/")
        route = self._routes.get((method, path))
        if route is None:
            allowed = [verb for verb, known in self._routes if known == path]
            if not allowed:
                paths = sorted({known for _, known in self._routes})
                return problem(404, f"expected one of {', '.join(paths)}")
            refused = problem(405, f"expected {allowed[0]}")
            return refused.with_headers(("Allow", allowed[0]))
        try:
            return _json(200, route(parts.query))
        except _QueryError as error:
            return problem(400, str(error))

    def _events(self, query: str) -> object:
        chosen = _Filter.read(query, ("accepted",))
        return {"events": [_event(event) for event in self._found(chosen)]}

    def _found(self, chosen: _Filter) -> list[StoredEvent]:
        return self._store.events(
            outcomes=chosen.outcomes, name=chosen.name, since=chosen.since, limit=chosen.limit
        )

    def _rejections(self, query: str) -> object:
        chosen = _Filter.read(query, ("rejected", "discarded"))
        events = self._found(chosen)
        culprits: dict[int, list[int]] = {}
        for event in events:
            if event.violations:
                culprits.setdefault(event.request, []).append(event.index)
        shown = [
            _event(event)
            | {"refused_with": [] if event.violations else culprits.get(event.request, [])}
            for event in events
        ]
        # Requests have no event name and ids of their own: the filters are about events.
        if chosen.name is not None or chosen.since:
            return {"events": shown, "requests": []}
        refused = self._store.requests(limit=chosen.limit, refused=True)
        return {"events": shown, "requests": [_request(each) for each in refused]}

    def _requests(self, query: str) -> object:
        chosen = _Filter.read(query, ())
        found = self._store.requests(since=chosen.since, limit=chosen.limit)
        return {"requests": [_request(each) for each in found]}

    def _forget(self, _query: str) -> object:
        self._reset()
        return {"reset": True}


def _event(event: StoredEvent) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": event.id,
        "request": event.request,
        "index": event.index,
        "name": event.name,
        "tenant": event.tenant,
        "outcome": event.outcome,
        "reason": event.reason,
        "violations": _violations(event.violations),
    }
    try:
        envelope = event.envelope
        # NaN, lone surrogates and bottomless nesting have no place in our own JSON.
        json.dumps(envelope, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return shown | {"event": None, "text": event.text}
    return shown | {"event": envelope}


def _request(request: StoredRequest) -> dict[str, object]:
    shown = asdict(request)
    shown["violations"] = _violations(request.violations)
    return shown


def _violations(violations: Sequence[StoredViolation]) -> list[dict[str, object]]:
    return [asdict(each) for each in violations]


def problem(status: int, message: str) -> Answer:
    """Return an answer that says what was wrong with an API request."""
    return _json(status, {"error": message})


def _json(status: int, content: object) -> Answer:
    # ASCII: the name of an unknown field may hold a lone surrogate.
    body = json.dumps(content, separators=(",", ":")).encode("ascii")
    return Answer(status=status, reason=HTTPStatus(status).phrase, headers=_HEADERS, body=body)


def is_local_host(host: str | None, bound_host: str) -> bool:
    """Return whether a Host header is one that no foreign web page can make a browser send.

    A page can point a name of its own at this machine (DNS rebinding), never an address.

    Args:
        host: The header's value.
        bound_host: What the collector was told to listen on.
    """
    if not host:
        return False
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name not in ("localhost", bound_host.lower()):
            ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
