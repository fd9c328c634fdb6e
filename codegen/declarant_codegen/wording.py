"""Schemas in plain words, whole and in printable ASCII.

Owns how schema text appears in a report. Nothing is cut: what a reviewer approves must be there in
full. Schema text is hostile, so everything beyond printable ASCII is escaped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["in_words", "names", "shown_value", "value_words"]

_NOUNS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "below {}"),
    ("multipleOf", "a multiple of {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("pattern", "matching {}"),
    ("format", "of the form {}"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
)


def shown_value(value: Any) -> str:
    """Return a JSON value as JSON in printable ASCII."""
    return json.dumps(value).replace("\x7f", "\\u007f")


def names(values: Iterable[str]) -> str:
    """Return names as words, or ``none``."""
    ordered = sorted(values)
    return listing(ordered, last="and") if ordered else "none"


def value_words(schema: Mapping[str, Any]) -> str:
    """Return what a schema takes, in words: type, bounds, parts."""
    given = schema.get("type", "")
    kinds = [item for item in (given if is_array(given) else [given]) if item != "null"]
    tail = ", or null" if is_array(given) and "null" in given else ""
    if "const" in schema:
        return f"always {shown_value(schema['const'])}"
    if "enum" in schema:
        return f"one of {', '.join(map(shown_value, schema['enum']))}"
    words = [_NOUNS.get(kinds[0], "any value") if kinds else "null"]
    words += [text.format(_bound(key, schema[key])) for key, text in _BOUNDS if key in schema]
    if schema.get("uniqueItems"):
        words.append("no item twice")
    if "items" in schema:
        words.append(f"each {value_words(schema['items'])}")
    if "properties" in schema:
        words.append(f"with {_properties(schema)}")
    return ", ".join(words) + tail


def _bound(keyword: str, value: Any) -> str:
    return shown_value(value) if keyword == "pattern" else str(value)


def _properties(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    parts = [
        f"{name}{'' if name in required else ' (may be left out)'}: {value_words(child)}"
        for name, child in sorted(schema["properties"].items())
    ]
    return f"({'; '.join(parts)})" if parts else "no fields"


def in_words(schema: Mapping[str, Any]) -> str:
    """Return what a field is, in words: what it takes, its unit, class, scrubber and notice."""
    words = [value_words(schema)]
    if "x-unit" in schema:
        words.append(f"in {schema['x-unit']}")
    if "x-class" in schema:
        words.append(f"class {schema['x-class']}")
    if "x-scrub" in schema:
        words.append(scrubber_words(schema["x-scrub"]))
    if "x-notice" in schema:
        words.append(f"under the notice line {schema['x-notice']}")
    if "x-source" in schema:
        words.append(f"filled from {schema['x-source']}")
    return "; ".join(words)


def scrubber_words(scrubber: Mapping[str, Any] | None) -> str:
    """Return a scrubber with its version, in words."""
    if scrubber is None:
        return "no scrubber"
    version = scrubber.get("version")
    return f"scrubber {scrubber['name']}" + (f" version {version}" if version else "")
