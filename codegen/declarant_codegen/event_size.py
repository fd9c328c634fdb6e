"""How large an event can get, and how much is generated for it.

Owns the two limits of a whole event. Each of its fields may be modest and bounded, and the event
still be larger than the runtime stores, or, where many refer to one long enumeration, take minutes
to generate.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant._limits import MAX_EVENT_BYTES
from declarant_codegen.bounds import base_type, longest_text, variety
from declarant_codegen.documents import MAX_BYTES
from declarant_codegen.json_values import is_array
from declarant_codegen.positions import escape_token
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.bounds import Problem

__all__ = ["ENVELOPE_BYTES", "MAX_PAYLOAD_BYTES", "check_size", "payload_sizes"]

ENVELOPE_BYTES = 8192
"""Room for what stands around an event's own fields; ModelKit's takes 400 bytes."""

MAX_PAYLOAD_BYTES = MAX_EVENT_BYTES - ENVELOPE_BYTES
"""Bytes of the largest JSON object of an event's fields."""


def check_size(
    properties: Mapping[str, Mapping[str, Any]], *, is_inlined: bool
) -> Iterator[Problem]:
    """Yield what is wrong with the size of an event, at its largest field.

    Args:
        properties: The event's fields by name, resolved and correct.
        is_inlined: Whether any of them came by a reference; without one an event is no larger than
            its file.
    """
    sizes = payload_sizes(properties)
    most = _sum(sizes)
    if most > MAX_PAYLOAD_BYTES:
        name = max(sizes, key=sizes.__getitem__)
        found = (
            f"expected an event whose fields take at most {MAX_PAYLOAD_BYTES} bytes, found one of "
            f"{most}, which would be dropped; {quote(name)} alone takes up to {sizes[name]}: lower "
            "its bounds"
        )
        yield "EVENT_TOO_LARGE", _place(name), found
    if not is_inlined:
        return
    texts = _Texts()
    sizes = {name: texts.of_member(name, schema) for name, schema in properties.items()}
    if _sum(sizes) > MAX_BYTES:
        name = max(sizes, key=sizes.__getitem__)
        found = (
            f"expected an event of at most {MAX_BYTES} characters with all references inlined, "
            f"found one of about {_sum(sizes)}; declare fewer fields, or less in what "
            f"{quote(name)} refers to"
        )
        yield "EVENT_TOO_LARGE", _place(name), found


def payload_sizes(properties: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Return the bytes of each field's largest member, if all text in it is plain ASCII.

    A value may take more by what has to be escaped, which no schema asks for.
    """
    payloads = _Payloads()
    return {name: payloads.of_member(name, schema) for name, schema in properties.items()}


def _sum(sizes: Mapping[str, int]) -> int:
    return 2 + sum(sizes.values())


def _place(name: str) -> str:
    return f"properties/{escape_token(name)}"


@dataclass(slots=True)
class _Sizes(ABC):
    """Sizes of resolved schemas; what several have in common is measured once.

    What a reference leads to is inlined without a copy, so that its parts are told by identity; the
    event's schema keeps them while this lives.
    """

    _known: dict[int, int] = field(default_factory=dict[int, int])

    def of_member(self, name: str, schema: Mapping[str, Any]) -> int:
        """Return the size of one member, with its name and what stands around the two."""
        return self.of(schema) + len(name) + 4

    def part(self, schema: Mapping[str, Any], name: str) -> int:
        """Return the size of what a schema holds under *name*."""
        part = schema[name]
        if id(part) not in self._known:
            self._known[id(part)] = self.of_part(name, part)
        return self._known[id(part)]

    def of_part(self, name: str, part: Any) -> int:
        if name == "enum":
            return self.of_values(list(map(_json_length, part)))
        if name == "items":
            return self.of(part)
        return 2 + sum(self.of_member(key, child) for key, child in part.items())

    @abstractmethod
    def of(self, schema: Mapping[str, Any]) -> int:
        """Return the size of a schema."""

    @abstractmethod
    def of_values(self, lengths: list[int]) -> int:
        """Return the size of listed values, of which these are the lengths as JSON."""


class _Texts(_Sizes):
    """Characters of schemas, more or less."""

    def of(self, schema: Mapping[str, Any]) -> int:
        return 2 + sum(
            len(name) + 4 + (self.part(schema, name) if name in _PARTS else len(repr(schema[name])))
            for name in schema
        )

    def of_values(self, lengths: list[int]) -> int:
        return 2 + sum(lengths) + len(lengths)


class _Payloads(_Sizes):
    """Bytes of the largest value of each schema as JSON, of plain ASCII."""

    def of(self, schema: Mapping[str, Any]) -> int:
        size = self._of_value(schema)
        return max(size, len("null")) if is_array(schema.get("type")) else size

    def of_values(self, lengths: list[int]) -> int:
        return max(lengths, default=0)

    def _of_value(self, schema: Mapping[str, Any]) -> int:
        if "const" in schema:
            return _json_length(schema["const"])
        for name in ("enum", "properties"):
            if name in schema:
                return self.part(schema, name)
        if "items" in schema:
            return 2 + _most_items(schema) * (self.part(schema, "items") + 1)
        bounds = [len(repr(schema[name])) for name in _BOUNDS if name in schema]
        if bounds:
            digits = max(bounds)
            return digits if base_type(schema) == "integer" else max(digits, _NUMBER_CHARS)
        longest = longest_text(schema)
        if longest is not None:
            return 2 + longest
        return 2 + _FORMAT_CHARS if "format" in schema else len("false")


_PARTS = frozenset({"enum", "properties", "items"})
_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")

_NUMBER_CHARS = 24
"""Characters of the longest JSON number of a double, such as -2.2250738585072014e-308."""

_FORMAT_CHARS = 40
"""Characters of a text of a known format; a fraction of a second may be longer, and never is."""


def _most_items(schema: Mapping[str, Any]) -> int:
    most: int = schema.get("maxItems", 0)
    kinds = variety(schema["items"]) if schema.get("uniqueItems") else None
    return most if kinds is None else min(most, kinds)


def _json_length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))
