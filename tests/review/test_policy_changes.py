"""What a change of the rules of review means for privacy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant_codegen.privacy_diff import Privacy
from declarant_codegen.privacy_diff.review_rules import review_verdict, suppressions_verdict
from declarant_codegen.review.roles import roles_for

CLASSES = ["low", "middle", "identifier", "free_text", "rules"]
POLICIES = st.none() | st.fixed_dictionaries(
    {
        "approvers": st.fixed_dictionaries(
            {name: st.lists(st.sampled_from("abc"), min_size=1, unique=True) for name in CLASSES}
        ),
        "self_approval": st.booleans(),
    }
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "rule": st.sampled_from(["A", "B"]),
            "place": st.sampled_from(["x", "y"]),
            "until": st.dates().map(str),
        }
    ),
    max_size=3,
)


def asked(policy: Any, classes: list[str]) -> set[str]:
    """Return the roles that a policy asks for."""
    return set(roles_for(classes, policy["approvers"] if policy else {}))


@given(POLICIES, POLICIES, st.lists(st.sampled_from(CLASSES), min_size=1))
def test_what_narrows_asks_for_no_fewer(old: Any, new: Any, classes: list[str]) -> None:
    """After a narrowing change, every role that had to approve anything still has to."""
    if review_verdict(old, new).verdict is not Privacy.WIDENING:
        assert asked(old, classes) <= asked(new, classes)
        assert not (new and new["self_approval"]) or (old and old["self_approval"])


@given(POLICIES)
def test_the_same_policy_does_not_widen(policy: Any) -> None:
    """A policy is no wider than itself."""
    assert review_verdict(policy, policy).verdict is not Privacy.WIDENING


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, {"rules": ["a"]}, Privacy.NARROWING),
        ({"rules": ["a"]}, None, Privacy.WIDENING),
        ({"rules": ["a"]}, {"rules": ["a", "b"]}, Privacy.NARROWING),
        ({"rules": ["a", "b"]}, {"rules": ["a"]}, Privacy.WIDENING),
        ({"rules": ["a"]}, {"rules": ["b"]}, Privacy.WIDENING),
    ],
)
def test_roles_that_come_and_go(old: Any, new: Any, expected: Privacy) -> None:
    """A role more narrows, a role less or another one widens."""
    policies = [
        None if approvers is None else {"approvers": approvers, "self_approval": False}
        for approvers in (old, new)
    ]

    verdict = review_verdict(*policies)
    assert verdict.verdict is expected
    assert verdict.reason == (
        "more is asked before a change is approved"
        if expected is Privacy.NARROWING
        else "a role that had to approve what widens rules no longer has to"
    )


def test_self_approval_widens() -> None:
    """Who may approve what they made is judged by nobody else."""
    strict, lax = ({"approvers": {"low": ["a"]}, "self_approval": own} for own in (False, True))

    told = review_verdict(strict, lax)
    assert told.verdict is Privacy.WIDENING
    assert told.reason == "those who make a change may now approve it themselves"
    assert review_verdict(lax, strict).verdict is Privacy.NARROWING


@given(ROWS, ROWS)
def test_exceptions_narrow_only_where_none_is_new_or_longer(old: Any, new: Any) -> None:
    """Whatever is accepted on some day after a narrowing was accepted on that day before."""
    if suppressions_verdict(old, new).verdict is not Privacy.WIDENING:
        for row in new:
            assert any(
                (was["rule"], was["place"]) == (row["rule"], row["place"])
                and was["until"] >= row["until"]
                for was in old
            )


def test_a_longer_exception_is_told() -> None:
    """By its rule; one that ends sooner, or is gone, is fewer."""
    rows = [{"rule": "A", "place": "x", "until": f"2027-01-0{day}"} for day in (1, 2)]

    told = [suppressions_verdict([old], [new]) for old, new in (rows, rows[::-1])]

    assert [item.verdict for item in told] == [Privacy.WIDENING, Privacy.NARROWING]
    assert [item.reason for item in told] == [
        "a finding of A is accepted that was not, or for longer",
        "fewer findings are accepted",
    ]


@given(ROWS)
def test_the_same_exceptions_do_not_widen(rows: Any) -> None:
    """In whatever order, a list of exceptions is no wider than itself."""
    assert suppressions_verdict(rows, list(reversed(rows))).verdict is not Privacy.WIDENING
    assert suppressions_verdict(rows, None).verdict is Privacy.NARROWING
