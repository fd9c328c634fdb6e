"""Findings that the catalogue accepts for a time: which, where, and what is wrong with that."""

from __future__ import annotations

from typing import Any

import pytest
from review_work import EVENT, Work, declarant

from declarant_codegen import load_catalogue
from declarant_codegen.rules import RULES, SUPPRESSIBLE

OTHER = "catalogue.json#/consent/notice/other"


def suppress(work: Work, *rows: tuple[str, str]) -> None:
    """Accept findings of (rule, place)."""
    listed = [
        {
            "rule": rule,
            "place": place,
            "reason": "It comes soon.",
            "owner": "sample-owner",
            "until": "2027-01-01",
        }
        for rule, place in rows
    ]
    work.edit("catalogue.json", lambda value: value.update(suppressions=listed))


@pytest.fixture
def warned(work: Work) -> Work:
    """A catalogue with two warnings of one rule and one of another."""

    def change(value: Any) -> None:
        value["consent"]["notice"].update(other="What is not used.", more="Nor this.")

    work.edit("catalogue.json", change)
    work.event(x_ext=[])
    return work


def found(work: Work) -> list[str]:
    """Return what loading finds, in short."""
    return [f"{item.rule_id} {item.pointer}" for item in load_catalogue(work.schemas).findings]


def test_only_the_place_that_is_named_is_accepted(warned: Work) -> None:
    """A suppression covers its rule, at its place and inside it, and nothing beside it."""
    assert found(warned) == [
        "NOTICE_UNUSED /consent/notice/other",
        "NOTICE_UNUSED /consent/notice/more",
        "EXT_SLOT_UNUSED /title",
    ]

    suppress(warned, ("NOTICE_UNUSED", OTHER))
    assert found(warned) == ["NOTICE_UNUSED /consent/notice/more", "EXT_SLOT_UNUSED /title"]
    suppressed = load_catalogue(warned.schemas).suppressed
    assert [item.pointer for item in suppressed] == ["/consent/notice/other"]

    for place in ("catalogue.json", "catalogue.json#/consent", "catalogue.json#/consent/notice"):
        suppress(warned, ("NOTICE_UNUSED", place))
        assert found(warned) == ["EXT_SLOT_UNUSED /title"]


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("NOTICE_UNUSED", "catalogue.json#/consent/notice/othe"),
        ("NOTICE_UNUSED", "catalogue.json#/consent/notice/otherwise"),
        ("NOTICE_UNUSED", "catalogue.json#consent/notice/other"),
        ("NOTICE_UNUSED", EVENT),
        ("NOTICE_UNUSED", "events/none.schema.json"),
        ("NOTICE_UNUSED", "../schemas/catalogue.json"),
        ("EXT_SLOT_UNUSED", OTHER),
        ("DEF_UNUSED", OTHER),
    ],
)
def test_what_covers_nothing_is_found(warned: Work, rule: str, place: str) -> None:
    """A suppression of another rule or place hides nothing, and is too many."""
    before = set(found(warned))

    suppress(warned, (rule, place))

    assert set(found(warned)) == {*before, "SUPPRESSION_UNUSED /suppressions/0"}


def test_two_for_one_are_both_used(warned: Work) -> None:
    """A finding that is covered twice leaves neither suppression unused."""
    suppress(warned, ("NOTICE_UNUSED", OTHER), ("NOTICE_UNUSED", "catalogue.json"))

    assert found(warned) == ["EXT_SLOT_UNUSED /title"]


def test_what_the_collector_refuses_has_no_exception(warned: Work) -> None:
    """Only rules of judgement may be excepted, whatever the place."""
    for rule in sorted(RULES.keys() - SUPPRESSIBLE):
        suppress(warned, (rule, "catalogue.json"))
        assert "SUPPRESSION_NOT_ALLOWED /suppressions/0/rule" in found(warned)
    suppress(warned, ("NO_SUCH_RULE", "catalogue.json"))
    assert "SUPPRESSION_NOT_ALLOWED /suppressions/0/rule" in found(warned)


def test_only_judgement_is_suppressed() -> None:
    """Nothing about exceptions, approvals, files or the wire is open to exceptions."""
    closed = ("SEAL_", "SUPPRESSION_", "ACCEPTED_", "FILE_", "JSON_", "EXT_FIELD_", "CONSENT_")

    assert [rule for rule in SUPPRESSIBLE if rule.startswith(closed)] == []
    errors = {rule for rule in SUPPRESSIBLE & RULES.keys() if RULES[rule].severity.value == "error"}
    assert errors <= {"EVENT_NAME_PREFIX", "NAME_SENSITIVE"}


def test_nothing_is_unused_as_long_as_a_file_is_not_read(warned: Work) -> None:
    """What cannot be read may hold what is excepted."""
    suppress(warned, ("NOTICE_UNUSED", "events/none.schema.json"))
    (warned.schemas / "events/none.schema.json").write_text("{")

    assert "SUPPRESSION_UNUSED /suppressions/0" not in found(warned)


def test_a_suppressed_error_is_generated(work: Work) -> None:
    """An accepted finding stops neither generation nor check, and that it is so is approved."""
    work.edit("catalogue.json", lambda value: value.update(event_prefix="Product"))
    work.approve("--all", code=1)
    suppress(work, ("EVENT_NAME_PREFIX", EVENT))
    work.approve("--all")

    assert declarant("generate").code == 0
    assert work.check() == work.check("--full") == []
    assert work.read("reviews/catalogue.json")["approvals"][0]["approved"][-1] == (
        f"EVENT_NAME_PREFIX is accepted at {EVENT} until 2027-01-01"
    )
