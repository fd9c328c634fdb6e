"""The reader of JSON, beside the standard library's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from declarant_codegen.canonical import NotCanonicalError, canonical_json, parsed_json
from declarant_codegen.positions import line_at, member_offsets, offsets, read_json
from fuzzing import bases, edits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from random import Random

_MARKS = [b'"', b"\\", b"\\u", b"\\ud83d\\ude00", b"{", b"}", b"[", b"]", b",", b":", b"-", b"e9",
          b"1.0", b"0", b"null", b"true", b"NaN", b"-Infinity", b" ", b"\t", b"\r\n", b'"a":',
          b"\xc2\xa0", b"\x7f", b"\x00", b'"/~":']  # fmt: skip


def seeds() -> Iterable[bytes]:
    """Return files of the dialect, and small texts with everything that JSON has."""
    yield from bases.small().values()
    yield b'{"a/b": [1, -0.5e-3, "\\u00e9\\\\\\""], "~": {"": null}, "c": [[], {}, true, false]}'
    yield b'[18446744073709551616, 1e400, NaN, "\\ud800", {"a": 1, "a": 2}]'


def change(random: Random, data: bytes) -> bytes:
    """Change a value, or put a mark somewhere."""
    if random.random() < 0.5:
        return edits.changed(random, data)
    at = random.randint(0, len(data))
    return data[:at] + random.choice(_MARKS) + data[at + random.choice([0, 0, 1, 3]) :]


def check(data: bytes, _scratch: Path) -> None:
    """Hold that what is read without a problem is what the standard library reads, and where."""
    text = data.decode("utf-8", "replace")
    reading = read_json(text)
    for problem in reading.problems:
        assert 0 <= problem.offset <= len(text)
        assert problem.message.isprintable()
        assert 1 <= line_at(text, problem.offset) <= text.count("\n") + 1
    assert reading.whole or reading.problems
    strict = _strictly(text)
    if not reading.problems:
        assert strict is not None
        assert _is_same(reading.value, strict[0])
        _check_places(text, reading.value)
        _check_canonical(reading.value)
    elif not reading.whole and all(it.rule_id == "JSON_SYNTAX" for it in reading.problems):
        assert strict is None


def _strictly(text: str) -> tuple[Any] | None:
    def no_constant(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        return (json.loads(text, parse_constant=no_constant),)
    except (ValueError, RecursionError):
        return None


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, 1 and 1.0 apart."""
    return repr(one) == repr(other)


def _check_places(text: str, value: Any) -> None:
    places = offsets(text)
    waiting = [("", value)]
    count = 0
    while waiting:
        pointer, item = waiting.pop()
        assert pointer in places
        assert 0 <= places[pointer] < len(text)
        count += 1
        members = dict(enumerate(item)) if isinstance(item, list) else item
        if isinstance(members, dict):
            waiting += [(f"{pointer}/{_token(str(key))}", inner) for key, inner in members.items()]
    assert count == len(places)
    if isinstance(value, dict):
        assert member_offsets(text) == {key: places[f"/{_token(key)}"] for key in value}


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _check_canonical(value: Any) -> None:
    try:
        text = canonical_json(value)
    except NotCanonicalError:
        return
    # Where the standard says how a number is written, it is a double.
    again = json.loads(text, parse_int=float)
    assert canonical_json(again) == parsed_json(again) == text
