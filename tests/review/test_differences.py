"""The comparison of a subject with what was approved, which has been through a file since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from review_work import EVENT, Work

from declarant_codegen import consent_scope
from declarant_codegen.privacy_diff import diff
from declarant_codegen.projection import projection_text, read_projection
from declarant_codegen.review.declared import subjects_of
from declarant_codegen.review.differences import changes_since, compare_consent

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant_codegen.model import Catalogue

NEVER = [{"line": "Names of people.", "names": ["person"], "removed_by": ["message"]}]


def word(work: Work) -> None:
    """Add a field."""
    count = work.read(EVENT)["properties"]["count"]
    work.field("other", {**count, "maximum": 2})


def notice(work: Work) -> None:
    """Move the field to another line."""
    work.edit("catalogue.json", lambda it: it["consent"]["notice"].update(other="Other things."))
    count = work.read(EVENT)["properties"]["count"]
    work.field("count", {**count, "x-notice": "other"})


DEEDS: dict[str, Callable[[Work], object]] = {
    "nothing": lambda work: None,
    "a field": word,
    "a field less": lambda work: work.field("count", None),
    "another line": notice,
    "no context": lambda work: work.event(x_ext=[]),
    "longer": lambda work: work.event(x_retention_days=99, x_expires="2029-01-01"),
    "another place": lambda work: work.edit(
        "catalogue.json", lambda it: it.update(endpoint="https://other.example.com/")
    ),
    "a promise": lambda work: work.edit(
        "catalogue.json", lambda it: it["consent"].update(never=NEVER)
    ),
    "another version": lambda work: work.consent(7),
    "rules of review": lambda work: work.policy(rest=["reviewer"]),
    "another context": lambda work: work.edit(
        "ext/os.schema.json", lambda it: it["properties"]["name"].update(maxLength=3)
    ),
}


def changes(before: Catalogue, after: Catalogue) -> list[str]:
    """Return every change of every subject, as what was approved comes back from its log."""
    was = {
        item.name: read_projection(projection_text(item.projection)) for item in subjects_of(before)
    }
    slots = {
        item.projection["name"]: item.projection
        for item in subjects_of(after)
        if item.projection["kind"] == "ext"
    }
    return sorted(
        str(change)
        for item in subjects_of(after)
        for change in changes_since(was[item.name], item.projection, slots, day="2026-11-26")
        if change.kind != "scope_widened"
    )


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("is_back", [False, True])
def test_what_a_log_gives_back_compares_as_what_was_declared(
    work: Work, deed: str, is_back: bool
) -> None:
    """Changes and scope are the same whether a catalogue is read now or was approved years ago."""
    before = work.catalogue()
    DEEDS[deed](work)
    after = work.catalogue()
    if is_back:
        before, after = after, before

    assert changes(before, after) == sorted(map(str, diff(before, after)))
    rules = [subjects_of(each)[0].projection for each in (before, after)]
    told = compare_consent(json.loads(projection_text(rules[0])), rules[1], day="2026-11-26")
    assert told == consent_scope.compare_consent(before, after, day="2026-11-26")


def test_a_rule_in_another_order_is_the_same_rule(work: Work) -> None:
    """A change of one rule is no change of another that a log gives back with its keys sorted."""
    work.policy(rest=["reviewer"])
    work.edit(
        "catalogue.json",
        lambda it: it["review"].update(approvers=dict(reversed(it["review"]["approvers"].items()))),
    )
    work.approve("catalogue")
    work.edit("catalogue.json", lambda it: it.update(endpoint="https://other.example.com/"))

    assert [change.path for change in work.standing("catalogue").changes] == ["endpoint"]
    rules = work.standing("catalogue").subject.projection
    one, other = (
        {**rules, "more": dict(pairs)} for pairs in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)])
    )
    assert list(changes_since(one, other, {}, day="2026-11-26")) == []
    assert [
        change.path
        for change in changes_since(one, {**one, "more": {"a": True, "b": 2}}, {}, day="2026-11-26")
    ] == ["more"]
