"""The command review: pages of what is open or asked for, in three forms; it writes nothing."""

from __future__ import annotations

import json
import sys

import pytest
from review_work import Work, declarant, in_process


def test_without_subjects_what_is_open_is_told(work: Work) -> None:
    """Each page of what is not approved as it is, in the order of the catalogue."""
    ran = declarant("review")

    assert (ran.code, ran.err) == (0, "")
    titles = [line for line in ran.out.splitlines() if line.startswith("Review of ")]
    assert titles == [
        "Review of the rules of Sample's catalogue",
        "Review of the context ext.os of Sample",
        "Review of the event SampleOpened of Sample",
    ]
    work.approve("catalogue", "ext.os")
    assert declarant("review").out.count("Review of ") == 1
    work.approve("SampleOpened")
    assert declarant("review").out == (
        "Everything is approved as it is: 1 event, their context, and the rules.\n"
    )


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.parametrize("subject", ["SampleOpened", "ext.os", "catalogue"])
def test_every_subject_has_a_page_in_every_form(approved: Work, form: str, subject: str) -> None:
    """Approved or not, a subject that is named is told, and no file is touched."""
    before = approved.files()

    ran = declarant("review", subject, "--format", form)

    assert (ran.code, ran.err) == (0, "")
    if form == "json":
        told = json.loads(ran.out)
        assert [item["subject"] for item in told["pages"]] == [subject]
        assert told["subjects"][0] == {"subject": "catalogue", "state": "approved", "missing": []}
    else:
        assert subject in ran.out or subject == "catalogue"
        assert "A reviewer" in ran.out
        assert ran.out.endswith("\n")
    assert all(letter.isprintable() or letter == "\n" for letter in ran.out)
    assert approved.files() == before
    assert [path.name for path in approved.folder.iterdir()] == ["schemas"]


def test_nothing_open_is_told_in_every_form(approved: Work) -> None:
    """An empty answer is one."""
    assert declarant("review", "--format", "markdown").out == declarant("review").out
    assert json.loads(declarant("review", "--format", "json").out)["pages"] == []


def test_several_pages_are_apart(work: Work) -> None:
    """Markdown pages are joined by a rule, once for each subject that is named."""
    ran = declarant("review", "ext.os", "catalogue", "ext.os", "--format", "markdown")

    assert ran.out.count("# Review of ") == 2
    assert ran.out.count("\n\n---\n\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["Nothing"], 2, 'expected an event, ext.SLOT or catalogue, found "Nothing"; known: '),
        (["SampleOpend"], 2, 'did you mean "SampleOpened"?'),
        (["\x1b[2J"], 2, 'found "\\u001b[2J"'),
        (["--schemas", "no\x1bwhere"], 2, "no\\u001bwhere: expected a folder of schemas"),
        (["--format", "pdf"], 2, "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_said(
    work: Work, words: list[str], code: int, expected: str
) -> None:
    """Wrong arguments end with 2, and no escape reaches the terminal."""
    ran = declarant("review", *words)

    assert (ran.code, ran.out) == (code, "")
    assert expected in ran.err
    assert "\x1b" not in ran.err


def test_a_faulty_catalogue_has_no_pages(work: Work) -> None:
    """Its findings are told instead, and it ends with 1."""
    work.event(x_level="must")

    ran = declarant("review")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1] == (
        "declarant review: expected a catalogue without errors, found those above; mend them first"
    )


def test_samples_that_cannot_be_made_are_said(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does not start ends the command with 2, in one line."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    ran = declarant("review", "SampleOpened")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("declarant review: ")
    assert ran.err.count("\n") == 1


def test_damaged_approvals_are_told(approved: Work) -> None:
    """A page says that what was approved cannot be trusted, and gives no command."""
    approved.edit("reviews/sample_opened.json", lambda it: it["approvals"][0].update(by="Me"))

    ran = declarant("review")

    assert ran.code == 1
    assert "State: approvals damaged" in ran.out
    assert "To approve" not in ran.out
    found, summary = ran.err.splitlines()
    assert "schemas/reviews/sample_opened.json:" in found
    assert "SEAL_BROKEN" in found
    assert summary.startswith("declarant review: expected sound approvals, found those above")


@pytest.mark.parametrize("text", ["{", "[]", ""])
@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_approvals_that_cannot_be_read_end_with_1(approved: Work, text: str, form: str) -> None:
    """Whichever page is asked for, the damage is told beside it."""
    (approved.schemas / "reviews/sample_opened.json").write_text(text, "utf-8")

    for subject in ("SampleOpened", "catalogue"):
        ran = declarant("review", subject, "--format", form)
        assert (ran.code, bool(ran.out)) == (1, True)
        assert "schemas/reviews/sample_opened.json:1: error " in ran.err
        assert ("approvals damaged" in ran.out) == (subject == "SampleOpened" or form == "json")


def test_a_reader_that_leaves_ends_it_quietly(work: Work) -> None:
    """A page that nobody reads to its end ends without a word, as by the signal."""
    run = in_process("review", "SampleOpened", cwd=work.folder)
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()

    told = run.stderr.read()
    run.stderr.close()

    assert run.wait() == 141, told
    assert told == ""
