"""Scrubbing is linear: no pattern can be made to backtrack, no loop reads anything twice.

Facts about patterns and counted steps, no times; `benchmarks/scrub.py` prints those.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

import declarant._scrubbing
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.pipeline import MAX_INPUT, MAX_TAIL, scrubbed, unbounded

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info >= (3, 11):
    from re import _constants as constants
    from re import _parser as parser
else:
    import sre_constants as constants
    import sre_parse as parser

REPEATS = {constants.MAX_REPEAT, constants.MIN_REPEAT}
#: More repetitions than this are as bad as any number of them.
MANY = 3


def patterns() -> Iterator[tuple[str, Lazy]]:
    for info in pkgutil.iter_modules(declarant._scrubbing.__path__):
        module = importlib.import_module(f"declarant._scrubbing.{info.name}")
        for name, value in vars(module).items():
            if isinstance(value, Lazy):
                yield f"{info.name}.{name}", value


PATTERNS = dict(patterns())


def repeats(tree: Any, depth: int = 0) -> Iterator[tuple[int, int, Any]]:
    """Yield (how many repetitions are around it, its most, what it repeats) of each repetition."""
    for operator, argument in tree:
        if operator in REPEATS:
            _, most, inner = argument
            yield depth, most, inner
            yield from repeats(inner, depth + (most > MANY))
        else:
            for inner in inner_trees(argument):
                yield from repeats(inner, depth)


def inner_trees(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, (list, tuple)):
        for item in argument:
            yield from inner_trees(item)


def test_there_are_patterns() -> None:
    """The tests below would pass without any."""
    assert len(PATTERNS) > 30


@pytest.mark.parametrize("name", PATTERNS)
def test_no_repetition_holds_a_repetition(name: str) -> None:
    """What is repeated without end repeats nothing itself, so there is one way to read a text."""
    tree = parser.parse(PATTERNS[name].source, PATTERNS[name].flags)

    assert [most for depth, most, _ in repeats(tree) if depth and most > MANY] == []


def first_of(tree: Any) -> Any:
    """Return the first item of a pattern that takes a character, through groups."""
    for operator, argument in tree:
        if operator is constants.SUBPATTERN:
            return first_of(argument[-1])
        if operator not in (constants.ASSERT, constants.ASSERT_NOT, constants.AT):
            return operator, argument
    return None, None


def begins_behind(tree: Any) -> bool:
    """Tell whether a pattern looks at what is before it before it takes anything."""
    for operator, argument in tree:
        if operator in (constants.ASSERT, constants.ASSERT_NOT):
            return argument[0] < 0
        if operator is constants.SUBPATTERN:
            return begins_behind(argument[-1])
        return False
    return False


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_begins_anew_inside_a_run(name: str) -> None:
    """A pattern that begins with a repetition looks behind, so that a run is read once."""
    tree = parser.parse(PATTERNS[name].source, PATTERNS[name].flags)
    operator, argument = first_of(tree)

    is_endless = operator in REPEATS and argument[1] is constants.MAXREPEAT
    can_be_empty = operator in REPEATS and argument[0] == 0
    is_used_inside_one = name in ("chance._JOINT", "kept_path._SEPARATORS")  # to split what is read
    is_whole = name in ("tokens._BASE64", "urls._HOST")  # only matched in full, or at a place
    assert not is_endless or begins_behind(tree) or is_used_inside_one or is_whole
    assert not can_be_empty or begins_behind(tree) or is_whole


HOSTILE = {
    "a@": "a@",
    "colons": "::::",
    "slashes": "/",
    "backslashes": "\\",
    "digits and dots": "1.1.1.",
    "apostrophes": "'",
    "quotes": '"',
    "dashes": "-",
    "digits": "1",
    "blanks": " ",
    "percent signs": "%",
    "paths": "/a/b c/d ",
    "quoted paths": "'/a\\'",
    "drives": "C:\\",
    "escapes": "\\n",
    "keys": '"password":"',
    "users": "user 'a",
    "words": "a ",
    "closers": "/a/b)))",
    "accounts": "a\\b ",
    "connections": "pwd=a;",
    "parameters": "[parameters: input_value=",
    "colours": "\x1b[",
    "lists": "passwords: [",
    "blocks": "password:\n|",
    "clients": "openssl login -",
    "rows": "Key (a)=(",
    "names of directories": "CN=a,",
    "accounts of banks": "DE89 3704 ",
    "unseen": "a\u200b\u200d",
    "objects": '{"password": {"a": "b", ',
    "brackets": "password=([a b, ",
    "many": "passwords: a, ",
    "entries": "password:\n - a",
    "children": "password:\n a:\n",
    "lines": "password\n",
    "records": '{"name": "password", "value": "',
    "records behind": '"value": "a", "name": ',
    "elements": "<password>a",
    "empty elements": "<password ",
    "encoded": "password%3D",
    "entities": "&quot;password&quot;:",
    "thrice": "password='''",
    "digest": 'Digest username="a", ',
    "logins": "machine a login a password ",
    "hosts": "hostname ",
    "validators": "On instance:\nFailed validating ",
    "accounts of databases": "a/b@",
    "names of users": "user a is ",
    "logins of programs": "AUTH a vault login ",
    "usage": "argument --password: Invalid value for ",
    "JDBC": "jdbc:a;password=a ",
    "folders of reports": "/a row contains ",
    "programs": "sqlcmd -P ",
    "programs with users": "bcp -U a -x ",
    "glued": "7z -p",
    "users and options": "-u a -b c -d ",
    "unknown users": "-u a -p ",
    "users and percents": "-U a% ",
    "shares": "net use \\\\a b /user:",
    "uses": "net use a ",
    "piped": "echo a | -stdin ",
    "echoed": "echo a ",
    "piped nowhere": "echo a | sudo ",
    "here": "-stdin <<< ",
    "calls": "auth=A('a', ",
    "open calls": "password=A(",
    "built": "ApiKey('a', ",
    "built of values": "Secret(a, value=",
    "nearly built": "AApiKeyApiKey",
    "pairs": "auth=['a','b', ",
    "told users": "'a' a: no such user ",
    "told users behind": "no such user: a, ",
    "sudoers": "a.a-a is not in the sudoers ",
    "on hosts": " as a on a not allowed to ",
    "servers": 'server at "a.internal',
    "device ids": "DeviceId=a;",
    "lines of passwords": "a:5432:b:c:d ",
    "open lines of passwords": "a*:",
    "pins": "--pin pin=",
}


def steps(text: str) -> int:
    """Count the lines of ours that run for a text."""
    count = 0

    def tracer(frame: Any, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        unbounded("message", text, ("winml/modelkit",), ("zaphodbeeblebrox",))
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_takes_twice_the_steps(unit: str) -> None:
    """Our own loops grow with the text and no faster."""
    size = 4_096
    once, twice = (steps((unit * size)[: size * factor]) for factor in (1, 2))

    assert twice <= 2.2 * once + 100


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("scrubber", ["message", "path"])
def test_a_megabyte_costs_no_more_than_the_bound(scrubber: str, unit: str) -> None:
    """What is beyond the bound is never looked at, so it changes nothing."""
    text = (unit * 2 * MAX_INPUT)[: MAX_INPUT + 1]
    longer = (unit * (1 << 20))[: 1 << 20]

    results = [scrubbed(scrubber, item, 10_000, (), ()) for item in (text, longer)]

    if scrubber == "message":
        assert results[0] == results[1]
    assert all(len(result) <= max(MAX_INPUT - MAX_TAIL, 10_000) for result in results)
