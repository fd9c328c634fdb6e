"""check --against: what may not have changed since a folder or a revision."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

import pytest
from review_work import (
    ALICE,
    BOB,
    DAY,
    EVENT,
    LOG,
    RULES_LOG,
    Person,
    Work,
    become,
    commit,
    declarant,
    git,
    needs_git,
    start_repository,
)

CAROL = Person("Carol", "carol@example.com")
WORD = {
    "description": "A word.",
    "type": "string",
    "pattern": "^[a-z]{1,9}$",
    "x-class": "middle",
    "x-notice": "usage",
}
BREAK = {
    "place": "SampleOpened.count",
    "reason": "Nobody asks for it.",
    "owner": "sample-owner",
    "until": "2027-01-01",
}


@pytest.fixture
def base(approved: Work) -> str:
    """A folder with the catalogue as it was approved."""
    shutil.copytree(approved.schemas, approved.folder / "base")
    return "base"


@pytest.fixture
def repository(approved: Work) -> Work:
    """The approved catalogue, committed by Bob on ``main``; Carol works on."""
    start_repository(BOB)
    become(CAROL)
    return approved


def accept(work: Work, *breaks: dict[str, Any]) -> None:
    """List accepted breaks."""
    work.edit("catalogue.json", lambda value: value.update(accepted_breaks=list(breaks)))


def test_nothing_has_changed(approved: Work, base: str) -> None:
    """A catalogue against itself has no findings."""
    assert approved.check("--against", base) == []


def test_approvals_that_are_gone_are_found(approved: Work, base: str) -> None:
    """A log that is shorter, another, or not there at all lacks what the base has."""
    approved.event(x_retention_days=31)
    approved.approve("SampleOpened")
    shutil.copytree(approved.schemas, "later")

    shutil.copy("base/" + LOG, approved.schemas / LOG)
    approved.event(x_retention_days=30)
    assert approved.rules() == []
    assert approved.message("SEAL_SHRUNK", "--against", "later") == (
        "expected every approval of SampleOpened that later has, found 1 approval fewer or "
        "changed; restore them, and add to them with `declarant approve`"
    )

    approved.forge(LOG, lambda approvals: approvals[0].update(by="Somebody else"))
    assert approved.rules() == []
    assert "2 approvals fewer or changed" in approved.message("SEAL_SHRUNK", "--against", "later")
    assert "1 approval fewer or changed" in approved.message("SEAL_SHRUNK", "--against", base)

    (approved.schemas / LOG).unlink()
    assert set(approved.rules("--against", base)) == {"SEAL_MISSING", "SEAL_SHRUNK"}


def test_approvals_of_what_is_gone_stay(approved: Work, base: str) -> None:
    """An event may go; that it was approved may not."""
    (approved.schemas / EVENT).rename(approved.schemas / "events/sample_closed.schema.json")
    approved.edit("events/sample_closed.schema.json", lambda it: it.update(title="SampleClosed"))
    approved.approve("--all")
    assert "SEAL_SHRUNK" not in approved.rules("--against", base)

    (approved.schemas / LOG).unlink()
    assert "SEAL_SHRUNK" in approved.rules("--against", base)


def test_breaks_are_found_unless_accepted(approved: Work, base: str) -> None:
    """A break fails until its place is listed, which is unused once there is none."""
    approved.field("count", None)
    assert approved.message("BREAKING_CHANGE", "--against", base) == (
        "expected SampleOpened.count to serve those who rely on it, found a change (field removed) "
        "that breaks callers (old calls, new emitters: calls so far may give it, and it is no "
        "argument any more) and readers (old queries, new events: queries so far may ask for it, "
        "and it no longer comes); add beside it instead of changing it, or list the place in "
        '"accepted_breaks"'
    )

    accept(approved, BREAK)
    assert approved.rules("--against", base) == []
    assert approved.rules("--against", base, today="2027-01-01") == []
    assert approved.rules("--against", base, today="2027-01-02") == ["ACCEPTED_BREAK_EXPIRED"]

    accept(approved, BREAK, {**BREAK, "place": "SampleOpened.other"})
    assert "SampleOpened.other" in approved.message("ACCEPTED_BREAK_UNUSED", "--against", base)
    (told,) = approved.check("--against", base)
    lines = (approved.schemas / "catalogue.json").read_text("utf-8").splitlines()
    assert told["path"] == "schemas/catalogue.json"
    assert '"SampleOpened.other"' in "".join(lines[told["line"] - 1 : told["line"] + 1])
    accept(approved, {**BREAK, "place": "SampleOpened"})
    assert approved.rules("--against", base) == ["ACCEPTED_BREAK_UNUSED", "BREAKING_CHANGE"]
    # Without a base nobody knows whether a break is there.
    assert approved.rules() == []


def test_a_break_is_told_where_it_stands(approved: Work, base: str) -> None:
    """A finding is on the line of what changed, or on the catalogue's if that is gone."""
    approved.edit(EVENT, lambda it: it["properties"]["count"].update(maximum=10))
    (told,) = approved.check("--against", base)
    lines = (approved.schemas / EVENT).read_text("utf-8").splitlines()
    assert told["path"] == "schemas/" + EVENT
    assert lines[told["line"] - 1].strip().startswith('"count"')

    (approved.schemas / EVENT).rename(approved.schemas / "events/sample_closed.schema.json")
    approved.edit("events/sample_closed.schema.json", lambda it: it.update(title="SampleClosed"))
    found = [it for it in approved.check("--against", base) if it["rule"] == "BREAKING_CHANGE"]
    assert [(it["path"], it["line"]) for it in found] == [("schemas/catalogue.json", 1)]


def test_the_consent_version_rises_exactly_when_it_must(approved: Work, base: str) -> None:
    """Too low for a wider notice, or risen without need; a later base has its own answer."""
    approved.consent(2)
    assert approved.rules("--against", base) == ["CONSENT_VERSION_NEEDLESS"] * 2
    assert {it["path"] for it in approved.check("--against", base)} == {"schemas/catalogue.json"}
    approved.field("word", WORD)
    approved.approve("--all")
    assert approved.rules("--against", base) == []
    shutil.copytree(approved.schemas, "later")
    assert approved.rules("--against", "later") == []

    approved.consent(1)
    assert approved.message("CONSENT_VERSION_LOW", "--against", base, has="since base") == (
        "expected a consent version above 1, as the notice covers more since base "
        "(SampleOpened.word: newly sent, under the line usage), found 1; raise it"
    )
    # Said of the base, and of what was approved.
    fell = (
        "expected a consent version of at least 2, found 1; users who agreed to 2 would count as "
        "asked; raise it"
    )
    found = approved.check("--against", "later")
    assert {item["path"] for item in found} == {"schemas/catalogue.json"}
    told = [item["message"] for item in found]
    assert told == [fell, fell, approved.message("SEAL_MISMATCH")]


@needs_git
@pytest.mark.parametrize("name", ["main", "v1", "HEAD", "HEAD~0", "refs/heads/main", ""])
def test_every_kind_of_revision_is_a_base(repository: Work, name: str) -> None:
    """A branch, a tag, a commit by its hash or from another one."""
    git("tag", "-a", "v1", "-m", "one")
    base = name or git("rev-parse", "--short", "HEAD").strip()
    git("checkout", "-q", "-b", "topic")
    repository.field("count", None)

    assert repository.rules("--against", base) == ["BREAKING_CHANGE"]


@needs_git
def test_authors_that_approved_themselves_are_found(repository: Work) -> None:
    """Approvals since the base, by whoever changed the event since, are refused afterwards too."""
    repository.event(x_retention_days=31)
    repository.approve("SampleOpened", by="alice@example.com")
    commit(by=ALICE)

    assert repository.rules() == []
    assert repository.message("SEAL_SELF_APPROVED", "--against", "HEAD~1") == (
        "expected an approver of SampleOpened who did not write it, found its author; put the "
        "approvals back as HEAD~1 has them, and let somebody else approve"
    )
    assert repository.rules("--against", "HEAD") == []

    git("checkout", "-q", "HEAD~1", "--", "schemas/" + LOG)
    repository.approve("SampleOpened", by="Dora")
    assert repository.rules("--against", "HEAD~1") == []


@needs_git
def test_authors_that_changed_it_later_are_found(repository: Work) -> None:
    """Who approved and then wrote more is an author since the base."""
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    repository.approve("SampleOpened", by="Carol")
    commit(by=BOB)
    assert repository.rules("--against", "HEAD~2") == []

    repository.event(x_retention_days=20)

    assert repository.rules("--against", "HEAD~2") == ["SEAL_SELF_APPROVED"]


@needs_git
def test_an_author_that_was_allowed_must_be_marked(repository: Work) -> None:
    """Where self-approval is allowed, an approval that hides it is found."""
    repository.policy(self_approval=True)
    repository.approve("catalogue")
    commit(by=BOB)
    repository.event(x_retention_days=31)
    repository.approve("SampleOpened", by="Alice Author")
    commit(by=ALICE)
    assert repository.message("SEAL_SELF_APPROVED", "--against", "HEAD~1") == (
        "expected an approval of SampleOpened by its author to say so, found one that does not; "
        "put the approvals back as HEAD~1 has them, and approve anew"
    )

    git("checkout", "-q", "HEAD~1", "--", "schemas/" + LOG)
    repository.approve("SampleOpened", by="Alice Author")
    assert repository.read(LOG)["approvals"][-1]["self_approved"] is True
    assert repository.rules("--against", "HEAD~1") == []


@needs_git
def test_an_author_that_said_so_may_be_followed_by_another(repository: Work) -> None:
    """Once somebody else approved as much, what an author approved openly accuses nobody."""
    repository.policy(self_approval=True)
    repository.approve("catalogue")
    commit(by=BOB)
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    repository.approve("SampleOpened", by="Alice Author")
    repository.policy(self_approval=False)
    assert "SEAL_SELF_APPROVED" in repository.rules("--against", "HEAD~1")

    repository.approve("SampleOpened", by="Dora")

    assert repository.rules("--against", "HEAD~1") == []


@needs_git
def test_a_base_without_reviews_is_a_base(work: Work) -> None:
    """The first approvals are all new, and their authors are asked for."""
    start_repository(BOB)
    work.event(x_retention_days=31)
    commit(by=ALICE)
    work.approve("--all")
    commit(by=BOB)
    assert work.rules("--against", "HEAD~2") == []

    work.forge(LOG, lambda approvals: approvals[0].update(by=ALICE.name))
    assert work.rules("--against", "HEAD~2") == ["SEAL_SELF_APPROVED"]
    work.forge(LOG, lambda approvals: approvals[0].update(by=BOB.name))
    assert work.rules("--against", "HEAD~2") == []


@needs_git
@pytest.mark.parametrize("is_approved", [True, False])
def test_rules_that_were_given_up_count_no_more(approved: Work, is_approved: bool) -> None:
    """A new approval is judged by the rules of the base and later ones, not by older ones."""
    approved.policy(rest=["reviewer", "counsel"])
    if is_approved:
        approved.approve("catalogue")
    start_repository(BOB)
    approved.event(x_retention_days=31)
    approved.approve("SampleOpened")
    assert approved.rules() == ["SEAL_INCOMPLETE"]

    approved.forge(LOG, lambda approvals: approvals[-1].update(needed=[], date="2020-01-01"))
    assert approved.rules() == ["SEAL_DATE_ORDER"]
    approved.forge(LOG, lambda approvals: approvals[-1].update(date=DAY))

    # Nothing but an earlier revision tells that it is no approval of that day.
    assert approved.rules() == []
    assert approved.rules("--against", "HEAD") == ["SEAL_INCOMPLETE"]


@needs_git
def test_rules_that_are_new_count_at_once(approved: Work) -> None:
    """Approvals by rules that were approved since the base are as good."""
    start_repository(BOB)
    approved.policy(rest=["counsel"])
    approved.approve("catalogue", role="counsel")
    approved.event(x_retention_days=31)
    approved.approve("SampleOpened", role="counsel")

    assert approved.rules("--against", "HEAD") == []


def test_a_base_with_errors_of_judgement_is_a_base(approved: Work) -> None:
    """An old catalogue may break a rule that is newer than it."""
    shutil.copytree(approved.schemas, "base")
    old = Work(approved.folder)
    old.schemas = approved.folder / "base"
    old.edit(EVENT, lambda it: it["properties"]["count"].pop("x-notice"))
    approved.consent(2)

    assert "NOTICE_MISSING" in [
        item["rule"] for item in _found(declarant("check", "--format", "json", "--schemas", "base"))
    ]
    assert approved.rules("--against", "base") == ["CONSENT_VERSION_NEEDLESS"]


def _found(ran: Any) -> list[Any]:
    found: list[Any] = json.loads(ran.out)["findings"]
    return found


def could_not_run(words: str, *against: str) -> None:
    """See that a check ended with 2 and one line that says why."""
    ran = declarant("check", "--against", *against)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("declarant check: ")
    assert ran.err.count("\n") == 1
    assert words in ran.err


def test_a_faulty_base_is_no_base(approved: Work, base: str) -> None:
    """What a base declares must be clear."""
    path = approved.folder / base / EVENT
    path.write_text(path.read_text("utf-8").replace('"optional"', '"maybe"'), "utf-8")

    could_not_run("--against: expected a catalogue that can be read, found errors, the first", base)
    (approved.folder / "empty").mkdir()
    could_not_run("CATALOGUE_MISSING", "empty")


@needs_git
@pytest.mark.parametrize(
    "name", ["nowhere", "origin/main", "-x", "--all", "HEAD~99", "main:schemas", "a b"]
)
def test_a_missing_base_is_said(repository: Work, name: str) -> None:
    """What is neither folder nor revision ends the check, in words."""
    ran = declarant("check", f"--against={name}")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f'declarant check: expected a folder or a git revision, found "{name}", which is neither; '
        "fetch it if it is of another clone, or mend its name\n"
    )


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_base_is_no_base(approved: Work, name: str) -> None:
    """A script whose variable is not set is told, and does not pass."""
    ran = declarant("check", "--against", name)

    assert (ran.code, ran.out) == (2, "")
    assert "argument --against: expected a folder or a git revision, found nothing" in ran.err


def test_without_a_repository_a_revision_is_no_base(approved: Work) -> None:
    """Outside of git there are folders only."""
    could_not_run('expected "main" to be a folder, or schemas to be inside a git', "main")


@needs_git
def test_without_git_a_revision_is_no_base(
    repository: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where git is not installed, a folder is still a base."""
    shutil.copytree(repository.schemas, "base")
    monkeypatch.setenv("PATH", os.devnull)

    could_not_run('expected git, to read the revision "main", found none', "main")


@needs_git
def test_a_base_without_the_catalogue_is_said(work: Work) -> None:
    """A revision from before the catalogue has nothing to compare with."""
    hidden = work.folder.parent / "hidden"
    shutil.move(work.schemas, hidden)
    (work.folder / "README").write_text("Soon.")
    start_repository(BOB)
    shutil.move(hidden, work.schemas)
    work.approve("--all")

    could_not_run("expected this folder in the revision", "HEAD")


@needs_git
def test_in_a_shallow_clone_a_base_is_there_or_missed(
    repository: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not fetched is said; what was is compared."""
    repository.event(x_retention_days=20)
    commit(by=ALICE)
    shallow = repository.folder.parent / "shallow"
    git("clone", "-q", "--depth", "1", f"file://{repository.folder}", str(shallow))
    monkeypatch.chdir(shallow)
    clone = Work(shallow)
    could_not_run("fetch it if it is of another clone", "HEAD~1")
    clone.field("count", None)
    assert clone.rules("--against", "HEAD") == ["BREAKING_CHANGE"]


@needs_git
def test_a_forged_log_in_history_is_found(repository: Work) -> None:
    """A branch whose history tells other approvals than the base has is refused."""
    repository.event(x_retention_days=31)
    repository.approve("SampleOpened")
    repository.approve("ext.os", code=1)
    commit(by=BOB)
    git("branch", "released")
    git("reset", "-q", "--hard", "HEAD~1")
    repository.event(x_retention_days=365)
    repository.approve("SampleOpened", by="Somebody")
    commit(by=ALICE)

    assert repository.rules() == []
    assert "SEAL_SHRUNK" in repository.rules("--against", "released")


def test_the_base_is_compared_in_the_quick_way_too(approved: Work, base: str) -> None:
    """A base is asked for whether or not everything is generated."""
    approved.field("count", None)
    assert declarant("generate").code == 0
    assert approved.rules() == []
    assert approved.rules("--against", base) == ["BREAKING_CHANGE"]
    assert approved.rules("--full", "--against", base) == ["BREAKING_CHANGE"]


def test_a_damaged_log_of_the_base_accuses_nobody(approved: Work, base: str) -> None:
    """What the base cannot say is not held against what came after it."""
    (approved.folder / base / RULES_LOG).write_text("{}")

    assert approved.rules("--against", base) == []
