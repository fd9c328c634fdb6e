"""What is wrong with approvals and with the consent version, where, and in which words."""

from __future__ import annotations

import copy
import json

import pytest
from review_work import EVENT, RULES_LOG, Work, declarant

from declarant_codegen.review.seal_findings import DRAFTABLE

WORD = {
    "description": "A word.",
    "type": "string",
    "pattern": "^[a-z]{1,9}$",
    "x-class": "middle",
    "x-notice": "usage",
}


def test_each_missing_approval_is_found(work: Work) -> None:
    """A finding a subject, in the file that declares it."""
    assert [(item["rule"], item["path"]) for item in work.check()] == [
        ("SEAL_MISSING", "schemas/catalogue.json"),
        ("SEAL_MISSING", "schemas/events/sample_opened.schema.json"),
        ("SEAL_MISSING", "schemas/ext/os.schema.json"),
    ]
    assert work.message("SEAL_MISSING", has="own rules") == (
        "expected an approval of the catalogue's own rules, found none; see "
        "`declarant review catalogue`, then `declarant approve catalogue`"
    )


@pytest.mark.parametrize(
    ("members", "line"),
    [
        ({"x_retention_days": 31}, '"x-retention-days": 31,'),
        ({"x_expires": "2029-01-01"}, '"x-expires": "2029-01-01",'),
        ({"x_level": "required"}, '"x-level": "required",'),
        ({"x_exception": True}, '"x-exception": true'),
    ],
)
def test_a_widening_stands_on_its_line(
    approved: Work, members: dict[str, object], line: str
) -> None:
    """The finding is at the keyword that widens, and says why."""
    if "x_exception" in members:
        approved.field("exception_type", {**WORD, "pattern": "^[A-Za-z.]{1,99}$"})
        approved.consent(2)
        approved.approve("--all")
    approved.event(**members)
    (told,) = [
        item
        for item in approved.check()
        if item["rule"] == "SEAL_MISMATCH" and item["path"].endswith(EVENT)
    ]

    lines = (approved.schemas / EVENT).read_text("utf-8").splitlines()
    assert lines[told["line"] - 1].strip() == line
    assert "found a change that widens it: " in told["message"]


def test_a_wider_scope_is_told_where_the_notice_stands(approved: Work) -> None:
    """It is the catalogue's rules that cover more, beside the event that has more."""
    approved.field("word", WORD)
    approved.consent(2)

    (told,) = [
        item
        for item in approved.check()
        if item["rule"] == "SEAL_MISMATCH" and item["path"] == "schemas/catalogue.json"
    ]
    lines = (approved.schemas / "catalogue.json").read_text("utf-8").splitlines()
    assert lines[told["line"] - 1].strip().startswith('"notice"')
    assert told["message"] == (
        "expected what was approved at catalogue.consent.scope, found a change that widens it: "
        "the notice covers more than users were told; see `declarant review catalogue`, then "
        "`declarant approve catalogue`"
    )


def test_generation_refuses_what_is_not_approved(work: Work) -> None:
    """Nothing is written, and the way to try it is told."""
    ran = declarant("generate")

    assert ran.code == 1
    assert "3 errors, 0 warnings; nothing was written" in ran.out
    assert "declarant generate --draft" in ran.out
    assert not (work.folder / "generated").exists()


def test_drafts_pass_over_what_is_open_and_over_nothing_else() -> None:
    """Damaged approvals and self-approvals are no drafts."""
    assert {"SEAL_MISSING", "SEAL_MISMATCH", "SEAL_INCOMPLETE", "CONSENT_VERSION_LOW"} == DRAFTABLE


def wider(work: Work, *, version: int, role: str = "reviewer") -> None:
    """Approve, by hand, a wider scope under a consent version."""
    work.field("word", WORD)
    work.consent(version)
    declared = work.standing("catalogue").subject.projection
    last = work.read(RULES_LOG)["approvals"][-1]
    own = {**copy.deepcopy(last), "projection": declared, "role": role}
    work.forge(RULES_LOG, lambda approvals: approvals.append(own))


def test_a_wider_scope_that_was_approved_under_the_old_version_is_found(approved: Work) -> None:
    """Users agreed to less, whoever approved more in their name."""
    wider(approved, version=1)

    (told,) = [item for item in approved.check() if item["rule"] == "CONSENT_VERSION_LOW"]
    assert told["path"] == "schemas/reviews/catalogue.json"
    assert told["message"] == (
        "expected a consent version above 1 with a wider notice, found 1 approved; raise it and "
        "approve anew"
    )

    approved.consent(2)
    assert approved.rules() == ["SEAL_MISMATCH", "CONSENT_VERSION_LOW"]
    approved.approve("catalogue", "SampleOpened")
    assert approved.rules() == []


def replaced(work: Work, ends: str) -> None:
    """Have another event of the same fields, and the old one end on a day."""
    value = work.read(EVENT)
    other = work.schemas / "events" / "sample_shown.schema.json"
    other.write_text(json.dumps({**value, "title": "SampleShown"}), "utf-8")
    work.event(x_expires=ends)


def test_an_event_is_replaced_only_if_it_ends_soon(approved: Work) -> None:
    """By the day that a check is asked for; and what was approved stays as it was then."""
    replaced(approved, "2027-03-06")  # 100 days later

    assert "CONSENT_VERSION_LOW" not in approved.rules(today="2026-11-26")
    assert "sent beside SampleOpened until 2027-03-06" in approved.message(
        "CONSENT_VERSION_LOW", today="2026-11-25"
    )
    approved.approve("--all")
    assert approved.rules() == []


def test_a_replaced_event_does_not_come_back(approved: Work) -> None:
    """Two steps lead no further than one: users agreed to one of the two events."""
    replaced(approved, "2027-03-06")
    approved.edit("catalogue.json", lambda it: it.update(endpoint="https://other.example.com/"))
    approved.approve("SampleShown", "catalogue")
    assert approved.rules() == []
    approved.event(x_expires="2028-11-30")

    assert approved.rules() == ["CONSENT_VERSION_LOW"]
    approved.consent(2)
    assert approved.rules() == []


def test_a_scope_that_nobody_held_accuses_nobody(work: Work) -> None:
    """What half of the roles approved, and what was given up again, users were never told."""
    work.policy(rest=["reviewer", "counsel"])
    work.field("word", WORD)
    for role in ("reviewer", "counsel"):
        work.approve("--all", role=role)
    work.field("word", None)
    work.field("other", WORD)
    work.consent(2)
    work.approve("catalogue", role="reviewer")
    work.field("other", None)
    work.field("word", WORD)
    work.consent(1)

    assert work.rules() == []
    work.edit("catalogue.json", lambda it: it["consent"]["notice"].update(usage="All of it."))
    work.edit("catalogue.json", lambda it: it.update(endpoint="https://other.example.com/"))
    for role in ("reviewer", "counsel"):
        work.approve("catalogue", role=role)
    assert work.rules() == []
