"""The validation phase: tenants, ids and names, judged event by event.

Owns every rule whose breach refuses one event by its index. Pure.

Source:
    onecollector.md 1.7, 2.2, 3.6, 3.9; A11 to A16, A20, A43.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.cs40 import EVENT_NAME, LOCAL_ID_SCOPES
from declarant_collector._rules import violation
from declarant_collector._values import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_collector._rules import Violation

__all__ = ["Tenancy", "envelope_tenant", "validation_violations"]

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_PREFIX = "o:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """Whose events a request may carry.

    Attributes:
        valid: Tenant tokens of the request's keys that this collector knows.
        invalid: Tenant tokens of its other keys.
    """

    valid: frozenset[str]
    invalid: frozenset[str]


def validation_violations(envelope: Mapping[str, object], tenancy: Tenancy) -> Iterator[Violation]:
    """Yield what the validation phase refuses in one event, local rules included."""
    yield from _check_tenant(envelope.get("iKey"), tenancy)
    ext = envelope.get("ext")
    slots = ext if is_object(ext) else {}
    for slot in ("device", "user"):
        local_id = _field(slots, slot, "localId")
        if isinstance(local_id, str):
            yield from _check_local_id(slot, local_id)
    if _field(slots, "device", "authSecId"):
        message = "expected no value, got one; leave the field out"
        yield violation("DEVICE_AUTH_SEC_ID", "ext.device.authSecId", message)
    yield from _check_name(envelope.get("name"))


def _field(slots: Mapping[str, object], slot: str, name: str) -> object:
    value = slots.get(slot)
    return value.get(name) if is_object(value) else None


def envelope_tenant(ikey: object) -> str:
    """Return the tenant token that an envelope's iKey names; empty if it names none."""
    if not isinstance(ikey, str):
        return ""
    return ikey.removeprefix(_PREFIX).partition("-")[0]


def _check_tenant(ikey: object, tenancy: Tenancy) -> Iterator[Violation]:
    if not isinstance(ikey, str):
        return
    token = ikey.removeprefix(_PREFIX)
    if "-" in token:
        message = 'expected "o:" and the tenant token, got a key; cut it before its first "-"'
        yield violation("IKEY_FULL_KEY", "iKey", message)
    elif ikey.startswith(_PREFIX) and token in tenancy.invalid:
        message = "expected a tenant of this collector, got the tenant of a key it does not know"
        yield violation("TENANT_INVALID", "iKey", message)
    elif not ikey.startswith(_PREFIX) or token not in tenancy.valid:
        message = 'expected "o:" and the tenant token of a key of the request, got another'
        yield violation("IKEY_UNMATCHED", "iKey", message)


def _check_local_id(slot: str, local_id: str) -> Iterator[Violation]:
    scopes = LOCAL_ID_SCOPES[slot]
    scope, colon, rest = local_id.partition(":")
    path = f"ext.{slot}.localId"
    kind = slot.upper()
    if not colon or scope not in scopes:
        listed = ", ".join(f"{each}:" for each in scopes)
        message = f"expected a scope prefix of {listed}, got another; put one before the id"
        yield violation(f"{kind}_LOCAL_ID", path, message)
    elif not rest or (scope == "r" and not _GUID.fullmatch(rest)):
        wanted = "a UUID" if scope == "r" else "an id"
        message = f"expected {wanted} after {scope}:, got another form"
        yield violation(f"{kind}_LOCAL_ID_FORM", path, message)


def _check_name(name: object) -> Iterator[Violation]:
    if not isinstance(name, str):
        return
    if len(name) < EVENT_NAME.min_length:
        message = f"expected at least {EVENT_NAME.min_length} characters; use a longer name"
        yield violation("EVENT_NAME_SHORT", "name", message)
    elif not EVENT_NAME.allows(name):
        message = f"expected up to {EVENT_NAME.max_length} characters of {EVENT_NAME.pattern}"
        yield violation("EVENT_NAME", "name", message)
