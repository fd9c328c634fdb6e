"""The parse phase: envelope and ext against Common Schema 4.0.

Owns every rule whose breach refuses the whole request. Pure: a JSON object in, violations out.

Source:
    onecollector.md 2.2, 3.1 to 3.5, 7; the standard itself is `declarant_codegen.cs40`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from declarant_codegen.cs40 import ENVELOPE, REFUSED_SLOTS, find_slot
from declarant_collector._rules import violation
from declarant_collector._values import has_type, is_object, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.cs40 import Slot, SlotField
    from declarant_collector._rules import Violation

__all__ = ["parse_violations"]

_REQUIRED = ("ver", "name", "time", "iKey")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,7})?Z", re.ASCII)


def parse_violations(envelope: Mapping[str, object]) -> Iterator[Violation]:
    """Yield what the parse phase refuses in one event, local rules included."""
    yield from _check_presence(envelope)
    yield from _check_types(envelope)
    yield from _check_version(envelope.get("ver"))
    yield from _check_time(envelope.get("time"))
    ext = envelope.get("ext")
    if is_object(ext):
        for spelling, value in ext.items():
            yield from _check_slot(spelling, value)
    data = envelope.get("data")
    if is_object(data):
        yield from _check_part_b(data)


def _check_presence(envelope: Mapping[str, object]) -> Iterator[Violation]:
    for name in _REQUIRED:
        if name not in envelope:
            yield violation(
                "ENVELOPE_FIELD_MISSING", name, f'expected "{name}", found none; add it'
            )


def _check_types(envelope: Mapping[str, object]) -> Iterator[Violation]:
    for name, value in envelope.items():
        documented = ENVELOPE.get(name)
        if documented is None:
            message = f"expected one of {', '.join(ENVELOPE)}, found another; move it into data"
            yield violation("UNKNOWN_TOP_LEVEL_FIELD", name, message)
        elif not has_type(value, documented.type):
            message = f"expected {documented.type}, got {type_of(value)}; send the type"
            yield violation("ENVELOPE_FIELD_TYPE", name, message)


def _check_version(version: object) -> Iterator[Violation]:
    if isinstance(version, str) and version not in ENVELOPE["ver"].values:
        yield violation("VERSION_UNKNOWN", "ver", "expected 4.0 or 3.0, got another; send 4.0")


def _check_time(time: object) -> Iterator[Violation]:
    if isinstance(time, str) and not is_utc_time(time):
        message = "expected YYYY-MM-DDThh:mm:ss, up to 7 digits of a second and Z, got another form"
        yield violation("TIME_FORMAT", "time", message)


def is_utc_time(text: str) -> bool:
    """Return whether *text* is a moment in the only form that clients send (A42)."""
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    try:
        datetime.fromisoformat(match[1])
    except ValueError:
        return False
    return True


def _check_slot(spelling: str, value: object) -> Iterator[Violation]:
    path = f"ext.{spelling}"
    slot = find_slot(spelling)
    if slot is None:
        refused = REFUSED_SLOTS.get(spelling)
        live = refused is not None and refused.answer.startswith("400")
        message = "expected a slot of Common Schema 4.0, found another; remove it"
        yield violation("EXT_SLOT_REFUSED" if live else "EXT_SLOT_UNKNOWN", path, message)
    elif not is_object(value):
        yield violation("EXT_SLOT_TYPE", path, f"expected object, got {type_of(value)}")
    else:
        for name, content in value.items():
            yield from _check_field(slot, f"{path}.{name}", name, content)


def _check_field(slot: Slot, path: str, name: str, value: object) -> Iterator[Violation]:
    field = slot.fields.get(name)
    if field is None:
        documented = ", ".join(sorted(slot.fields))
        message = (
            f'ext.{slot.name} has no field "{name}" in Common Schema 4.0; '
            f"documented: {documented}; remove it"
        )
        yield violation("EXT_FIELD_UNKNOWN", path, message)
        return
    if not has_type(value, field.type):
        message = f"expected {field.type}, got {type_of(value)}; send the documented type"
        yield violation("EXT_FIELD_TYPE", path, message)
    yield from _check_origin(field, path)


def _check_origin(field: SlotField, path: str) -> Iterator[Violation]:
    # A refused field has a rule of its own in the validation phase.
    if field.origin == "server" and field.refused is None:
        yield violation("EXT_SERVER_FIELD", path, "the collector fills this field; remove it")


def _check_part_b(data: Mapping[str, object]) -> Iterator[Violation]:
    for name, expected in (("baseType", "string"), ("baseData", "object")):
        if name in data and not has_type(data[name], expected):
            message = f"expected {expected}, got {type_of(data[name])}; send the type"
            yield violation("PART_B_TYPE", f"data.{name}", message)
