"""Patterns in plain words: the words say exactly the texts that the pattern takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen.compiler.pattern_tree import parse_pattern
from declarant_codegen.formats import FORMATS
from declarant_codegen.pattern_words import pattern_words
from declarant_codegen.patterns import is_pattern, to_python
from declarant_codegen.privacy_diff.automata import Lengths, TooLargeError, find_outside
from declarant_codegen.wording import plain_words

TOLD = [
    (
        "^[a-z0-9][a-z0-9_.-]{0,63}$",
        (
            "1 to 64 characters: lower-case letters, digits and _ . - "
            "(the first a lower-case letter or a digit)"
        ),
    ),
    ("^[a-z]{1,9}$", "1 to 9 characters: lower-case letters"),
    ("^[A-Z]{3}$", "3 characters: capital letters"),
    ("^[A-Za-z][A-Za-z]{0,3}$", "1 to 4 characters: letters"),
    ("^[0-9]+$", "1 or more characters: digits"),
    ("^v?[0-9]+$", 'perhaps "v", then 1 or more characters: digits'),
    ("^(?:cpu|gpu|npu)$", 'one of "cpu", "gpu" or "npu"'),
    ("^[0-5a-f xy]{2}$", "2 characters: spaces, 0 to 5, a to f and x y"),
    (
        "^r:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        (
            '"r:", then 36 characters in the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, where each '
            "x is a digit or one of a to f"
        ),
    ),
    (
        "^[0-9]{4}(?:-[0-9]{2}){2}T$",
        '10 characters in the form xxxx-xx-xx, where each x is a digit, then "T"',
    ),
    (
        "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        (
            '2 parts joined by "/", each of 1 to 64 characters: letters, digits and _ . - '
            "(the first a letter or a digit)"
        ),
    ),
    (
        "^[0-9]{1,3}(?:\\.[0-9]{1,3}){0,3}$",
        '1 to 4 parts joined by ".", each of 1 to 3 characters: digits',
    ),
    ('^"[a-z]$', '1 character: ", then 1 character: lower-case letters'),
]

WORDLESS = [
    "[a-z]{1,9}",  # anywhere in a text
    "^[a-z]{1,9}",
    "^a|b$",  # begins with a, or ends with b
    "^(?:a|b)|c$",
    "^[^/]{1,9}$",  # far beyond what can be listed
    "^[\u00e4-\u00fc]{1,9}$",
    "^[a-z]{1,2}[0-9]{1,2}[a-z]{1,2}[0-9]{1,2}[a-z]{1,2}[0-9]{1,2}[a-z]{1,2}$",
    "^a$b$",
    "^",
    "^$",
    "^(?:)$",  # a group of nothing, alone and in any number
    "^(?:)(?:)$",
    "^(?:)?$",
    "^(?:){3}$",
    "^(?:)*$",
    "^[a-z](?:)*$",
    "^(?:-[a-z]){1000000}$",  # and is not written out to see so
    f"^{'(?:' * 8}{'){99}' * 8}$",
    "(",
    "ENDPOINT",
]

_GROUPS = {
    "lower-case letters": "a-z",
    "a lower-case letter": "a-z",
    "capital letters": "A-Z",
    "a capital letter": "A-Z",
    "letters": "A-Za-z",
    "a letter": "A-Za-z",
    "digits": "0-9",
    "a digit": "0-9",
    "spaces": " ",
    "a space": " ",
}
_GROUP = re.compile("|".join(_GROUPS) + r"|(?:one of )?(?P<low>\w) to (?P<high>\w)|(?P<sign>\S)")
_COUNTED = r"(?:(?P<low>\d+) to (?P<high>\d+)|(?P<more>\d+) or more|(?P<same>\d+))"
_ALPHABET = r"(?P<alphabet>.+?)(?: \(the first (?P<first>.+)\))?"
_RUN = re.compile(rf"{_COUNTED} characters?: {_ALPHABET}")
_FORM = re.compile(
    r"(?P<count>\d+) characters in the form (?P<form>\S+), where each x is (?P<of>.+)"
)
_JOINED = re.compile(rf'{_COUNTED} parts joined by "(?P<sign>[^"]+)", each of (?P<run>.+)')


def meant(words: str) -> str:
    """Return a pattern of what words say, read as a person reads them, with no look at the tree."""
    items = words.split(", then ")
    return f"^{''.join(map(_item, items))}$"


def _item(words: str) -> str:
    if words.startswith("perhaps "):
        return f"(?:{_item(words.removeprefix('perhaps '))})?"
    if words.startswith("one of "):
        options = re.findall(r'"([^"]+)"', words)
        return f"(?:{'|'.join(map(_escaped, options))})"
    if found := re.fullmatch(r'"([^"]+)"', words):
        return _escaped(found[1])
    if found := _FORM.fullmatch(words):
        assert len(found["form"]) == int(found["count"])
        one = _set(found["of"])
        return "".join(one if sign == "x" else _escaped(sign) for sign in found["form"])
    if found := _JOINED.fullmatch(words):
        low, high = _bounds(found)
        run, sign = _item(found["run"]), _escaped(found["sign"])
        return f"{run}(?:{sign}{run}){{{low - 1},{'' if high is None else high - 1}}}"
    found = _RUN.fullmatch(words)
    assert found is not None, words
    low, high = _bounds(found)
    head = ""
    if found["first"]:
        head, low, high = _set(found["first"]), low - 1, None if high is None else high - 1
    return f"{head}{_set(found['alphabet'])}{{{low},{'' if high is None else high}}}"


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    if found["more"]:
        return int(found["more"]), None
    low = int(found["low"] or found["same"])
    return low, int(found["high"] or low)


def _escaped(text: str) -> str:
    return "".join(sign if sign.isalnum() else f"\\x{ord(sign):02x}" for sign in text)


def _set(words: str) -> str:
    inside, at = "", 0
    while at < len(words):
        found = _GROUP.match(words, at)
        assert found is not None, words[at:]
        at = found.end()
        if found["sign"]:
            inside += _escaped(found["sign"])
        else:
            inside += _GROUPS.get(found[0]) or f"{found['low']}-{found['high']}"
        gap = re.compile(", | and | or | |$").match(words, at)
        assert gap is not None, words[at:]
        at = gap.end()
    return f"[{inside}]"


def assert_same(pattern: str, words: str) -> None:
    """Prove that pattern and words take the same texts."""
    mine, theirs = parse_pattern(pattern)[0], parse_pattern(meant(words))[0]
    assert find_outside((mine,), Lengths(), theirs) is None, (pattern, words)
    assert find_outside((theirs,), Lengths(), mine) is None, (pattern, words)


@pytest.mark.parametrize(("pattern", "words"), TOLD)
def test_a_pattern_is_told_in_words(pattern: str, words: str) -> None:
    """Lengths, alphabets, what comes first and what joins."""
    assert pattern_words(pattern) == words
    assert_same(pattern, words)


@pytest.mark.parametrize("pattern", WORDLESS)
def test_some_patterns_have_no_words(pattern: str) -> None:
    """Where words would be wrong or longer than anybody reads, the expression stays."""
    assert pattern_words(pattern) is None


def test_only_a_pattern_alone_is_told_by_its_words() -> None:
    """Another bound beside it says more than the words would."""
    alone = {"type": ["string", "null"], "pattern": "^[a-z]{1,9}$"}

    assert plain_words(alone) == "null, or text of 1 to 9 characters: lower-case letters"
    assert "matching" in plain_words({**alone, "minLength": 3})
    assert plain_words({**alone, "enum": ["a"]}) == 'one of "a"'
    listed = {"type": "array", "maxItems": 3, "items": {**alone, "type": "string"}}
    assert plain_words(listed) == (
        "a list, at most 3 items, each text of 1 to 9 characters: lower-case letters"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_told_in_words(name: str) -> None:
    """Nobody has to know what "date-time" is; beside another bound its name stays."""
    form = FORMATS[name]
    alone = {"type": ["string", "null"], "format": name}

    assert plain_words(alone) == f"null, or text: {form.words}, such as {form.example}"
    assert f"of the form {name}" in plain_words({**alone, "maxLength": 20})
    listed = {"type": "array", "maxItems": 3, "items": {"type": "string", "format": name}}
    assert plain_words(listed).startswith(f"a list, at most 3 items, each text: {form.words}")


def test_a_format_that_nobody_knows_keeps_its_name() -> None:
    """What an older approval or manifest holds may not be enforced any more."""
    assert plain_words({"type": "string", "format": "email"}) == "text, of the form email"


SETS = ["a-z", "A-Za-z", "0-9", "0-9a-f", "a-z0-9_.-", "A-Z0-9 ", "x", "_", ",", "b-d", '"', "~^"]
COUNTS = ["", "?", "+", "*", "{3}", "{0,4}", "{1,9}", "{2,}"]
RUNS = st.builds("[{}]{}".format, st.sampled_from(SETS), st.sampled_from(COUNTS))
LITERALS = st.sampled_from(["a", "r:", "-", "/", "\\.", "x", " ", '"', ",", "v1"])
PARTS = st.one_of(
    RUNS,
    LITERALS,
    st.lists(LITERALS, min_size=1, max_size=3).map(lambda them: f"(?:{'|'.join(them)})"),
    st.builds(
        lambda sign, run, count: f"(?:{sign}{run}){count}", LITERALS, RUNS, st.sampled_from(COUNTS)
    ),
)


@given(st.lists(PARTS, min_size=1, max_size=5).map("".join).map("^{}$".format))
def test_words_are_true(pattern: str) -> None:
    """Whatever is told takes the same texts as the pattern, neither more nor fewer."""
    words = pattern_words(pattern)
    if words is None:
        return
    assert is_pattern(meant(words))
    try:
        assert_same(pattern, words)
    except TooLargeError:
        return


@given(st.lists(PARTS, min_size=1, max_size=5).map("".join).map("^{}$".format), st.data())
def test_sampled_texts_satisfy_the_words(pattern: str, data: st.DataObject) -> None:
    """The same by another way: what Python's own engine draws from the one matches the other."""
    words = pattern_words(pattern)
    if words is None:
        return
    drawn = data.draw(st.from_regex(to_python(pattern), fullmatch=True))
    assert re.search(to_python(meant(words)), drawn) is not None
    back = data.draw(st.from_regex(to_python(meant(words)), fullmatch=True))
    assert re.search(to_python(pattern), back) is not None
