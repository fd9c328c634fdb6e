"""Patterns that are the form of a known identifier or credential, and those that are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen.patterns import check_pattern, to_python
from declarant_codegen.shapes import FORMS, form_of

HEX = "[0-9A-Fa-f]"
KNOWN = {
    r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$": "IPv4 addresses",
    r"^[1-9][0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$": "IPv4 addresses",
    r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}:[0-9]{1,5}$": "IPv4 addresses",
    "^[0-9.]{7,15}$": "IPv4 addresses",
    "^[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}$": "IPv6 addresses",
    "^[0-9A-Fa-f:]{2,39}$": "IPv6 addresses",
    "^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$": "MAC addresses",
    "^(?:[0-9a-f]{2}-){5}[0-9a-f]{2}$": "MAC addresses",
    "^[0-9a-f]{4}[.][0-9a-f]{4}[.][0-9a-f]{4}$": "MAC addresses",
    "^[0-9]{3}-[0-9]{2}-[0-9]{4}$": "social security numbers",
    "^[0-9]{16}$": "payment cards",
    "^[0-9]{13,19}$": "payment cards",
    "^[0-9]{4}(?:[ -]?[0-9]{4}){3}$": "payment cards",
    "^3[47][0-9]{13}$": "payment cards",
    r"^\+[1-9][0-9]{1,14}$": "telephone numbers",
    r"^\+?[0-9]{7,15}$": "telephone numbers",
    r"^\+[0-9]{1,3} [0-9]{3} [0-9]{3,7}$": "telephone numbers",
    r"^eyJ[A-Za-z0-9_-]{4,50}\.[A-Za-z0-9_-]{4,50}\.[A-Za-z0-9_-]{43}$": "web tokens (JWT)",
    "^ghp_[A-Za-z0-9]{36}$": "access keys",
    "^gh[ps]_[A-Za-z0-9]{1,100}$": "access keys",
    "^(?:sk|rk)_live_[A-Za-z0-9]{24}$": "access keys",
    "^AKIA[0-9A-Z]{16}$": "access keys",
    f"^{HEX}{{8}}-{HEX}{{4}}-4{HEX}{{3}}-[89ab]{HEX}{{3}}-{HEX}{{12}}$": "UUIDs",
    "^[0-9a-f]{32}$": "UUIDs",
    "^[0-9a-f-]{36}$": "UUIDs",
    # an alternative, or what may be left out
    "^(?:none|[0-9]{3}-[0-9]{2}-[0-9]{4})$": "social security numbers",
    "^none$|^[0-9]{3}-[0-9]{2}-[0-9]{4}$": "social security numbers",
    "^(?:[0-9]{3}-[0-9]{2}-[0-9]{4})?$": "social security numbers",
}
OTHERS = [
    # versions and numbers
    "^[0-9.]{1,20}$",
    "^[0-9]{1,5}(?:[.][0-9]{1,5}){3}$",
    "^[0-9]{1,3}(?:[.][0-9]{1,3}){0,3}$",
    "^[0-9]+[.][0-9]+[.][0-9]+$",
    "^[0-9]{1,20}$",
    "^[0-9]{13}$",
    "^[+-]?[0-9]{1,9}$",
    "^0x[0-9A-Fa-f]{8}$",
    # dates, times, digests
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "^[0-9]{2}:[0-9]{2}:[0-9]{2}$",
    "^[0-9:.]{1,20}$",
    "^[0-9a-f]{7,31}$",
    "^[0-9a-f]{40}$",
    "^[0-9a-f]{64}$",
    # names
    "^[a-z][a-z0-9-]{0,63}$",
    "^[A-Za-z_<][A-Za-z0-9_.<>]{0,127}$",
    "^hf_[a-z_]{1,40}$",
    "^sk-[A-Z]{2}$",
    "^[a-z]{2}(?:-[A-Z]{2})?$",
    "^[a-z]{1,9}[.][a-z]{1,9}[.][a-z]{1,9}$",
    # nothing, and no pattern of the catalogue
    "^$",
    "(",
]


@pytest.mark.parametrize(("pattern", "what"), KNOWN.items(), ids=ascii)
def test_known_forms(pattern: str, what: str) -> None:
    """A pattern that is that of an identifier is known, however it is written."""
    form = form_of(pattern)

    assert check_pattern(pattern) is None
    assert form is not None
    assert form.what == what


@pytest.mark.parametrize("pattern", OTHERS, ids=ascii)
def test_other_forms(pattern: str) -> None:
    """What merely takes an identifier among much else is none."""
    assert form_of(pattern) is None


def test_bounds_beside_the_pattern_count() -> None:
    """The same pattern is another form under other lengths."""
    assert form_of("^[0-9.]+$") is None
    assert form_of("^[0-9.]+$", 7) is None
    form = form_of("^[0-9.]+$", 7, 15)
    assert form is not None
    assert form.what == "IPv4 addresses"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.what)
def test_the_table_agrees_with_itself(form: object) -> None:
    """What is certainly of a form begins, is as long, and has such characters, as the form says."""
    assert form in FORMS
    for index, one in enumerate(FORMS):
        if one is form:
            assert form_of(f"^(?:{one.core})$", one.least, one.most) in FORMS[: index + 1]


@given(st.sampled_from(FORMS).filter(lambda form: form.most is not None), st.data())
def test_a_text_of_the_core_has_the_signs_and_the_length(form: object, data: st.DataObject) -> None:
    """No certain text is outside of what its form allows."""
    assert form in FORMS
    one = FORMS[FORMS.index(form)]  # type: ignore[arg-type]
    text = data.draw(st.from_regex(f"(?:{one.core})", fullmatch=True))

    assert re.fullmatch(f"(?:{one.signs})*", text)
    assert one.least <= len(text)
    assert one.most is None or len(text) <= one.most


@given(
    st.lists(
        st.sampled_from(["[a-z]", "[0-9]", "[0-9a-f]", "[0-9.]", "[:-]", "-", "[.]"]), min_size=1
    ),
    st.integers(1, 20),
)
def test_what_is_found_takes_one(parts: list[str], count: int) -> None:
    """Whatever is called a form takes some text of it; there is no finding without a reason."""
    pattern = "^" + "".join(f"{part}{{1,{count}}}" for part in parts[:4]) + "$"
    form = form_of(pattern)
    if form is not None:
        signs = re.compile(f"(?:{form.signs})*")
        assert form.most is not None
        assert re.search(to_python(pattern), "x" * 500) is None
        assert all(
            signs.fullmatch(sign)
            for part in parts[:4]
            for sign in "0.:-a"
            if re.fullmatch(part, sign)
        )
