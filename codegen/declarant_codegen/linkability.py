"""Linkability: what may ride along with an identifier in one event.

Owns the catalogue's rule (``linkability``), what holds for an identifier that it does not name, and
the judgement of events. Whatever stands in one event with an identifier is known of whom or what it
identifies, so all other values of the event count: its data and every field of its ext slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant_codegen.documents import CATALOGUE_FILE, SUFFIX
from declarant_codegen.field_rows import schema_rows
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.positions import escape_token
from declarant_codegen.sensitivity import DEFAULT_CEILING, SENSITIVITIES
from declarant_codegen.words import listing, quote, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.documents import Document, Documents
    from declarant_codegen.findings import Finding
    from declarant_codegen.references import Resolver
    from declarant_codegen.sensitivity import Sensitivity
    from declarant_codegen.words import Guesses

__all__ = ["check_linkability"]

_RANKS: Mapping[Any, int] = {name: rank for rank, name in enumerate(SENSITIVITIES)}
_IDENTIFIER = _RANKS["identifier"]
_SHOWN = 3
"""Values that a message names; there may be hundreds."""

_HOLDERS = frozenset({"title", "x-class", "properties", "items", "$ref", "$defs"})
"""Keywords without which it is not known which identifiers there are."""


@dataclass(frozen=True, slots=True)
class _Value:
    """One value that an event can carry.

    Attributes:
        place: As ``linkability`` names it: ``ext.device.localId``, ``ModelKitAction.some_id``.
        rank: Its class, as an index of `SENSITIVITIES`.
        home: The ext slot, or the pointer of the event's field.
    """

    place: str
    rank: int
    home: str

    @property
    def is_identifier(self) -> bool:
        return self.rank == _IDENTIFIER


def check_linkability(documents: Documents, resolver: Resolver) -> Iterator[Finding]:
    """Yield each event that breaks the catalogue's rule, and each entry that names nothing."""
    ceilings = _ceilings(documents)
    if ceilings is None:
        return
    lowest = min(map(_rank, (*ceilings.values(), DEFAULT_CEILING)))
    slots = {
        slot: _slot_values(slot, document, resolver)
        for document in documents.of_kind("ext")
        for slot in [document.key.removeprefix("ext/").removesuffix(SUFFIX)]
    }
    known = {value.place: value.rank for values in slots.values() for value in values}
    for document in documents.of_kind("event"):
        carried = [value for slot in _carried(document) for value in slots.get(slot, ())]
        own: list[_Value] = []
        if _highest(document) > min(lowest, _IDENTIFIER - 1):
            own.extend(_event_values(document, resolver))
            known.update((value.place, value.rank) for value in own)
        values = [*carried, *own]
        if any(value.rank > lowest for value in values):
            yield from _check_event(document, values, ceilings)
    if _is_whole(documents):
        if ceilings.keys() - known.keys():
            for document in documents.of_kind("event"):
                found = _event_values(document, resolver)
                known.update((value.place, value.rank) for value in found)
        yield from _check_entries(documents, ceilings, known, resolver.guesses)


def _ceilings(documents: Documents) -> dict[str, Sensitivity] | None:
    """Return the entries of the catalogue's rule, or None if they could not be read.

    An entry that the dialect found wrong may have meant anything.
    """
    catalogue = documents.by_key.get(CATALOGUE_FILE)
    entries: Any = catalogue.value.get("linkability", {}) if catalogue else None
    if catalogue is None or not is_object(entries) or catalogue.is_malformed("/linkability"):
        return None
    broken = catalogue.broken("/linkability")
    return {
        place: SENSITIVITIES[-1] if escape_token(place) in broken else entry
        for place, entry in entries.items()
    }


def _rank(sensitivity: Sensitivity) -> int:
    return _RANKS[sensitivity]


def _highest(document: Document) -> int:
    """Return the highest class of an event's fields; none has a part of a higher one."""
    properties = document.value.get("properties")
    fields = properties.values() if is_object(properties) else ()
    declared = (field.get("x-class") for field in fields if is_object(field))
    return max((_RANKS[name] for name in declared if name in SENSITIVITIES), default=0)


def _carried(document: Document) -> list[str]:
    slots = document.value.get("x-ext")
    return [slot for slot in slots if isinstance(slot, str)] if is_array(slots) else []


def _slot_values(slot: str, document: Document, resolver: Resolver) -> tuple[_Value, ...]:
    title = document.value.get("title")
    if not isinstance(title, str) or document.is_malformed("/title"):
        return ()
    return tuple(
        _Value(f"ext.{title}.{place}", rank, slot) for _, place, rank in _ranked(document, resolver)
    )


def _event_values(document: Document, resolver: Resolver) -> Iterator[_Value]:
    title = document.value.get("title")
    if isinstance(title, str) and not document.is_malformed("/title"):
        for name, place, rank in _ranked(document, resolver):
            yield _Value(f"{title}.{place}", rank, f"/properties/{escape_token(name)}")


def _ranked(document: Document, resolver: Resolver) -> Iterator[tuple[str, str, int]]:
    """Yield name, place and class of each value of a file, as far as its class is known.

    Of what has parts the parts count, unless they make up something of a higher class together.
    """
    properties = document.value.get("properties")
    for name, schema in properties.items() if is_object(properties) else ():
        resolved = resolver.resolve(document, schema) if is_object(schema) else None
        if resolved is None or resolved.get("x-class") not in SENSITIVITIES:
            continue
        rows = [row for row in schema_rows(name, resolved) if row.sensitivity in SENSITIVITIES]
        for row in rows:
            rank = _RANKS[row.sensitivity]
            inside = [
                _RANKS[other.sensitivity]
                for other in rows
                if other.place.startswith((f"{row.place}.", f"{row.place}["))
            ]
            if row.single is not None or rank > max(inside, default=-1):
                yield name, row.place, rank


def _check_event(
    document: Document, values: list[_Value], ceilings: Mapping[str, Sensitivity]
) -> Iterator[Finding]:
    for value in values:
        if not value.is_identifier:
            continue
        ceiling = ceilings.get(value.place, DEFAULT_CEILING)
        above = [other for other in values if other is not value and other.rank > _RANKS[ceiling]]
        if above:
            pointer = value.home
            if not pointer.startswith("/"):
                pointer = f"/x-ext/{_carried(document).index(value.home)}"
            message = _broken(value, above, ceiling)
            yield document.finding("LINKABILITY_BROKEN", pointer, message)


def _broken(value: _Value, above: list[_Value], ceiling: Sensitivity) -> str:
    place = shown(value.place)
    expected = f"expected nothing above {quote(ceiling)} beside the identifier {place}"
    found = [
        f"{shown(other.place)} ({quote(SENSITIVITIES[other.rank])})" for other in above[:_SHOWN]
    ]
    if len(above) > _SHOWN:
        found.append(f"{len(above) - _SHOWN} more")
    is_slot = not value.home.startswith("/")
    own = f"the slot {quote(value.home)}" if is_slot else f"the field {place}"
    entry = f"{quote(value.place)}: {quote(SENSITIVITIES[max(other.rank for other in above)])}"
    mend = f"drop {own} or what stands beside it, or write {entry}"
    return (
        f'{expected}, found {listing(found, last="and")}; {mend} into "linkability" of '
        "catalogue.json, which needs an approval"
    )


def _is_whole(documents: Documents) -> bool:
    """Return whether every identifier is known: what is not read may have any."""
    return len(documents.by_key) == len(documents.seen) and not any(
        not _HOLDERS.isdisjoint(place.split("/")[-2:])
        for document in documents.by_key.values()
        if document.kind != "catalogue"
        for place in document.malformed
    )


def _check_entries(
    documents: Documents,
    ceilings: Mapping[str, Sensitivity],
    known: Mapping[str, int],
    guesses: Guesses,
) -> Iterator[Finding]:
    catalogue = documents.by_key.get(CATALOGUE_FILE)
    if catalogue is None:
        return
    broken = catalogue.broken("/linkability")
    identifiers = [name for name, rank in known.items() if rank == _IDENTIFIER]
    for place in ceilings:
        rank = known.get(place)
        if rank == _IDENTIFIER or escape_token(place) in broken:
            continue
        found = f"expected an identifier of the catalogue, found {quote(place)}"
        if rank is not None:
            mend = f"whose class is {quote(SENSITIVITIES[rank])}; remove the entry"
            message = f"{found}, {mend}"
        else:
            guess = guesses.nearest(place, identifiers)
            message = f"{found}; {f'did you mean {quote(guess)}?' if guess else 'remove the entry'}"
        pointer = f"/linkability/{escape_token(place)}"
        yield catalogue.finding("LINKABILITY_UNKNOWN", pointer, message)
