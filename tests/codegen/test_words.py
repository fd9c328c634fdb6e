"""Words for numbers: one of a thing, and several."""

from __future__ import annotations

from typing import Any

import pytest

from declarant_codegen.compiler.nodes import Bound
from declarant_codegen.compiler.words import bound_words
from declarant_codegen.documentation import member_texts
from declarant_codegen.wording import value_words
from declarant_codegen.words import counted


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
