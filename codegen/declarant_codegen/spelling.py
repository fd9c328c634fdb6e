"""What a list can spell with parts that are too short to tell anything alone.

A thousand letters are a text, be each of them in a field of its own, a choice of 26 or an object
with one member. So a list is judged as the text that its parts make when they are joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.bounds import base_type
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    Repeat,
    Sequence,
    parse_pattern,
)
from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.patterns import check_pattern, max_length
from declarant_codegen.prose import SENTENCES, has_free_letter, prose_of
from declarant_codegen.room import is_roomy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.compiler.pattern_tree import Part

__all__ = ["ENCODED", "MOST_WORDS", "spelled"]

ENCODED = "any text, encoded"

_SHORT = 4
"""Code points of a text that tells nothing alone."""

MOST_WORDS = 128
"""Items of a list of names; more can be the words of any text."""


def spelled(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which kinds of text a list can spell; none of what is no list.

    Args:
        schema: A resolved schema.
    """
    if base_type(schema) != "array" or "enum" in schema or "const" in schema:
        return ()
    part = _spelling(schema)
    kinds = prose_of(part) if part is not None else ()
    if part is not None and is_roomy(part):
        kinds = (*kinds, ENCODED)
    if SENTENCES not in kinds and _most(schema) > MOST_WORDS and _has_words(schema.get("items")):
        kinds = (SENTENCES, *kinds)
    return kinds


def _spelling(schema: Any) -> Part | None:
    """Return the texts that short parts of a value make when they are joined; None without any."""
    if not is_object(schema):
        return None
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if is_array(values):
        return _one_of([value for value in values if isinstance(value, str)])
    kind = base_type(schema)
    if kind == "array":
        part = _spelling(schema.get("items"))
        return None if part is None else Repeat(part, 0, _times(schema, part))
    if kind == "object":
        properties = schema.get("properties")
        inner = properties.values() if is_object(properties) else ()
        found = [part for part in map(_spelling, inner) if part is not None]
        return Sequence(tuple(Repeat(part, 0, 1) for part in found)) if found else None
    return _of_pattern(schema) if kind == "string" else None


def _one_of(values: list[str]) -> Part | None:
    short = [value for value in values if len(value) <= _SHORT]
    # One character is a set, not a sequence, so that an alphabet is known as one.
    options = [_sign(value) if len(value) == 1 else _written(value) for value in short]
    # Of one value there is nothing to choose.
    return Choice(tuple(options)) if len(options) > 1 else None


def _written(value: str) -> Part:
    return Sequence(tuple(map(_sign, value)))


def _sign(sign: str) -> Part:
    return Chars(((ord(sign), ord(sign)),))


def _of_pattern(schema: Mapping[str, Any]) -> Part | None:
    pattern = schema.get("pattern")
    if not isinstance(pattern, str) or check_pattern(pattern) is not None:
        return None
    longest = max_length(pattern)
    bounds = [item for item in (longest, schema.get("maxLength")) if isinstance(item, int)]
    if not bounds or min(bounds) > _SHORT:
        return None
    part = parse_pattern(pattern)[0]
    return _bounded(part, min(bounds)) if longest is None or longest > _SHORT else part


def _bounded(part: Part, longest: int) -> Part:
    """Return at least the texts of a pattern that are as short: any of its characters."""
    ranges = _ranges(part)
    return Repeat(Choice(tuple(map(Chars, ranges))), 0, longest) if ranges else part


def _ranges(part: Part) -> list[tuple[tuple[int, int], ...]]:
    if isinstance(part, Chars):
        return [part.ranges]
    if isinstance(part, Repeat):
        return _ranges(part.part)
    if isinstance(part, Edge):
        return []
    children = part.parts if isinstance(part, Sequence) else part.options
    return [ranges for child in children for ranges in _ranges(child)]


def _most(schema: Mapping[str, Any]) -> int:
    most = schema.get("maxItems")
    # Without a bound it is another rule's matter.
    return most if isinstance(most, int) else 0


def _times(schema: Mapping[str, Any], part: Part) -> int:
    most = _most(schema)
    if schema.get("uniqueItems") is True and isinstance(part, Choice):
        return min(most, len(part.options))
    return most


def _has_words(schema: Any) -> bool:
    """Return whether a list's items are names that can be chosen freely."""
    if not is_object(schema) or "enum" in schema or "const" in schema:
        return False
    pattern = schema.get("pattern")
    if base_type(schema) != "string" or not isinstance(pattern, str):
        return False
    return check_pattern(pattern) is None and has_free_letter(parse_pattern(pattern)[0])
