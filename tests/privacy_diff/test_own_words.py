"""The words that no approval is asked for: all are compared, and what they stand for is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_catalogues import catalogue, event, ext_field

from declarant_codegen.model import Suppression
from declarant_codegen.never_lines import NeverLine
from declarant_codegen.own_words import compare_catalogues
from declarant_codegen.privacy_diff import Privacy, diff
from declarant_codegen.projection import WORDS

FIELD = {"type": "integer", "description": "How many.", "x-class": "low", "x-notice": "usage"}
PART = {"type": "object", "required": [], "properties": {"inner": FIELD}, "x-class": "low"}
LIST = {"type": "array", "items": PART, "description": "Some.", "x-class": "low"}
PATHS = NeverLine(line="File paths.", names=("path",), removed_by=())
ACCEPTED = Suppression(
    rule_id="NOTICE_UNUSED", place="x", reason="Soon.", owner="team", until="2030-01-01"
)
NAMES = NeverLine(line="Names.", names=("name",), removed_by=())


def told(before, after):
    """Return the changes of words as plain values."""
    found = compare_catalogues(before, after)
    return [(item.place, item.keyword, item.before, item.after) for item in found]


def test_the_same_words_are_no_change():
    """Nor is the order in which a file has them."""
    one = catalogue(event(owners=("a", "b")), never=(PATHS, NAMES))
    other = catalogue(event(owners=("b", "a")), never=(NAMES, PATHS))

    assert told(one, one) == []
    assert told(one, other) == []


@pytest.mark.parametrize("keyword", sorted(WORDS))
def test_each_keyword_that_no_projection_holds_is_compared(keyword):
    """At every depth, in events and in slots; and nothing that is judged changes with it."""

    def made(value):
        field = {**FIELD, keyword: value}
        part = {**PART, "properties": {"inner": field}}
        data = {"rows": {**LIST, "items": part}}
        slot = {"os": (ext_field("os", "name", field),)}
        return catalogue(event(properties=data), ext=slot)

    before, after = made("Old."), made(["New.", {"b": 1, "a": 2}])

    assert diff(before, after) == ()
    new = ('"New."', '{"a": 2, "b": 1}')
    assert told(before, after) == [
        ("ext.os.name", keyword, ("Old.",), new),
        ("ProductAction.rows[].inner", keyword, ("Old.",), new),
    ]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"display_name": "Other"}, ("catalogue", "display_name", ("Product",), ("Other",))),
        ({"slot_descriptions": {"os": "B."}}, ("ext.os", "description", ("A.",), ("B.",))),
        (
            {"suppressions": (replace(ACCEPTED, reason="Late."),)},
            ("catalogue.suppressions (NOTICE_UNUSED at x)", "reason", ("Soon.",), ("Late.",)),
        ),
    ],
)
def test_what_is_said_for_all_events_is_compared(members, expected):
    """Alone it changes nothing that is judged."""
    base = {
        "never": (PATHS,),
        "suppressions": (ACCEPTED,),
        "controls": {"off": "Say no."},
        "ext": {"os": (ext_field("os", "name", FIELD),)},
        "slot_descriptions": {"os": "A."},
    }
    before, after = catalogue(event(), **base), catalogue(event(), **{**base, **members})

    assert told(before, after) == [expected]
    assert diff(before, after) == ()


def test_purpose_and_owners_are_compared():
    """They are words of the event itself."""
    before, after = catalogue(event()), catalogue(event(purpose="Sell it.", owners=("sales",)))

    assert told(before, after) == [
        ("ProductAction", "x-owners", ("telemetry",), ("sales",)),
        ("ProductAction", "x-purpose", ("Know that it did.",), ("Sell it.",)),
    ]
    assert diff(before, after) == ()


def test_words_of_what_is_new_or_gone_are_no_change_of_words():
    """A field or an event that comes or goes is a change of its own."""
    before = catalogue(event(properties={"a": FIELD}), event("ProductOld"))
    after = catalogue(event(properties={"b": FIELD}), event("ProductNew"))

    assert told(before, after) == []
    assert len(diff(before, after)) == 4


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"never": (PATHS, NAMES)}, {"never": (PATHS,)}, Privacy.WIDENING),
        ({"never": (PATHS,)}, {"never": ()}, Privacy.WIDENING),
        ({"never": (PATHS,)}, {"never": (PATHS, NAMES)}, Privacy.NARROWING),
        ({"notice": {"a": "A.", "b": "B."}}, {"notice": {"a": "A."}}, Privacy.WIDENING),
        ({"notice": {"a": "A."}}, {"notice": {"b": "A."}}, Privacy.WIDENING),
        ({"notice": {"a": "A."}}, {"notice": {"a": "A.", "b": "B."}}, Privacy.NEUTRAL),
    ],
)
def test_a_line_that_comes_or_goes_is_judged(before, after, verdict):
    """A promise or a line that goes needs an approval; its sentence is shown with it."""
    one, other = catalogue(event(), **before), catalogue(event(), **after)

    change, *sentences = diff(one, other)
    assert change.privacy.verdict is verdict
    assert told(one, other) == []
    texts = " ".join(item.before + item.after for item in (change, *sentences))
    assert any(f'"{text}"' in texts for text in ("Names.", "File paths.", "A.", "B."))
