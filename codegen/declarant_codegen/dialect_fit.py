"""Whether a file keeps to the dialect, told quickly.

Owns the tests of single meta keywords, and functions made of them and of the nodes of
``meta_schemas`` that stop at the first thing in which ``dialect`` might find a breach. Most files
have none, and then nobody asks for places and words.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from declarant_codegen.meta_schemas import root_node
from declarant_codegen.words import json_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.meta_schemas import Node

__all__ = [
    "LIMITS",
    "SIZED",
    "is_date",
    "is_listed",
    "keeps_to_dialect",
    "repeats",
]

LIMITS: dict[str, Callable[[Any, float], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "minLength": lambda value, bound: len(value) >= bound,
    "maxLength": lambda value, bound: len(value) <= bound,
    "minItems": lambda value, bound: len(value) >= bound,
    "maxItems": lambda value, bound: len(value) <= bound,
    "minProperties": lambda value, bound: len(value) >= bound,
}
"""Meta keyword to its test of a value against a bound."""

SIZED: dict[type[object], tuple[str, ...]] = {
    int: ("minimum", "maximum", "exclusiveMinimum"),
    float: ("minimum", "maximum", "exclusiveMinimum"),
    str: ("minLength", "maxLength"),
    list: ("minItems", "maxItems"),
    dict: ("minProperties",),
}
"""Python type of a value to the limits that concern it."""

_JSON_TYPES = (type(None), bool, int, float, str, list, dict)
_Test: TypeAlias = Callable[[Any], bool]
# Python type of a value to the test of such values, None if any will do. A type that is missing
# may be a breach.
_Fit: TypeAlias = "dict[type[object], _Test | None]"


def keeps_to_dialect(kind: str, value: Any) -> bool:
    """Return whether a file's value surely breaches nothing; a False may be a lack of proof."""
    return _takes(_root_fit(kind), value)


@cache
def _root_fit(kind: str) -> _Fit:
    return _fit(root_node(kind), {})


def _takes(fit: _Fit, value: object) -> bool:
    test = fit.get(type(value), _never)
    return test is None or test(value)


def _never(_value: Any) -> bool:
    return False


def _fit(node: Node, known: dict[int, _Fit]) -> _Fit:
    """Return the tests of a node; *known* holds those begun, since meta-schemas recur."""
    if id(node) in known:
        return known[id(node)]
    fit = known[id(node)] = {}
    for kind in _JSON_TYPES:
        if node.types is None or kind in node.types:
            tests = [*_plain_tests(node, kind), *_inner_tests(node, kind, known)]
            fit[kind] = _joined(tests)
    return fit


def _joined(tests: list[_Test]) -> _Test | None:
    if not tests:
        return None
    first, rest = tests[0], _joined(tests[1:])
    return first if rest is None else lambda value: first(value) and rest(value)


def _plain_tests(node: Node, kind: type[object]) -> Iterator[_Test]:
    listed, pattern = node.enum, node.pattern
    if listed is not None and kind is str:
        yield frozenset(item for item in listed if type(item) is str).__contains__
    elif listed is not None:
        yield lambda value: is_listed(value, listed)
    if pattern is not None and kind is str:
        yield lambda value: pattern.search(value) is not None
    for name, bound in node.limits:
        if name in SIZED.get(kind, ()):
            yield _limit(LIMITS[name], bound)
    if kind is str and node.raw.get("format") == "date":
        yield is_date


def _limit(test: Callable[[Any, float], bool], bound: float) -> _Test:
    return lambda value: test(value, bound)


def _inner_tests(node: Node, kind: type[object], known: dict[int, _Fit]) -> Iterator[_Test]:
    if kind is dict:
        yield _object_test(node, known)
    elif kind is list:
        if node.items is not None:
            yield _items_test(_fit(node.items, known))
        if node.raw.get("uniqueItems"):
            yield _is_distinct


def _items_test(fit: _Fit) -> _Test:
    def test(items: list[object]) -> bool:
        kinds = set(map(type, items))
        if len(kinds) != 1:
            return all(_takes(fit, item) for item in items)
        inner = fit.get(kinds.pop(), _never)
        return inner is None or all(map(inner, items))

    return test


def _object_test(node: Node, known: dict[int, _Fit]) -> _Test:
    fits = {name: _fit(child, known) for name, child in node.properties.items()}
    anything: _Fit = dict.fromkeys(_JSON_TYPES)
    nothing: _Fit = {}
    other = nothing if node.is_closed else anything
    if node.additional is not None:
        other = _fit(node.additional, known)
    required, keys = frozenset(node.required), node.keys

    def test(value: dict[str, object]) -> bool:
        for key, member in value.items():
            inner = fits.get(key, other).get(type(member), _never)
            if inner is not None and not inner(member):
                return False
        if keys is not None and not all(map(keys.search, value)):
            return False
        return required <= value.keys()

    return test


def is_listed(value: Any, listed: tuple[Any, ...]) -> bool:
    """Return whether a value is one of those listed; ``true`` is not 1."""
    return any(type(value) is type(item) and value == item for item in listed)


def repeats(values: list[Any]) -> Iterator[int]:
    """Yield the index of each value that JSON counts equal to an earlier one."""
    seen: set[tuple[str, str]] = set()
    for index, value in enumerate(values):
        if isinstance(value, str):
            key = ("string", value)
        else:
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            kind = "number" if number else json_type(value)
            key = (kind, str(value + 0.0) if number else json.dumps(value, sort_keys=True))
        if key in seen:
            yield index
        seen.add(key)


def _is_distinct(values: list[Any]) -> bool:
    if all(type(value) is str for value in values):
        return len(set(values)) == len(values)
    return next(repeats(values), None) is None


def is_date(text: str) -> bool:
    """Return whether a text is a date of ISO 8601."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
