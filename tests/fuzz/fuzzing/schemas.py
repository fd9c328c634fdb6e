"""Two schemas: whether the one takes nothing that the other does not take, held against values.

An input is JSON: the two schemas, then values. What the diff proves, no value may contradict; and
the engine that compiles schemas says of each value what the one says that reads them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import accepts
from declarant_codegen.compiler import SchemaError, compile_validator
from declarant_codegen.compiler.pattern_tree import parse_pattern
from declarant_codegen.dialect import check_dialect
from declarant_codegen.documents import _count_whole
from declarant_codegen.patterns import check_pattern
from declarant_codegen.positions import read_json
from declarant_codegen.privacy_diff.containment import NO_WITNESS, compare
from declarant_codegen.privacy_diff.samples import samples
from fuzzing import bases, edits, patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from random import Random

_MOST = 40
_OURS = {"description": "A value.", "x-class": "free_text", "x-notice": "usage"}
_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 9, 10, 0.5, 1.0, 300, 301, 2**53, "", "a", "A", "ab", "aa,b",
    "2026-02-29", "2024-02-29", "00:00:00Z", [], [1], [1, 1], [1, 2], [True], {}, {"value": 1},
]  # fmt: skip
_KEYWORDS: dict[str, list[Any]] = {
    "type": [
        *("string", "integer", "number", "boolean", "array", ["string", "null"]),
        ["number", "null"],
    ],
    "pattern": [
        *("^[a-z]{1,8}$", "^[a-z0-9]{1,8}$", "^a*$", "^(?:a|b)$", "^[a-c]+$", "a", "^a"),
        "^(?:a,)*a$",
    ],
    "minimum": [0, -1, 0.5, 1, 2**53],
    "maximum": [0, 1, 9, 9.5, 2**53 + 1],
    "exclusiveMinimum": [0, -0.5, 1],
    "exclusiveMaximum": [1, 10, 0.1],
    "multipleOf": [1, 2, 0.5, 0.1, 3],
    "minLength": [0, 1, 2],
    "maxLength": [0, 1, 8, 64],
    "minItems": [0, 1, 2],
    "maxItems": [0, 1, 3],
    "uniqueItems": [True, False],
    "format": ["date", "date-time", "time", "uuid"],
    "enum": [["a"], ["a", "b", None], [1, 2, 3], [True], [0.5, 1.0]],
    "const": ["a", 1, True],
    "required": [["value"], [], ["item"]],
}  # fmt: skip


def seeds() -> Iterable[bytes]:
    """Return each kind of field beside itself and beside the next one."""
    fields = [_bare(field) for field in bases.zoo.FIELDS.values()]
    for one, other in zip(fields, [*fields[1:], fields[0]], strict=True):
        yield json.dumps([one, one, "a"]).encode()
        yield json.dumps([one, other, 1]).encode()


def _bare(schema: Any) -> Any:
    """Return a schema without what says nothing of its values."""
    kept = {k: v for k, v in schema.items() if not k.startswith("x-") and k != "description"}
    if "properties" in kept:
        kept["properties"] = {name: _bare(child) for name, child in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _bare(kept["items"])
    return kept


def change(random: Random, data: bytes) -> bytes:
    """Change a keyword of one of the two, take the one for the other, or add a value."""
    try:
        one, other, *values = json.loads(data)
        sides = [one, other]
        side = random.randrange(2)
        what = random.randrange(6)
        if what == 0:
            sides[1 - side] = json.loads(json.dumps(sides[side]))
        elif what == 1:
            values = [*values[-3:], random.choice(_VALUES)]
        elif what == 2:
            edits.change_value(random, sides)
        else:
            inner = [it[k] for it, k in edits.places(sides) if isinstance(it[k], dict)]
            chosen = random.choice([it for it in inner if "type" in it] or inner)
            keyword = random.choice(list(_KEYWORDS))
            if what == 3 and len(chosen) > 1:
                del chosen[random.choice(list(chosen))]
            elif "pattern" in chosen and random.random() < 0.5:
                made = patterns.change(random, str(chosen["pattern"]).encode("utf-8", "replace"))
                chosen["pattern"] = made.decode("utf-8", "replace")
            else:
                chosen[keyword] = random.choice(_KEYWORDS[keyword])
        return json.dumps([*sides, *values]).encode()
    except (ValueError, IndexError, TypeError, RecursionError):
        return next(iter(seeds()))


def check(data: bytes, _scratch: Path) -> None:
    """Hold that no value contradicts what was proven of the two."""
    reading = read_json(data.decode("utf-8", "replace"))
    if reading.problems or not isinstance(reading.value, list) or len(reading.value) < 2:
        return
    _count_whole(reading.value[:2])  # as every reader of schemas does
    one, other, *values = reading.value
    if not (_is_schema(one) and _is_schema(other)):
        return
    try:
        inner, outer = compile_validator(one), compile_validator(other)
    except SchemaError:
        return
    found = compare(one, other)
    pool = [*values[:8], *_VALUES, *_some(one), *_some(other), *_some(one, other)]
    assert (found.verdict is False) is (found.witness is not NO_WITNESS)
    if found.verdict is False:
        assert inner.is_valid(found.witness), found
        assert not outer.is_valid(found.witness), found
    for value in pool:
        assert inner.is_valid(value) is accepts(one, value), value
        assert outer.is_valid(value) is accepts(other, value), value
        assert bool(inner.violations(value)) is not inner.is_valid(value), value
        if found.verdict is True and inner.is_valid(value):
            assert outer.is_valid(value), value


def _some(*schemas: Any) -> Iterator[Any]:
    """Yield values of a schema, or what tells two apart; and neighbours of each."""
    if len(schemas) == 2:
        back = compare(schemas[1], schemas[0])
        made = [] if back.witness is NO_WITNESS else [back.witness]
    else:
        made = [value for value, _ in zip(samples(schemas[0]), range(_MOST), strict=False)]
        made += list(_texts(schemas[0]))
    for value in made:
        yield value
        if isinstance(value, str):
            yield from (value + "a", value[:-1], value + "\n", value.upper())
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from (value + 1, value - 1, value / 2, float(value))
        elif isinstance(value, list):
            yield from (value[:-1], value + value, [*value, None])
        elif isinstance(value, dict):
            yield from ({**value, "x": 1}, dict(list(value.items())[1:]))


def _texts(schema: Any) -> Iterator[str]:
    from random import Random

    if "pattern" in schema:
        part, _ = parse_pattern(schema["pattern"])
        for seed in range(6):
            text = patterns.made_text(Random(seed), part)
            if text is not None:
                yield text


def _is_schema(value: Any) -> bool:
    """Return whether a value is a schema of the dialect, as a field is one."""
    if not isinstance(value, dict) or not _may_compare(value):
        return False
    event = {"properties": {"a": {**value, **_OURS}}}
    breaches = check_dialect("event", event)
    return not any(place.startswith("/properties/a") for it in breaches for place in it.places)


def _may_compare(schema: Any) -> bool:
    """Return whether a schema is closed, without references, and with patterns that are taken."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return False
    if not _is_taken(schema.get("pattern")):
        return False
    inner = schema.get("properties", {})
    children = [*inner.values()] if isinstance(inner, dict) else [None]
    children += [schema["items"]] if "items" in schema else []
    return all(map(_may_compare, children))


def _is_taken(pattern: Any) -> bool:
    """Return whether a pattern is one of a catalogue; none at all is."""
    return pattern is None or (isinstance(pattern, str) and check_pattern(pattern) is None)
