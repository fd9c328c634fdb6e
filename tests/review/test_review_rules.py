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
    """A suppression covers its rule at the very place of a finding, and nothing beside it."""
    assert found(warned) == [
        "NOTICE_UNUSED /consent/notice/other",
        "NOTICE_UNUSED /consent/notice/more",
        "EXT_SLOT_UNUSED /title",
    ]

    suppress(warned, ("NOTICE_UNUSED", OTHER))
    assert found(warned) == ["NOTICE_UNUSED /consent/notice/more", "EXT_SLOT_UNUSED /title"]
    suppressed = load_catalogue(warned.schemas).suppressed
    assert [item.pointer for item in suppressed] == ["/consent/notice/other"]


@pytest.mark.parametrize(
    "place", ["catalogue.json", "catalogue.json#/consent", "catalogue.json#/consent/notice"]
)
def test_a_place_around_findings_is_refused(warned: Work, place: str) -> None:
    """It would cover what is added later; the message says which place to write."""
    before = set(found(warned))

    suppress(warned, ("NOTICE_UNUSED", place))

    assert set(found(warned)) == {*before, "SUPPRESSION_TOO_WIDE /suppressions/0/place"}
    (told,) = [
        item.message
        for item in load_catalogue(warned.schemas).findings
        if item.rule_id == "SUPPRESSION_TOO_WIDE"
    ]
    assert told == (
        f'expected the very place of a finding of NOTICE_UNUSED, found "{place}", which would hide '
        'later ones inside it too; write "catalogue.json#/consent/notice/more" (and 1 other, each '
        "its own)"
    )


def test_a_later_field_is_not_covered(work: Work) -> None:
    """An exception for a file, its fields or an object says nothing of a name added to it."""
    host = {"type": "string", "pattern": "^[a-z]{1,9}$", "x-class": "middle"}
    host |= {"description": "A word.", "x-notice": "usage"}
    outer = {k: v for k, v in host.items() if k not in ("pattern", "type")}
    outer |= {"type": "object", "additionalProperties": False, "required": []}
    inner = {**host, "x-class": "middle"}
    work.field("user_name", {**outer, "properties": {"email": inner}})
    work.field("host", host)
    named = [item for item in found(work) if item.startswith("NAME_SENSITIVE")]
    assert named == [
        "NAME_SENSITIVE /properties/user_name/properties/email/x-class",
        "NAME_SENSITIVE /properties/host/x-class",
    ]

    for place in ("/properties/host", "/properties/host/x-class"):
        suppress(work, ("NAME_SENSITIVE", f"{EVENT}#{place}"))
        kept = [item for item in found(work) if item.startswith(("NAME_", "SUPP"))]
        assert kept == named[:1]
    inner = f"{EVENT}#/properties/user_name"
    for place in (EVENT, f"{EVENT}#/properties", inner, f"{inner}/properties"):
        suppress(work, ("NAME_SENSITIVE", place))
        kept = [item for item in found(work) if item.startswith(("NAME_", "SUPP"))]
        assert kept == ["SUPPRESSION_TOO_WIDE /suppressions/0/place", *named]


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
    suppress(warned, ("NOTICE_UNUSED", OTHER), ("NOTICE_UNUSED", OTHER))

    assert found(warned) == ["NOTICE_UNUSED /consent/notice/more", "EXT_SLOT_UNUSED /title"]


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
    suppress(work, ("EVENT_NAME_PREFIX", f"{EVENT}#/title"))
    work.approve("--all")

    assert declarant("generate").code == 0
    assert work.check() == work.check("--full") == []
    assert work.read("reviews/catalogue.json")["approvals"][0]["approved"][-1] == (
        f"EVENT_NAME_PREFIX is accepted at {EVENT}#/title until 2027-01-01"
    )
