"""What a generated emitter's docstring says of each argument.

Owns the words for types, bounds, units and allowed values. The meaning itself is the author's
description; nothing here judges a schema.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.members import kinds_of, object_members
from declarant_codegen.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.members import Member

__all__ = ["argument_text", "member_texts", "summary_and_rest"]

_FORMATS = {
    "date": 'A date, such as "2026-11-22".',
    "date-time": 'A date and time with offset, such as "2026-11-22T09:30:00Z".',
    "time": 'A time with offset, such as "09:30:00Z".',
    "uuid": "A UUID in its 36-character form.",
}


def summary_and_rest(text: str) -> tuple[str, str]:
    """Split a description after its first sentence."""
    words = " ".join(text.split())
    head, stop, rest = words.partition(". ")
    return (f"{head}.", rest) if stop else (words, "")


def argument_text(member: Member) -> str:
    """Return meaning, bounds, unit and allowed values of one argument, in sentences."""
    sentences = [_sentence(member.schema.get("description", ""))]
    sentences += _bounds(member.schema)
    if "null" in kinds_of(member.schema) and kinds_of(member.schema) != frozenset(("null",)):
        sentences.append("None is sent as null.")
    if not member.required:
        sentences.append("Left out of the event if not given.")
    return " ".join(filter(None, sentences))


def member_texts(schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, text) for each key of the objects inside *schema*, outermost first."""
    kinds = kinds_of(schema)
    if "array" in kinds:
        return member_texts(schema["items"])
    if "object" not in kinds:
        return []
    found: list[tuple[str, str]] = []
    for member in object_members(schema):
        found.append((member.name, argument_text(member)))
        found += [(f"{member.name}.{name}", text) for name, text in member_texts(member.schema)]
    return found


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words if not words or words.endswith((".", "!", "?", '."', ".)")) else f"{words}."


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    kinds = kinds_of(schema)
    if "enum" in schema or "const" in schema:
        yield _allowed(schema)
        return
    if "string" in kinds:
        yield from _string(schema)
    if kinds & {"integer", "number"}:
        yield _number(schema)
    if "array" in kinds:
        yield _items(schema)
    if schema.get("deprecated"):
        yield "Deprecated."


def _allowed(schema: Mapping[str, Any]) -> str:
    values = [value for value in schema.get("enum", [schema.get("const")]) if value is not None]
    if any(isinstance(value, bool) for value in values):
        shown = [str(value) for value in values]
    else:
        shown = [json.dumps(value, ensure_ascii=False) for value in values]
    if not shown:
        return ""
    joined = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
    is_only = len(shown) == 1 and "null" not in kinds_of(schema)
    return f"Always {joined}." if is_only else f"{joined}."


def _string(schema: Mapping[str, Any]) -> Iterator[str]:
    if "format" in schema:
        yield _FORMATS[schema["format"]]
    if "x-scrub" in schema:
        longest = schema.get("maxLength")
        cut = f", then cut to {counted(longest, 'character')}," if longest is not None else ""
        yield f'Scrubbed as "{schema["x-scrub"]}"{cut} before it is stored.'
        return
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    if high is not None:
        most = counted(high, "character")
        yield f"{low} to {most}." if low else f"At most {most}."
    elif low:
        yield f"At least {counted(low, 'character')}."
    if "pattern" in schema:
        yield f"Matches `{schema['pattern']}`."


def _number(schema: Mapping[str, Any]) -> str:
    unit = f" {schema['x-unit']}" if "x-unit" in schema else ""
    words = [
        f"{prefix}{schema[keyword]}"
        for keyword, prefix in (
            ("minimum", ">= "),
            ("exclusiveMinimum", "> "),
            ("maximum", "<= "),
            ("exclusiveMaximum", "< "),
        )
        if keyword in schema
    ]
    if "minimum" in schema and "maximum" in schema:
        words = [f"{schema['minimum']} to {schema['maximum']}"]
    text = f"{' and '.join(words)}{unit}" if words else f"In{unit}" if unit else ""
    if "multipleOf" in schema:
        text += f"{', a' if text else 'A'} multiple of {schema['multipleOf']}"
    return f"{text}." if text else ""


def _items(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minItems", 0), schema["maxItems"]
    most = counted(high, "item")
    count = f"{low} to {most}" if low else f"At most {most}"
    distinct = ", no two equal" if schema.get("uniqueItems") else ""
    items: Mapping[str, Any] = schema["items"]
    if "object" in kinds_of(items):
        return f"{count}{distinct}."
    inner = " ".join(_bounds(items))
    return f"{count}{distinct}." + (f" Each: {inner}" if inner else "")
