"""The sentences that users read: other words are asked for, another name of the product is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_catalogues import catalogue, event

from declarant_codegen.never_lines import NeverLine
from declarant_codegen.own_words import compare_catalogues
from declarant_codegen.privacy_diff import Privacy, diff


def made(name="ModelKit", usage="That {} runs.", device="Yours.", never="No {}.", off="Stop {}."):
    """A catalogue whose sentences name the product where they have braces."""
    return catalogue(
        event(),
        display_name=name,
        notice={"usage": usage.format(name), "device": device.format(name)},
        never=(NeverLine(line=never.format(name), names=("path",), removed_by=()),),
        controls={"off": off.format(name)} if off else {},
    )


@pytest.mark.parametrize(
    ("members", "places"),
    [
        ({"usage": "That {} ran."}, ["consent.notice.usage"]),
        (
            {"usage": "Yours.", "device": "That {} runs."},
            ["consent.notice.device", "consent.notice.usage"],
        ),
        ({"never": "Little."}, ["consent.never"]),
        ({"off": "Stop it."}, ["consent.controls.off"]),
        ({"off": ""}, ["consent.controls.off"]),
    ],
)
def test_other_words_widen(members, places):
    """Nobody can prove that they promise as much; they are shown once."""
    before, after = made(), made(**members)

    found = diff(before, after)
    assert [change.path for change in found] == places
    assert all(change.is_widening for change in found)
    assert list(compare_catalogues(before, after)) == []


def test_another_name_is_neutral():
    """Every sentence with the new name in the old one's place is the same sentence."""
    found = diff(made(), made("ModelBench"))

    assert [change.path for change in found] == [
        *("consent.notice.usage", "consent.controls.off", "consent.never")
    ]
    assert {change.privacy.verdict for change in found} == {Privacy.NEUTRAL}


@pytest.mark.parametrize(
    "name",
    [
        *("Kit, or not", "Kit (perhaps)", "a product that may do this", "Kit: other words"),
        *("Kit does not", "Kit Never", "never", "hardware", "Kit anonymously"),
    ],
)
def test_a_name_is_no_sentence(name):
    """Words of a promise cannot come in as a name."""
    assert all(change.is_widening for change in diff(made(), made(name)))


def test_a_name_that_is_a_word_is_none():
    """What stands in a sentence in small letters, or inside another word, is no product's name."""
    before = made("random", usage="A random id, {}.")
    assert any(
        item.is_widening for item in diff(before, made("hardware", usage="A hardware id, {}."))
    )
    before, after = made("Kit", usage="Kitchens of {}."), made("Bench", usage="Benchchens of {}.")
    assert any(item.is_widening for item in diff(before, after))


TEXTS = st.lists(st.sampled_from(["Kit", "Bench", "No", "."]), max_size=4).map(" ".join)
NAMES = st.sampled_from(["Kit", "Bench", "No", "No Kit"])


@given(NAMES, NAMES, TEXTS, TEXTS)
def test_only_the_name_may_differ(old, new, text, other):
    """What is not widening reads the same once the name is taken out."""
    before, after = (
        catalogue(event(), display_name=name, notice={"usage": line, "device": "."})
        for name, line in ((old, text), (new, other))
    )

    found = diff(before, after)
    assert bool(found) is (text != other)
    if not any(change.is_widening for change in found):
        assert other in (text, text.replace(old, new))
