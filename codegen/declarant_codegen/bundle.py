"""Standard JSON Schemas of whole envelopes, for every consumer that is not this project.

Owns what an envelope looks like as a schema: the fixed members, the ext slots an event carries, and
its data. Our own keywords are left out (the manifest has them), so that strict validators take it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.own_digest import BLANK_DIGEST, GENERATED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.model import Catalogue, Event

__all__ = ["envelope_schema"]

_TENANT_PATTERN = "^o:[0-9a-f]{32}$"
_TIME_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"


def envelope_schema(event: Event, catalogue: Catalogue) -> dict[str, Any]:
    """Return the JSON Schema 2020-12 of an event's envelope, without references.

    Its comment has a blank for the digest of the text it becomes.

    Source:
        onecollector.md 3 (envelope members); the runtime writes times with three decimals.
    """
    slots = {
        slot: _closed({field.name: _standard(field.schema) for field in catalogue.ext[slot]})
        for slot in event.slots
    }
    ext = _closed(slots)
    members = {
        "ver": {"const": "4.0"},
        "name": {"const": event.name},
        "time": {"type": "string", "format": "date-time", "pattern": _TIME_PATTERN},
        "iKey": {"type": "string", "pattern": _TENANT_PATTERN},
        "ext": ext,
        "data": _standard(event.schema),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        # Inside the comment: a member of our own would be a keyword that strict validators refuse.
        "$comment": f"{GENERATED} ({BLANK_DIGEST})",
        "title": event.name,
        "description": event.description,
        **_closed(members, required=tuple(members)),
    }


def _closed(members: Mapping[str, Any], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, "properties": dict(members)}


def _standard(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resolved schema without our own keywords."""
    kept = {keyword: value for keyword, value in schema.items() if not keyword.startswith("x-")}
    if "properties" in kept:
        kept["properties"] = {name: _standard(child) for name, child in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _standard(kept["items"])
    return kept
