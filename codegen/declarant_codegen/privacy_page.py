"""The privacy page and the README's section, as views: every text in them is Markdown already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen import telemetry_words as words
from declarant_codegen.draft import draft_lines
from declarant_codegen.field_rows import carried_fields, event_rows, ext_row, used_lines
from declarant_codegen.markdown_text import code_span, markdown, paragraph, table_row, value_span
from declarant_codegen.pattern_words import LETTERS_NOTE
from declarant_codegen.python_text import Code
from declarant_codegen.words import counted, listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.field_rows import FieldRow
    from declarant_codegen.model import Catalogue, Event, ExtField
    from declarant_codegen.review.standing import Seal

__all__ = ["PrivacyView", "privacy_view"]

_DASH = Code("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyEvent:
    """One event's section."""

    name: Code
    description: Code
    purpose: Code
    level: Code
    retention: Code
    expires: Code
    owners: Code
    context: Code
    approved: tuple[Code, ...]
    self_approved: tuple[Code, ...]
    from_error: tuple[Code, ...]
    rows: tuple[Code, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyView:
    """The privacy page.

    Rows are whole rows of tables; lists may be empty. *subject* is the title at a sentence's start.
    """

    banners: tuple[Code, ...]
    title: Code
    subject: Code
    package: Code
    pseudonymity: Code
    consent_version: Code
    default: Code
    notice: tuple[tuple[Code, Code], ...]
    never: tuple[Code, ...]
    identifiers: tuple[Code, ...]
    self_approved: tuple[Code, ...]
    reviewed: tuple[Code, ...]
    events: tuple[PrivacyEvent, ...]
    context: tuple[Code, ...]
    letters: Code
    classes: tuple[Code, ...]
    store: tuple[Code, ...]
    store_mebibytes: Code
    store_days: Code
    endpoint: Code
    variable: Code
    off_variables: Code
    off_everywhere: Code
    off_own: Code
    answer: tuple[Code, ...]
    policy: tuple[Code, ...]
    ci_variables: Code
    off: tuple[Code, ...]
    see: tuple[Code, ...]
    delete: tuple[Code, ...]
    device_id: tuple[tuple[Code, Code], ...]
    show_command: Code
    purge_command: Code
    reset_command: Code


def privacy_view(
    catalogue: Catalogue, approved: Mapping[str, Seal] | None = None, *, draft: bool = False
) -> PrivacyView:
    """Compute the view of ``PRIVACY.md`` and of ``README-telemetry.md``.

    Args:
        catalogue: Checked.
        approved: The ``seals`` of `declarant_codegen.manifest.make_manifest`.
        draft: Whether something in the catalogue lacks its approval.
    """
    seals = approved or {}
    keys = used_lines(catalogue)
    numbers = {key: Code(str(number)) for number, key in enumerate(keys, 1)}
    sources = {field.source for field in carried_fields(catalogue)}
    kept = (code_span(words.DEVICE_ID_FILE), code_span(words.device_id_key(catalogue.product)))
    everywhere, own, _ = off = tuple(map(code_span, words.off_variables(catalogue.product)))
    return PrivacyView(
        banners=(*draft_lines(draft), *words.off_lines(catalogue)),
        title=markdown(catalogue.display_name),
        subject=paragraph(catalogue.display_name),
        package=code_span(catalogue.package),
        pseudonymity=markdown(words.pseudonymity(catalogue)),
        consent_version=markdown(str(catalogue.consent_version)),
        default=Code("yes" if catalogue.consent_default else "no"),
        notice=tuple((numbers[key], paragraph(catalogue.notice[key])) for key in keys),
        never=tuple(paragraph(line.line) for line in catalogue.never),
        identifiers=tuple(
            table_row((code_span(place), markdown(text), markdown(reset)))
            for place, text, reset in words.identifier_places(catalogue)
        ),
        self_approved=_self_approved(catalogue, seals),
        reviewed=_reviewed(catalogue, seals),
        events=tuple(_event(event, numbers, seals.get(event.name)) for event in catalogue.events),
        context=tuple(_context_row(field, numbers) for field in carried_fields(catalogue)),
        letters=Code(LETTERS_NOTE),
        classes=tuple(table_row((Code(name), Code(text))) for name, text in words.CLASSES.items()),
        store=_places(words.store_places(catalogue.product)),
        store_mebibytes=Code(str(words.STORE_MEBIBYTES)),
        store_days=Code(str(words.STORE_DAYS)),
        endpoint=code_span(catalogue.endpoint),
        variable=code_span(words.endpoint_variable(catalogue.product)),
        off_variables=Code(listing(off)),
        off_everywhere=everywhere,
        off_own=own,
        answer=_places(words.answer_places(catalogue)),
        policy=_places(words.policy_places(catalogue.product)),
        ci_variables=Code(listing(map(code_span, words.CI_VARIABLES), last="and")),
        off=_control(catalogue, "off"),
        see=_control(catalogue, "see"),
        delete=_control(catalogue, "delete"),
        device_id=(kept,) if "device_id" in sources else (),
        show_command=code_span(f"declarant show {catalogue.package}"),
        purge_command=code_span(f"declarant purge {catalogue.package}"),
        reset_command=code_span(f"declarant reset-id {catalogue.package}"),
    )


def _places(places: Iterable[tuple[str, str]]) -> tuple[Code, ...]:
    return tuple(table_row((Code(system), code_span(place))) for system, place in places)


def _control(catalogue: Catalogue, name: str) -> tuple[Code, ...]:
    """Return the product's own sentence, if it has one."""
    text = catalogue.controls.get(name)
    return () if text is None else (paragraph(text),)


def _self_approved(catalogue: Catalogue, seals: Mapping[str, Seal]) -> tuple[Code, ...]:
    """Return what was approved by those who own or wrote it, as one list; none if nothing was."""
    own = [name for name, seal in seals.items() if seal.is_self_approved]
    events = {event.name for event in catalogue.events}
    shown = [
        markdown(name) if name in events else code_span(name) for name in own if name != "catalogue"
    ]
    if "catalogue" in own:
        shown.append(Code("the rules of the catalogue"))
    return (Code(", ".join(shown)),) if shown else ()


def _reviewed(catalogue: Catalogue, seals: Mapping[str, Seal]) -> tuple[Code, ...]:
    """Return a row for each approval of what holds for all events."""
    events = {event.name for event in catalogue.events}
    named = {
        name: Code("The rules of the catalogue") if name == "catalogue" else code_span(name)
        for name in sorted(seals.keys() - events)
    }
    return tuple(
        table_row((words, text)) for name, words in named.items() for text in _approved(seals[name])
    )


def _approved(seal: Seal | None) -> tuple[Code, ...]:
    """Return each approval that holds, in words."""
    return tuple(
        Code(
            f"{markdown(item.date)} by {markdown(item.by)} as {markdown(item.role)} "
            f"({markdown(item.reference)})"
        )
        for item in (seal.approvals if seal is not None else ())
    )


def _event(event: Event, numbers: Mapping[str, Code], seal: Seal | None) -> PrivacyEvent:
    days = counted(event.retention_days, "day")
    slots = ", ".join(code_span(f"ext.{slot}") for slot in event.slots)
    return PrivacyEvent(
        name=markdown(event.name),
        description=paragraph(event.description),
        purpose=markdown(event.purpose),
        level=Code(words.LEVELS[event.level]),
        retention=Code(days),
        expires=markdown(event.expires),
        owners=Code(", ".join(map(markdown, event.owners))),
        context=Code(slots or "nothing"),
        approved=_approved(seal),
        self_approved=(Code("yes"),) if seal is not None and seal.is_self_approved else (),
        from_error=(Code("yes"),) if event.is_exception else (),
        rows=tuple(_row(row, numbers) for row in event_rows(event)),
    )


def _row(row: FieldRow, numbers: Mapping[str, Code]) -> Code:
    return table_row((code_span(row.place), _meaning(row), *_facts(row, numbers)))


def _context_row(field: ExtField, numbers: Mapping[str, Code]) -> Code:
    row = ext_row(field)
    source = markdown(words.SOURCES[field.source])
    place = code_span(f"ext.{row.place}")
    return table_row((place, _meaning(row), source, *_facts(row, numbers)))


def _meaning(row: FieldRow) -> Code:
    parts = [markdown(row.description)]
    if "x-reason" in row.schema:
        parts.append(Code(f"Why it is needed: {markdown(row.schema['x-reason'])}"))
    if "x-scrub" in row.schema:
        parts.append(Code(f"Scrubbed as {code_span(row.schema['x-scrub'])} before it is stored."))
    if not row.is_required and "x-source" not in row.schema:
        parts.append(Code("May be left out."))
    return Code(" ".join(filter(None, parts)))


def _values(row: FieldRow) -> Code:
    words = row.plain_values
    is_told = row.expression and row.is_plain_in(words)
    return markdown(words) if is_told else value_span(words)


def _facts(row: FieldRow, numbers: Mapping[str, Code]) -> tuple[Code, Code, Code, Code]:
    unit = row.schema.get("x-unit")
    return (
        _values(row),
        _DASH if unit is None else markdown(unit),
        Code(row.sensitivity.replace("_", " ")),
        numbers.get(row.notice or "", _DASH),
    )
