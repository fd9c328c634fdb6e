"""What a pattern has room for, and what a list can spell."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen import prose
from declarant_codegen.compiler.pattern_tree import parse_pattern
from declarant_codegen.patterns import to_python
from declarant_codegen.privacy import check_class, check_scrub, floor_class
from declarant_codegen.prose import MAIL, PATHS, SENTENCES, WEB, prose_in
from declarant_codegen.room import is_roomy, room
from declarant_codegen.spelling import ENCODED, MOST_WORDS, spelled

ATOMS = st.tuples(
    st.sampled_from(["[ab]", "a", "[a-c]", "(?:a|bb)", "(?:ab|c|[ab])"]),
    st.sampled_from(["", "?", "{2}", "{1,2}", "{0,3}"]),
).map("".join)


@given(st.lists(ATOMS, min_size=1, max_size=2).map("".join))
def test_room_is_never_less_than_the_texts_there_are(body: str) -> None:
    """As many texts as a pattern takes can be told from each other, and it has room for them."""
    matcher = re.compile(to_python(f"^{body}$"))
    texts = sum(
        matcher.search("".join(signs)) is not None
        for length in range(9)
        for signs in itertools.product("abc", repeat=length)
    )

    assert room(parse_pattern(f"^{body}$")[0]) >= math.log2(texts) - 1e-6


@pytest.mark.parametrize(
    ("pattern", "longest", "expected"),
    [
        ("^[A-Za-z0-9_-]{1,512}$", None, True),
        ("^[0-9a-f]{1,4096}$", None, True),
        ("^[A-Za-z0-9.]{1,200}$", None, True),
        ("^[A-Za-z0-9+]{1,200}$", None, True),
        ("^[A-Za-z_]{1,200}$", None, True),
        ("^[0-9]{1,400}$", None, True),
        ("^(?:ab|cd|ef|gh){1,600}$", None, True),
        ("^[a-z]+$", 300, True),
        ("^[A-Za-z_<][A-Za-z0-9_.<>]{0,127}$", None, False),
        ("^[0-9a-f]{128}$", None, False),
        ("^[A-Za-z0-9._-]{1,64}(?:[.][A-Za-z0-9._-]{1,64}){0,1}$", None, False),
        ("^[a-z]+$", 128, False),
        ("^a{0,5000}$", None, False),
        ("^(?:read|write)$", None, False),
        # no bound at all is another rule's matter
        ("^[a-z]+$", None, False),
    ],
)
def test_room_for_any_text(pattern: str, longest: int | None, expected: bool) -> None:
    """Names and digests have less room than any text of 128 bytes needs, whatever the alphabet."""
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    if longest is not None:
        schema["maxLength"] = longest

    assert is_roomy(parse_pattern(pattern)[0], longest) is expected
    assert (floor_class(schema) == "free_text") is expected


@given(st.integers(1, 2000), st.sampled_from(["[a-z]", "[0-9a-f]", "[A-Za-z0-9_-]", "[01]"]))
def test_a_longer_text_has_more_room(length: int, signs: str) -> None:
    """Room grows with each character, by what that can be."""
    shorter = room(parse_pattern(f"^{signs}{{1,{length}}}$")[0])
    longer = room(parse_pattern(f"^{signs}{{1,{length + 1}}}$")[0])

    assert shorter < longer < shorter + 6.5


LETTERS = {"type": "string", "enum": [*"abcdefghij @"]}


def _list(items: dict[str, Any], most: int, **more: Any) -> dict[str, Any]:
    return {"type": "array", "maxItems": most, "items": items, **more}


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        (
            _list({"type": "string", "pattern": "^[ -~]$"}, 1000),
            (SENTENCES, MAIL, PATHS, WEB, ENCODED),
        ),
        (
            _list({"type": "string", "pattern": "^[ -~]+$", "maxLength": 2}, 9),
            (SENTENCES, MAIL, PATHS, WEB),
        ),
        (_list(LETTERS, 1000), (SENTENCES, MAIL, ENCODED)),
        (_list(LETTERS, 9), (SENTENCES, MAIL)),
        (_list({**LETTERS, "enum": [*LETTERS["enum"], "longer"]}, 9), (SENTENCES, MAIL)),
        (_list(_list(LETTERS, 30), 30), (SENTENCES, MAIL, ENCODED)),
        (_list({"type": "object", "properties": {"c": LETTERS}}, 9), (SENTENCES, MAIL)),
        (_list({"type": "string", "pattern": "^[A-Z]{2}$"}, 200), (SENTENCES, ENCODED)),
        (_list({"type": "string", "pattern": "^[a-z]{1,20}$"}, MOST_WORDS + 1), (SENTENCES,)),
        # too few, or too little to choose
        (_list({"type": "string", "pattern": "^[a-z]{1,20}$"}, MOST_WORDS), ()),
        (_list({"type": "string", "pattern": "^[A-Z]{2}$"}, 40), ()),
        (_list({"type": "string", "enum": ["fp16", "fp32", "int8"]}, 256), ()),
        (_list({"type": "string", "enum": ["a"]}, 1000), ()),
        (_list({"type": "string", "enum": [*"abcdefghij"]}, 1000, uniqueItems=True), ()),
        (
            _list({"type": "string", "enum": ["Conv", "MatMul", "Softmax", "Reshape"]}, 1000),
            (),
        ),
        (_list({"type": "boolean"}, 1000), ()),
        (_list({"type": "integer"}, 1000), ()),
        (LETTERS, ()),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_what_a_list_can_spell(schema: dict[str, Any], kinds: tuple[str, ...]) -> None:
    """Short parts are judged as the text that they make together."""
    assert spelled(schema) == kinds
    if kinds:
        assert floor_class(schema) == "free_text"
        assert [rule for rule, _, _ in check_class({**schema, "x-class": "low"}, None)] == [
            "CLASS_TOO_LOW"
        ]
        # Nothing scrubs a list: not even as free text does it pass.
        assert "SCRUB_MISSING" in [
            rule for rule, _, _ in check_scrub({**schema, "x-class": "free_text"})
        ]


@given(st.text("abcdefgh @", min_size=3, max_size=40), st.sampled_from([1, 2, 4]))
def test_a_list_that_spells_prose_is_found(text: str, size: int) -> None:
    """Cut into pieces, what is prose in one text is prose in a list of them."""
    words = f"ab {text}@cd"
    pieces = [words[at : at + size] for at in range(0, len(words), size)]
    schema = _list({"type": "string", "pattern": f"^[a-h @]{{1,{size}}}$"}, len(pieces))

    assert set(prose_in(f"^[a-h @]{{1,{len(words)}}}$")) <= set(spelled(schema))


@pytest.mark.parametrize("sign", sorted(prose._COMPATIBLE))
def test_characters_that_stand_for_another(sign: str) -> None:
    """Every character that Unicode takes for one of the signs is one."""
    every = {
        point
        for point in range(0x80, 0x110000)
        if not 0xD800 <= point < 0xE000 and unicodedata.normalize("NFKC", chr(point)) == sign
    }

    assert every <= set(prose._COMPATIBLE[sign])


def test_a_mail_address_in_other_characters() -> None:
    """A fullwidth sign makes no less of an address."""
    assert prose_in("^[a-z]{1,20}\uff20[a-z.]{1,20}$") == (MAIL,)
    assert prose_in("^[a-z]{2}\uff0f[a-z]{2}\uff0f[a-z]{2}$") == (PATHS,)
