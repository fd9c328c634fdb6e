"""JSON Schema to nodes. Every keyword is taken, known to be an annotation, or refused."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from declarant_codegen.compiler.assertions import ASSERTIONS, Draft
from declarant_codegen.compiler.errors import SchemaError, UnsupportedKeyword
from declarant_codegen.compiler.json_values import is_array, is_object
from declarant_codegen.compiler.nodes import (
    ArrayRules,
    Node,
    ObjectRules,
    Program,
    Property,
)
from declarant_codegen.compiler.references import References, escape
from declarant_codegen.compiler.sharing import shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KEYWORDS", "WORDS", "read"]

WORDS = frozenset(
    (
        "title",
        "description",
        "examples",
        "deprecated",
        "default",
        "$schema",
        "$comment",
        "$id",
        "$anchor",
        "$defs",
    )
)
"""Keywords that ask nothing of a value."""
_OBJECT_KEYWORDS = ("properties", "required", "additionalProperties", "propertyNames")
_MAX_DEPTH = 200
_MOST_NODES = 20_000
_NODES: dict[tuple[str, str], Node] = {}
"""What was read of properties that refer to nothing else, by place and shape."""


def read(schema: object, resources: Mapping[str, object] | None = None) -> Program:
    """Read *schema* and all it refers to.

    Raises:
        UnsupportedKeyword: A keyword, format or pattern that compiled code would not enforce.
        SchemaError: A keyword's value is not what JSON Schema asks for, or references never end.
        UnresolvableReference: A reference leads nowhere.
    """
    try:
        return _Reader(schema, resources or {}).program(schema)
    except RecursionError:
        raise SchemaError("#", "a schema nested too deeply to read; flatten it") from None


class _Reader:
    def __init__(self, schema: object, resources: Mapping[str, object]) -> None:
        self._references = References(schema, resources)
        self._indexes: dict[str, int] = {}
        self._pending: list[tuple[str, str, object]] = []
        self._depth = 0

    def program(self, schema: object) -> Program:
        root = self.node(schema, "#", self._references.root_base)
        targets: list[Node] = []
        while len(targets) < len(self._pending):
            key, base, target = self._pending[len(targets)]
            targets.append(self.node(target, key if "#" in key else key + "#", base))
        _refuse_endless(targets)
        return Program(root=root, targets=tuple(targets))

    def node(self, schema: object, pointer: str, base: str) -> Node:
        """Read one schema that stands at *pointer*."""
        if isinstance(schema, bool):
            return Node(pointer=pointer, never=not schema)
        if not is_object(schema):
            raise SchemaError(pointer, "expected a schema, found another type; write an object")
        if self._depth >= _MAX_DEPTH:
            raise SchemaError(pointer, f"schemas nested deeper than {_MAX_DEPTH}; flatten them")
        self._depth += 1
        node = self._object(schema, pointer, self._references.base(schema, base))
        self._depth -= 1
        return node

    def _object(self, schema: Mapping[str, object], pointer: str, base: str) -> Node:
        draft = Draft()
        references: list[int] = []
        items: Node | None = None
        for keyword, value in schema.items():
            if keyword in WORDS or keyword in _OBJECT_KEYWORDS or keyword.startswith("x-"):
                continue
            where = f"{pointer}/{escape(keyword)}"
            if keyword == "items":
                items = self.node(value, where, base)
            elif keyword == "$ref":
                references.append(self._reference(value, base, where))
            elif not draft.take(keyword, value, where):
                raise _unsupported(keyword, where)
        return Node(
            pointer=pointer,
            types=draft.types,
            bounds=draft.bounds,
            tests=draft.tests,
            members=tuple(draft.members),
            array=None if items is None or items.is_open else ArrayRules(items=items),
            object=self._properties(schema, pointer, base),
            references=tuple(references),
        )

    def _properties(
        self, schema: Mapping[str, object], pointer: str, base: str
    ) -> ObjectRules | None:
        if not any(keyword in schema for keyword in _OBJECT_KEYWORDS):
            return None
        declared = schema.get("properties", {})
        if not is_object(declared):
            raise SchemaError(f"{pointer}/properties", "expected an object; write one")
        required = _required(schema.get("required", []), f"{pointer}/required")
        additional = self.node(
            schema.get("additionalProperties", True), f"{pointer}/additionalProperties", base
        )
        properties = [
            self._property(name, value, f"{pointer}/properties/{escape(name)}", base, required)
            for name, value in declared.items()
        ]
        properties += [
            Property(name=name, node=additional, required=True)
            for name in required
            if name not in declared
        ]
        names = None
        if "propertyNames" in schema:
            names = self.node(schema["propertyNames"], f"{pointer}/propertyNames", base)
        return ObjectRules(
            properties=tuple(properties),
            additional=None if additional.never else additional,
            names=names,
        )

    def _property(
        self, name: str, schema: object, pointer: str, base: str, required: tuple[str, ...]
    ) -> Property:
        # Of the value itself only: the shape of what is inside another one is a part of its shape.
        shape = shape_of(schema, WORDS) if self._depth == 1 else None
        if shape is None:
            node = self.node(schema, pointer, base)
        elif (pointer, shape) in _NODES:
            node = _NODES[pointer, shape]
        else:
            node = self.node(schema, pointer, base)
            if len(_NODES) >= _MOST_NODES:
                _NODES.clear()
            _NODES[pointer, shape] = node
        return Property(name=name, node=node, required=name in required, shape=shape)

    def _reference(self, value: object, base: str, where: str) -> int:
        key, inner, schema = self._references.resolve(value, base, where)
        if key not in self._indexes:
            self._indexes[key] = len(self._pending)
            self._pending.append((key, inner, schema))
        return self._indexes[key]


def _refuse_endless(targets: list[Node]) -> None:
    """Refuse references that lead back to themselves without entering a value."""
    state = [0] * len(targets)

    def visit(index: int) -> None:
        if state[index] == 1:
            raise SchemaError(
                targets[index].pointer, "a reference that leads back to itself; end it in a schema"
            )
        if state[index] == 0:
            state[index] = 1
            for following in targets[index].references:
                visit(following)
            state[index] = 2

    for index in range(len(targets)):
        visit(index)


KEYWORDS = WORDS | ASSERTIONS | {"items", "$ref", *_OBJECT_KEYWORDS}


def _required(value: object, where: str) -> tuple[str, ...]:
    """Read a list of names, each once."""
    names = [name for name in value if isinstance(name, str)] if is_array(value) else []
    if not is_array(value) or len(names) != len(value):
        raise SchemaError(where, "expected a list of names; write one")
    return tuple(dict.fromkeys(names))


def _unsupported(keyword: str, where: str) -> UnsupportedKeyword:
    near = difflib.get_close_matches(keyword, sorted(KEYWORDS), n=1)
    hint = f'; did you mean "{near[0]}"?' if near else "; remove it"
    shown = ascii(keyword)[1:-1]
    return UnsupportedKeyword(
        where, keyword, f'keyword "{shown}" is not enforced{hint}', near[0] if near else None
    )
