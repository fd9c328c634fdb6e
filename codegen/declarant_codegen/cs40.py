"""Common Schema 4.0 as data: envelope, ext slots and fields, name and id rules.

Owns the view of ``cs40.json``, which keeps for every field its JSON type, who fills it, where it is
documented and whether the live collector was seen taking it. Holds no policy: findings and answers
are made elsewhere.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ENVELOPE",
    "EVENT_NAME",
    "LOCAL_ID_SCOPES",
    "REFUSED_SLOTS",
    "SLOTS",
    "EnvelopeField",
    "NameRule",
    "Refusal",
    "Slot",
    "SlotField",
    "find_slot",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something outside the standard that the collector refuses or that clients strip.

    Attributes:
        answer: What the collector answers, in words; "not observed" where nobody recorded it.
        evidence: Where that is known from.
    """

    answer: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotField:
    """One documented field of an ext slot.

    Attributes:
        name: Name on the JSON wire.
        type: ``string``, ``integer``, ``number``, ``boolean``, ``object``,
            ``object<string,string>``, ``array<string>`` or ``unknown``.
        origin: ``client``, ``client (Windows UTC)``, ``both``, ``server`` or ``unknown``; a
            client must not send a ``server`` field.
        live: ``accepted``, ``production``, ``rejected`` or ``unknown``.
        sources: Where the field is documented or seen.
        note: What a reader should know beyond that; may be empty.
        refused: What the collector answers to the field, or None if it takes it.
        required: True if Bond requires the field once its slot is present.
        bond: Type in CsProtocol.bond, or None if Bond lacks the field.
        aliases: Other documented spellings of the same thing.
    """

    name: str
    type: str
    origin: str
    live: str
    sources: tuple[str, ...]
    note: str
    refused: str | None
    required: bool
    bond: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One ext slot of Part A.

    Attributes:
        name: Name on the JSON wire.
        fields: Documented fields by name.
        aliases: Other spellings seen on the wire or in documents.
        note: What a reader should know; may be empty.
        refused: Undocumented fields that clients tried, with what came of it.
    """

    name: str
    fields: Mapping[str, SlotField]
    aliases: tuple[str, ...]
    note: str
    refused: Mapping[str, Refusal]

    @property
    def is_server_only(self) -> bool:
        """Whether every field of the slot is the collector's to fill."""
        return all(field.origin == "server" for field in self.fields.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeField:
    """One top-level field of an event on the JSON wire.

    Attributes:
        name: Name on the wire.
        type: JSON type, as in `SlotField.type`.
        required: True if every event must have it.
        live: As in `SlotField.live`.
        values: The values known, or empty if any.
        sources: Where the field is documented or seen.
        note: What a reader should know beyond that.
    """

    name: str
    type: str
    required: bool
    live: str
    values: tuple[str, ...]
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule:
    """What an event name must look like for every client and for the collector.

    Attributes:
        pattern: Expression the whole name must match; the same in ECMA and Python.
        min_length: Least number of characters.
        max_length: Greatest number of characters.
        note: Where the rule is from.
    """

    pattern: str
    min_length: int
    max_length: int
    note: str

    def allows(self, name: str) -> bool:
        """Return whether *name* is safe everywhere.

        Source:
            onecollector.md 3.6.
        """
        fits = self.min_length <= len(name) <= self.max_length
        return fits and re.fullmatch(self.pattern.strip("^$"), name) is not None


# Any: the file's own JSON, read once; every value is put into a typed field below.
_DATA: dict[str, Any] = json.loads(Path(__file__).with_name("cs40.json").read_text("utf-8"))


def _field(name: str, raw: dict[str, Any]) -> SlotField:
    return SlotField(
        name=name,
        type=raw["type"],
        origin=raw["origin"],
        live=raw["live"],
        sources=tuple(raw["sources"]),
        note=raw["note"],
        refused=raw.get("refused"),
        required=raw.get("required", False),
        bond=raw.get("bond"),
        aliases=tuple(raw.get("aliases", ())),
    )


def _refusals(raw: dict[str, dict[str, str]]) -> Mapping[str, Refusal]:
    return MappingProxyType({name: Refusal(**value) for name, value in raw.items()})


def _slot(name: str, raw: dict[str, Any]) -> Slot:
    fields = {key: _field(key, value) for key, value in raw["fields"].items()}
    return Slot(
        name=name,
        fields=MappingProxyType(fields),
        aliases=tuple(raw["aliases"]),
        note=raw["note"],
        refused=_refusals(raw["refused"]),
    )


def _envelope_field(name: str, raw: dict[str, Any]) -> EnvelopeField:
    return EnvelopeField(
        name=name,
        type=raw["type"],
        required=raw["required"],
        live=raw["live"],
        values=tuple(raw.get("values", ())),
        sources=tuple(raw["sources"]),
        note=raw["note"],
    )


ENVELOPE: Mapping[str, EnvelopeField] = MappingProxyType(
    {name: _envelope_field(name, raw) for name, raw in _DATA["envelope"].items()}
)
"""Top-level fields by name. Source: onecollector.md 3.1."""

SLOTS: Mapping[str, Slot] = MappingProxyType(
    {name: _slot(name, raw) for name, raw in _DATA["slots"].items()}
)
"""Every documented slot by its name on the JSON wire. Source: onecollector.md 3.5."""

REFUSED_SLOTS: Mapping[str, Refusal] = _refusals(_DATA["refused_slots"])
"""Slots outside the standard that clients tried or strip. Source: onecollector.md 3.5 (A10)."""

EVENT_NAME = NameRule(**_DATA["event_name"])
"""The names that all clients and the collector take. Source: onecollector.md 3.6."""

LOCAL_ID_SCOPES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {slot: MappingProxyType(scopes) for slot, scopes in _DATA["local_id_scopes"].items()}
)
"""Slot (``device``, ``user``) to scope prefix, without its colon, to meaning.

Source: onecollector.md 3.9.
"""

_BY_SPELLING = {alias: slot for slot in SLOTS.values() for alias in (slot.name, *slot.aliases)}


def find_slot(spelling: str) -> Slot | None:
    """Return the slot written as *spelling* (its name or an alias), or None if undocumented."""
    return _BY_SPELLING.get(spelling)
