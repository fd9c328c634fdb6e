"""Canonical JSON, by the examples that RFC 8785 publishes."""

from __future__ import annotations

import hashlib
import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarant_codegen.canonical import (
    NotCanonicalError,
    canonical_digest,
    canonical_json,
    is_plain,
    parsed_json,
)

# Source: RFC 8785, appendix B: IEEE 754 bits and the text of the number.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize("bits", NUMBERS)
def test_numbers_are_written_as_ecmascript_writes_them(bits):
    """Each number of the RFC's table has the RFC's text."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical_json(number) == NUMBERS[bits]


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000"])
def test_numbers_that_are_none_are_refused(bits):
    """NaN and infinity have no text."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    for value in (number, -number, [number]):
        with pytest.raises(NotCanonicalError) as caught:
            canonical_json(value)
        assert str(caught.value) == "expected a finite number, found one that is not"


def test_the_rfcs_example():
    """Source: RFC 8785, 3.2.2 to 3.2.4, its text and its bytes."""
    text = (
        '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        '"string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",'
        '"literals": [null, true, false]}'
    )

    assert canonical_json(json.loads(text)) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_ordered_by_utf_16():
    """Source: RFC 8785, 3.2.3: a letter beyond the BMP comes before U+FB33."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]

    text = canonical_json(dict.fromkeys(names, 0))

    assert list(json.loads(text)) == [
        *("\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33")
    ]


def test_control_characters_have_their_shortest_escapes():
    """Source: RFC 8785, 3.2.2.2."""
    assert canonical_json("\b\t\n\f\r\x00\x1f\x7f\u2028") == (
        '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028"'
    )


HALF = "expected Unicode text, found half a surrogate pair"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        *(("\ud800", HALF), ({"\udfff": 1}, HALF)),
        ({1: 2}, "expected keys that are text, found another type"),
        (2**53 + 1, f"expected a number that a double holds, found {2**53 + 1}"),
        (10**400, f"expected a number that a double holds, found {10**400}"),
        ({1}, "expected a JSON value, found set"),
        (b"", "expected a JSON value, found bytes"),
    ],
)
def test_what_has_no_canonical_text_is_refused(value, message):
    """Half a surrogate pair, an integer that a double changes, and what is not JSON."""
    with pytest.raises(NotCanonicalError) as caught:
        canonical_json(value)
    assert str(caught.value) == message


def test_the_digest_is_of_utf_8():
    """Other programs find the same digest."""
    assert canonical_digest({"\u00e4": 1.0}) == hashlib.sha256(b'{"\xc3\xa4":1}').hexdigest()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_the_text_reads_back_as_the_value(value):
    """Nothing is lost, and the text of what was read is the same text."""
    text = canonical_json(value)
    # The RFC's numbers are doubles; Python would read long ones without a fraction as integers.
    read = json.loads(text, parse_int=float)

    assert read == value
    assert canonical_json(read) == text


@given(st.dictionaries(st.text(), st.integers(0, 9)))
def test_order_does_not_matter(value):
    """Two equal objects have one text."""
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


LETTERS = st.characters() | st.sampled_from(["\ud800", "\ufb33", "\U00010000", "\x7f", '"'])
KEYS = st.text(LETTERS, max_size=3) | st.sampled_from([1, True, None])
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**53, -(2**53), 2**53 + 1, 2**60, 10**400, b""])
    | st.text(LETTERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


def text_or_refusal(value):
    """Return the canonical text, or that there is none."""
    try:
        return canonical_json(value)
    except NotCanonicalError:
        return None


@given(ODD)
def test_the_quick_way_and_the_long_one_agree(value):
    """A fraction beside a value sends it the long way, and changes nothing of its text."""
    alone, beside = text_or_refusal(value), text_or_refusal([value, 0.5])

    assert beside == (None if alone is None else f"[{alone},0.5]")


@given(JSON | ODD)
def test_a_value_is_plain_where_both_ways_agree(value):
    """What is called plain is written by the standard library as the RFC does."""
    if is_plain(value) and (text := text_or_refusal(value)) is not None:
        assert text == json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if type(value) in (float, bytes) or (type(value) is int and abs(value) > 2**53):
        assert not is_plain(value)


LOOKALIKES = st.sampled_from(["a:1.5", ",[3e4", ":-12345678901234567", "[NaN", "[1", "ä", "\x7f"])


@settings(max_examples=50)
@given(st.dictionaries(st.text(LETTERS, max_size=3), ODD | LOOKALIKES | st.floats()))
def test_a_value_that_was_read_has_the_same_text(value):
    """What `parsed_json` tells by the text alone is what every other value is asked for."""
    try:
        read = json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return  # no JSON, or a number that no reader takes
    try:
        text = canonical_json(read)
    except NotCanonicalError:
        with pytest.raises(NotCanonicalError):
            parsed_json(read)
    else:
        assert parsed_json(read) == text


@pytest.mark.parametrize(
    "text", ['{"a":1.0}', '{"a":[1e2]}', '{"a":-0.0}', '{"a":9007199254740993}']
)
def test_a_number_that_was_read_is_written_as_ecmascript_writes_it(text):
    """No number goes the quick way that the standard library writes otherwise."""
    value = json.loads(text)

    if text.endswith("93}"):
        with pytest.raises(NotCanonicalError):
            parsed_json(value)
    else:
        assert parsed_json(value) == canonical_json(value) != text
