"""The dates of approvals: what may be stated, and what a log shows to be wrong."""

from __future__ import annotations

import datetime
import json

import pytest
from review_work import DAY, LOG, Work, declarant

from declarant_codegen.expiry import today

WHO = ("--by", "A reviewer", "--role", "reviewer", "--reference", "T-1")
BEFORE = "2026-11-25"


def dated(work: Work, *dates: str) -> None:
    """Give the event's approvals other dates, as somebody may who can write the file."""

    def change(approvals: list[dict[str, object]]) -> None:
        for members, date in zip(approvals, dates, strict=True):
            members["date"] = date

    work.forge(LOG, change)


def test_a_day_to_come_is_refused(work: Work) -> None:
    """Nobody has approved anything tomorrow."""
    beyond = datetime.date.fromisoformat(today()) + datetime.timedelta(days=2)

    ran = declarant("approve", "SampleOpened", *WHO, "--date", str(beyond))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("declarant approve: --date: expected a day up to today, ")
    assert ran.err.endswith(f" in UTC, found {beyond}\n")
    assert not (work.schemas / "reviews").exists()


def test_a_day_before_the_last_approval_is_refused(approved: Work) -> None:
    """The log of that subject alone counts, and the day of the last approval itself is one."""
    approved.event(x_retention_days=31)
    before = approved.files()

    ran = declarant("approve", "SampleOpened", *WHO, "--date", BEFORE)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"declarant approve: SampleOpened: expected a date of {DAY} or later, as the approval "
        f"before it has, found {BEFORE}; nothing was written\n"
    )
    assert approved.files() == before
    approved.approve("SampleOpened")
    assert approved.rules() == []


def test_a_chosen_day_is_told(work: Work) -> None:
    """Whoever approves as of an earlier day reads that they did."""
    ran = declarant("approve", "SampleOpened", *WHO, "--date", "2001-02-03")

    assert ran == (
        0,
        "schemas/reviews/sample_opened.json: SampleOpened approved as of 2001-02-03\n",
        "",
    )


def test_dates_that_go_back_stop_generation(approved: Work) -> None:
    """Each approval that is older than one before it is found, on its line."""
    for days in (31, 32):
        approved.event(x_retention_days=days)
        approved.approve("SampleOpened")
    dated(approved, "2026-11-20", DAY, BEFORE)

    (told,) = approved.check()

    assert (told["rule"], told["path"]) == ("SEAL_DATE_ORDER", f"schemas/{LOG}")
    assert told["message"] == (
        f'expected a date of {DAY} or later, as an approval before it has, found "{BEFORE}"; '
        "restore the log as it was before that approval, and approve anew"
    )
    lines = (approved.schemas / LOG).read_text("utf-8").splitlines()
    assert lines[told["line"] - 1].strip() == f'"date": "{BEFORE}",'
    assert declarant("generate").code == 1


def test_the_log_of_an_event_that_is_gone_counts(approved: Work) -> None:
    """What nobody declares any more is not out of sight."""
    dated(approved, "2026-11-27")
    (approved.schemas / LOG).rename(approved.schemas / "reviews/kept")
    text = (approved.schemas / "reviews/kept").read_text("utf-8")
    (approved.schemas / "reviews/kept").unlink()
    (approved.schemas / "reviews/sample_closed.json").write_text(
        text.replace("SampleOpened", "SampleClosed"), "utf-8"
    )
    approved.forge("reviews/sample_closed.json", lambda approvals: None)
    approved.approve("SampleOpened")

    assert approved.rules() == ["SEAL_DATE_AHEAD"]
    assert approved.rules(today="2026-11-27") == []


@pytest.mark.parametrize("words", [(), ("--full",)])
def test_a_day_to_come_is_found_by_the_day_that_a_check_is_asked_for(
    approved: Work, words: tuple[str, ...]
) -> None:
    """Generation asks no calendar; both checks do."""
    assert declarant("generate").code == 0

    assert approved.rules(*words, today=DAY) == []
    found = approved.check(*words, today=BEFORE)
    assert [(item["rule"], item["path"]) for item in found] == [
        ("SEAL_DATE_AHEAD", "schemas/reviews/catalogue.json"),
        ("SEAL_DATE_AHEAD", "schemas/reviews/ext.os.json"),
        ("SEAL_DATE_AHEAD", f"schemas/{LOG}"),
    ]
    assert found[0]["message"] == (
        f'expected a date up to {BEFORE}, found "{DAY}"; restore the log as it was before that '
        "approval, and approve anew"
    )
    assert declarant("check", *words, "--today", BEFORE).code == 1


def test_a_clock_that_is_behind_makes_no_older_approval(
    approved: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever approves after a reviewer whose clock is ahead approves as of the same day."""
    monkeypatch.setattr("declarant_codegen.expiry.today", lambda: "2001-01-01")
    approved.event(x_retention_days=31)

    assert declarant("approve", "SampleOpened", *WHO).code == 0

    log = json.loads((approved.schemas / LOG).read_text("utf-8"))
    assert [approval["date"] for approval in log["approvals"]] == [DAY, DAY]
