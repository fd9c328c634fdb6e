"""What may ride along with an identifier takes part in a comparison."""

from __future__ import annotations

import pytest
from made_catalogues import catalogue

from declarant_codegen.privacy_diff import diff
from declarant_codegen.projection import project_rules, projection_digest

VERDICTS = {
    "raised": ({"A.b": "low"}, {"A.b": "middle"}, "widening"),
    "lowered": ({"A.b": "free_text"}, {"A.b": "identifier"}, "narrowing"),
    "raised above the default": ({}, {"A.b": "free_text"}, "widening"),
    "lowered below the default": ({}, {"A.b": "middle"}, "narrowing"),
    "removed from below the default": ({"A.b": "low"}, {}, "widening"),
    "removed from above the default": ({"A.b": "free_text"}, {}, "narrowing"),
    "the default stated": ({}, {"A.b": "identifier"}, "neutral"),
    "the default no longer stated": ({"A.b": "identifier"}, {}, "neutral"),
    "one raised, one lowered": (
        {"A.b": "middle", "A.c": "middle"},
        {"A.b": "low", "A.c": "identifier"},
        "widening",
    ),
    "one lowered, one kept": (
        {"A.b": "middle", "A.c": "free_text"},
        {"A.b": "low", "A.c": "free_text"},
        "narrowing",
    ),
    "another identifier": ({"A.b": "middle"}, {"A.c": "middle"}, "widening"),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_change_of_the_rule(name: str) -> None:
    """More beside an identifier widens, less narrows; callers and readers see nothing of it."""
    before, after, privacy = VERDICTS[name]

    (change,) = diff(catalogue(linkability=before), catalogue(linkability=after))

    assert (change.place, change.kind) == ("catalogue.linkability", "linkability_changed")
    assert change.privacy.verdict.value == privacy
    assert not change.is_breaking


def test_the_reason_names_what_widens() -> None:
    """Only identifiers whose ceiling rose."""
    before = {"A.b": "middle", "A.c": "middle", "A.d": "low"}
    after = {"A.b": "low", "A.c": "identifier"}

    (change,) = diff(catalogue(linkability=before), catalogue(linkability=after))

    assert change.privacy.reason == "a higher class may ride along with A.c and A.d than before"


def test_the_order_of_entries_is_no_change() -> None:
    """The same entries written otherwise have the same digest."""
    rules = [{"A.b": "low", "A.c": "middle"}, {"A.c": "middle", "A.b": "low"}]
    one, other = (catalogue(linkability=rule) for rule in rules)

    assert diff(one, other) == ()
    assert projection_digest(project_rules(one)) == projection_digest(project_rules(other))


def test_a_catalogue_without_the_rule_is_projected_as_before() -> None:
    """What was approved before there was such a rule stays approved."""
    assert "linkability" not in project_rules(catalogue(linkability={}))
    assert project_rules(catalogue(linkability={"A.b": "low"}))["linkability"] == {"A.b": "low"}
