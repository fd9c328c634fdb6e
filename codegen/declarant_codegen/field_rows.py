"""Every value that an event or the context can carry, flat: one row a value, at every depth.

Owns the names of places (``exception_stack[].file``) and what a value inside another one inherits:
its notice line, and its class where it declares none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.wording import plain_words, shown_value, value_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.model import Catalogue, Event, ExtField, Field

__all__ = [
    "FieldRow",
    "carried_fields",
    "event_rows",
    "ext_row",
    "field_rows",
    "schema_rows",
    "used_lines",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One value.

    Attributes:
        place: Where it is, such as ``exception_stack[].file``.
        schema: Its resolved schema, its own keywords only of interest.
        is_required: Whether the object around it always has it.
        sensitivity: Its class, its own or that of the value around it.
        notice: Its notice line, its own or that of the value around it.
    """

    place: str
    schema: Mapping[str, Any]
    is_required: bool
    sensitivity: str
    notice: str | None

    @property
    def description(self) -> str:
        """What the value means."""
        text: str = self.schema.get("description", "")
        return text

    @property
    def single(self) -> Mapping[str, Any] | None:
        """The schema of one value, which of a list is its items; None if it has parts by name."""
        inner = self.schema
        while is_object(inner.get("items")):
            inner = inner["items"]
        return None if "properties" in inner else inner

    @property
    def values(self) -> str:
        """What it can be, in words, without the parts that have rows of their own."""
        return value_words(_shell(self.schema))

    @property
    def plain_values(self) -> str:
        """The same for readers who read no patterns, in words where a pattern has them."""
        return plain_words(_shell(self.schema))

    @property
    def expression(self) -> str:
        """The pattern of the value, or of the items of a list; empty if there is none."""
        inner = self.single
        text: str = "" if inner is None else inner.get("pattern", "")
        return text

    @property
    def is_plain(self) -> bool:
        """Whether `plain_values` holds no expression."""
        return self.is_plain_in(self.plain_values)

    def is_plain_in(self, words: str) -> bool:
        """Return whether *words* of what it can be hold no expression."""
        return not self.expression or shown_value(self.expression) not in words


def event_rows(event: Event) -> Iterator[FieldRow]:
    """Yield each value of an event's data, an outer one before those inside it."""
    for field in event.fields:
        yield from field_rows(field)


def field_rows(field: Field) -> Iterator[FieldRow]:
    """Yield a field's own value and each inside it."""
    yield from _rows(field.name, field.schema, "free_text", None, is_required=field.required)


def schema_rows(name: str, schema: Mapping[str, Any]) -> Iterator[FieldRow]:
    """Yield the row of a resolved property, and each inside it."""
    yield from _rows(name, schema, "free_text", None, is_required=False)


def ext_row(field: ExtField) -> FieldRow:
    """Return the row of an ext field; its place is ``slot.name``."""
    (row,) = _rows(f"{field.slot}.{field.name}", field.schema, "free_text", None, is_required=False)
    return row


def carried_fields(catalogue: Catalogue) -> tuple[ExtField, ...]:
    """Return the ext fields of all slots that any event carries."""
    carried = {slot for event in catalogue.events for slot in event.slots}
    return tuple(
        field for slot, fields in catalogue.ext.items() if slot in carried for field in fields
    )


def used_lines(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the keys of the notice lines that any value falls under, in the catalogue's order."""
    used = {ext_row(field).notice for field in carried_fields(catalogue)}
    for event in catalogue.events:
        for field in event.fields:
            if _has_parts(field.schema):
                used.update(row.notice for row in field_rows(field))
            else:
                used.add(field.notice)
    return tuple(key for key in catalogue.notice if key in used)


def _rows(
    place: str,
    schema: Mapping[str, Any],
    outer_class: str,
    outer_notice: str | None,
    *,
    is_required: bool,
) -> Iterator[FieldRow]:
    sensitivity = schema.get("x-class", outer_class)
    notice = own_notice = schema.get("x-notice", outer_notice)
    inner, inner_place, inner_class = schema, place, sensitivity
    while is_object(inner.get("items")):
        inner_place, inner = f"{inner_place}[]", inner["items"]
        inner_class = inner.get("x-class", inner_class)
        notice = inner.get("x-notice", notice)
    properties, required = inner.get("properties"), inner.get("required")
    yield FieldRow(
        place=place,
        schema=schema,
        is_required=is_required,
        sensitivity=sensitivity,
        # A list of single values has one row, so what its items say counts.
        notice=own_notice if is_object(properties) else notice,
    )
    for name, child in properties.items() if is_object(properties) else ():
        if not is_object(child):
            continue  # of a schema that the dialect refuses
        yield from _rows(
            f"{inner_place}.{name}",
            child,
            inner_class,
            notice,
            is_required=is_array(required) and name in required,
        )


def _has_parts(schema: Mapping[str, Any]) -> bool:
    return "items" in schema or "properties" in schema


def _shell(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "properties" in schema:
        return {key: value for key, value in schema.items() if key != "properties"}
    if "items" in schema:
        return {**schema, "items": _shell(schema["items"])}
    return schema
