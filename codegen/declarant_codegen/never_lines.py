"""What users are promised is never collected, held against the fields.

Owns the judgement of one field. It goes as far as names and classes allow: a field is suspect if
its name says that it holds the thing, or if it is free text that no scrubber clears of it. A yes, a
choice, and a number with a unit can hold none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.bounds import base_type
from declarant_codegen.field_words import word_runs
from declarant_codegen.json_values import is_object
from declarant_codegen.privacy import floor_class
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.bounds import Problem

__all__ = ["NeverLine", "check_never", "read_never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverLine:
    """One line of what is never collected.

    Attributes:
        line: As users read it.
        names: Words that a field's name may not hold.
        removed_by: Scrubbers that remove the thing from free text.
    """

    line: str
    names: tuple[str, ...]
    removed_by: tuple[str, ...]


def read_never(consent: Mapping[str, Any]) -> tuple[NeverLine, ...]:
    """Return the lines of a catalogue's ``consent`` that passed the dialect."""
    return tuple(
        NeverLine(
            line=item["line"],
            names=tuple(item["names"]),
            removed_by=tuple(item.get("removed_by", ())),
        )
        for item in consent.get("never", ())
    )


def check_never(
    name: str | None, schema: Mapping[str, Any], never: tuple[NeverLine, ...]
) -> Iterator[Problem]:
    """Yield a finding for each line that a field contradicts.

    Args:
        name: The property's name; None for the items of an array.
        schema: Its resolved schema.
        never: The catalogue's lines.
    """
    is_text = base_type(schema) == "string" and floor_class(schema) == "free_text"
    for line in never:
        if is_text and schema.get("x-scrub") not in line.removed_by:
            told = _told(line)
            found = f"expected a scrubber that removes it, as {told}, found free text without one"
            mend = 'bound the text, or name its scrubber in the line\'s "removed_by"'
            yield "NEVER_CONTRADICTED", "", f"{found}; {mend}"
            continue
        word = _word_of(name, line.names) if name is not None else None
        if word is not None and _can_hold(schema, line):
            found = f"expected no field of this name, as {_told(line)}, found {quote(word)} in it"
            yield "NEVER_CONTRADICTED", "", f"{found}; drop the field, rename it, or mend the line"


def _told(line: NeverLine) -> str:
    return f"users are told that {quote(line.line)} is never collected"


def _can_hold(schema: Mapping[str, Any], line: NeverLine) -> bool:
    """Return whether any value inside *schema* can hold what the line names."""
    if "enum" in schema or "const" in schema:
        return False
    properties = schema.get("properties")
    if is_object(properties):
        return any(_can_hold(child, line) for child in properties.values())
    if is_object(schema.get("items")):
        return _can_hold(schema["items"], line)
    kind = base_type(schema)
    if kind == "string":
        return schema.get("x-scrub") not in line.removed_by
    return kind in ("integer", "number") and "x-unit" not in schema


@lru_cache(maxsize=4096)
def _word_of(name: str, names: tuple[str, ...]) -> str | None:
    """Return the first of *names* that stands in a field's name, in whatever spelling."""
    found = word_runs(name)
    for word in names:
        plain = word.replace("_", "")
        if plain in found or f"{plain}s" in found:
            return word
    return None
