"""A change of the rules is told in sentences, of what differs alone, never as the JSON it is."""

from __future__ import annotations

from typing import Any

import pytest
from made_catalogues import catalogue

from declarant_codegen.privacy_diff import diff
from declarant_codegen.privacy_diff.catalogue_rules import compare_rules

LOW_MIDDLE = {"low": ["product-owner"], "middle": ["privacy-counsel"]}
OWN, NOT_OWN = (f"those who own or wrote a change {may} approve it" for may in ("may", "may not"))
RULES: dict[str, tuple[str, Any, Any, str, str]] = {
    "another role": (
        "review",
        {"approvers": LOW_MIDDLE, "self_approval": False},
        {"approvers": {**LOW_MIDDLE, "low": ["a", "b"]}, "self_approval": False},
        "what widens low is approved by product-owner",
        "what widens low is approved by a and b",
    ),
    "self-approval": (
        "review",
        {"approvers": LOW_MIDDLE, "self_approval": False},
        {"approvers": LOW_MIDDLE, "self_approval": True},
        NOT_OWN,
        OWN,
    ),
    "a class less": (
        "review",
        {"approvers": LOW_MIDDLE, "self_approval": False},
        {"approvers": {"low": ["product-owner"]}, "self_approval": False},
        "what widens middle is approved by privacy-counsel",
        "what widens middle is approved by any one role",
    ),
    "no rule before": (
        "review",
        None,
        {"approvers": {"low": ["product-owner"]}, "self_approval": True},
        f"what widens low is approved by any one role; {NOT_OWN}",
        f"what widens low is approved by product-owner; {OWN}",
    ),
    "a role in another script": (
        "review",
        {"approvers": {"low": ["Pr\u00fcfer"]}, "self_approval": True},
        {"approvers": {"low": ["owner"]}, "self_approval": True},
        "what widens low is approved by Pr\\u00fcfer",
        "what widens low is approved by owner",
    ),
    "an identifier that had the default": (
        "linkability",
        {"A.b": "low"},
        {"A.b": "low", "A.c": "free_text"},
        "values of class identifier and below may stand in one event with A.c",
        "values of class free_text and below may stand in one event with A.c",
    ),
    "the default stated": (
        "linkability",
        None,
        {"A.c": "identifier"},
        "none",
        "values of class identifier and below may stand in one event with A.c",
    ),
    "an exception for longer": (
        "suppressions",
        [{"rule": "DEF_UNUSED", "place": "x", "until": "2027-01-01"}],
        [
            {"rule": "DEF_UNUSED", "place": "x", "until": "2027-01-01"},
            {"rule": "NAME_SENSITIVE", "place": "y", "until": "2027-01-02"},
        ],
        "none",
        "NAME_SENSITIVE is accepted at y until 2027-01-02",
    ),
    "a root more": (
        "package_roots",
        ["kit"],
        ["kit", "other"],
        "paths in free text are kept from the folders kit on",
        "paths in free text are kept from the folders kit and other on",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_what_differs_is_told_in_sentences(name: str) -> None:
    """Before and after, and nothing of what stays."""
    key, old, new, before, after = RULES[name]
    rules = [{key: value} if value is not None else {} for value in (old, new)]

    (there,) = compare_rules(*rules)
    (back,) = compare_rules(*rules[::-1])

    assert (there.before, there.after) == (before, after)
    assert (back.before, back.after) == (after, before)


def test_every_reason_is_told() -> None:
    """Who may approve their own change, and who no longer must, stand in one reason."""
    before = {"approvers": {**LOW_MIDDLE, "rules": ["a"]}, "self_approval": False}
    after = {"approvers": {**LOW_MIDDLE, "low": ["b"], "rules": ["b"]}, "self_approval": True}

    (change,) = compare_rules({"review": before}, {"review": after})

    assert change.is_widening
    assert change.privacy.reason == (
        "those who make a change may now approve it themselves, and a role that had to approve "
        "what widens low and rules no longer has to"
    )


def test_a_product_by_another_name_loses_answers() -> None:
    """The user's answer and the variables that switch off have the product's name."""
    (change,) = diff(catalogue(product="old"), catalogue(product="new"))

    assert change.is_widening
    assert change.privacy.reason.endswith("go by the old name: a no may be forgotten")


def test_a_rule_that_nobody_knows_widens() -> None:
    """Nothing is proven of it, and it is shown as it stands."""
    (change,) = compare_rules({"a_rule": [1]}, {"a_rule": {"x": 2}})

    assert (change.before, change.after) == ("[1]", '{"x": 2}')
    assert change.is_widening
    assert change.privacy.reason == (
        "nothing proves that the new rule allows no more than the old one"
    )
