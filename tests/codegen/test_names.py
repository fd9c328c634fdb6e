"""Names and words."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen.cs40 import ENVELOPE
from declarant_codegen.names import (
    RESERVED_PREFIXES,
    check_field_name,
    check_package_name,
    collisions,
    has_prefix,
    snake_case,
)
from declarant_codegen.words import describe, nearest, quote


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ModelKitAction", "model_kit_action"),
        ("ModelKitHTTPError", "model_kit_http_error"),
        ("ModelKit.Action", "model_kit_action"),
        ("ModelKit_Action", "model_kit_action"),
        ("ModelKitV2Action", "model_kit_v2_action"),
        ("ModelKitAction2", "model_kit_action2"),
        ("ABCD", "abcd"),
    ],
)
def test_snake_case_splits_words(name: str, expected: str) -> None:
    """Words begin at capitals, dots and underscores."""
    assert snake_case(name) == expected


@pytest.mark.parametrize("word", keyword.kwlist)
def test_no_field_is_a_python_keyword(word: str) -> None:
    """A field's name becomes an argument, so no keyword of any version is one."""
    assert check_field_name(word, is_top=True) is not None


@pytest.mark.parametrize("name", ENVELOPE)
def test_no_field_shadows_the_envelope(name: str) -> None:
    """Each top-level name of the envelope is refused, in its own and in snake case."""
    for spelling in (name, snake_case(name)):
        wrong = check_field_name(spelling, is_top=True)
        assert wrong is not None
        assert wrong[0] == "FIELD_SHADOWS_ENVELOPE"


@pytest.mark.parametrize("prefix", RESERVED_PREFIXES)
def test_no_field_has_a_reserved_prefix(prefix: str) -> None:
    """Each reserved prefix is named in the message."""
    wrong = check_field_name(f"{prefix}x", is_top=False)

    assert wrong is not None
    assert wrong[0] == "FIELD_RESERVED_PREFIX"
    assert quote(prefix) in wrong[1]


@given(st.text(max_size=12))
def test_accepted_field_names_are_plain_identifiers(name: str) -> None:
    """What passes is an ASCII identifier that no Python version reserves."""
    if check_field_name(name, is_top=True) is None:
        assert name.isascii()
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not keyword.issoftkeyword(name)


@pytest.mark.parametrize(
    ("left", "right"),
    [("item_1", "item_l"), ("modern", "modem"), ("ab_c", "abc"), ("SampleO", "Sample0")],
)
def test_look_alikes_collide(left: str, right: str) -> None:
    """Names that differ by look-alike letters, case or underscores alone are one."""
    assert list(collisions([left, right])) == [(right, left)]


def test_unlike_names_do_not_collide() -> None:
    """Names of different letters are kept apart."""
    assert list(collisions(["line", "file", "function", "file_name", "count", "counts"])) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ModelKitAction", True), ("ModelKit2", True), ("ModelKit", False), ("ModelKitten", False)],
)
def test_prefix_ends_at_a_word(name: str, expected: bool) -> None:
    """The prefix is followed by a word of its own."""
    assert has_prefix(name, "ModelKit") is expected


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9", "console", "com10", "com"])
def test_a_package_has_a_folder_on_windows_too(name: str) -> None:
    """Windows makes no folder of a device's name."""
    assert (check_package_name(name) is None) == (name in ("console", "com10", "com"))


@pytest.mark.parametrize("name", ["json", "declarant", "requests", "class", "telnetlib_x"])
def test_package_names_hide_nothing(name: str) -> None:
    """A package named like a module of Python or of Declarant would hide it."""
    assert (check_package_name(name) is None) == (name == "telnetlib_x")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("maxLenght", "maxLength"),
        ("mexLength", "maxLength"),
        ("maxlength", "maxLength"),
        ("minimun", "minimum"),
        ("patern", "pattern"),
        ("x-scrubb", "x-scrub"),
        ("x", None),
        ("contentEncoding", None),
    ],
)
def test_nearest_keyword_is_found(typed: str, meant: str | None) -> None:
    """One or two slips lead to the keyword that was meant; other words lead nowhere."""
    known = ["maxLength", "minLength", "maximum", "minimum", "pattern", "x-scrub", "x-class", "if"]

    assert nearest(typed, known) == meant


@given(st.text())
def test_quoted_text_is_harmless(text: str) -> None:
    """Whatever a schema says, a message shows it short, printable and on one line."""
    quoted = quote(text)

    assert quoted.isascii()
    assert quoted.isprintable()
    assert quoted.startswith('"')
    assert quoted.endswith('"')
    assert len(quoted) <= 62 * 10


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", '"a"'),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        ([], "an empty array"),
        (["a", None], '["a", null]'),
        ({"a": 1}, "an object"),
        ([[1]], "an array of 1 item"),
    ],
)
def test_values_are_described_as_json(value: object, expected: str) -> None:
    """Found values appear as their author wrote them."""
    assert describe(value) == expected
