"""The answer to a request: status, reason phrase, headers and body, worded as the real one's.

Pure. Headers that every answer of the ingest path carries (CORS, Server) are the server's business.

Source:
    onecollector.md 2.1 to 2.3, recorded live answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from declarant_collector._rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from declarant_collector._rules import Violation

__all__ = ["Answer", "compact", "parse_failure", "plain", "settled", "tenant_failure"]

PARSE_FAILURE = "All events rejected due to parsing failure."
VALIDATION_FAILURE = "No events passed validation."
TENANT_FAILURE = "Invalid Tenant Token."
KILL_DURATION_S = 86_400
"""Seconds a tenant shall be silent after a 401. Source: onecollector.md 2.2, recorded live."""

_JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back to the client.

    Attributes:
        status: HTTP status.
        reason: Reason phrase.
        headers: Name and value pairs.
        body: Bytes after the head.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return the header's value, empty if there is none."""
        lowered = name.lower()
        return next((value for key, value in self.headers if key.lower() == lowered), "")

    def with_headers(self, *pairs: tuple[str, str]) -> Answer:
        """Return the answer with headers added."""
        return replace(self, headers=(*self.headers, *pairs))


def compact(value: object) -> bytes:
    """Return *value* as JSON without blanks, as the real collector writes its bodies."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def plain(status: int, *, body: object = None, reason: str = "") -> Answer:
    """Return an answer of which only the status is evidenced.

    Args:
        status: HTTP status.
        body: JSON body; None sends none.
        reason: Reason phrase; the standard one if empty.
    """
    phrase = reason or _standard_phrase(status)
    if body is None:
        return Answer(status=status, reason=phrase)
    return Answer(status=status, reason=phrase, headers=(_JSON,), body=compact(body))


def _standard_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def _failure(status: int, error: str, body: Mapping[str, object]) -> Answer:
    # The reason phrase repeats the header (onecollector.md 2.2).
    headers = (_JSON, ("Collector-Error", error))
    return Answer(status=status, reason=error, headers=headers, body=compact(body))


def parse_failure() -> Answer:
    """Return the answer to a request in which anything failed to parse (A05 to A08)."""
    return _failure(400, PARSE_FAILURE, {"acc": 0, "efi": {"InvalidEventFormat": "all"}})


def tenant_failure(tenants: Iterable[str], rejected: Mapping[str, list[int]] | None) -> Answer:
    """Return the answer to a request of which no tenant is valid (A16 to A18).

    Args:
        tenants: Tenant tokens to name in kill-tokens; none, and the header is left out.
        rejected: Indices by reason if events were judged, None if the keys alone were.
    """
    body: dict[str, object] = {"acc": 0}
    if rejected is None:
        body["efi"] = {"InvalidTenantToken": "all"}
    else:
        body.update(rej=_count(rejected), efi=rejected)
    answer = _failure(401, TENANT_FAILURE, body)
    answer = answer.with_headers(("WWW-Authenticate", 'Token realm="ingestion"'))
    tokens = ",".join(f"o:{tenant}:all" for tenant in tenants)
    if not tokens:
        return answer
    return answer.with_headers(("kill-tokens", tokens), ("kill-duration", str(KILL_DURATION_S)))


def settled(accepted: int, rejected: Mapping[str, list[int]], *, wants_no_body: bool) -> Answer:
    """Return the answer after the validation phase.

    Args:
        accepted: Number of events taken.
        rejected: Indices by reason; empty if all were taken.
        wants_no_body: Whether success is answered 204; a 400 keeps its body (A33 to A35).
    """
    body: dict[str, object] = {"acc": accepted}
    if rejected:
        body.update(rej=_count(rejected), efi=rejected)
    if rejected and not accepted:
        return _failure(400, VALIDATION_FAILURE, body)
    if wants_no_body:
        return plain(204)
    return plain(200, body=body)


def _count(rejected: Mapping[str, list[int]]) -> int:
    return sum(len(indices) for indices in rejected.values())


def rule_headers(violations: Sequence[Violation]) -> tuple[tuple[str, str], ...]:
    """Return the headers that name local rules and flags; the real collector has neither."""
    found = {each.rule.id for each in violations}
    local = [rule for rule in RULES if rule in found and RULES[rule].is_local]
    flags = [rule for rule in RULES if rule in found and RULES[rule].phase.value == "flag"]
    named = (("Declarant-Local-Rules", local), ("Declarant-Flags", flags))
    return tuple((name, ", ".join(ids)) for name, ids in named if ids)
