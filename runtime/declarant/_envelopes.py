"""The check of a whole envelope against a catalogue, for everything but the emit path.

Emitters build envelopes that are right by construction. This check serves lines that another
generation stored, tools, tests and other producers of events.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from declarant._errors import PackageDamaged
from declarant._outcome import DropReason
from declarant._shapes import is_object
from declarant._violations import Violation, is_date_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant._catalogue import Catalogue, EventType

#: Fields of an envelope as this SDK makes it. Source: onecollector facts 3.1.
ENVELOPE_FIELDS = ("ver", "name", "time", "iKey", "ext", "data")


def envelope_violations(envelope: object, catalogue: Catalogue) -> list[Violation]:
    """Return each way in which *envelope* breaks *catalogue*; paths and rules, never values.

    Args:
        envelope: A parsed envelope.
        catalogue: What may be sent.

    Raises:
        PackageDamaged: The event's module cannot be imported, or is of another generation.
    """
    if not is_object(envelope):
        return [Violation("envelope", "type", "object", "another type")]
    found = [
        Violation(field, "required", "an envelope with it", "none")
        for field in ENVELOPE_FIELDS
        if field not in envelope
    ]
    found += [
        Violation("envelope", "additionalProperties", "envelope fields only", "another field")
        for field in envelope
        if field not in ENVELOPE_FIELDS
    ]
    if found:
        return found
    name: object = envelope["name"]
    event = catalogue.event(name) if isinstance(name, str) else None
    if event is None:
        return [Violation("name", "enum", "a declared event", "an undeclared one")]
    for field in ("ver", "time", "iKey"):
        if not isinstance(envelope[field], str):
            found.append(Violation(field, "type", "string", "another type"))
    # Neither is a place for free text.
    if envelope["ver"] != "4.0":
        found.append(Violation("ver", "const", "4.0", "another version"))
    time = envelope["time"]
    if isinstance(time, str) and not is_date_time(time):
        found.append(Violation("time", "format", "a date-time", "another text"))
    found.extend(_ext_violations(envelope["ext"], event, catalogue))
    found.extend(event.violations(envelope["data"]))
    return found


def line_doubt(line: bytes, catalogue: Catalogue, tenant: str) -> DropReason | None:
    """Return why the stored envelope in *line* must not be sent under *catalogue*, or None.

    A field that the installed generation no longer declares does not outlive its withdrawal.
    """
    try:
        # Of a name that stands twice the check would see one value, and the collector gets both.
        envelope: object = json.loads(line, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return DropReason.CORRUPT
    if not is_object(envelope) or set(envelope) != set(ENVELOPE_FIELDS):
        return DropReason.CORRUPT
    if envelope["iKey"] != f"o:{tenant}":
        return DropReason.KEY_CHANGED
    try:
        is_valid = not envelope_violations(envelope, catalogue)
    except PackageDamaged:
        # What cannot be checked is not sent.
        return DropReason.PACKAGE_DAMAGED
    return None if is_valid else DropReason.WITHDRAWN


def _unique(members: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(members)
    if len(made) != len(members):
        raise ValueError("a name stands twice")
    return made


def _ext_violations(ext: object, event: EventType, catalogue: Catalogue) -> Iterator[Violation]:
    if not is_object(ext):
        yield Violation("ext", "type", "object", "another type")
        return
    declared = {(f.slot, f.name): f for f in catalogue.ext if f.slot in event.slots}
    for slot, members in ext.items():
        if not is_object(members):
            yield Violation(f"ext.{_shown(slot)}", "type", "object", "another type")
            continue
        for name, value in members.items():
            field = declared.get((slot, name))
            path = f"ext.{_shown(slot)}.{_shown(name)}"
            if field is None:
                yield Violation(
                    path, "additionalProperties", "a declared field", "an undeclared one"
                )
            elif not field.is_valid(value):
                yield Violation(path, "schema", "a value that fits its schema", "another value")


def _shown(name: object) -> str:
    """Return a field's name if it looks like one: a name from outside could hold anything."""
    text = str(name)
    return text if text.isidentifier() and text.isascii() and len(text) <= 64 else "?"
