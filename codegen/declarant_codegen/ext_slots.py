"""Ext slots: what Common Schema 4.0 documents, and what the catalogue permits of it.

Owns the findings on ``schemas/ext`` and on the slots that events name. The standard itself is data,
in ``cs40``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from declarant.gencode import SOURCES
from declarant_codegen.bounds import base_type
from declarant_codegen.cs40 import LOCAL_ID_SCOPES, REFUSED_SLOTS, SLOTS, Slot, SlotField, find_slot
from declarant_codegen.model import admits_null
from declarant_codegen.words import describe, listing, nearest, quote, some_of, with_article

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

    from declarant_codegen.bounds import Problem

_BATCH_REFUSED = "400 InvalidEventFormat for the whole batch"
_SCOPES = re.compile(r"\^(?:([a-z]+)|\[([a-z]+)\]|\((?:\?:)?([a-z]+(?:\|[a-z]+)*)\)):")


def check_slot(name: str) -> tuple[Slot | None, str | None]:
    """Return the documented slot, and a message if the name is not one of the standard's."""
    slot = find_slot(name)
    if slot is not None and slot.name == name:
        return slot, None
    found = f"expected an ext slot of Common Schema 4.0, found {quote(name)}"
    if slot is not None:
        return slot, f"{found}; on the JSON wire it is written {quote(slot.name)}"
    refusal = REFUSED_SLOTS.get(name)
    answer = refusal.answer if refusal and refusal.answer.startswith("400") else _BATCH_REFUSED
    known = sorted(slot for slot in SLOTS if not SLOTS[slot].is_server_only)
    guess = nearest(name, known)
    mend = f"did you mean {quote(guess)}?" if guess else "remove it"
    documented = ", ".join(known)
    return None, f"{found}; documented: {documented}; {mend} (the collector answers {answer})"


def check_ext_field(
    slot: Slot, name: str, schema: Mapping[str, Any], *, is_known: bool = True
) -> Iterator[Problem]:
    """Yield what is wrong with one permitted field.

    Args:
        slot: The slot.
        name: The field's name.
        schema: Its resolved schema.
        is_known: Whether the schema tells the form of the field's text.
    """
    documented = slot.fields.get(name)
    if documented is None:
        yield "EXT_FIELD_UNDOCUMENTED", "", _undocumented(slot, name)
        return
    place = f"ext.{slot.name}.{name}"
    if documented.refused is not None:
        found = f"expected a field that the collector takes, found {place}"
        yield "EXT_FIELD_REFUSED", "", f"{found}; remove it (the answer is {documented.refused})"
    elif documented.origin == "server":
        found = f"expected a field that clients fill, found {place}, which the collector fills"
        yield "EXT_FIELD_SERVER_SIDE", "", f"{found}; remove it"
    yield from _check_type(place, documented, schema)
    if is_known and name == "localId" and slot.name in LOCAL_ID_SCOPES:
        yield from _check_scope(place, LOCAL_ID_SCOPES[slot.name], schema)


def _undocumented(slot: Slot, name: str) -> str:
    found = f"ext.{slot.name} has no field {quote(name)} in Common Schema 4.0"
    fields = sorted((key for key, field in slot.fields.items() if _is_open(field)), key=str.lower)
    refusal = slot.refused.get(name)
    answer = refusal.answer if refusal and refusal.answer.startswith("400") else _BATCH_REFUSED
    documented = ", ".join(fields) or "none that a client fills"
    # A refused name that is well known is no slip of the pen.
    guess = None if refusal else nearest(name, fields)
    mend = f"did you mean {quote(guess)}?" if guess else "remove it"
    return f"{found}; documented: {documented}; {mend} (the collector answers {answer})"


def _is_open(field: SlotField) -> bool:
    return field.origin != "server" and field.refused is None


def _check_type(place: str, documented: SlotField, schema: Mapping[str, Any]) -> Iterator[Problem]:
    kind = base_type(schema)
    wanted = documented.type.partition("<")[0]
    fits = kind == wanted or (wanted == "number" and kind == "integer") or wanted == "unknown"
    if kind is not None and not fits:
        found = f"expected {place} to be {with_article(wanted)}, found {with_article(kind)}"
        mend = f"change the type (the collector answers {_BATCH_REFUSED})"
        yield "EXT_FIELD_TYPE", "type", f"{found}; {mend}"
    if admits_null(schema):
        found = f"expected {place} without null, found a type that admits it"
        yield (
            "EXT_FIELD_NULLABLE",
            "type",
            f"{found}; drop null (a value that is not there is left out)",
        )


def _check_scope(
    place: str, scopes: Mapping[str, str], schema: Mapping[str, Any]
) -> Iterator[Problem]:
    keyword = next((name for name in ("const", "enum", "pattern") if name in schema), "")
    if keyword == "pattern":
        is_scoped = _pattern_scopes(str(schema[keyword])) <= set(scopes)
        found = f"the pattern {quote(str(schema[keyword]))}"
    elif keyword:
        values = schema["enum"] if keyword == "enum" else [schema["const"]]
        wrong = [value for value in values if not _is_scoped(value, scopes)]
        is_scoped = not wrong
        found = f"the value {describe(wrong[0])}" if wrong else ""
    else:
        is_scoped, found = False, "neither a pattern nor an enum"
    if not is_scoped:
        example = "r" if "r" in scopes else "c"
        known = ", ".join(f"{scope}: ({meaning})" for scope, meaning in scopes.items())
        expected = f'expected {place} to begin with a scope that exists, as in "^{example}:"'
        mend = "write one of them first (the collector refuses events whose local id has none)"
        yield "EXT_LOCAL_ID_SCOPE", keyword, f"{expected}, found {found}; scopes: {known}; {mend}"


def _is_scoped(value: Any, scopes: Mapping[str, str]) -> bool:
    scope, colon, _ = str(value).partition(":")
    return bool(colon) and scope in scopes


def _pattern_scopes(pattern: str) -> Set[str]:
    """Return the scopes that a pattern begins with; one that is unknown if it has none."""
    match = _SCOPES.match(pattern)
    if match is None:
        return {""}
    one, each, several = match.groups()
    return {one} if one else set(each) if each else set(several.split("|"))


def check_source(schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a source that the runtime does not have or whose type is another."""
    source = schema.get("x-source")
    if not isinstance(source, str):
        return
    if source not in SOURCES:
        guess = nearest(source, SOURCES)
        known = listing(sorted(SOURCES))
        mend = f"did you mean {quote(guess)}?" if guess else f"known: {known}"
        found = f"expected a value that the runtime has, found {quote(source)}"
        yield "EXT_SOURCE_UNKNOWN", "x-source", f"{found}; {mend}"
        return
    kind = base_type(schema)
    fits = kind == SOURCES[source] or (kind == "number" and SOURCES[source] == "integer")
    if kind is not None and not fits:
        found = f"expected a source of type {kind}, found {quote(source)}"
        other = sorted(name for name, type_ in SOURCES.items() if type_ == kind)
        mend = (
            f"of type {kind}: {listing(other)}" if other else f"no source is {with_article(kind)}"
        )
        yield (
            "EXT_SOURCE_TYPE",
            "x-source",
            f"{found}, which is {with_article(SOURCES[source])}; {mend}",
        )


def check_carried(name: str, permitted: Set[str]) -> tuple[str, str] | None:
    """Return (rule id, message) of what is wrong with a slot that an event names, or None."""
    if name in permitted:
        return None
    _, message = check_slot(name)
    if message is not None:
        return "EXT_SLOT_UNKNOWN", message
    known = some_of(permitted)  # by the names of files
    found = f"expected a slot that the catalogue permits, found {quote(name)}"
    mend = f"permitted: {known}; remove it or add ext/{name}.schema.json"
    return "EXT_SLOT_NOT_PERMITTED", f"{found}; {mend}"
