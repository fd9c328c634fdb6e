"""JSON Schema to nodes. Every keyword is taken, known to be an annotation, or refused."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from typing import Any

from declarant._violations import json_equal
from declarant_codegen.compiler.errors import SchemaError, UnsupportedKeyword
from declarant_codegen.compiler.nodes import (
    ArrayRules,
    Bound,
    Members,
    Node,
    ObjectRules,
    Program,
    Property,
    Test,
)
from declarant_codegen.compiler.pattern_tree import PatternSyntaxError, parse_pattern
from declarant_codegen.compiler.references import References, escape
from declarant_codegen.formats import FORMATS

__all__ = ["KEYWORDS", "read"]

_TYPES = frozenset(("null", "boolean", "string", "number", "integer", "array", "object"))
_NUMBERS = ("number", "integer")
_ANNOTATIONS = frozenset(
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
_OBJECT_KEYWORDS = ("properties", "required", "additionalProperties", "propertyNames")
# keyword: (type it is about, whether the size is compared, operator)
_SIZES = {
    "minLength": ("string", ">="),
    "maxLength": ("string", "<="),
    "minItems": ("array", ">="),
    "maxItems": ("array", "<="),
    "minProperties": ("object", ">="),
    "maxProperties": ("object", "<="),
}
_LIMITS = {
    "minimum": ">=",
    "exclusiveMinimum": ">",
    "maximum": "<=",
    "exclusiveMaximum": "<",
}
_MAX_DEPTH = 200


def read(schema: object, resources: Mapping[str, object] | None = None) -> Program:
    """Read *schema* and all it refers to.

    Raises:
        UnsupportedKeyword: A keyword, format or pattern that compiled code would not enforce.
        SchemaError: A keyword's value is not what JSON Schema asks for, or references never end.
        UnresolvableReference: A reference leads nowhere.
    """
    return _Reader(schema, resources or {}).program(schema)


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
        if not isinstance(schema, Mapping):
            raise SchemaError(pointer, "expected a schema, found another type; write an object")
        if self._depth >= _MAX_DEPTH:
            raise SchemaError(pointer, f"schemas nested deeper than {_MAX_DEPTH}; flatten them")
        self._depth += 1
        node = self._object(schema, pointer, self._references.base(schema, base))
        self._depth -= 1
        return node

    def _object(self, schema: Mapping[str, Any], pointer: str, base: str) -> Node:
        bounds: dict[str, list[Bound]] = {}
        tests: dict[str, list[Test]] = {}
        members: list[Members] = []
        types: frozenset[str] | None = None
        references: list[int] = []
        items: Node | None = None
        for keyword, value in schema.items():
            if keyword in _ANNOTATIONS or keyword.startswith("x-"):
                continue
            where = f"{pointer}/{escape(keyword)}"
            if keyword == "type":
                types = _types(value, where)
            elif keyword in _SIZES:
                kind, operator = _SIZES[keyword]
                _add_size(bounds.setdefault(kind, []), keyword, operator, _count(value, where))
            elif keyword in _LIMITS:
                limit = Bound(
                    keyword=keyword,
                    sized=False,
                    operator=_LIMITS[keyword],
                    limit=_number(value, where),
                )
                bounds.setdefault("number", []).append(limit)
            elif keyword in _TESTS:
                _TESTS[keyword](tests, value, where)
            elif keyword in _MEMBERS:
                members.append(_MEMBERS[keyword](value, where))
            elif keyword == "items":
                items = self.node(value, where, base)
            elif keyword == "$ref":
                references.append(self._reference(value, base, where))
            elif keyword not in _OBJECT_KEYWORDS:
                raise _unsupported(keyword, where)
        return Node(
            pointer=pointer,
            types=types,
            bounds={kind: limits for kind, limits in bounds.items() if limits},
            tests=tests,
            members=tuple(members),
            array=None if items is None or items.is_open else ArrayRules(items=items),
            object=self._properties(schema, pointer, base),
            references=tuple(references),
        )

    def _properties(self, schema: Mapping[str, Any], pointer: str, base: str) -> ObjectRules | None:
        if not any(keyword in schema for keyword in _OBJECT_KEYWORDS):
            return None
        declared = schema.get("properties", {})
        if not isinstance(declared, Mapping):
            raise SchemaError(f"{pointer}/properties", "expected an object; write one")
        required = schema.get("required", [])
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            raise SchemaError(f"{pointer}/required", "expected a list of names; write one")
        additional = self.node(
            schema.get("additionalProperties", True), f"{pointer}/additionalProperties", base
        )
        properties = [
            Property(
                name=name,
                node=self.node(value, f"{pointer}/properties/{escape(name)}", base),
                required=name in required,
            )
            for name, value in declared.items()
        ]
        properties += [
            Property(name=name, node=additional, required=True)
            for name in dict.fromkeys(required)
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


def _types(value: object, where: str) -> frozenset[str]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise SchemaError(where, "expected a type or a list of types; write one")
    if not all(isinstance(name, str) and name in _TYPES for name in names):
        raise SchemaError(where, f"expected JSON types; known: {', '.join(sorted(_TYPES))}")
    found = frozenset(names)
    return found - {"integer"} if "number" in found else found


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SchemaError(where, "expected a number, found another type; write a number")
    if not -math.inf < value < math.inf:
        raise SchemaError(where, "expected a finite number; lower it")
    return value


def _count(value: object, where: str) -> int:
    number = _number(value, where)
    if number < 0 or number != int(number):
        raise SchemaError(where, "expected a whole number of at least 0; write one")
    return int(number)


def _add_size(bounds: list[Bound], keyword: str, operator: str, limit: int) -> None:
    if limit > 0 or operator == "<=":
        bounds.append(Bound(keyword=keyword, sized=True, operator=operator, limit=limit))


def _pattern(tests: dict[str, list[Test]], value: object, where: str) -> None:
    if not isinstance(value, str):
        raise SchemaError(where, "expected a text, found another type; write a pattern")
    try:
        parse_pattern(value)
    except PatternSyntaxError as error:
        raise UnsupportedKeyword(
            where, "pattern", f"at character {error.problem.position}: {error}"
        ) from error
    tests.setdefault("string", []).append(Test(keyword="pattern", argument=value))


def _format(tests: dict[str, list[Test]], value: object, where: str) -> None:
    if not isinstance(value, str) or value not in FORMATS:
        raise UnsupportedKeyword(
            where, "format", f"expected an enforced format; known: {', '.join(FORMATS)}"
        )
    tests.setdefault("string", []).append(Test(keyword="format", argument=value))


def _multiple(tests: dict[str, list[Test]], value: object, where: str) -> None:
    divisor = _number(value, where)
    if divisor <= 0:
        raise SchemaError(where, "expected a number above 0; write one")
    if isinstance(divisor, float) and divisor.is_integer():
        divisor = int(divisor)
    tests.setdefault("number", []).append(Test(keyword="multipleOf", argument=divisor))


def _unique(tests: dict[str, list[Test]], value: object, where: str) -> None:
    if not isinstance(value, bool):
        raise SchemaError(where, "expected true or false; write one")
    if value:
        tests.setdefault("array", []).append(Test(keyword="uniqueItems", argument=True))


def _enum(value: object, where: str) -> Members:
    if not isinstance(value, list):
        raise SchemaError(where, "expected a list of values; write one")
    kept: list[object] = []
    scalars: set[tuple[type, object]] = set()
    for item in value:
        key = (bool if isinstance(item, bool) else str if isinstance(item, str) else float, item)
        if isinstance(item, (list, dict)):
            if not any(json_equal(item, other) for other in kept):
                kept.append(item)
        elif key not in scalars:
            scalars.add(key)
            kept.append(item)
    return Members(keyword="enum", values=tuple(kept))


def _const(value: object, where: str) -> Members:
    return Members(keyword="const", values=(value,))


_TESTS: dict[str, Callable[[dict[str, list[Test]], object, str], None]] = {
    "pattern": _pattern,
    "format": _format,
    "multipleOf": _multiple,
    "uniqueItems": _unique,
}
_MEMBERS: dict[str, Callable[[object, str], Members]] = {"enum": _enum, "const": _const}

KEYWORDS = frozenset(
    (
        "type",
        "items",
        "$ref",
        *_OBJECT_KEYWORDS,
        *_SIZES,
        *_LIMITS,
        *_TESTS,
        *_MEMBERS,
        *tuple(_ANNOTATIONS),
    )
)


def _unsupported(keyword: str, where: str) -> UnsupportedKeyword:
    near = difflib.get_close_matches(keyword, sorted(KEYWORDS), n=1)
    hint = f'; did you mean "{near[0]}"?' if near else "; remove it"
    shown = ascii(keyword)[1:-1]
    return UnsupportedKeyword(
        where, keyword, f'keyword "{shown}" is not enforced{hint}', near[0] if near else None
    )
