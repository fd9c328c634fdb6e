"""What has run out by a given day: events, suppressions, accepted breaks.

Owns the only questions that are answered by the calendar. Their answers never reach generated
files, so that one catalogue gives the same output on every day. What is asked of every check is
cheap; words and places are made only for what is due.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from declarant_codegen.findings import Finding
    from declarant_codegen.model import Catalogue

__all__ = [
    "SOON_DAYS",
    "Dated",
    "approved_after",
    "dated_in_catalogue",
    "dated_in_manifest",
    "due",
    "expiry_findings",
    "read_day",
    "today",
]

SOON_DAYS = 60
"""Days before an event's date from which a check warns."""

_CATALOGUE = "catalogue.json"


class Dated(NamedTuple):
    """Something with a last day.

    Attributes:
        kind: ``event``, ``suppression`` or ``break``.
        name: What it is, in words.
        key: The file below the schemas folder that states the day.
        pointer: JSON pointer of the day in it.
        until: ISO date of the last day.
    """

    kind: str
    name: str
    key: str
    pointer: str
    until: str


def dated_in_manifest(manifest: Mapping[str, Any]) -> Iterator[Dated]:
    """Yield what a manifest says has a last day."""
    for event in manifest["events"]:
        key = event["source"].partition("/")[2]
        yield Dated("event", event["name"], key, "/x-expires", event["expires"])
    yield from _exceptions(
        [(item["rule"], item["place"], item["until"]) for item in manifest.get("suppressions", ())],
        [(item["place"], item["until"]) for item in manifest.get("accepted_breaks", ())],
    )


def dated_in_catalogue(catalogue: Catalogue) -> Iterator[Dated]:
    """Yield what a catalogue says has a last day."""
    for event in catalogue.events:
        key = event.path.partition("/")[2]
        yield Dated("event", event.name, key, "/x-expires", event.expires)
    yield from _exceptions(
        [(item.rule_id, item.place, item.until) for item in catalogue.suppressions],
        [(item.place, item.until) for item in catalogue.accepted_breaks],
    )


def _exceptions(
    suppressions: Iterable[tuple[str, str, str]], breaks: Iterable[tuple[str, str]]
) -> Iterator[Dated]:
    for index, (rule_id, place, until) in enumerate(suppressions):
        pointer = f"/suppressions/{index}/until"
        yield Dated("suppression", f"{rule_id} at {place}", _CATALOGUE, pointer, until)
    for index, (place, until) in enumerate(breaks):
        pointer = f"/accepted_breaks/{index}/until"
        yield Dated("break", place, _CATALOGUE, pointer, until)


def today() -> str:
    """Return the ISO date of today in UTC, the same day on every machine."""
    return str(datetime.datetime.now(datetime.timezone.utc).date())


def approved_after(manifest: Mapping[str, Any], day: str) -> bool:
    """Tell whether an approval that a manifest lists is dated after *day* (an ISO date).

    It lists those that hold; no others bear on what was generated.
    """
    seals = [*manifest.get("seals", {}).values()]
    seals += [event["seal"] for event in manifest["events"] if "seal" in event]
    return any(approval["date"] > day for seal in seals for approval in seal["approvals"])


def read_day(text: str) -> str:
    """Return the ISO date that a person wrote, such as ``2028-11-30``.

    Raises:
        ValueError: *text* is none; the message says what is expected.
    """
    try:
        day = str(datetime.date.fromisoformat(text))
    except ValueError:
        day = None
    # Later versions of Python read other forms, too.
    if day != text:
        raise ValueError("expected a date such as 2028-11-30, found another text")
    return text


def due(dated: Iterable[Dated], day: str) -> list[Dated]:
    """Return what has run out by *day* (an ISO date), or is an event that soon will."""
    soon = _soon(day)
    # ISO dates sort as text.
    return [item for item in dated if item.until < (soon if item.kind == "event" else day)]


def expiry_findings(items: Iterable[Dated], day: str, schemas: Path) -> Iterator[Finding]:
    """Yield findings of what is due.

    Args:
        items: From `due`.
        day: The same day.
        schemas: The catalogue's folder.
    """
    # Late: most checks find nothing due.
    from declarant_codegen.places import Places

    places = Places(schemas)
    for item in items:
        rule_id, message = _WORDS[item.kind](item, item.until < day)
        yield places.finding(rule_id, item.key, item.pointer, message)


def _event(item: Dated, is_over: bool) -> tuple[str, str]:
    mend = "decide on a later date and have it approved, or remove the event"
    if is_over:
        found = f"expected a date to come, found that {item.name} expired after {item.until}"
        return "EXPIRED", f"{found}; {mend}"
    found = f"expected a date at least {SOON_DAYS} days ahead, found that {item.name} expires after"
    return "EXPIRES_SOON", f"{found} {item.until}; {mend}"


def _suppression(item: Dated, is_over: bool) -> tuple[str, str]:
    del is_over
    found = f"expected a suppression that still holds, found one of {item.name} that ended after"
    return "SUPPRESSION_EXPIRED", f"{found} {item.until}; mend what it hides, or decide anew"


def _break(item: Dated, is_over: bool) -> tuple[str, str]:
    del is_over
    found = f"expected a break that is still accepted, found one of {item.name} that ended after"
    return "ACCEPTED_BREAK_EXPIRED", f"{found} {item.until}; remove it, or decide anew"


_WORDS = {"event": _event, "suppression": _suppression, "break": _break}


def _soon(day: str) -> str:
    """Return the day up to which an event's last day is soon."""
    begin = datetime.date.fromisoformat(day)
    return str(begin + min(datetime.timedelta(days=SOON_DAYS), datetime.date.max - begin))
