"""The command ``inventory``: what a build can send, and what two builds differ in.

Owns its arguments, its words and its exit codes: 0 clean, 1 ``diff`` found something widened or
broken, 2 could not run.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from declarant_codegen.command import CLEAN, COULD_NOT_RUN, FOUND
from declarant_codegen.printing import say, say_error, say_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.field_rows import FieldRow
    from declarant_codegen.model import Catalogue, Event

__all__ = ["add_inventory_arguments", "run_inventory"]

_SOURCE = "a manifest, a wheel, a folder, or the name of an installed generated package"


def add_inventory_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant inventory``."""
    from declarant_codegen.sensitivity import SENSITIVITIES

    parser.add_argument(
        "--manifest",
        default="generated",
        metavar="FILE|PACKAGE",
        help=f"{_SOURCE} (default: generated)",
    )
    parser.add_argument("--event", metavar="NAME", help="only this event and its context")
    parser.add_argument(
        "--class",
        dest="sensitivity",
        choices=SENSITIVITIES,
        metavar="CLASS",
        help=f"only values of this class: {', '.join(SENSITIVITIES)}",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    actions = parser.add_subparsers(dest="action", metavar="diff")
    diff = actions.add_parser(
        "diff",
        help="compare two builds",
        description="say what changed from build A to build B, for privacy, callers and readers",
    )
    diff.add_argument("before", metavar="A", help=_SOURCE)
    diff.add_argument("after", metavar="B", help=_SOURCE)
    diff.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,  # the outer --json counts too
        help="one JSON object instead of text",
    )


def run_inventory(args: argparse.Namespace) -> int:
    """Run ``declarant inventory``."""
    from declarant_codegen.inventory import InventoryError

    try:
        return _diff(args) if args.action == "diff" else _query(args)
    except BrokenPipeError:
        # The reader of our output went away, which is the front's matter.
        raise
    except (InventoryError, OSError) as error:
        from declarant_codegen.words import shown

        say_error(f"declarant inventory: {shown(str(error))}")
        return COULD_NOT_RUN


def _query(args: argparse.Namespace) -> int:
    from declarant_codegen.inventory import InventoryError, load_inventory
    from declarant_codegen.words import nearest, quote

    manifest, catalogue = load_inventory(args.manifest)
    seals: _Seals = {item["name"]: item.get("seal") for item in manifest["events"]}
    seals |= manifest.get("seals", {})
    draft = bool(manifest.get("draft"))
    events = [event for event in catalogue.events if args.event in (None, event.name)]
    if args.event is not None and not events:
        guess = nearest(args.event, [event.name for event in catalogue.events])
        mend = f"did you mean {quote(guess)}?" if guess else "see `declarant inventory`"
        message = f"expected an event of the build, found {quote(args.event)}; {mend}"
        raise InventoryError(message)
    rows = _rows(catalogue, events, args.sensitivity)
    if args.json:
        say_json(_as_json(catalogue, rows, seals, draft=draft))
    else:
        for line in _as_text(catalogue, rows, seals, draft=draft):
            _print(line)
    return CLEAN


_Seals = dict[str, "dict[str, Any] | None"]
"""Subject to what the manifest says of its approval."""

_Rows = list[tuple["Event | None", "list[FieldRow]"]]


def _rows(catalogue: Catalogue, events: list[Event], sensitivity: str | None) -> _Rows:
    """Return each event with its values, then None with those of the context they carry."""
    from declarant_codegen.field_rows import event_rows, ext_row

    carried = {slot for event in events for slot in event.slots}
    rows: _Rows = [(event, list(event_rows(event))) for event in events]
    fields = [field for slot in sorted(carried) for field in catalogue.ext.get(slot, ())]
    rows.append((None, [ext_row(field) for field in fields]))
    if sensitivity is None:
        return rows
    chosen = [
        (event, [row for row in listed if row.sensitivity == sensitivity]) for event, listed in rows
    ]
    return [(event, listed) for event, listed in chosen if listed]


def _as_text(catalogue: Catalogue, rows: _Rows, seals: _Seals, *, draft: bool) -> Iterator[str]:
    yield (
        f"{catalogue.display_name} {catalogue.version} ({catalogue.package}), "
        f"consent version {catalogue.consent_version}, generation {catalogue.generation[:12]}"
        f"{', a draft' if draft else ''}{', switched off' if catalogue.off else ''}"
    )
    from declarant_codegen.words import counted

    values = [row for _, listed in rows for row in listed]
    widest = max((len(row.place) + 4 for row in values), default=0)
    for event, listed in rows:
        yield ""
        yield "context" if event is None else _event_line(event, seals.get(event.name))
        for row in listed:
            place = row.place if event is not None else f"ext.{row.place}"
            line = f"  {place:{widest}}  {row.sensitivity:10}  {row.notice or '-':10}  "
            line += row.plain_values
            yield line + _tail(row)
    yield ""
    count = sum(event is not None for event, _ in rows)
    yield f"{counted(count, 'event')}, {counted(len(values), 'value')}"


def _event_line(event: Event, seal: dict[str, Any] | None) -> str:
    from declarant_codegen.words import counted

    days = counted(event.retention_days, "day")
    slots = f"; carries {', '.join(event.slots)}" if event.slots else ""
    state = f"; {_seal_words(seal)}" if seal is not None else ""
    return f"{event.name}: {event.level}, kept {days}, expires {event.expires}{slots}{state}"


def _seal_words(seal: dict[str, Any]) -> str:
    own = ", self-approved" if seal["self_approved"] else ""
    given = [f"{item['date']} by {item['role']}" for item in seal["approvals"]]
    tail = f" ({', '.join(given)})" if given else ""
    return f"{seal['state']}{own}{tail}"


def _tail(row: FieldRow) -> str:
    schema = row.schema
    unit = f"; in {schema['x-unit']}" if "x-unit" in schema else ""
    return unit + (f"; scrubbed as {schema['x-scrub']}" if "x-scrub" in schema else "")


def _as_json(catalogue: Catalogue, rows: _Rows, seals: _Seals, *, draft: bool) -> dict[str, Any]:
    events = [
        {
            "name": event.name,
            "level": event.level,
            "retention_days": event.retention_days,
            "expires": event.expires,
            "ext": list(event.slots),
            "seal": seals.get(event.name),
            "values": [_value(row, row.place) for row in listed],
        }
        for event, listed in rows
        if event is not None
    ]
    names = {event.name for event in catalogue.events}
    context = [
        _value(row, f"ext.{row.place}") for event, listed in rows if event is None for row in listed
    ]
    return {
        "product": catalogue.product,
        "package": catalogue.package,
        "version": catalogue.version,
        "draft": draft,
        "telemetry": "off" if catalogue.off else "on",
        "generation": catalogue.generation,
        "consent_version": catalogue.consent_version,
        "events": events,
        "context": context,
        "seals": {name: seal for name, seal in seals.items() if name not in names},
    }


def _value(row: FieldRow, place: str) -> dict[str, Any]:
    return {
        "place": place,
        "description": row.description,
        "class": row.sensitivity,
        "notice": row.notice,
        "values": row.values,
        "words": row.plain_values,
        "unit": row.schema.get("x-unit"),
        "scrub": row.schema.get("x-scrub"),
        "source": row.schema.get("x-source"),
    }


def _diff(args: argparse.Namespace) -> int:
    from declarant_codegen.consent_scope import ConsentVerdict, compare_consent
    from declarant_codegen.expiry import today
    from declarant_codegen.inventory import load_inventory
    from declarant_codegen.privacy_diff import diff, render_text, to_json

    _, before = load_inventory(args.before)
    _, after = load_inventory(args.after)
    changes = diff(before, after)
    consent = compare_consent(before, after, day=today())
    if args.json:
        told = {
            "before": consent.before_version,
            "after": consent.after_version,
            "verdict": consent.verdict.value,
            "widened": [{"place": item.place, "words": item.words} for item in consent.widened],
        }
        say_json({**to_json(changes), "consent": told})
    else:
        for line in render_text(changes).splitlines():
            _print(line)
        versions = f"{consent.before_version}, then {consent.after_version}"
        _print(f"consent version {versions}: {consent.verdict.value}")
        for item in consent.widened:
            _print(f"  {item}")
    wrong = consent.verdict in (ConsentVerdict.MUST_RISE, ConsentVerdict.FELL)
    return FOUND if wrong or any(c.is_widening or c.is_breaking for c in changes) else CLEAN


def _print(line: str) -> None:
    from declarant_codegen.words import shown

    # A build of others may hold anything, and this goes to a terminal.
    say("\n".join(map(shown, line.split("\n"))))
