"""Values that meet a JSON Schema, and values that breach exactly one of its keywords.

Owns the choice, which rests on nothing of ours: texts that match a pattern come from Python's own
reading of it, and what a value breaches is asked of a foreign engine, by leaving the keyword out.
"""

from __future__ import annotations

from importlib import import_module
from math import ceil, floor
from random import Random
from typing import TYPE_CHECKING, Any

from declarant._shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Accepts = Callable[[Mapping[str, Any], object], bool]

__all__ = ["Breach", "breaches", "valid_values"]

_POOL: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 0.5, 2**53 + 1, -(2**63), 10**20, 1e300, "", "a", "A", "~",
    "~ ~ ~", "x" * 400, [], {}, [None], ["a"], [0], {"undeclared": 1},
)  # fmt: skip
_OF_FORMAT = {
    "date": ("2026-11-22", "2024-02-29"),
    "date-time": ("2026-11-22T10:20:30Z", "1990-12-31T23:59:59.5+01:00"),
    "time": ("10:20:30Z", "23:59:59.25-05:00"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "0f0e0d0c-1111-4222-8333-444444444444"),
}
_INNER = frozenset(("items", "properties"))
"""Keywords that breach nothing themselves: what stands inside them does."""
_TRIES = 24
_MOST_REPEATS = 3
"""Repetitions that are made of a part that asks for none or few."""


class Breach:
    """One value that differs from a schema by one keyword.

    Attributes:
        place: Where, such as ``stack[].line``; empty for the whole value.
        keyword: What is breached.
        value: The whole value.
    """

    __slots__ = ("keyword", "place", "value")

    def __init__(self, place: str, keyword: str, value: object) -> None:
        """Hold the three."""
        self.place = place
        self.keyword = keyword
        self.value = value


def valid_values(schema: Mapping[str, Any], accepts: Accepts) -> list[Any]:
    """Return different values that *schema* takes, the fullest first; none if none was found."""
    tried = [*_candidates(schema, accepts), *_POOL]
    taken: list[Any] = []
    for value in tried:
        # Python calls 1 and True equal, and so the text is compared.
        if all(repr(value) != repr(other) for other in taken) and accepts(schema, value):
            taken.append(value)
    return taken


def breaches(schema: Mapping[str, Any], whole: Any, accepts: Accepts) -> Iterator[Breach]:
    """Yield, for each keyword at each place inside *whole*, one value that breaches it alone.

    A keyword that cannot be breached alone, such as the type beside an enum, has none.

    Args:
        schema: What *whole* meets.
        whole: A value with every member, and an item in every list.
        accepts: Tells whether a value meets a schema.
    """
    for keyword in [name for name in schema if name not in _INNER]:
        rest = {name: value for name, value in schema.items() if name != keyword}
        for value in (*_near(schema, keyword, whole), *_POOL):
            if not accepts(schema, value) and accepts(rest, value):
                yield Breach("", keyword, value)
                break
    if is_object(whole):
        for name, child in schema.get("properties", {}).items():
            for inner in breaches(child, whole[name], accepts) if name in whole else ():
                changed = {**whole, name: inner.value}
                yield Breach(_joined(name, inner.place), inner.keyword, changed)
    elif is_array(whole) and whole and "items" in schema:
        for inner in breaches(schema["items"], whole[0], accepts):
            yield Breach(_joined("[]", inner.place), inner.keyword, [inner.value, *whole[1:]])


def _joined(outer: str, inner: str) -> str:
    return outer + (inner if inner[:1] in ("", "[") else f".{inner}")


def _near(schema: Mapping[str, Any], keyword: str, whole: Any) -> Iterator[object]:
    """Yield values just beyond a keyword."""
    limit = schema[keyword]
    if keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        step = schema.get("multipleOf", 1)
        low = "inimum" in keyword
        for times in (0, 1, 2):
            yield limit - times * step if low else limit + times * step
            yield (floor(limit / step) - times if low else ceil(limit / step) + times) * step
    elif isinstance(whole, str):
        yield from _near_text(keyword, limit, whole)
    elif is_array(whole):
        yield from _near_list(keyword, limit, [*whole])
    elif is_object(whole):
        yield {**whole, "undeclared_": 1}
        for name in limit if keyword == "required" else ():
            yield {key: value for key, value in whole.items() if key != name}
    elif keyword == "multipleOf" and isinstance(whole, (int, float)):
        yield from (whole + limit / 2, whole + 1, whole - 1, whole - limit / 2)


def _near_text(keyword: str, limit: Any, whole: str) -> Iterator[str]:
    if keyword in ("maxLength", "minLength"):
        yield from ("x" * (limit + 1), whole[:1] * (limit + 1), whole + whole[-1:] * limit)
        yield from (whole[: max(0, limit - 1)], "x" * max(0, limit - 1))
    elif keyword in ("pattern", "format"):
        yield from (f"{whole}~", f"~{whole[1:]}", whole[:-1] + "~", whole[:-1], whole.upper())


def _near_list(keyword: str, limit: Any, whole: list[Any]) -> Iterator[list[Any]]:
    if keyword == "maxItems":
        yield [*(whole or [None])] * (limit + 1)
    elif keyword == "minItems":
        yield whole[: max(0, limit - 1)]
    elif keyword == "uniqueItems" and whole:
        yield from ([whole[0], whole[0]], [*whole[1:], whole[-1]], [whole[0], *whole])


def _candidates(schema: Mapping[str, Any], accepts: Accepts) -> Iterator[Any]:
    """Yield values that *schema* likely takes."""
    if "const" in schema:
        yield schema["const"]
    yield from schema.get("enum", ())
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    make = {"string": _texts, "integer": _numbers, "number": _numbers}
    for kind in kinds:
        if kind in make:
            yield from make[kind](schema)
        elif kind == "array":
            yield from _lists(schema, accepts)
        elif kind == "object":
            yield from _objects(schema, accepts)
        elif kind == "boolean":
            yield from (True, False)
    if "null" in kinds:
        yield None


def _objects(schema: Mapping[str, Any], accepts: Accepts) -> Iterator[dict[str, Any]]:
    found = {
        name: valid_values(child, accepts) for name, child in schema.get("properties", {}).items()
    }
    required = schema.get("required", ())
    yield {name: values[0] for name, values in found.items() if values}
    yield {name: values[-1] for name, values in found.items() if values}
    yield {name: values[-1] for name, values in found.items() if values and name in required}


def _lists(schema: Mapping[str, Any], accepts: Accepts) -> Iterator[list[Any]]:
    items = valid_values(schema.get("items", {}), accepts)
    least, most = schema.get("minItems", 0), schema.get("maxItems", 1)
    if not schema.get("uniqueItems"):
        yield (items[:1] or [None]) * max(1, least)
    yield items[: max(1, least)]
    yield items[:most]
    yield items[:least]


def _numbers(schema: Mapping[str, Any]) -> Iterator[float]:
    step = schema.get("multipleOf", 1)
    for name in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if name in schema:
            limit = schema[name]
            yield limit
            at = ceil(limit / step) if "inimum" in name else floor(limit / step)
            for times in (0, 1, 2):
                yield (at + times if "inimum" in name else at - times) * step
            yield limit + (1e-9 if "inimum" in name else -1e-9)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None and high is not None:
        yield (low + high) / 2
        yield (low + high) // 2


def _texts(schema: Mapping[str, Any]) -> Iterator[str]:
    if "pattern" in schema:
        yield from _matching(schema["pattern"])
    yield from _OF_FORMAT.get(schema.get("format", ""), ())
    least = schema.get("minLength", 0)
    yield from ("a" * max(1, least), "b" * least)
    if "maxLength" in schema:
        yield "c" * schema["maxLength"]


def _matching(pattern: str) -> Iterator[str]:
    """Yield texts that likely match, in the way of Python's own parser of patterns."""
    try:
        parser = import_module("re._parser")
    except ImportError:  # Python 3.10
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            parser = import_module("sre_parse")
    tree = parser.parse(pattern)
    for seed in range(_TRIES):
        # Not for secrets: the same texts at every run.
        yield "".join(_made(part, Random(seed)) for part in tree)  # noqa: S311


def _made(part: Any, random: Random) -> str:
    kind, value = str(part[0]), part[1]
    if kind == "LITERAL":
        return chr(value)
    if kind == "NOT_LITERAL":
        return _letter([("NOT", None), ("LITERAL", value)], random)
    if kind == "IN":
        return _letter(value, random)
    if kind == "ANY":
        return random.choice("a9.")
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, inner = value
        times = random.randint(low, max(low, min(int(high), low + _MOST_REPEATS)))
        return "".join(_made(one, random) for _ in range(times) for one in inner)
    if kind == "SUBPATTERN":
        return "".join(_made(one, random) for one in value[-1])
    if kind == "BRANCH":
        return "".join(_made(one, random) for one in random.choice(value[1]))
    return ""  # an anchor


_LETTERS = "abzAZ09_-./:+ ~@#\u00e9\u4e00"
_CATEGORIES = {"DIGIT": "09", "WORD": "aZ9_", "SPACE": " "}


def _letter(parts: Any, random: Random) -> str:
    """Return a character of a class."""
    is_negated = str(parts[0][0]) in ("NEGATE", "NOT")
    allowed: list[str] = []
    ranges: list[tuple[int, int]] = []
    for name, value in parts:
        kind = str(name)
        if kind == "LITERAL":
            ranges.append((value, value))
        elif kind == "RANGE":
            ranges.append(value)
        elif kind == "CATEGORY":
            allowed += _CATEGORIES.get(str(value).rpartition("_")[2], "")
    if is_negated:
        others = [it for it in _LETTERS if not any(a <= ord(it) <= b for a, b in ranges)]
        return random.choice([it for it in others if it not in allowed] or ["\u20ac"])
    if ranges and (not allowed or random.random() < 0.7):
        low, high = random.choice(ranges)
        return chr(random.randint(low, high))
    return random.choice(allowed or ["a"])
