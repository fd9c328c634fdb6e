"""Which roles must approve: by the highest class of what a change widens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_work import EVENT, Work

from declarant_codegen.review.declared import subjects_of
from declarant_codegen.review.differences import changes_since
from declarant_codegen.review.roles import (
    RULES,
    class_of_change,
    class_of_content,
    folded,
    highest_class,
    lowest,
    roles_for,
)

CLASSES = ["low", "middle", "identifier", "free_text"]
POLICY = {name: [name] for name in CLASSES} | {RULES: ["lawyer"]}


def field(sensitivity: str | None, **members: Any) -> dict[str, Any]:
    """Return a projected field."""
    own = {} if sensitivity is None else {"x-class": sensitivity}
    return {"type": "boolean", **own, **members}


def event(
    properties: dict[str, Any], slots: tuple[str, ...] = (), **members: Any
) -> dict[str, Any]:
    """Return the projection of an event."""
    data = {"type": "object", "additionalProperties": False, "properties": properties}
    told = {"level": "optional", "retention_days": 30, "expires": "2030-01-01"}
    return {
        "projection": 1,
        "kind": "event",
        "name": "A",
        "is_exception": False,
        **told,
        "slots": list(slots),
        "data": data,
        **members,
    }


def classes(before: Any, after: Any, slots: dict[str, str] | None = None) -> set[str]:
    """Return the class of each change."""
    return {
        class_of_change(change, before, after, slots or {})
        for change in changes_since(before, after, {}, day="2026-11-26")
    }


@given(st.sets(st.sampled_from(CLASSES)), st.booleans())
def test_the_highest_class_decides(asked: set[str], has_rules: bool) -> None:
    """One class's roles, and those of the rules beside them."""
    wanted = asked | ({RULES} if has_rules else set())
    expected = {CLASSES[max(map(CLASSES.index, asked))]} if asked else set()

    assert set(roles_for(wanted, POLICY)) == expected | ({"lawyer"} if has_rules else set())


def test_where_nothing_is_stated_any_role_may() -> None:
    """A catalogue without rules of review asks for no role."""
    assert roles_for(CLASSES, {}) == ()


def test_a_field_is_of_its_class_or_of_that_around_it() -> None:
    """A part without a class has that of the whole, and a whole the highest of its parts."""
    pair = field("middle", type="object", properties={"a": field(None), "b": field("identifier")})
    listed = field("free_text", type="array", items=pair)

    assert highest_class(pair) == "identifier"
    assert highest_class(listed) == "free_text"
    assert highest_class(field(None)) == "low"
    before = event({"pair": {**pair, "properties": {}}})
    assert classes(before, event({"pair": {**pair, "properties": {"a": field(None)}}})) == {
        "middle"
    }
    assert classes(before, event({"pair": pair})) == {"middle", "identifier"}


@pytest.mark.parametrize("depth", [1, 2])
def test_a_part_of_a_list_is_of_its_own_class(depth: int) -> None:
    """However deep in lists it is, and of the class around them where it names none."""

    def rows(outer: str | None, **properties: Any) -> dict[str, Any]:
        row = field(None, type="object", properties=properties)
        for _ in range(depth):
            row = field(None, type="array", items=row)
        if outer is not None:
            row["x-class"] = outer
        return row

    one, two = field("identifier"), field(None)
    assert highest_class(rows("low", a=one)) == "identifier"
    assert highest_class(rows("low", a=two)) == "low"
    assert classes(event({"f": rows("low")}), event({"f": rows("low", a=one)})) == {"identifier"}
    assert classes(event({"f": rows("middle")}), event({"f": rows("middle", a=two)})) == {"middle"}
    pairs = [
        event({"f": field("free_text", type="object", properties={"rows": it})})
        for it in (rows(None), rows(None, a=two))
    ]
    assert classes(*pairs) == {"free_text"}


def test_what_goes_and_comes_counts_at_its_higher_class() -> None:
    """Neither a fall nor a removal makes a change of an identifier one of a lower class."""
    before, after = event({"a": field("identifier")}), event({"a": field("low")})

    assert classes(before, after) == {"identifier"}
    assert classes(before, event({})) == {"identifier"}


@pytest.mark.parametrize(
    "members", [{"retention_days": 31}, {"expires": "2031-01-01"}, {"level": "required"}]
)
def test_what_is_said_of_the_whole_counts_with_its_context(members: dict[str, Any]) -> None:
    """Kept for longer, sent for longer, sent for more: its context is, too."""
    slots = {"os": "middle", "device": "identifier"}
    before, after = (
        event({"a": field("low")}, ("os",)),
        event({"a": field("low")}, ("os",), **members),
    )

    assert classes(before, after, slots) == {"middle"}
    assert classes(None, after, slots) == {"middle"}
    assert classes(before, {**after, "slots": ["device", "os"]}, slots) == {"identifier"}
    assert class_of_content(after, slots) == "middle"
    assert class_of_content(after, {}) == "low"


def test_a_slot_of_its_own_is_of_its_fields_class() -> None:
    """A slot that is new, or a field in it."""
    data = {"type": "object", "additionalProperties": False, "properties": {"a": field("middle")}}
    slot = {"projection": 1, "kind": "ext", "name": "os", "data": data}
    wider = {
        **slot,
        "data": {**data, "properties": {**data["properties"], "b": field("identifier")}},
    }

    assert classes(None, slot) == {"middle"}
    assert classes(slot, wider) == {"identifier"}


def test_the_lowest_of_some_classes() -> None:
    """Order is that of sensitivity."""
    assert lowest(["free_text", "identifier"]) == "identifier"


@given(st.text(max_size=8))
def test_names_are_folded_once(name: str) -> None:
    """White space, case and width say nothing, and folding again changes nothing."""
    assert folded(f"  {name}\t") == folded(name) == folded(folded(name))
    assert folded("Privacy  REVIEW") == "privacy review"


def test_every_subject_has_its_file_and_owners(work: Work) -> None:
    """Rules are owned by all, a context by those that carry it, an event by its own."""
    key = "events/sample_closed.schema.json"
    other = {**work.read(EVENT), "title": "SampleClosed", "x-owners": ["other"], "x-ext": []}
    (work.schemas / key).write_text("{}")
    work.edit(key, lambda it: it.update(other))

    subjects = subjects_of(work.catalogue())

    assert {item.name: (item.key, set(item.owners)) for item in subjects} == {
        "catalogue": ("catalogue.json", {"sample-owner", "other"}),
        "ext.os": ("ext/os.schema.json", {"sample-owner"}),
        "SampleClosed": (key, {"other"}),
        "SampleOpened": (EVENT, {"sample-owner"}),
    }
