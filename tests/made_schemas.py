"""Event schemas of the dialect, and values near them, by a seed: the same on every machine.

Hypothesis is better at finding the smallest case; this is quick enough for thousands of schemas.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

#: Names that generated code might use itself, and some that nobody does.
NAMES = [
    "a", "b2", "value", "items", "item", "found", "scrub", "members", "json", "a_json", "a_json_",
    "event", "values", "all", "any", "none_", "matches", "is_json", "has_text_keys", "x_chars",
    "encode", "violations", "outcome", "unset", "str_", "sorted", "type_word", "undeclared",
    "found_", "index", "index_1", "value_1", "name_1", "data_1", "text", "text_2", "exc", "float_",
]  # fmt: skip
SHARED = {"description": "A value.", "x-notice": "usage"}
SCRUBBED = {
    "x-reason": "A test needs it.",
    "x-scrub": "message",
    "x-scrub-vectors": [{"text": "jo.doe@example.com", "kept": "<scrubbed>"}],
}
TEXTS = ["A", "b", "it's", '"q"', "é", "{x}", "\\n", "", "漢", "\U0001f600", "a b", "%s", "#"]
ODD = ["", "\n", "\ud800", "\U0001f600", "\u212a", "\u0661", "é", '"', "\\", "\x00", "\u2028",
       "İ", "ß", "{x}", "'", "\x7f", "A", " "]  # fmt: skip
SPECIAL: list[Any] = [
    None, True, False, 0, 1, -1, 0.0, 1.0, -0.0, 0.1, 2**53 + 1, 2**64, 10**30, -(10**30), 1e308,
    5e-324, math.nan, math.inf, "", "a", "1", [], {}, [1, True], [0, False], [[], {}], {"a": 1},
    [1, 1.0], "a\n", "2026-02-30",
]  # fmt: skip
#: Parts of patterns, with characters that each takes.
ATOMS = [
    ("[a-f0-9]", "abcdef0123456789"), ("[A-Z]", "ABCXYZ"), (r"\d", "0123456789"), ("x", "x"),
    ("[a-z0-9_.-]", "az09_.-"), ("[^a-m]", 'nz0 é\U0001f600"\\\n'), (r"\.", "."), (r"\u00e9", "é"),
    (r"\x41", "A"), (r"\t", "\t"), (r"\/", "/"), ("[\"'\\\\{}]", "\"'\\{}"), ("-", "-"),
]  # fmt: skip
FORMATS = {
    "date": ["2026-11-22", "2024-02-29", "9999-12-31"],
    "time": ["00:00:00Z", "23:59:60Z", "12:30:01.123+05:30", "22:59:60-01:00"],
    "date-time": ["2026-11-22T00:00:00Z", "1990-12-31t23:59:60z", "2020-02-29T12:00:00.5+01:00"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "ABCDEFab-1234-5678-9abc-def012345678"],
}
INTEGERS = [0, 1, -1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63) + 1, 10**18]
NUMBERS = [0, 1, -1, 0.1, 0.5, 1.5, 0.0075, 1e-7, 1e15, 1e16, 2**53 + 1, 1e22, -0.0, 3.0, 99.99,
           1e300]  # fmt: skip
STEPS = [1, 2, 3, 5, 0.5, 0.1, 0.01, 0.0001, 1.0, 2.5, 1e-7, 7]


class Maker:
    """Makes schemas and values by one seed."""

    def __init__(self, seed: object) -> None:
        self.random = Random(str(seed))
        self._parts: dict[str, list[tuple[str, int, int]]] = {}

    def event(self) -> dict[str, Any]:
        """Return a closed object of one to six fields."""
        return self._object(0, self.random.randint(1, 6))

    def value(self, schema: dict[str, Any]) -> Any:
        """Return a value that most often meets a schema of this maker."""
        random, kinds = self.random, schema["type"]
        if isinstance(kinds, list) and random.random() < 0.2:
            return None
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return random.choice(schema["enum"])
        kind = kinds if isinstance(kinds, str) else next(one for one in kinds if one != "null")
        if kind == "boolean":
            return random.random() < 0.5
        if kind == "array":
            least = min(schema.get("minItems", 0), schema["maxItems"])
            count = random.randint(least, schema["maxItems"])
            return [self.value(schema["items"]) for _ in range(count)]
        if kind == "object":
            required = schema.get("required", ())
            return {
                name: self.value(child)
                for name, child in schema["properties"].items()
                if name in required or random.random() < 0.6
            }
        return self._text(schema) if kind == "string" else self._near_number(schema, kind)

    def changed(self, value: Any) -> Any:
        """Return *value* with one thing in it changed."""
        random = self.random
        if isinstance(value, dict) and value and random.random() < 0.75:
            key, other = random.choice(list(value)), dict(value)
            what = random.randrange(8)
            if what == 0:
                del other[key]
            elif what == 1:
                other[random.choice(["undeclared", "", f"{key}_", key.upper(), "\ud800"])] = 1
            else:
                other[key] = self.changed(value[key])
            return other
        if isinstance(value, list) and value and random.random() < 0.75:
            at, what = random.randrange(len(value)), random.randrange(6)
            if what < 3:
                return [value[:at] + value[at + 1 :], [*value, value[at]],
                        [*value, random.choice(SPECIAL)]][what]  # fmt: skip
            if what == 3 and all(isinstance(item, (int, float)) for item in value):
                return [*value, random.choice([float, bool])(value[at])]
            return [*value[:at], self.changed(value[at]), *value[at + 1 :]]
        if isinstance(value, bool):
            return random.choice([int(value), float(value), not value, str(value), None])
        if isinstance(value, (int, float)) and math.isfinite(value) and random.random() < 0.8:
            near = math.nextafter(value, math.inf)
            return random.choice([value + 1, value - 1, float(value), int(value), near, bool(value),
                                  -value, value * 10])  # fmt: skip
        if isinstance(value, str) and random.random() < 0.8:
            at, odd = random.randint(0, len(value)), random.choice(ODD)
            return random.choice([value[:at] + odd + value[at:], value + odd, value.swapcase(),
                                  value[:at] + value[at + 1 :], value * 2])  # fmt: skip
        return random.choice(SPECIAL)

    def _object(self, depth: int, count: int) -> dict[str, Any]:
        names = self.random.sample(NAMES, count)
        required = [name for name in names if self.random.random() < 0.6]
        self.random.shuffle(required)
        return {
            "type": "object",
            "additionalProperties": False,
            "required": required,
            "properties": {name: {**self._schema(depth), **SHARED} for name in names},
        }

    def _schema(self, depth: int) -> dict[str, Any]:
        random = self.random
        kinds = ["string", "integer", "number", "boolean", *(["array", "object"] * (depth < 3))]
        kind = random.choice(kinds)
        make = {"string": self._string, "integer": self._number, "number": self._number,
                "boolean": self._boolean}.get(kind)  # fmt: skip
        if make is not None:
            schema: dict[str, Any] = {"type": kind, **make(kind)}
        elif kind == "array":
            schema = {"type": kind, "items": self._schema(depth + 1)}
            schema["maxItems"] = random.randint(0, 4)
            schema |= {"minItems": random.randint(0, 2)} if random.random() < 0.3 else {}
            schema |= {"uniqueItems": random.random() < 0.9} if random.random() < 0.5 else {}
        else:
            schema = self._object(depth + 1, random.randint(0, 3))
        if random.random() < 0.3:
            schema["type"] = random.choice([[kind, "null"], ["null", kind]])
            if "const" in schema:
                schema["enum"] = [schema.pop("const")]
            if "enum" in schema:
                schema["enum"].insert(random.randint(0, len(schema["enum"])), None)
        return schema

    def _boolean(self, _kind: str) -> dict[str, Any]:
        return self.random.choice([{}, {}, {"const": True}, {"enum": [False]}])

    def _string(self, _kind: str) -> dict[str, Any]:
        random, what = self.random, self.random.randrange(5)
        if what == 0:
            return {"enum": random.sample(TEXTS, random.randint(1, 4))}
        if what == 1:
            return {"const": random.choice(["x", "it's {x}", '"', "\\", "é€", ""])}
        if what == 2:
            return {"format": random.choice(list(FORMATS))}
        if what == 3:
            return {"maxLength": random.randint(10, 30), **SCRUBBED}
        schema = {"pattern": self._pattern()}
        return schema | ({"maxLength": random.randint(0, 9)} if random.random() < 0.3 else {})

    def _pattern(self) -> str:
        parts, text = [], ""
        for _ in range(self.random.randint(1, 4)):
            atom, letters = self.random.choice(ATOMS)
            low = self.random.choice([1, 1, 1, 0, 2])
            high = low + self.random.choice([0, 0, 0, 1, 3])
            count = "" if low == high == 1 else f"{{{low},{max(high, 1)}}}"
            parts.append((letters, low, max(high, 1)))
            text += atom + count
        self._parts[f"^{text}$"] = parts
        return f"^{text}$"

    def _number(self, kind: str) -> dict[str, Any]:
        random, what = self.random, self.random.randrange(6)
        if what == 0:
            listed = {float(item): item for item in (self._one(kind) for _ in range(4))}
            return {"enum": list(listed.values())}
        if what == 1:
            return {"const": self._one(kind)}
        low, high = sorted([self._one(kind), self._one(kind)])
        schema = {
            random.choice(["minimum", "minimum", "exclusiveMinimum"]): low,
            random.choice(["maximum", "maximum", "exclusiveMaximum"]): high,
        }
        return schema | ({"multipleOf": random.choice(STEPS)} if random.random() < 0.4 else {})

    def _one(self, kind: str) -> Any:
        random = self.random
        if kind == "integer":
            return random.choice([*INTEGERS, *(random.randint(-1000, 1000) for _ in range(30))])
        return random.choice([*NUMBERS, *(round(random.uniform(-99, 99), 2) for _ in range(10))])

    def _text(self, schema: dict[str, Any]) -> str:
        random = self.random
        if "pattern" in schema:
            return "".join(
                random.choice(letters)
                for letters, low, high in self._parts[schema["pattern"]]
                for _ in range(random.randint(low, high))
            )
        if "format" in schema:
            return random.choice(FORMATS[schema["format"]])
        letters = random.choices('ab é\U0001f600"\\\n', k=random.randint(0, schema["maxLength"]))
        return "".join(letters)

    def _near_number(self, schema: dict[str, Any], kind: str) -> Any:
        random = self.random
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        step = schema.get("multipleOf")
        tried = [low, high, low + (high - low) * random.random(), float(math.ceil(low))]
        if kind == "integer":
            tried = [
                low,
                high,
                random.randint(math.ceil(low), max(math.floor(high), math.ceil(low))),
            ]
        if step is not None and abs(low) < 2**50:
            near = round((math.ceil(low / step) + random.randint(0, 3)) * step, 7)
            tried += [near, near, int(near)]
        return random.choice(tried)
