"""Words for numbers and for names: one of a thing, several, and too many to be told."""

from __future__ import annotations

from typing import Any

import pytest

from declarant_codegen.compiler.nodes import Bound
from declarant_codegen.compiler.words import bound_words
from declarant_codegen.documentation import member_texts
from declarant_codegen.wording import value_words
from declarant_codegen.words import Guesses, counted, nearest, some_of


@pytest.mark.parametrize(
    ("noun", "one", "several"),
    [
        ("item", "1 item", "2 items"),
        ("property", "1 property", "2 properties"),
        ("day", "1 day", "2 days"),
    ],
)
def test_one_is_no_plural(noun: str, one: str, several: str) -> None:
    """Nought and several are."""
    assert counted(1, noun) == one
    assert counted(2, noun) == several
    assert counted(0, noun) == several.replace("2", "0")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "minLength": 1, "maxLength": 9}, "at least 1 character, at most 9 ch"),
        ({"type": "string", "maxLength": 1}, "at most 1 character"),
        ({"type": "array", "minItems": 1, "maxItems": 1}, "at least 1 item, at most 1 item"),
        ({"type": "array", "minItems": 2, "maxItems": 3}, "at least 2 items, at most 3 items"),
    ],
)
def test_bounds_in_words(schema: dict[str, Any], words: str) -> None:
    """As reviewers and users read them."""
    assert words in value_words(schema)
    assert not value_words(schema).endswith("1 items")


@pytest.mark.parametrize(
    ("keyword", "limit", "words"),
    [
        ("minLength", 1, "string of at least 1 character"),
        ("maxItems", 2, "array of at most 2 items"),
        ("minProperties", 1, "object of at least 1 property"),
        ("maxProperties", 3, "object of at most 3 properties"),
    ],
)
def test_bounds_in_violations(keyword: str, limit: int, words: str) -> None:
    """As the generated validators say them."""
    bound = Bound(keyword=keyword, sized=True, operator=">=", limit=limit)

    assert bound_words(bound, "value")[0] == words


def test_bounds_in_docstrings() -> None:
    """As the arguments of emitters are documented."""
    fields = {
        "one": {"description": "D.", "type": "string", "minLength": 1, "maxLength": 1},
        "few": {"description": "D.", "type": "array", "maxItems": 1, "items": {"type": "boolean"}},
    }

    texts = dict(member_texts({"type": "object", "properties": fields}))

    assert "1 to 1 character." in texts["one"]
    assert "At most 1 item." in texts["few"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "none"),
        (["a"], "a"),
        (["b", "a"], "a or b"),
        (["c", "b", "a"], "a, b or c"),
        (["a\n::error::b", "c\u202e"], "a\\u000a::error::b or c\\u202e"),
        ([f"n{number:02d}" for number in range(20)][::-1], None),
        ([f"n{number:02d}" for number in range(23)], None),
    ],
)
def test_of_many_names_the_first_are_told(names: list[str], words: str | None) -> None:
    """On one line, whatever they are called."""
    told = some_of(names)

    assert words is None or told == words
    assert told.isprintable()
    if len(names) == 20:
        assert told.startswith("n00, n01, ")
        assert told.endswith("n18 or n19")
    if len(names) > 20:
        assert told.startswith("n00, n01, ")
        assert told.endswith("n19 and 3 more")


def test_a_guess_ends_with_its_work() -> None:
    """Until then it is the nearest name; afterwards there is none, whatever is asked."""
    known = [f"name{number:02d}" for number in range(40)]
    guesses = Guesses(len(known) + 7 * 6 * len(known) + 1)

    assert guesses.nearest("name07x", known) == nearest("name07x", known) == "name07"
    assert guesses.nearest("name07x", known) is None
    assert guesses.nearest("b", ["a"]) is None


def test_nobody_typed_a_very_long_name() -> None:
    """What its letters are like is not compared with others as long."""
    assert nearest("a" * 200 + "b", ["a" * 200 + "c"]) is None
    assert nearest("a" * 100 + "b", ["a" * 100 + "c"]) == "a" * 100 + "c"
