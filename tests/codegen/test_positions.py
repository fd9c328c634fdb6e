"""The JSON reader: values, places and problems."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen.positions import (
    MAX_DEPTH,
    line_at,
    member_offsets,
    offsets,
    read_json,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(max_size=8)
    | st.floats(-1e9, 1e9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON, st.booleans(), st.sampled_from([None, 2]))
def test_reads_what_the_standard_library_reads(
    value: object, ascii_only: bool, indent: int
) -> None:
    """Both readings, the quick and the slow, give the standard library's value."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    slow_text = text[:-1] + "\n" + text[-1] if text.endswith("}") else text

    assert read_json(text).value == value
    assert read_json(slow_text).problems == ()


NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,4})?", fullmatch=True),
    st.sampled_from([str(2**64 - 1), str(2**64), str(-(2**64)), "-0", "1e308", "1e309", "-1e-400"]),
)


@given(st.lists(NUMBERS, min_size=1, max_size=3), st.booleans())
def test_both_readings_agree_on_every_number(numbers: list[str], is_digest: bool) -> None:
    """Half a surrogate pair beside a number sends it the slow way, which finds the same."""
    other = '"3e12aa0123456789012345678901234567890123"' if is_digest else '""'
    quick = read_json(f"[{', '.join(numbers)}, {other}]")
    slow = read_json(f'[{", ".join(numbers)}, "\\ud83d\\ude00"]')

    assert repr(quick.value[:-1]) == repr(slow.value[:-1])
    assert [problem.rule_id for problem in quick.problems] == [
        problem.rule_id for problem in slow.problems
    ]


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 5000])
@pytest.mark.parametrize("beside", ["", "[], {}, ", '"\\ud83d\\ude00", '])
def test_depth_is_counted_not_the_number_of_brackets(depth: int, beside: str) -> None:
    """However many arrays stand side by side, only those within each other are too deep."""
    text = f"[{beside * 40}{'[' * (depth - 1)}{']' * (depth - 1)}]"

    found = [problem.rule_id for problem in read_json(text).problems]

    assert found == ([] if depth <= MAX_DEPTH else ["JSON_TOO_DEEP"])


@given(JSON)
def test_every_place_holds_its_value(value: object) -> None:
    """At each pointer's offset stands the key or the value itself."""
    text = json.dumps(value, indent=1)

    for pointer, offset in offsets(text).items():
        found, _ = json.JSONDecoder().raw_decode(text, offset)
        parent, _, token = pointer.rpartition("/")
        container = _follow(value, parent)
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(container, dict) and pointer:
            assert found == key
        elif pointer:
            assert found == container[int(token)]


def _follow(value: object, pointer: str) -> object:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        value = value[key] if isinstance(value, dict) else value[int(key)]  # type: ignore[index]
    return value


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_quick_offsets_equal_slow_offsets(members: dict[str, object]) -> None:
    """The quick search for an object's keys finds them where the slow reading does."""
    text = json.dumps({"first": [1, {"a": 2}], "wanted": members, "last": None}, indent=2)

    slow = offsets(text)
    quick = member_offsets(text, "wanted")

    assert list(quick) == list(members)
    places = {key.replace("~", "~0").replace("/", "~1"): offset for key, offset in quick.items()}
    assert all(slow[f"/wanted/{key}"] == offset for key, offset in places.items())


def test_member_offsets_of_a_missing_object_are_none() -> None:
    """A path that leads nowhere, or to no object, has no keys."""
    assert member_offsets('{"a": 1}', "b") == {}
    assert member_offsets('{"a": 1}', "a") == {}


@pytest.mark.parametrize(
    ("text", "rule_id", "line"),
    [
        ('{"a": 1,\n "a": 2}', "JSON_DUPLICATE_KEY", 2),
        ('{"a":\nNaN}', "JSON_NOT_A_NUMBER", 2),
        ('{"a": -Infinity}', "JSON_NOT_A_NUMBER", 1),
        ("[1e999]", "JSON_NUMBER_TOO_LARGE", 1),
        ("[" + "9" * 5000 + "]", "JSON_NUMBER_TOO_LARGE", 1),
        ("[18446744073709551616]", "JSON_NUMBER_TOO_LARGE", 1),
        ("[" * (MAX_DEPTH + 1), "JSON_TOO_DEEP", 1),
        ("[" * 100_000, "JSON_TOO_DEEP", 1),
        ('"\\ud800"', "JSON_ENCODING", 1),
        ('"\\ud83d\\u0041"', "JSON_ENCODING", 1),
        ('{"a": 1,}', "JSON_SYNTAX", 1),
        ("[1,]", "JSON_SYNTAX", 1),
        ("[01]", "JSON_SYNTAX", 1),
        ("[+1]", "JSON_SYNTAX", 1),
        ("[.5]", "JSON_SYNTAX", 1),
        ("[1.]", "JSON_SYNTAX", 1),
        ("[\u0661]", "JSON_SYNTAX", 1),
        ("{'a': 1}", "JSON_SYNTAX", 1),
        ('{"a": "\\x"}', "JSON_SYNTAX", 1),
        ('{"a": "\t"}', "JSON_SYNTAX", 1),
        ('["a', "JSON_SYNTAX", 1),
        ("// no\n1", "JSON_SYNTAX", 1),
        ("[1]\n[2]", "JSON_SYNTAX", 2),
        ("", "JSON_SYNTAX", 1),
        ("[True]", "JSON_SYNTAX", 1),
        ("\u00a0[]", "JSON_SYNTAX", 1),
    ],
)
def test_each_problem_has_its_rule_and_line(text: str, rule_id: str, line: int) -> None:
    """One problem in a text is found as one problem, on its line."""
    problems = read_json(text).problems

    assert [(p.rule_id, line_at(text, p.offset)) for p in problems] == [(rule_id, line)]


def test_problems_before_a_breach_are_all_kept() -> None:
    """Duplicates, constants and huge numbers do not end the reading; a breach does."""
    reading = read_json('{"a": NaN, "a": 1, "b": 1e999, "c": }')

    assert [problem.rule_id for problem in reading.problems] == [
        "JSON_NOT_A_NUMBER",
        "JSON_DUPLICATE_KEY",
        "JSON_NUMBER_TOO_LARGE",
        "JSON_SYNTAX",
    ]
    assert not reading.whole


def test_a_valid_surrogate_pair_is_one_character() -> None:
    """An escaped pair is read as the character it stands for."""
    assert read_json('"\\ud83d\\ude00"').value == "\U0001f600"


def test_the_largest_integers_are_exact() -> None:
    """Integers of 64 bits are read without loss."""
    assert read_json("[9223372036854775807, -9223372036854775808]").value == [2**63 - 1, -(2**63)]


def test_the_first_of_two_keys_counts() -> None:
    """A duplicate key does not replace what a reviewer saw first."""
    assert read_json('{"a": 1, "a": 2}').value == {"a": 1}


@given(JSON, st.integers(0, 8))
def test_a_large_text_is_read_as_a_small_one(value: object, width: int) -> None:
    """However many objects a text holds, quick and slow reading give the same."""
    text = json.dumps({"small": value, "many": [{"a": {}}] * 10 * width})
    slow_text = f"{text[:-1]}, " + '"\\ud83d\\ude00": 0}'  # an escape that only the slow one reads

    quick, slow = read_json(text), read_json(slow_text)

    assert (quick.whole, quick.problems, slow.problems) == (True, (), ())
    assert {**quick.value, "\U0001f600": 0} == slow.value


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth_is_counted_in_nesting_alone(opening: str) -> None:
    """64 levels are read whatever else there is; one more is too deep."""
    closing = "]" if opening == "[" else "}"

    def nested(depth: int) -> str:
        return f"[{'[],' * 100}{opening * (depth - 1)}0{closing * (depth - 1)}]"

    assert read_json(nested(MAX_DEPTH)).problems == ()
    assert [item.rule_id for item in read_json(nested(MAX_DEPTH + 1)).problems] == ["JSON_TOO_DEEP"]


@given(
    st.dictionaries(st.text('a"\\\n:,{}', max_size=4), JSON, max_size=4), st.sampled_from([0, 3])
)
def test_quick_offsets_pass_over_hostile_keys(members: dict[str, object], indent: int) -> None:
    """Keys and values that look like punctuation mislead nobody."""
    text = json.dumps({'{"wanted": {': "}", "wanted": members}, indent=indent or None)

    slow = offsets(text)

    assert member_offsets(text, "wanted") == {
        key: slow[f"/wanted/{key.replace('~', '~0').replace('/', '~1')}"] for key in members
    }
