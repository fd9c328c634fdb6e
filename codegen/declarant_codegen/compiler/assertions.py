"""Keywords that speak of one value alone: their values are checked here and put into a draft."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from declarant._violations import is_json, json_equal
from declarant_codegen.compiler.errors import SchemaError, UnsupportedKeyword
from declarant_codegen.compiler.json_values import is_array, is_object
from declarant_codegen.compiler.nodes import Bound, Members, Test
from declarant_codegen.compiler.pattern_tree import PatternSyntaxError, parse_pattern
from declarant_codegen.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ASSERTIONS", "Draft"]

_TYPES = frozenset(("null", "boolean", "string", "number", "integer", "array", "object"))
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


class Draft:
    """Collects what one schema asks of a value itself."""

    __slots__ = ("bounds", "members", "tests", "types")

    def __init__(self) -> None:
        self.types: frozenset[str] | None = None
        self.bounds: dict[str, list[Bound]] = {}
        self.tests: dict[str, list[Test]] = {}
        self.members: list[Members] = []

    def take(self, keyword: str, value: object, where: str) -> bool:
        """Take one keyword; False when it is none of these.

        Raises:
            SchemaError: *value* is not what JSON Schema asks for.
            UnsupportedKeyword: *value* is a pattern or format that could not be enforced.
        """
        if keyword == "type":
            self.types = _types(value, where)
        elif keyword in _SIZES:
            kind, operator = _SIZES[keyword]
            self._bound(kind, keyword, operator, _count(value, where))
        elif keyword in _LIMITS:
            self._bound("number", keyword, _LIMITS[keyword], _number(value, where))
        elif keyword in _TESTS:
            _TESTS[keyword](self.tests, value, where)
        elif keyword in _MEMBERS:
            self.members.append(_MEMBERS[keyword](value, where))
        else:
            return False
        return True

    def _bound(self, kind: str, keyword: str, operator: str, limit: float) -> None:
        sized = kind != "number"
        if sized and operator == ">=" and limit == 0:
            return
        bound = Bound(keyword=keyword, sized=sized, operator=operator, limit=limit)
        self.bounds.setdefault(kind, []).append(bound)


def _types(value: object, where: str) -> frozenset[str]:
    names = [value] if isinstance(value, str) else value
    if not is_array(names) or not names:
        raise SchemaError(where, "expected a type or a list of types; write one")
    found = frozenset(name for name in names if isinstance(name, str) and name in _TYPES)
    if not all(isinstance(name, str) and name in found for name in names):
        raise SchemaError(where, f"expected JSON types; known: {', '.join(sorted(_TYPES))}")
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


def _refuse_foreign(value: object, where: str) -> None:
    if not is_json(value):
        raise SchemaError(where, "expected JSON values, found another; remove NaN and the like")


def _enum(value: object, where: str) -> Members:
    if not is_array(value):
        raise SchemaError(where, "expected a list of values; write one")
    _refuse_foreign(value, where)
    kept: list[object] = []
    scalars: set[tuple[str, object]] = set()
    for item in value:
        key = ("boolean" if isinstance(item, bool) else "other", item)
        if is_array(item) or is_object(item):
            if not any(json_equal(item, other) for other in kept):
                kept.append(item)
        elif key not in scalars:
            scalars.add(key)
            kept.append(item)
    return Members(keyword="enum", values=tuple(kept))


def _const(value: object, where: str) -> Members:
    _refuse_foreign(value, where)
    return Members(keyword="const", values=(value,))


_TESTS: dict[str, Callable[[dict[str, list[Test]], object, str], None]] = {
    "pattern": _pattern,
    "format": _format,
    "multipleOf": _multiple,
    "uniqueItems": _unique,
}
_MEMBERS: dict[str, Callable[[object, str], Members]] = {"enum": _enum, "const": _const}
ASSERTIONS = frozenset(("type", *_SIZES, *_LIMITS, *_TESTS, *_MEMBERS))
