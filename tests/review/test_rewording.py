"""Words that changed since an approval: shown where they are known, judged nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from review_work import EVENT, LOG, RULES_LOG, declarant

if TYPE_CHECKING:
    from review_work import Work

HEADING = "Words that changed since, which needs no approval"


def page(*words: str) -> Any:
    """Return the page of the event as JSON has it."""
    (made,) = json.loads(declarant("review", "SampleOpened", "--format", "json", *words).out)[
        "pages"
    ]
    return made


def forget(work: Work, key: str) -> None:
    """Make approvals as they were before they held words."""
    work.forge(key, lambda approvals: [item.pop("wording") for item in approvals])


def test_words_are_compared_with_those_of_the_approval(approved: Work) -> None:
    """Old and new text; the subject stays approved, and nothing has to be done."""
    approved.event(description="A door was opened.", x_purpose="Sell doors.")

    assert approved.state() == "APPROVED"
    assert approved.rules() == []
    made = page()
    assert (made["state"], made["changes"]) == ("approved", [])
    assert [(item["keyword"], item["before"], item["after"]) for item in made["words"]] == [
        ("description", ["Something was opened."], ["A door was opened."]),
        ("x-purpose", ["Learn what is opened."], ["Sell doors."]),
    ]
    text = declarant("review", "SampleOpened").out
    assert f'{HEADING}\n  SampleOpened: description\n    before: "Something was' in text
    markdown = declarant("review", "SampleOpened", "--format", "markdown").out
    assert f"## {HEADING}\n\n- `SampleOpened`: description\n" in markdown


def test_a_page_of_what_is_open_has_them_too(approved: Work) -> None:
    """A change that needs an approval stands beside one of words."""
    approved.event(description="A door was opened.", x_retention_days=300)

    made = page()
    assert made["state"] == "wider than approved"
    assert [item["keyword"] for item in made["words"]] == ["description"]


def test_a_new_subject_has_no_earlier_words(work: Work) -> None:
    """Nothing is said of words where nothing was approved."""
    assert page()["words"] is None
    assert "Words" not in declarant("review", "SampleOpened").out
    assert "Words" not in declarant("review", "SampleOpened", "--format", "markdown").out
    del work


def test_an_approval_without_words_says_nothing_of_them(approved: Work) -> None:
    """It still approves; the page says that it does not know."""
    forget(approved, LOG)
    approved.event(description="A door was opened.")

    assert approved.state() == "APPROVED"
    assert page()["words"] is None
    assert f"{HEADING}\n  Not known: " in declarant("review", "SampleOpened").out
    ran = declarant("diff", "seals")
    assert ran.code == 0
    assert "as their approvals hold none: SampleOpened\n" in ran.out
    assert "A door" not in ran.out


def test_a_later_approval_has_the_words_of_its_day(approved: Work) -> None:
    """What was shown then is not shown again."""
    approved.event(description="A door was opened.", x_retention_days=300)
    approved.approve("SampleOpened")

    assert page()["words"] == []
    assert f"{HEADING}\n  Nothing.\n" in declarant("review", "SampleOpened").out


def test_review_names_what_was_reworded(approved: Work) -> None:
    """Without an open subject there is no page, but a line that says where words changed."""
    approved.event(description="A door was opened.")
    approved.edit("catalogue.json", lambda value: value.update(display_name="Doors"))

    out = declarant("review").out
    assert out.splitlines()[1] == (
        "Words changed since, which needs no approval: catalogue and SampleOpened; "
        "name one to see them."
    )


def test_the_seals_are_a_base_for_words(approved: Work) -> None:
    """``diff seals`` compares with what was approved, without a verdict."""
    approved.edit("catalogue.json", lambda value: value.update(display_name="Doors"))

    ran = declarant("diff", "seals", "--format", "json")
    assert ran.code == 0
    told = json.loads(ran.out)
    (row,) = told["words"]
    assert (row["place"], row["keyword"]) == ("catalogue", "display_name")
    assert (row["before"], row["after"]) == (["Sample"], ["Doors"])
    assert told["words_not_compared"] == []


def test_what_users_read_is_approved(approved: Work) -> None:
    """A sentence of the notice with other words waits for the rules' roles, and for no version."""
    approved.edit("catalogue.json", lambda value: value["consent"]["notice"].update(usage="All."))

    assert approved.rules() == ["SEAL_MISMATCH"]
    assert "users read other words" in approved.message("SEAL_MISMATCH")
    (told,) = json.loads(declarant("diff", "seals", "--format", "json").out)["changes"]
    assert told["place"] == "catalogue.consent.notice.usage"
    assert (told["before"], told["after"]) == ('"What is used."', '"All."')
    assert 'users read under usage: "All."' in declarant("review", "catalogue").out
    approved.approve("catalogue")
    assert approved.rules() == []


def test_approvals_without_sentences_are_asked_for_them(approved: Work) -> None:
    """An approval from before they took part does not say what users read."""
    approved.forge(RULES_LOG, lambda log: [item["projection"].pop("sentences") for item in log])

    assert approved.rules() == ["SEAL_MISMATCH"]
    assert "catalogue.consent, found" in approved.message("SEAL_MISMATCH")
    approved.approve("catalogue")
    assert approved.rules() == []


def test_words_in_a_log_are_sealed(approved: Work) -> None:
    """Whoever changes them there is found."""
    for key in (LOG, RULES_LOG):
        approved.edit(key, lambda value: value["approvals"][0]["wording"].clear())

    assert approved.rules().count("SEAL_BROKEN") == 2
    assert approved.read(EVENT)["description"] == "Something was opened."
