"""Schemas in plain words, whole and in printable ASCII.

Owns how schema text appears in a report. Nothing is cut: what a reviewer approves must be there in
full. Schema text is hostile, so everything beyond printable ASCII is escaped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.formats import FORMATS
from declarant_codegen.json_values import is_array
from declarant_codegen.pattern_words import pattern_words
from declarant_codegen.patterns import is_pattern, max_length
from declarant_codegen.words import counted, listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "class_words",
    "full_words",
    "in_words",
    "names",
    "plain_words",
    "scrubber_words",
    "shown_value",
    "value_words",
]

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
    ("minLength", "at least {}"),
    ("maxLength", "at most {}"),
    ("pattern", "matching {}"),
    ("format", "of the form {}"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
)


_CLASSES = {
    "low": "choices, yes or no, bounded numbers",
    "middle": "text of a fixed form",
    "identifier": "tells one device, run or person from another",
    "free_text": "text that anybody may have written",
}


def shown_value(value: Any) -> str:
    """Return a JSON value as JSON in printable ASCII."""
    return json.dumps(value).replace("\x7f", "\\u007f")


def names(values: Iterable[str], *, last: str = "and") -> str:
    """Return names as words, or ``none``; *last* stands before the last of several."""
    ordered = sorted(values)
    return listing(ordered, last=last) if ordered else "none"


def value_words(schema: Mapping[str, Any]) -> str:
    """Return what a schema takes, in words: type, bounds, parts."""
    return _words(schema, value_words, lambda _: None)


def plain_words(schema: Mapping[str, Any]) -> str:
    """Return the same for readers who read no schemas, where patterns and formats have words."""
    if schema.get("items"):
        items = plain_words(schema["items"])
        shell: dict[str, Any] = {**schema, "items": {}}
        return _words(shell, lambda _: items, _implied_length)
    given = schema.get("type")
    null = "null, or " if is_array(given) and "null" in given else ""
    if _is_told_by("format", schema) and (form := FORMATS.get(schema["format"])):
        return f"{null}text: {form.words}, such as {form.example}"
    told = pattern_words(schema["pattern"]) if _is_told_by("pattern", schema) else None
    if told is None:
        return full_words(schema)
    is_count = told[0].isdigit() and " parts joined by " not in told
    return f"{null}text{' of' if is_count else ':'} {told}"


def _is_told_by(keyword: str, schema: Mapping[str, Any]) -> bool:
    """Return whether nothing but *keyword* says which texts there are."""
    others = {"enum", "const", "minLength", "maxLength", "format", "pattern"} - {keyword}
    given = schema.get("type")
    kinds = set(given if is_array(given) else [given]) - {"null"}
    return kinds == {"string"} and keyword in schema and not others & schema.keys()


def full_words(schema: Mapping[str, Any]) -> str:
    """Return the same with what a pattern implies, for readers who read no patterns."""
    return _words(schema, full_words, _implied_length)


def _words(
    schema: Mapping[str, Any],
    part_words: Callable[[Mapping[str, Any]], str],
    longest: Callable[[Mapping[str, Any]], int | None],
) -> str:
    given = schema.get("type", "")
    kinds = [item for item in (given if is_array(given) else [given]) if item != "null"]
    tail = ", or null" if is_array(given) and "null" in given else ""
    if "const" in schema:
        return f"always {shown_value(schema['const'])}"
    if "enum" in schema:
        return f"one of {', '.join(map(shown_value, schema['enum']))}"
    words = [_NOUNS.get(kinds[0], "any value") if kinds else "null"]
    length = longest(schema)
    if length is not None:
        words.append(f"at most {counted(length, 'character')}")
    words += [text.format(_bound(key, schema[key])) for key, text in _BOUNDS if key in schema]
    if schema.get("uniqueItems"):
        words.append("no item twice")
    if "items" in schema:
        words.append(f"each {part_words(schema['items'])}")
    if "properties" in schema:
        words.append(f"with {_properties(schema, part_words)}")
    return ", ".join(words) + tail


def _implied_length(schema: Mapping[str, Any]) -> int | None:
    """Return the greatest length that a pattern alone allows, if nothing else says one."""
    if "pattern" not in schema or "maxLength" in schema:
        return None
    return max_length(schema["pattern"]) if is_pattern(schema["pattern"]) else None


_UNITS = {
    "minLength": "character",
    "maxLength": "character",
    "minItems": "item",
    "maxItems": "item",
}


def _bound(keyword: str, value: Any) -> str:
    if keyword in _UNITS:
        return counted(value, _UNITS[keyword])
    return shown_value(value) if keyword == "pattern" else str(value)


def _properties(schema: Mapping[str, Any], part_words: Callable[[Mapping[str, Any]], str]) -> str:
    required = schema.get("required", ())
    parts = [
        f"{name}{'' if name in required else ' (may be left out)'}: {part_words(child)}"
        for name, child in sorted(schema["properties"].items())
    ]
    return f"({'; '.join(parts)})" if parts else "no fields"


def in_words(schema: Mapping[str, Any]) -> str:
    """Return what a field is, in words: what it takes, its unit, class, scrubber and notice.

    Of its parts the same is said.
    """
    return "; ".join([_words(schema, _part_words, _implied_length), *_marks(schema)])


def _part_words(schema: Mapping[str, Any]) -> str:
    return ", ".join([_words(schema, _part_words, _implied_length), *_marks(schema)])


def _marks(schema: Mapping[str, Any]) -> Iterator[str]:
    if "x-unit" in schema:
        yield f"in {schema['x-unit']}"
    if "x-class" in schema:
        yield f"class {schema['x-class']}"
    if "x-scrub" in schema:
        yield scrubber_words(schema["x-scrub"])
    if "x-notice" in schema:
        yield f"under the notice line {schema['x-notice']}"
    if "x-source" in schema:
        yield f"filled from {schema['x-source']}"


def class_words(name: str) -> str:
    """Return a privacy class with its meaning, in words."""
    return f"{name} ({_CLASSES[name]})" if name in _CLASSES else name


def scrubber_words(scrubber: Mapping[str, Any] | None) -> str:
    """Return a scrubber with its version, in words."""
    if scrubber is None:
        return "no scrubber"
    version = scrubber.get("version")
    return f"scrubber {scrubber['name']}" + (f" version {version}" if version else "")
