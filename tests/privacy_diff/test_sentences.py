"""The sentences that users read: other words are asked for, another name of the product is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_catalogues import catalogue, event

from declarant_codegen.never_lines import NeverLine
from declarant_codegen.own_words import compare_catalogues
from declarant_codegen.privacy_diff import (
    Compatibility,
    Judgement,
    Privacy,
    diff,
    diff_projections,
)
from declarant_codegen.projection import project_catalogue


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


def test_sentences_concern_neither_callers_nor_readers():
    """What users read is no part of an event."""
    (change,) = diff(made(), made(usage="That {} ran."))

    assert change.callers == Judgement(Compatibility.COMPATIBLE, "emitters take the same arguments")
    assert change.readers == Judgement(Compatibility.COMPATIBLE, "events keep their form")


def test_sentences_that_were_not_recorded_widen():
    """What was approved before they took part holds none; all of today's are shown once."""
    after = project_catalogue(made(), {})
    rules = {key: value for key, value in after.rules.items() if key != "sentences"}

    (change,) = diff_projections(replace(after, rules=rules), after)

    assert (change.path, change.is_widening) == ("consent", True)
    assert change.privacy.reason == "nothing proves that users read what was approved"
    assert (change.before, change.after) == (
        "not recorded",
        '"No ModelKit."; "Stop ModelKit."; "That ModelKit runs."; "Yours."',
    )


def test_lines_that_come_are_shown_with_their_words():
    """By their keys, and what users read under those that are new."""
    less = catalogue(event(), notice={"usage": "What you do."})
    (change,) = diff(less, catalogue(event(), notice={"usage": "What you do.", "more": "All."}))

    assert (change.before, change.after) == ("usage", 'more ("All.") and usage')


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
