"""Files of JSON with one thing changed at random, in words that mean something to the dialect."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

TEXTS = [
    "", "a", "x" * 300, "\n", "\ud800", "\u202e", "##vso[a]b", '"""', "'", "\\", "{x}", "<b>", "`",
    "|", "^a$", "^(a+)+$", "^[a-z]{1,9}$", "(", r"^\p{L}$", "2026-11-22", "0000-00-00", "string",
    "object", "array", "integer", "low", "middle", "identifier", "free_text", "usage", "message",
    "uuid", "#/$defs/a", "#", "../common/types.schema.json#/$defs/a", "../../x.json", "http://x/y",
    "os", "release", "é", "\u0430dmin", "__class__", "class", "exc", "client", "../x", "a/b", "~1",
]  # fmt: skip
KEYS = [
    "type", "enum", "const", "properties", "required", "items", "additionalProperties", "pattern",
    "format", "minimum", "exclusiveMaximum", "multipleOf", "maxLength", "maxItems", "uniqueItems",
    "$ref", "$defs", "title", "description", "examples", "x-class", "x-notice", "x-scrub", "x-unit",
    "x-scrub-vectors", "x-reason", "x-source", "x-exception", "x-ext", "x-owners", "x-expires",
    "allOf", "", "a/b", "~", "$schema", "review", "consent", "linkability", "notice", "never",
    "controls", "suppressions", "accepted_breaks", "package_roots", "telemetry", "approvers",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 0.5, 1.0, 1e-300, 1e300, 2**53 + 1, 2**64, 10**40, 1025, [], {},
    ["string", "null"], {"type": "string"}, {"$ref": "#/$defs/a"}, [[]], {"a": {}},
    {"type": "object", "additionalProperties": False, "properties": {}},
    {"type": "array", "items": {"type": "boolean"}, "maxItems": 2},
]  # fmt: skip
BYTES = [b"\xff", b"\x00", b"{", b"[" * 70, b'"', b"\\u", b"\\ud800", b"NaN", b"1e999", b"9" * 5000,
         b",", b"\xef\xbb\xbf", b"\r", b'"a":1,', b"}", b"]"]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of everything inside a value."""
    found: list[tuple[Any, Any]] = []
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], (dict, list)):
            found += places(value[key])
    return found


def changed(random: Random, text: bytes) -> bytes:
    """Return a file with one thing changed: a byte or few, or a member of what it holds."""
    if random.random() < 0.2:
        at = random.randrange(len(text) + 1)
        return text[:at] + random.choice(BYTES) + text[at + random.choice([0, 0, 1, 30]) :]
    try:
        value = json.loads(text)
        change_value(random, value)
    except (ValueError, IndexError, TypeError, RecursionError):
        return text
    return written(random, value)


def written(random: Random, value: Any) -> bytes:
    """Return a value as JSON in one layout or another."""
    made = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice([None, 2]))
    return made.encode("utf-8", "surrogatepass")


def change_value(random: Random, value: Any) -> None:
    """Change one thing inside a value.

    Raises:
        IndexError: There is nothing inside it.
        TypeError: It holds nothing.
    """
    everywhere = places(value)
    holder, key = random.choice(everywhere)
    inside, what = holder[key], random.randrange(8)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(inside, dict):
        inside[random.choice(KEYS)] = random.choice([*VALUES, *TEXTS])
    elif what == 2 and isinstance(holder, dict):
        holder[random.choice(KEYS)] = holder.pop(key)
    elif what == 3 and isinstance(inside, (int, float)) and not isinstance(inside, bool):
        holder[key] = random.choice([inside + 1, max(inside - 1, 0), inside * 2, float(inside)])
    elif what in (4, 5) and isinstance(inside, str):
        at = random.randint(0, len(inside))
        holder[key] = inside[:at] + random.choice(TEXTS) + inside[at:]
    elif what == 6:
        _splice(random, everywhere, holder, key)
    else:
        holder[key] = random.choice([*VALUES, *TEXTS])


def _splice(random: Random, everywhere: list[tuple[Any, Any]], holder: Any, key: Any) -> None:
    """Put what stands at another place here, or beside what is here."""
    other, name = random.choice(everywhere)
    taken = copy.deepcopy(other[name])
    if isinstance(holder, list):
        holder.insert(key, taken)
    elif isinstance(other, dict) and random.random() < 0.5:
        holder[name] = taken
    else:
        holder[key] = taken
