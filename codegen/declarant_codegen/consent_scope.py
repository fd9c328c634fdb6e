"""The scope of the consent notice: whether users must be asked again after a change.

Owns the comparison of two catalogues. The scope is what falls under the notice, value by value, not
its wording: a new product name or a better sentence asks nobody again. What cannot be proven to
stay within the old scope widens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from declarant_codegen.field_rows import event_rows, ext_row
from declarant_codegen.never_lines import read_never
from declarant_codegen.replacements import OVERLAP_DAYS, is_for_more, last_day, replacements
from declarant_codegen.sensitivity import SENSITIVITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.field_rows import FieldRow
    from declarant_codegen.model import Catalogue
    from declarant_codegen.never_lines import NeverLine
    from declarant_codegen.replacements import Replacement

__all__ = [
    "ConsentComparison",
    "ConsentVerdict",
    "Scope",
    "ScopeChange",
    "compare_consent",
    "compare_receivers",
    "compare_scopes",
    "scope_of",
]


class ConsentVerdict(Enum):
    """Whether ``consent.version`` fits what changed."""

    FITS = "fits"
    MUST_RISE = "must rise"
    NEED_NOT_RISE = "need not rise"
    FELL = "fell"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChange:
    """One difference in what falls under the notice.

    Attributes:
        place: Event, value or line, such as ``ModelKitAction.model_id``.
        words: What happened to it.
        is_widening: Whether users are to be asked again.
        may_ask: Whether they may be, as what they were told may not be all: it is not without need.
    """

    place: str
    words: str
    is_widening: bool
    may_ask: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentComparison:
    """What two catalogues ask consent for.

    Attributes:
        before_version: ``consent.version`` of the first.
        after_version: That of the second.
        changes: Every difference in scope, by place.
    """

    before_version: int
    after_version: int
    changes: tuple[ScopeChange, ...]

    @property
    def widened(self) -> tuple[ScopeChange, ...]:
        """The changes for which users are to be asked again."""
        return tuple(change for change in self.changes if change.is_widening)

    @property
    def verdict(self) -> ConsentVerdict:
        """Whether the version rose exactly if it had to."""
        if self.after_version < self.before_version:
            return ConsentVerdict.FELL
        rose = self.after_version > self.before_version
        if rose is bool(self.widened) or (rose and any(item.may_ask for item in self.changes)):
            return ConsentVerdict.FITS
        return ConsentVerdict.NEED_NOT_RISE if rose else ConsentVerdict.MUST_RISE


@dataclass(frozen=True, slots=True)
class _Item:
    """What users were told of one value."""

    notice: str | None
    sensitivity: str
    scrub: str | None


_Values = dict[str, _Item]

Scope = dict[str, Any]
"""What falls under the notice, as JSON: ``events`` (name to ``expires``, ``level``, ``slots`` and
``values``), ``ext`` (slot to its values) and ``never``. A value is its line, its class and its
scrubber."""


def scope_of(catalogue: Catalogue) -> Scope:
    """Return what falls under a catalogue's notice, for comparison now or later."""
    carried = {slot for event in catalogue.events for slot in event.slots}
    return {
        "events": {
            event.name: {
                "expires": event.expires,
                "level": event.level,
                "slots": list(event.slots),
                "values": {row.place: _told(row) for row in event_rows(event)},
            }
            for event in catalogue.events
        },
        "ext": {
            slot: {field.name: _told(ext_row(field)) for field in fields}
            for slot, fields in catalogue.ext.items()
            if slot in carried
        },
        "never": [
            {
                "line": line.line,
                "names": sorted(line.names),
                "removed_by": sorted(line.removed_by),
            }
            for line in catalogue.never
        ],
    }


def compare_consent(before: Catalogue, after: Catalogue, *, day: str) -> ConsentComparison:
    """Compare what two catalogues ask consent for.

    Args:
        before: The catalogue that users agreed to.
        after: The catalogue that shall replace it; both whole, with all their events.
        day: The ISO date on which it does.
    """
    return ConsentComparison(
        before_version=before.consent_version,
        after_version=after.consent_version,
        changes=(
            *compare_scopes(scope_of(before), scope_of(after), day=day),
            *compare_receivers(before.endpoint, after.endpoint),
        ),
    )


def compare_scopes(before: Scope, after: Scope, *, day: str) -> tuple[ScopeChange, ...]:
    """Return every difference between two scopes, by place; *day* as in `compare_consent`."""
    promises = (read_never(before), read_never(after))
    changes = [*_events(before, after, day), *_never(*promises)]
    return tuple(sorted(changes, key=lambda change: (change.place, change.words)))


def compare_receivers(before: str, after: str) -> tuple[ScopeChange, ...]:
    """Return what became of where events go, by their endpoints.

    The notice names no receiver, and the same one may have several endpoints. So whether users are
    asked again is for those who approve the new one; neither answer is wrong.
    """
    if before == after:
        return ()
    words = f"events go to {after}, where they went to {before}"
    return (ScopeChange(place="endpoint", words=words, is_widening=False, may_ask=True),)


def _told(row: FieldRow) -> list[str | None]:
    return [row.notice, row.sensitivity, row.schema.get("x-scrub")]


def _events(before: Scope, after: Scope, day: str) -> Iterator[ScopeChange]:
    old = {name: _all_values(event, before) for name, event in before["events"].items()}
    new = {name: _all_values(event, after) for name, event in after["events"].items()}
    found = replacements(before["events"], after["events"], (old, new), day)
    for name in old.keys() - new.keys():
        yield ScopeChange(place=name, words="the event is gone", is_widening=False)
    for name, values in new.items():
        if name in old:
            yield from _levels(name, before["events"][name], after["events"][name])
            yield from _values(name, old[name], values)
        elif name in found:
            yield _replacing(name, found[name], day)
        else:
            words = f"a new event, with {', '.join(values) or 'no values'}"
            yield ScopeChange(place=name, words=words, is_widening=True)


def _levels(
    event: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ScopeChange]:
    if is_for_more(before, after):
        words = "newly sent for users who keep optional data off"
        yield ScopeChange(place=event, words=words, is_widening=True)
    elif is_for_more(after, before):
        words = "no longer sent for users who keep optional data off"
        yield ScopeChange(place=event, words=words, is_widening=False)


def _replacing(event: str, old: Replacement, day: str) -> ScopeChange:
    if not old.is_in_time:
        words = (
            f"a new event, sent beside {old.name} until {old.ends}; it would take its place if "
            f"that ended by {last_day(day)}, within {OVERLAP_DAYS} days"
        )
        return ScopeChange(place=event, words=words, is_widening=True)
    ends = f", which ends after {old.ends}," if old.ends is not None else ""
    words = f"takes the place of {old.name}{ends} and holds no more"
    return ScopeChange(place=event, words=words, is_widening=False, may_ask=old.ends is not None)


def _all_values(event: Mapping[str, Any], scope: Scope) -> _Values:
    """Return an event's own values and those of the context it carries."""
    values = {place: _Item(*told) for place, told in event["values"].items()}
    for slot in event["slots"]:
        for name, told in scope["ext"].get(slot, {}).items():
            values[f"ext.{slot}.{name}"] = _Item(*told)
    return values


def _values(event: str, old: _Values, new: _Values) -> Iterator[ScopeChange]:
    for place in old.keys() - new.keys():
        yield ScopeChange(place=f"{event}.{place}", words="no longer sent", is_widening=False)
    for place, item in new.items():
        was = old.get(place)
        where = f"{event}.{place}"
        if was is None:
            told = f"the line {item.notice}" if item.notice else "no line"
            words = f"newly sent, under {told}"
            yield ScopeChange(place=where, words=words, is_widening=True)
            continue
        if was.notice != item.notice:
            words = f"moved from the line {was.notice} to {item.notice}"
            yield ScopeChange(place=where, words=words, is_widening=True)
        if was.sensitivity != item.sensitivity:
            words = f"class {was.sensitivity} became {item.sensitivity}"
            is_up = _rank(item.sensitivity) > _rank(was.sensitivity)
            yield ScopeChange(place=where, words=words, is_widening=is_up)
        if was.scrub is not None and was.scrub != item.scrub and item.sensitivity == "free_text":
            words = f"scrubber {was.scrub} became {item.scrub or 'none'}"
            yield ScopeChange(place=where, words=words, is_widening=True)


def _rank(sensitivity: str) -> int:
    return [str(item) for item in SENSITIVITIES].index(sensitivity)


def _never(before: tuple[NeverLine, ...], after: tuple[NeverLine, ...]) -> Iterator[ScopeChange]:
    for line in before:
        if not any(_keeps(line, other) for other in after):
            words = "no longer promised as it was"
            yield ScopeChange(place=f"never: {line.line}", words=words, is_widening=True)
    for line in after:
        if not any(_keeps(line, other) for other in before):
            words = "newly promised, or promised for more"
            yield ScopeChange(place=f"never: {line.line}", words=words, is_widening=False)


def _keeps(line: NeverLine, other: NeverLine) -> bool:
    """Return whether *other* promises all that *line* does; its wording is free."""
    return set(line.names) <= set(other.names) and set(other.removed_by) <= set(line.removed_by)
