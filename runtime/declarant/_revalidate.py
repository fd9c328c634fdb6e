"""The check of a stored line that another generation wrote, or that looks damaged.

A field that the installed generation no longer declares does not outlive its withdrawal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from declarant._outcome import DropReason

if TYPE_CHECKING:
    from declarant._catalogue import Catalogue, EventType

_ENVELOPE_FIELDS = {"ver", "name", "time", "iKey", "ext", "data"}


def doubt(line: bytes, catalogue: Catalogue, tenant: str) -> DropReason | None:
    """Return why the envelope in *line* must not be sent under *catalogue*, or None."""
    try:
        envelope: object = json.loads(line)
    except (ValueError, RecursionError):
        return DropReason.CORRUPT
    if not isinstance(envelope, dict) or set(envelope) != _ENVELOPE_FIELDS:
        return DropReason.CORRUPT
    if envelope["iKey"] != f"o:{tenant}":
        return DropReason.KEY_CHANGED
    event = catalogue.event(str(envelope["name"]))
    if event is None or not _ext_is_declared(envelope["ext"], event, catalogue):
        return DropReason.WITHDRAWN
    return DropReason.WITHDRAWN if event.violations(envelope["data"]) else None


def _ext_is_declared(ext: object, event: EventType, catalogue: Catalogue) -> bool:
    fields = {(f.slot, f.name): f for f in catalogue.ext if f.slot in event.slots}
    if not isinstance(ext, dict):
        return False
    for slot, members in ext.items():
        if not isinstance(members, dict):
            return False
        for name, value in members.items():
            field = fields.get((slot, name))
            if field is None or not field.is_valid(value):
                return False
    return True
