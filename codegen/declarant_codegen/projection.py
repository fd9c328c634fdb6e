"""The privacy-relevant part of a catalogue, in a form that two catalogues can be compared by.

Owns what takes part: what can be sent, to whom, for how long, under which class, scrubber and line
of the notice, and the sentences that users read. Other words take no part (descriptions, titles,
examples, scrub vectors, purpose, reasons, owners): they explain what is sent and change none of it.
Order, and keywords that say nothing (``minLength`` 0), take no part either.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.canonical import canonical_json, plain_json, sha256_of
from declarant_codegen.json_values import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.model import Catalogue, Event, ExtField

__all__ = [
    "WORDS",
    "CatalogueProjection",
    "UnknownKeywordError",
    "project_catalogue",
    "project_event",
    "project_rules",
    "project_slot",
    "projection_digest",
    "projection_text",
    "read_projection",
]

Projection = dict[str, Any]

VERSION = 1
"""Rises when the same catalogue would be projected otherwise."""

WORDS = frozenset(("title", "description", "examples", "deprecated", "x-reason", "x-scrub-vectors"))
"""Keywords that take no part: they explain a value and change none of what it can be."""

_AS_WRITTEN = frozenset(
    (
        *("const", "pattern", "format", "additionalProperties"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        *("x-class", "x-unit", "x-notice", "x-source"),
    )
)
_IDLE: dict[str, object] = {"minLength": 0, "minItems": 0, "uniqueItems": False}
_NOT_EXACT = "$integer"  # stands for an integer beyond what a JSON number holds exactly
_MOST_DIGITS = 40  # of such an integer; the dialect has at most 64 bits


class UnknownKeywordError(ValueError):
    """A keyword of which nobody has decided whether it takes part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueProjection:
    """What takes part of a whole catalogue.

    Attributes:
        events: Event name to its projection.
        slots: Ext slot to its projection.
        rules: The catalogue's own rules.
    """

    events: Mapping[str, Projection]
    slots: Mapping[str, Projection]
    rules: Projection = field(default_factory=dict[str, Any])


def project_catalogue(
    catalogue: Catalogue, scrubbers: Mapping[str, str], *, skip: Iterable[str] = ()
) -> CatalogueProjection:
    """Project a catalogue.

    Args:
        catalogue: A checked catalogue.
        scrubbers: Scrubber to its version; one that is missing has none.
        skip: Names of events to leave out.

    Raises:
        UnknownKeywordError: A schema holds a keyword that this module does not know.
    """
    left_out = frozenset(skip)
    return CatalogueProjection(
        events={
            event.name: project_event(event, scrubbers)
            for event in catalogue.events
            if event.name not in left_out
        },
        slots={
            slot: project_slot(slot, fields, scrubbers) for slot, fields in catalogue.ext.items()
        },
        rules=project_rules(catalogue),
    )


def project_event(event: Event, scrubbers: Mapping[str, str]) -> Projection:
    """Project one event.

    Raises:
        UnknownKeywordError: As `project_catalogue`.
    """
    return {
        "projection": VERSION,
        "kind": "event",
        "name": event.name,
        "level": event.level,
        "retention_days": event.retention_days,
        "expires": event.expires,
        "slots": sorted(event.slots),
        "is_exception": event.is_exception,
        "data": _schema(event.schema, scrubbers),
    }


def project_slot(slot: str, fields: Iterable[ExtField], scrubbers: Mapping[str, str]) -> Projection:
    """Project one ext slot; its fields are never required, since a source may have no value.

    Raises:
        UnknownKeywordError: As `project_catalogue`.
    """
    data = {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: field.schema for field in fields},
    }
    projected = _schema(data, scrubbers)
    return {"projection": VERSION, "kind": "ext", "name": slot, "data": projected}


def project_rules(catalogue: Catalogue) -> Projection:
    """Project what the catalogue says for all events: where data goes, and what users are asked."""
    never = [
        {"names": sorted(line.names), "removed_by": sorted(line.removed_by)}
        for line in catalogue.never
    ]
    linkability = dict(sorted(catalogue.linkability.items()))
    return {
        "projection": VERSION,
        "kind": "catalogue",
        "product": catalogue.product,
        "package": catalogue.package,
        "endpoint": catalogue.endpoint,
        "consent_version": catalogue.consent_version,
        "consent_default": catalogue.consent_default,
        **({"consent_file": catalogue.consent_file} if catalogue.consent_file else {}),
        "notice": sorted(catalogue.notice),
        **({"never": sorted(never, key=canonical_json)} if never else {}),
        "sentences": {
            "display_name": catalogue.display_name,
            "notice": dict(sorted(catalogue.notice.items())),
            "never": sorted(line.line for line in catalogue.never),
            "controls": dict(sorted(catalogue.controls.items())),
        },
        **({"linkability": linkability} if linkability else {}),
        **({"package_roots": roots} if (roots := sorted(catalogue.package_roots)) else {}),
        **_review(catalogue),
    }


def _review(catalogue: Catalogue) -> Projection:
    """Project who approves, and what is excepted; a catalogue that states neither has no key."""
    projected: Projection = {}
    if catalogue.review.approvers:
        projected["review"] = {
            "approvers": {
                name: sorted(kept) for name, kept in sorted(catalogue.review.approvers.items())
            },
            "self_approval": catalogue.review.self_approval,
        }
    if catalogue.suppressions:
        rows = [
            {"rule": item.rule_id, "place": item.place, "until": item.until}
            for item in catalogue.suppressions
        ]
        projected["suppressions"] = sorted(rows, key=canonical_json)
    return projected


_quoted = json.JSONEncoder(ensure_ascii=False).encode


def projection_text(projection: Any) -> str:
    """Return the canonical JSON of a projection or of a value in it; `read_projection` reads it."""
    text = plain_json(projection)
    return canonical_json(_wrapped(projection)) if text is None else text


def projection_digest(projection: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of a projection's canonical JSON in UTF-8."""
    return sha256_of(projection_text(projection))


def read_projection(text: str) -> Projection:
    """Read what `projection_text` wrote.

    Raises:
        ValueError: *text* is not a JSON object.
    """
    value = json.loads(text, parse_int=_read_integer)
    if _NOT_EXACT in text:
        value = _unwrapped(value)
    if not is_object(value):
        raise ValueError("expected the JSON object of a projection, found another value")
    return value


def _schema(schema: Mapping[str, Any], scrubbers: Mapping[str, str]) -> Projection:
    projected: Projection = {}
    for keyword, value in schema.items():
        if keyword in _AS_WRITTEN:
            if keyword not in _IDLE or value != _IDLE[keyword]:
                projected[keyword] = value
        elif keyword not in WORDS:
            projected.update(_composed(keyword, value, scrubbers))
    return projected


def _composed(keyword: str, value: Any, scrubbers: Mapping[str, str]) -> Projection:
    """Project a keyword that is more than its value."""
    if keyword == "properties":
        return {keyword: {name: _schema(child, scrubbers) for name, child in value.items()}}
    if keyword == "items":
        return {keyword: _schema(value, scrubbers)}
    if keyword == "type":
        return {keyword: sorted(value) if is_array(value) else value}
    if keyword == "required":
        return {keyword: sorted(value)} if value else {}
    if keyword == "enum":
        # Of text alone it is the same order, in a tenth of the time; a file may refer to a thousand
        # values a thousand times.
        is_text = all(type(one) is str for one in value)
        return {keyword: sorted(value, key=_quoted if is_text else projection_text)}
    if keyword == "x-scrub":
        return {keyword: {"name": value, "version": scrubbers.get(value)}}
    raise UnknownKeywordError(
        f'expected a keyword that projections know, found "{keyword}"; decide whether it takes part'
    )


def _wrapped(value: Any) -> Any:
    """Write integers that no double holds as text, as RFC 8785 advises (its appendix D)."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {_NOT_EXACT: str(value)}
    if is_array(value):
        return [_wrapped(item) for item in value]
    return {k: _wrapped(item) for k, item in value.items()} if is_object(value) else value


def _read_integer(text: str) -> float:
    """Read a number without fraction as RFC 8785 means it: a double, of its shortest digits."""
    number = int(text)
    return number if abs(number) <= 2**53 else float(text)


def _unwrapped(value: Any) -> Any:
    """Undo `_wrapped`."""
    if is_array(value):
        return [_unwrapped(item) for item in value]
    if not is_object(value):
        return value
    if value.keys() == {_NOT_EXACT} and _is_integer(value[_NOT_EXACT]):
        return int(value[_NOT_EXACT])
    return {key: _unwrapped(item) for key, item in value.items()}


def _is_integer(text: Any) -> bool:
    digits = text.removeprefix("-") if isinstance(text, str) else ""
    return digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
