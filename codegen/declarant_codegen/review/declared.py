"""Everything in a catalogue that is approved: its rules, its slots, its events.

Owns what one log approves, as it is declared today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant.scrub import SCRUBBERS
from declarant_codegen.consent_scope import scope_of
from declarant_codegen.own_words import event_words, rules_words, slot_words
from declarant_codegen.projection import project_event, project_rules, project_slot
from declarant_codegen.review.log import CATALOGUE

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue
    from declarant_codegen.own_words import OwnWords
    from declarant_codegen.projection import Projection

__all__ = ["SCOPE", "Subject", "subjects_of"]

SCOPE = "scope"
"""Member of the projected rules that holds what falls under the notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What one log approves.

    Attributes:
        name: An event's name, ``ext.`` and a slot, or `CATALOGUE`.
        key: The file below the schemas folder that declares it.
        projection: What is declared.
        words: The words that explain it.
        owners: Roles that own it, or events that it is part of.
    """

    name: str
    key: str
    projection: Projection
    words: OwnWords
    owners: tuple[str, ...]


def subjects_of(catalogue: Catalogue) -> tuple[Subject, ...]:
    """Return everything in a catalogue that is approved: its rules, its slots, its events."""
    owners = {owner for event in catalogue.events for owner in event.owners}
    carried: dict[str, set[str]] = {}
    for event in catalogue.events:
        for slot in event.slots:
            carried.setdefault(slot, set()).update(event.owners)
    rules = Subject(
        name=CATALOGUE,
        key="catalogue.json",
        projection={**project_rules(catalogue), SCOPE: scope_of(catalogue)},
        words=rules_words(catalogue),
        owners=tuple(sorted(owners)),
    )
    slots = [
        Subject(
            name=f"ext.{slot}",
            key=f"ext/{slot}.schema.json",
            projection=project_slot(slot, fields, SCRUBBERS),
            words=slot_words(catalogue.slot_descriptions.get(slot, ""), fields),
            owners=tuple(sorted(carried.get(slot, ()))),
        )
        for slot, fields in catalogue.ext.items()
    ]
    events = [
        Subject(
            name=event.name,
            key=event.path.partition("/")[2],
            projection=project_event(event, SCRUBBERS),
            words=event_words(event),
            owners=event.owners,
        )
        for event in catalogue.events
    ]
    return (rules, *slots, *events)
