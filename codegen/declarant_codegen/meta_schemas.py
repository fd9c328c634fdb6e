"""The dialect's meta-schemas, read and made ready for checking.

Owns codegen's own copies in ``meta/``: their text, their value, and the nodes that ``dialect``
walks. The files are standard JSON Schema 2020-12, recursing by plain ``$ref`` so that editors check
at every depth (ecosystem.md 1.3), with annotations for this checker: ``x-expected`` and ``x-mend``
(words), ``x-rules`` (rule id by the meta keyword that is broken, ``keyword:type`` for one JSON type
of the wrong value) and ``x-applies-to`` (JSON types on which the keyword has an effect).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_object
from declarant_codegen.positions import escape_token

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("catalogue", "event", "ext", "review", "types")
"""The kinds of files, each with a meta-schema ``meta/<kind>.v1.json``."""

_FOLDER = Path(__file__).with_name("meta")
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
    "integer": (int,),
    "number": (int, float),
}


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """One subschema of a meta-schema, made ready for checking."""

    raw: Mapping[str, Any]
    types: frozenset[type] | None = None
    enum: tuple[Any, ...] | None = None
    pattern: re.Pattern[str] | None = None
    properties: dict[str, Node] = field(default_factory=dict[str, "Node"])
    required: tuple[str, ...] = ()
    additional: Node | None = None
    keys: re.Pattern[str] | None = None
    items: Node | None = None
    is_closed: bool = False
    limits: tuple[tuple[str, float], ...] = ()

    def rule(self, meta_keyword: str, *, found: str = "", otherwise: str = "KEYWORD_VALUE") -> str:
        """Return the rule id of a breach of *meta_keyword* by a value of JSON type *found*."""
        rules: Mapping[str, str] = self.raw.get("x-rules", {})
        return rules.get(f"{meta_keyword}:{found}") or rules.get(meta_keyword, otherwise)


LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
)
"""Keywords of the meta-schemas that compare a value or its size with a number."""


def meta_text(kind: str) -> str:
    """Return the text of a kind's meta-schema, as ``schemas/meta`` must hold it."""
    return (_FOLDER / f"{kind}.v1.json").read_text("utf-8")


@cache
def meta_schema(kind: str) -> Mapping[str, Any]:
    """Return a kind's meta-schema, parsed."""
    schema: Mapping[str, Any] = json.loads(meta_text(kind))
    return schema


@cache
def root_node(kind: str) -> Node:
    """Return a kind's meta-schema, made ready for checking."""
    return _Builder(root=meta_schema(kind)).node("")


@cache
def keyword_types() -> Mapping[str, frozenset[str]]:
    """Return, for each keyword that belongs to certain JSON types, those types."""
    properties = meta_schema("event")["$defs"]["value"]["properties"]
    rows = ((name, schema.get("x-applies-to")) for name, schema in properties.items())
    return {name: frozenset(types) for name, types in rows if types}


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Makes nodes of one meta-schema; each pointer once, so that recursion ends."""

    root: Mapping[str, Any]
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])

    def node(self, pointer: str) -> Node:
        if pointer in self.nodes:
            return self.nodes[pointer]
        raw = self._at(pointer)
        if "$ref" in raw:
            # Only annotations stand beside a $ref in the meta-schemas; a test holds them to it.
            target = self.node(raw["$ref"][1:])
            self.nodes[pointer] = target
            return target
        node = Node(raw=raw)
        self.nodes[pointer] = node
        self._fill(node, raw, pointer)
        return node

    def _fill(self, node: Node, raw: Mapping[str, Any], pointer: str) -> None:
        kinds = raw.get("type")
        if kinds is not None:
            names = [kinds] if isinstance(kinds, str) else kinds
            node.types = frozenset(kind for name in names for kind in _PYTHON_TYPES[name])
        if "enum" in raw or "const" in raw:
            node.enum = tuple(raw.get("enum", [raw.get("const")]))
        if "pattern" in raw:
            node.pattern = re.compile(_to_python(raw["pattern"]))
        if "propertyNames" in raw and "x-expected" in raw["propertyNames"]:
            node.keys = re.compile(_to_python(raw["propertyNames"]["pattern"]))
        node.properties = {
            name: self.node(f"{pointer}/properties/{escape_token(name)}")
            for name in raw.get("properties", {})
        }
        node.required = tuple(raw.get("required", ()))
        node.is_closed = raw.get("additionalProperties") is False
        if is_object(raw.get("additionalProperties")):
            node.additional = self.node(f"{pointer}/additionalProperties")
        if "items" in raw:
            node.items = self.node(f"{pointer}/items")
        node.limits = tuple((name, raw[name]) for name in LIMITS if name in raw)

    def _at(self, pointer: str) -> Mapping[str, Any]:
        found: Any = self.root
        for token in pointer.split("/")[1:]:
            found = found[token.replace("~1", "/").replace("~0", "~")]
        return dict(found)


def _to_python(pattern: str) -> str:
    return pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern
