"""The values of a subject, as the reviewer's page shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from declarant_codegen import telemetry_words
from declarant_codegen.field_rows import event_rows, ext_row
from declarant_codegen.review.log import CATALOGUE
from declarant_codegen.wording import shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.field_rows import FieldRow
    from declarant_codegen.model import Catalogue, Event
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.review.standing import Standing

__all__ = ["Row", "Scrubbing", "page_rows"]

_ADDED = ("field_added", "identifier_added")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbing:
    """One example of what a scrubber does; its author wrote both texts.

    Attributes:
        text: As it occurs.
        kept: What is stored of it.
    """

    text: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value that is sent.

    Attributes:
        place: Where it is.
        status: ``new``, ``changed`` or ``as approved``.
        meaning: What it means.
        values: What it can be, in words where its pattern has them.
        expression: The pattern itself, or empty.
        is_plain: Whether *values* holds no pattern.
        unit: Unit of a number, or empty.
        sensitivity: Its class.
        notice: The line of the notice that users read, or empty.
        scrubber: What its text passes before it is stored, or empty.
        reason: Why free text is needed, or empty.
        scrubbings: What its author shows of the scrubber; each was run against it.
    """

    place: str
    status: str
    meaning: str
    values: str
    expression: str
    is_plain: bool
    unit: str
    sensitivity: str
    notice: str
    scrubber: str
    reason: str
    scrubbings: tuple[Scrubbing, ...]


def page_rows(
    catalogue: Catalogue, standing: Standing, event: Event | None
) -> Iterator[tuple[FieldRow, Row]]:
    """Yield each value of the subject, and how the page shows it."""
    name = standing.subject.name
    paths = {change.path: change for change in standing.changes}
    if event is not None:
        found = list(event_rows(event))
    elif name != CATALOGUE:
        slot = name.removeprefix("ext.")
        fields = catalogue.ext[slot]
        found = [replace(ext_row(field), place=field.name) for field in fields]
    else:
        return
    for row in found:
        yield row, _row(catalogue, row, _status(row.place, paths, is_first=standing.base is None))


def _status(place: str, changes: dict[str, Change], *, is_first: bool) -> str:
    if is_first:
        return "new"
    for path, change in changes.items():
        is_inside = place == path or place.startswith((f"{path}.", f"{path}[]"))
        if path and is_inside and change.kind in _ADDED:
            return "new"
        if place == path:
            return "changed"
    return "as approved"


def _row(catalogue: Catalogue, row: FieldRow, status: str) -> Row:
    source = row.schema.get("x-source")
    from_words = f" From: {telemetry_words.SOURCES[source]}." if source else ""
    return Row(
        place=row.place,
        status=status,
        meaning=f"{row.description}{from_words}",
        values=_row_values(row),
        expression=row.expression,
        is_plain=row.is_plain,
        unit=row.schema.get("x-unit", ""),
        sensitivity=row.sensitivity.replace("_", " "),
        notice=catalogue.notice.get(row.notice or "", ""),
        scrubber=row.schema.get("x-scrub", ""),
        reason=row.schema.get("x-reason", ""),
        scrubbings=tuple(
            Scrubbing(text=item["text"], kept=item["kept"])
            for item in row.schema.get("x-scrub-vectors", ())
        ),
    )


def _row_values(row: FieldRow) -> str:
    examples = [shown_value(item) for item in row.schema.get("examples", ())]
    such_as = f"; such as {', '.join(examples)}" if examples else ""
    may_lack = not row.is_required and "x-source" not in row.schema
    return f"{row.plain_values}{such_as}{'; may be left out' if may_lack else ''}"
