"""The fields of an event with ``x-exception`` that its ``_from`` emitter fills.

Owns the convention: which names are filled with what, and the form that each must have to take
whatever an exception holds. All other fields are the caller's arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant.gencode import UNKNOWN_FUNCTIONS, UNKNOWN_TYPES
from declarant_codegen.acceptance import accepts
from declarant_codegen.bounds import base_type
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.model import admits_null
from declarant_codegen.patterns import is_pattern
from declarant_codegen.words import listing, nearest, quote, with_article

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from declarant_codegen.bounds import Problem

__all__ = ["EXCEPTION_ARGUMENT", "EXCEPTION_FIELDS", "check_field", "check_names"]

EXCEPTION_ARGUMENT = "exc"
"""Argument of a ``_from`` emitter that no field may be called like."""

_FORMS = {
    "exception_type": "type",
    "exception_message": "message",
    "exception_stack": "stack",
    "root_cause_type": "type",
    "root_cause_message": "message",
}
EXCEPTION_FIELDS = frozenset(_FORMS)
"""Fields that are filled from the exception."""

_PREFIXES = ("exception_", "root_cause_")
"""What fields are called that speak of the exception; no caller is asked for such a one."""

_FRAME = ("file", "line", "function")


def check_names(names: Sequence[str]) -> Iterator[Problem]:
    """Yield each name that makes no sense in an event with ``x-exception``."""
    if "exception_type" not in names:
        found = 'expected a field "exception_type", filled with the class of the exception'
        guess = nearest("exception_type", [name for name in names if name not in EXCEPTION_FIELDS])
        mend = f"rename {quote(guess)}" if guess else "add it"
        yield (
            "EXCEPTION_FIELDS",
            "x-exception",
            f'{found}, found none; {mend}, or drop "x-exception"',
        )
    for name in names:
        if name == EXCEPTION_ARGUMENT:
            found = f"expected a name that the emitter leaves free, found {quote(name)}"
            message = f"{found}, the argument that takes the exception; rename it"
            yield "EXCEPTION_FIELDS", f"properties/{name}", message
        elif name.startswith(_PREFIXES) and name not in EXCEPTION_FIELDS:
            guess = nearest(name, sorted(EXCEPTION_FIELDS))
            mend = f"did you mean {quote(guess)}?" if guess else "rename it"
            known = listing(_FORMS, last="and")
            place = name.replace("~", "~0").replace("/", "~1")
            found = f"expected a field that an exception fills, found {quote(name)}"
            yield "EXCEPTION_FIELDS", f"properties/{place}", f"{found}; it fills {known}; {mend}"


def check_field(name: str, schema: Mapping[str, Any], *, required: bool) -> Iterator[Problem]:
    """Yield what keeps a field from taking what every exception holds.

    Args:
        name: One of `EXCEPTION_FIELDS`.
        schema: Its resolved schema.
        required: Whether the event requires it.
    """
    check = {"type": _check_type, "message": _check_message, "stack": _check_stack}
    for keyword, expected, found in check[_FORMS[name]](schema):
        yield "EXCEPTION_FIELD_FORM", keyword, f"expected {name} {expected}, found {found}"
    if name.startswith("root_cause_") and required and not admits_null(schema):
        expected = f"expected {name} to be null or left out where there is no other error"
        mend = 'add "null" to its type, or take it out of "required"'
        yield "EXCEPTION_FIELD_FORM", "type", f"{expected}, found a required one; {mend}"


def _check_type(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from _check_code_name(schema, UNKNOWN_TYPES)


def _check_code_name(
    schema: Mapping[str, Any], unknown: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a field that holds a name of code."""
    kind = base_type(schema)
    shown = " or ".join(map(quote, unknown))
    expected = f"to be a string that takes {shown}, for a name that does not fit"
    if kind != "string":
        yield "type", expected, _kind_words(kind)
    elif "x-scrub" in schema:
        yield "x-scrub", expected, "a scrubbed one; bound it by a pattern"
    elif _is_judged(schema) and not any(accepts(schema, word) for word in unknown):
        keyword = next((name for name in ("enum", "const", "pattern") if name in schema), "")
        yield keyword, expected, "one that takes neither; widen it"


def _check_message(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from _check_scrubbed(schema, "message")


def _check_scrubbed(schema: Mapping[str, Any], scrubber: str) -> Iterator[tuple[str, str, str]]:
    expected = f'to be a string with "x-scrub": {quote(scrubber)}'
    kind, found = base_type(schema), schema.get("x-scrub")
    if kind != "string":
        yield "type", expected, _kind_words(kind)
    elif found != scrubber:
        words = quote(found) if isinstance(found, str) else "none"
        yield "x-scrub", expected, f"{words}; change it"


def _check_stack(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    expected = f"to be an array of objects with {listing(_FRAME, last='and')}, all required"
    kind, items = base_type(schema), schema.get("items")
    if kind != "array" or not is_object(items):
        yield "type", expected, _kind_words(kind)
        return
    if not _is_frame(items):
        yield "items", expected, "items of another form; change them"
        return
    parts, place = items["properties"], "items/properties"
    for keyword, wanted, found in _check_scrubbed(parts["file"], "path"):
        yield f"{place}/file/{keyword}", f"with a file {wanted}", found
    for keyword, wanted, found in _check_code_name(parts["function"], UNKNOWN_FUNCTIONS):
        yield f"{place}/function/{keyword}", f"with a function {wanted}", found
    line = parts["line"]
    if base_type(line) != "integer":
        yield f"{place}/line/type", "with a line to be an integer", _kind_words(base_type(line))
    elif not accepts(line, 0):
        yield (
            f"{place}/line",
            "with a line that takes 0, where none is known",
            "one that does not; widen it",
        )
    refusing = next((name for name in ("minItems", "uniqueItems") if schema.get(name)), None)
    if refusing is not None:
        wanted = "to take no call, where none is known, and the same call twice"
        yield refusing, wanted, f"{quote(refusing)}, which refuses it; remove it"


def _is_frame(items: Mapping[str, Any]) -> bool:
    """Return whether items are objects with the members of a call, all of them required."""
    parts, required = items.get("properties"), items.get("required")
    return (
        base_type(items) == "object"
        and is_object(parts)
        and parts.keys() == set(_FRAME)
        and is_array(required)
        and set(required) == set(_FRAME)
    )


def _is_judged(schema: Mapping[str, Any]) -> bool:
    """Return whether a text can be held against the schema; a wrong pattern is told elsewhere."""
    pattern = schema.get("pattern")
    return pattern is None or is_pattern(pattern)


def _kind_words(kind: str | None) -> str:
    return f"{'another type' if kind is None else with_article(kind)}; change the type"
