"""Different people in different roles: who is one person, and who is wanted still."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from review_work import LOG, RULES_LOG

from declarant_codegen.review.people import filled, names_of, wanting

if TYPE_CHECKING:
    from review_work import Work

ROLES = ["counsel", "reviewer"]


@pytest.mark.parametrize(
    "other",
    [
        *("ann  other", "ANN OTHER", "Ann Other <ann@example.com>", "\uff21nn Other"),
        *("Ann.Other", "Ann. Other", "Other, Ann", "ann_other", "AnnOther", "other ann <x@y.z>"),
    ],
)
def test_spellings_of_one_name_are_one_person(other: str) -> None:
    """Neither case, signs, order, width of letters nor an address beside it makes another one."""
    assert names_of("Ann Other") & names_of(other)
    assert not names_of("Ben Other") & names_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("R. Viewer", "C. Viewer"),
        ("Ann Other", "Ann"),
        ("\u0939\u093f\u0928", "\u0939\u0928"),  # a vowel sign belongs to its letter
        ("ann.other@example.com", "other.ann@example.com"),
        ("?", "!"),
    ],
)
def test_other_names_are_other_people(one: str, other: str) -> None:
    """Only signs and order are passed over."""
    assert names_of(one)
    assert not names_of(one) & names_of(other)


def test_an_address_joins_two_spellings() -> None:
    """Who approved as name and address is also who approved as either."""
    signed = [("Ann", "a"), ("ann@example.com", "b"), ("Ann <ann@example.com>", "c")]

    assert filled("abc", signed) == 1
    assert filled("abc", signed[:2]) == 2
    assert names_of("Somebody <ann@example.XX>") & names_of("ann@example.XX")


@pytest.mark.parametrize(
    ("signed", "wanted"),
    [
        ([], ("a", "b")),
        ([("Ann", "a")], ("b",)),
        ([("Ann", "a"), ("Ben", "b")], ()),
        ([("Ann", "a"), ("Ann", "b")], ("a", "b")),
        ([("Ann", "a"), ("Ann", "b"), ("Ben", "a")], ()),
        ([("Ann", "a"), ("Ben", "a"), ("Ann", "b")], ()),
        ([("Ann", "c"), ("Ben", "a")], ("b",)),
    ],
)
def test_each_role_wants_somebody_of_its_own(
    signed: list[tuple[str, str]], wanted: tuple[str, ...]
) -> None:
    """In whatever order they approved."""
    assert wanting("ab", signed) == wanted
    assert wanting("ab", signed[::-1]) == wanted


def test_one_person_fills_one_role(work: Work) -> None:
    """The second role is refused to them, in any spelling, and open to another person."""
    work.policy(rest=ROLES)
    work.approve("--all", by="Ann", role="reviewer")
    before = work.files()

    for by in ("Ann", "ann ", "Ann <ann@example.com>"):
        ran = work.approve("SampleOpened", by=by, role="counsel", code=1)
        assert "expected another person in each role, found" in ran.err
        assert 'who approved it as "reviewer"; let somebody else approve as "counsel"' in ran.err
    assert work.approve("--all", by="Ann", role="counsel", code=1).err
    assert work.files() == before

    work.approve("--all", by="Ben", role="counsel")
    assert work.rules() == []


def test_approvals_of_one_person_in_both_roles_are_incomplete(work: Work) -> None:
    """However they came in; another person in either role completes them."""
    work.policy(rest=ROLES)
    for role in ROLES:
        work.approve("--all", role=role)
    work.forge(LOG, lambda approvals: [item.update(by="Ann") for item in approvals])

    assert work.rules() == ["SEAL_INCOMPLETE"]
    message = work.message("SEAL_INCOMPLETE")
    assert 'by different people as "counsel" and "reviewer", found one person' in message
    assert work.standing().missing == ("counsel", "reviewer")
    work.approve("SampleOpened", by="Ann", role="reviewer", code=1)
    work.approve("SampleOpened", by="Ben", role="reviewer")
    assert work.rules() == []


def test_where_self_approval_is_allowed_one_person_may_do(work: Work) -> None:
    """Once that ends, what comes after wants somebody else, too; also against a later base."""
    work.policy(rest=ROLES, self_approval=True)
    for role in ROLES:
        work.approve("--all", by="Ann", role=role)
    assert work.rules() == []

    work.policy(rest=ROLES)
    assert work.rules() == []
    base = work.folder / "base"
    shutil.copytree(work.schemas, base / "schemas")
    work.event(x_retention_days=99)
    work.approve("SampleOpened", by="Ann", role="reviewer")
    work.approve("SampleOpened", by="Ann", role="counsel", code=1)

    work.forge(LOG, lambda approvals: approvals.append({**approvals[-1], "role": "counsel"}))
    assert "SEAL_INCOMPLETE" in work.rules("--against", str(base / "schemas"))


@pytest.mark.parametrize("has_rules", [True, False])
def test_rules_that_allow_it_are_approved_by_two_people(work: Work, has_rules: bool) -> None:
    """Nobody lets themselves do it alone, also where no rules said so before."""
    if has_rules:
        work.policy(rest=ROLES)
    for role in ROLES if has_rules else ROLES[:1]:
        work.approve("--all", role=role)
    work.policy(rest=ROLES, self_approval=True)
    work.approve("catalogue", by="Ann", role="reviewer")

    work.approve("catalogue", by="Ann", role="counsel", code=1)
    work.forge(RULES_LOG, lambda it: it.append({**it[-1], "role": "counsel"}))
    assert work.rules() == ["SEAL_INCOMPLETE"]
