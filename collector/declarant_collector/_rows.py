"""What the store keeps, as values and as rows of its tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant_collector._values import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from declarant_collector._judge import Verdict
    from declarant_collector._request import IngestRequest
    from declarant_collector._rules import Violation

__all__ = ["Record", "StoredEvent", "StoredRequest", "StoredViolation"]

ADD_REQUEST = "INSERT INTO requests VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
ADD_EVENT = (
    "INSERT INTO events (request, place, name, tenant, outcome, reason, text, violations)"
    " VALUES (?,?,?,?,?,?,?,?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One request with its verdict, as handed to the store.

    Attributes:
        number: Number of the request, unique in the store.
        time: When it came, ISO 8601 in UTC.
        request: The request.
        verdict: What was answered, and each event's fate.
        is_scripted: Whether a fault script had a hand in it.
    """

    number: int
    time: str
    request: IngestRequest
    verdict: Verdict
    is_scripted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredViolation:
    """One broken rule: id, field path, message, and whether the rule is local."""

    rule: str
    field: str
    message: str
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One received event.

    Attributes:
        id: Grows with every event; never used twice.
        request: Number of its request.
        index: Place in the request, from 0.
        name: Event name; empty if it could not be told.
        tenant: Tenant token of the envelope.
        outcome: ``accepted``, ``rejected``, ``discarded`` or ``unsettled``.
        reason: The word in the answer's ``efi``.
        text: The line as received, keys cut.
        violations: The rules it broke; empty on an event refused for its neighbours' sake.
    """

    id: int
    request: int
    index: int
    name: str
    tenant: str
    outcome: str
    reason: str
    text: str
    violations: tuple[StoredViolation, ...]

    @property
    def envelope(self) -> dict[str, object]:
        """The event as JSON.

        Raises:
            ValueError: The line is not a JSON object.
        """
        value: object = json.loads(self.text)
        if is_object(value):
            return value
        raise ValueError("expected a JSON object, got another value")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    """One received request; see `Record` and `Verdict` for the meaning of its parts."""

    number: int
    time: str
    method: str
    target: str
    tenants: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    wire_bytes: int
    decoded_bytes: int
    status: int
    collector_error: str
    answer: str
    scripted: bool
    violations: tuple[StoredViolation, ...]


def request_row(record: Record) -> tuple[object, ...]:
    request, verdict = record.request, record.verdict
    return (
        record.number,
        record.time,
        _storable(request.method),
        _storable(request.safe_target()),
        json.dumps(request.tenants),
        json.dumps(request.safe_headers()),
        request.wire_bytes,
        verdict.decoded_bytes,
        verdict.answer.status,
        verdict.answer.header("Collector-Error"),
        verdict.answer.body.decode("utf-8", "replace"),
        record.is_scripted,
        _packed(verdict.violations),
    )


def event_rows(record: Record) -> list[tuple[object, ...]]:
    return [
        (
            record.number,
            event.index,
            _storable(event.name),
            _storable(event.tenant),
            event.outcome.value,
            event.reason,
            _storable(event.text),
            _packed(event.violations),
        )
        for event in record.verdict.events
    ]


def _storable(text: str) -> str:
    # A lone surrogate has no UTF-8 form; SQLite would refuse the row.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _packed(violations: Sequence[Violation]) -> str:
    if not violations:
        return "[]"
    rows = [[each.rule.id, each.field, each.message, each.rule.is_local] for each in violations]
    return json.dumps(rows)


def unpacked(text: str) -> tuple[StoredViolation, ...]:
    return tuple(
        StoredViolation(rule=rule, field=field, message=message, local=local)
        for rule, field, message, local in json.loads(text)
    )


# sqlite3 rows are tuples of whatever the columns hold.
def read_event(row: tuple[Any, ...]) -> StoredEvent:
    return StoredEvent(
        id=row[0],
        request=row[1],
        index=row[2],
        name=row[3],
        tenant=row[4],
        outcome=row[5],
        reason=row[6],
        text=row[7],
        violations=unpacked(row[8]),
    )


def read_request(row: tuple[Any, ...]) -> StoredRequest:
    return StoredRequest(
        number=row[0],
        time=row[1],
        method=row[2],
        target=row[3],
        tenants=tuple(json.loads(row[4])),
        headers=tuple((name, value) for name, value in json.loads(row[5])),
        wire_bytes=row[6],
        decoded_bytes=row[7],
        status=row[8],
        collector_error=row[9],
        answer=row[10],
        scripted=bool(row[11]),
        violations=unpacked(row[12]),
    )
