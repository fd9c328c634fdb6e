"""The verdict on a request: keys, type, coding, then the parse and the validation phase.

Owns the order in which the phases speak. Pure: a request in, a verdict out.

Source:
    onecollector.md 2.1, 2.2 and part A of 6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from declarant_collector import _answer
from declarant_collector._coding import decompress
from declarant_collector._lines import is_array, read_lines
from declarant_collector._parse import parse_violations
from declarant_collector._request import REDACTED, is_full_key, redact, tenant_token
from declarant_collector._rules import Phase, Policy, violation
from declarant_collector._validate import Tenancy, envelope_tenant, validation_violations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from declarant_collector._answer import Answer
    from declarant_collector._lines import Line
    from declarant_collector._request import IngestRequest
    from declarant_collector._rules import Violation

__all__ = ["EventCheck", "Judge", "JudgedEvent", "Outcome", "Verdict"]

MAX_REQUEST_BYTES = 3_145_728
"""Largest request, in bytes. Source: onecollector.md 1.6, the collector's own service setting."""

MAX_DECODED_BYTES = 16 * MAX_REQUEST_BYTES
"""Bound of decompression where the local rule DECODED_TOO_LARGE is off, in bytes."""

_STREAM = "application/x-json-stream"
_BOND = "application/bond-compact-binary"
_STATUS_415 = frozenset({"MEDIA_TYPE", "BODY_ARRAY", "CHARSET", "BOND_UNSUPPORTED"})


class Outcome(Enum):
    """What became of an event.

    DISCARDED is counted as accepted in the answer but never stored by the real collector (A43);
    UNSETTLED was answered by a fault script, so a client may send it again.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISCARDED = "discarded"
    UNSETTLED = "unsettled"


class EventCheck(Protocol):
    """A further check of a single event, such as against a catalogue."""

    def violations(self, envelope: Mapping[str, object]) -> Sequence[Violation]:
        """Return what is wrong with the event."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedEvent:
    """One event and what became of it.

    Attributes:
        index: Place in its request, from 0.
        name: Event name; empty if it cannot be told.
        tenant: Tenant token its envelope names; empty if it names none.
        text: The line as received, keys cut to tenant tokens.
        outcome: What became of it.
        reason: The word in the answer's ``efi``; empty unless rejected.
        violations: Every rule it broke; empty on an event refused for its neighbours' sake.
    """

    index: int
    name: str
    tenant: str
    text: str
    outcome: Outcome
    reason: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, the events, and what was wrong with the request as a whole.

    Attributes:
        answer: What goes back to the client.
        events: Every event that could be told apart.
        violations: Breaches of the request itself.
        decoded_bytes: Length of the body after decompression; 0 if it was not decompressed.
    """

    answer: Answer
    events: tuple[JudgedEvent, ...] = ()
    violations: tuple[Violation, ...] = ()
    decoded_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges requests by the public evidence and by the local rules that are on.

    Attributes:
        policy: Which local rules are on.
        tenants: Full keys of the tenants; empty takes any well-formed key.
        check: A further check of each event, or None.
        max_request_bytes: Largest request, in bytes.
    """

    policy: Policy = field(default_factory=Policy)
    tenants: frozenset[str] = frozenset()
    check: EventCheck | None = None
    max_request_bytes: int = MAX_REQUEST_BYTES

    def judge(self, request: IngestRequest, throttled: Throttled | None = None) -> Verdict:
        """Return the verdict on a request.

        Args:
            request: The request.
            throttled: Says which event, by index and name, is over its quota (A36).
        """
        if problem := self._refused_early(request):
            return _refusal(problem)
        body, coding_note = self._decoded(request)
        if coding_note is not None and coding_note.rule.phase is Phase.REQUEST:
            return _refusal(coding_note)
        if is_array(body):
            message = "expected one JSON object a line, got an array; separate events by newlines"
            return _refusal(violation("BODY_ARRAY", "body", message), decoded_bytes=len(body))
        notes = [] if coding_note is None else [coding_note]
        lines: list[Line] = []
        if not notes or notes[0].rule.phase is Phase.FLAG:
            lines, problems = read_lines(body, self.policy)
            notes += problems
        tenancy, key_notes = self._tenancy(request)
        if key_notes:
            return self._unknown_tenants(request, lines, key_notes, len(body))
        case = _Case(
            request=request, lines=lines, notes=tuple(notes), tenancy=tenancy, size=len(body)
        )
        for line in lines:
            if line.value is not None:
                line.violations += self.policy.kept(parse_violations(line.value))
        if any(each.rule.phase is Phase.PARSE for each in case.all_violations()):
            return case.refused_whole()
        self._validate(case, throttled)
        return case.settled()

    def _refused_early(self, request: IngestRequest) -> Violation | None:
        if request.wire_bytes > self.max_request_bytes:
            return too_large(self.max_request_bytes)
        media_type, _, parameters = request.content_type.partition(";")
        if media_type.strip() == _BOND:
            message = "expected JSON events, got Bond; this collector reads the JSON stream only"
            return violation("BOND_UNSUPPORTED", "Content-Type", message)
        if media_type.strip() != _STREAM:
            message = f"expected {_STREAM}, got another type; change the header or query option"
            return violation("MEDIA_TYPE", "Content-Type", message)
        charset = parameters.replace('"', "").partition("charset=")[2].strip()
        if charset not in ("", "utf-8", "utf8") and self.policy.is_on("CHARSET"):
            return violation("CHARSET", "Content-Type", "expected charset utf-8, got another")
        return None

    def _decoded(self, request: IngestRequest) -> tuple[bytes, Violation | None]:
        strict = self.policy.is_on("DECODED_TOO_LARGE")
        limit = self.max_request_bytes if strict else MAX_DECODED_BYTES
        return decompress(
            request.body, request.content_encoding, max_bytes=limit, policy=self.policy
        )

    def _tenancy(self, request: IngestRequest) -> tuple[Tenancy, tuple[Violation, ...]]:
        """Sort the request's keys; the violations say why none of them will do."""
        if not request.keys:
            message = "expected a key in x-apikey or apikey, header or query, found none"
            missing = violation("KEY_MISSING", "x-apikey", message)
            return _NO_TENANCY, self.policy.kept([missing])
        refused = {key: note for key in request.keys if (note := self._key_problem(key))}
        valid = [key for key in request.keys if key not in refused]
        tenancy = Tenancy(
            valid=frozenset(_token_or_key(key) for key in valid),
            invalid=frozenset(_token_or_key(key) for key in refused),
        )
        return tenancy, () if valid else tuple(dict.fromkeys(refused.values()))

    def _key_problem(self, key: str) -> Violation | None:
        if self.tenants:
            if key in self.tenants:
                return None
            message = "expected the key of a tenant of this collector, got another"
            return violation("TENANT_UNKNOWN", "x-apikey", message)
        if is_full_key(key) or (tenant_token(key) and not self.policy.is_on("KEY_SHAPE")):
            return None
        message = "expected 32 hex digits, a GUID and 4 digits joined by -, got another shape"
        return violation("KEY_SHAPE", "x-apikey", message)

    def _unknown_tenants(
        self,
        request: IngestRequest,
        lines: Sequence[Line],
        notes: tuple[Violation, ...],
        size: int,
    ) -> Verdict:
        answer = _answer.tenant_failure(filter(_is_token, request.tenants), None)
        case = _Case(request=request, lines=lines, notes=notes, tenancy=_NO_TENANCY, size=size)
        for line in lines:
            # The keys decided; the lines' own faults were not looked at.
            line.violations.clear()
        return case.verdict(answer, Outcome.REJECTED, "InvalidTenantToken")

    def _validate(self, case: _Case, throttled: Throttled | None) -> None:
        for index, line in enumerate(case.lines):
            envelope = line.value
            if envelope is None:
                continue
            found = list(validation_violations(envelope, case.tenancy))
            if throttled is not None and throttled(index, line.name):
                message = "the script puts this event over its quota"
                found.append(violation("THROTTLED", "", message))
            if self.check is not None:
                found += self.check.violations(envelope)
            line.violations += self.policy.kept(found)


if TYPE_CHECKING:
    Throttled = Callable[[int, str], bool]

_NO_TENANCY = Tenancy(valid=frozenset(), invalid=frozenset())


def too_large(limit: int) -> Violation:
    """Return the violation of a body above *limit* bytes."""
    message = f"expected at most {limit} bytes, got more; split the batch"
    return violation("BODY_TOO_LARGE", "body", message)


def _is_token(tenant: str) -> bool:
    # Only what is safe in a header is repeated.
    return tenant.isascii() and tenant.isalnum()


def _token_or_key(key: str) -> str:
    return tenant_token(key) or key


def _refusal(problem: Violation, *, decoded_bytes: int = 0) -> Verdict:
    status = 413
    if problem.rule.id in _STATUS_415 or problem.rule.id == "CODING_UNKNOWN":
        status = 415
    answer = _answer.plain(status).with_headers(*_answer.rule_headers([problem]))
    return Verdict(answer=answer, violations=(problem,), decoded_bytes=decoded_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A request whose lines are known, and what has been found so far."""

    request: IngestRequest
    lines: Sequence[Line]
    notes: tuple[Violation, ...]
    tenancy: Tenancy
    size: int

    def all_violations(self) -> list[Violation]:
        return [*self.notes, *(each for line in self.lines for each in line.violations)]

    def refused_whole(self) -> Verdict:
        return self.verdict(_answer.parse_failure(), Outcome.REJECTED, "InvalidEventFormat")

    def settled(self) -> Verdict:
        rejected: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            if reason := _reason(line.violations):
                rejected.setdefault(reason, []).append(index)
        accepted = len(self.lines) - sum(map(len, rejected.values()))
        if rejected and not accepted and self._all_sent_full_keys():
            tenants = dict.fromkeys(map(self._tenant, self.lines))
            answer = _answer.tenant_failure(filter(_is_token, tenants), rejected)
        else:
            no_body = self.request.wants_no_body
            answer = _answer.settled(accepted, rejected, wants_no_body=no_body)
        return self.verdict(answer, Outcome.ACCEPTED, "")

    def _all_sent_full_keys(self) -> bool:
        # A valid key in the header does not help the envelope: recorded live as 401 (A16).
        return all(
            any(each.rule.id == "IKEY_FULL_KEY" for each in line.violations) for line in self.lines
        )

    def verdict(self, answer: Answer, outcome: Outcome, reason: str) -> Verdict:
        """Return the verdict; *outcome* and *reason* are those of events without a breach."""
        events = tuple(
            self._event(index, line, outcome, reason) for index, line in enumerate(self.lines)
        )
        named = answer.with_headers(*_answer.rule_headers(self.all_violations()))
        return Verdict(answer=named, events=events, violations=self.notes, decoded_bytes=self.size)

    def _event(self, index: int, line: Line, outcome: Outcome, reason: str) -> JudgedEvent:
        own = _reason(line.violations)
        if own:
            outcome, reason = Outcome.REJECTED, own
        elif line.violations and outcome is Outcome.ACCEPTED:
            outcome = Outcome.DISCARDED
        return JudgedEvent(
            index=index,
            name=line.name,
            tenant=self._tenant(line),
            text=self._safe_text(line),
            outcome=outcome,
            reason=reason,
            violations=tuple(line.violations),
        )

    @staticmethod
    def _tenant(line: Line) -> str:
        return envelope_tenant(line.value.get("iKey")) if line.value else ""

    def _safe_text(self, line: Line) -> str:
        text = redact(line.text)
        ikey = line.value.get("iKey") if line.value else None
        keys = [*self.request.keys, ikey.removeprefix("o:") if isinstance(ikey, str) else ""]
        for key in keys:
            if tenant_token(key):
                text = text.replace(key, f"{tenant_token(key)}-{REDACTED}")
        return text


def _reason(violations: Sequence[Violation]) -> str:
    """Return the reason of the first violation that refuses; empty if none does."""
    return next((each.rule.reason for each in violations if each.rule.reason), "")
