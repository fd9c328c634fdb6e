"""Who wrote what is approved: committed or not, alone or with others, under whatever spelling."""

from __future__ import annotations

import os

import pytest
from review_work import (
    ALICE,
    BOB,
    DAY,
    EVENT,
    LOG,
    Person,
    Work,
    become,
    commit,
    git,
    needs_git,
    start_repository,
)

from declarant_codegen.review.authors import Author, authors_since, authors_unapproved, is_author

pytestmark = needs_git
CAROL = Person("Carol", "carol@example.com")
A, B, C = (Author(*person) for person in (ALICE, BOB, CAROL))


@pytest.fixture
def repository(approved: Work) -> Work:
    """A catalogue that Bob committed and a reviewer approved; nobody works on it."""
    start_repository(BOB)
    become(CAROL)
    return approved


def unapproved(work: Work, name: str = "SampleOpened") -> set[Author]:
    """Return who wrote what is not approved of a subject."""
    return set(authors_unapproved(work.schemas, [work.standing(name)])[name])


@pytest.mark.parametrize(
    ("approver", "expected"),
    [
        ("Alice Author", True),
        ("alice author", True),
        ("  Alice   Author ", True),
        ("alice@example.com", True),
        ("ALICE@EXAMPLE.COM", True),
        ("<alice@example.com>", True),
        ("Alice Author <alice@example.com>", True),
        ("Somebody <Alice@Example.com>", True),
        ("Alice Author <other@example.com>", True),
        ("Author, Alice", True),
        ("alice.author", True),
        ("AliceAuthor", True),
        ("A. Author", False),
        ("Alice", False),
        ("Author", False),
        ("Bob <bob@example.com>", False),
        ("<>", False),
        ("", False),
    ],
)
def test_names_and_addresses_are_compared(approver: str, expected: bool) -> None:
    """An approver is the author under either name, in any case and spacing."""
    assert is_author(approver, A) is expected


def test_an_author_without_a_name_is_nobody() -> None:
    """What is empty equals nothing."""
    assert not is_author("", Author("", ""))
    assert not is_author("<x>", Author("", ""))


def test_nothing_new_has_no_author(repository: Work) -> None:
    """What was approved with the commit that wrote it is nobody's to answer for."""
    assert unapproved(repository) == set()


def test_commits_since_the_approval_count(repository: Work) -> None:
    """Whoever changed the event after its approval came in wrote what is not approved."""
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    repository.event(x_retention_days=32)
    commit(by=BOB)
    repository.edit("catalogue.json", lambda it: it.update(version="2.0.0"))
    commit(by=CAROL)

    assert unapproved(repository) == {A, B}
    assert unapproved(repository, "catalogue") == {C}
    assert unapproved(repository, "ext.os") == set()


def test_work_that_is_not_committed_counts(repository: Work) -> None:
    """Git's user wrote what git has not."""
    repository.event(x_retention_days=31)
    assert unapproved(repository) == {C}

    git("add", "-A")
    assert unapproved(repository) == {C}


def test_a_new_file_counts(repository: Work) -> None:
    """An event that git does not know yet is its user's."""
    (repository.schemas / EVENT).rename(repository.schemas / "events/sample_opened_new.schema.json")
    repository.edit(
        "events/sample_opened_new.schema.json", lambda it: it.update(title="SampleOpenedNew")
    )

    assert unapproved(repository, "SampleOpenedNew") == {C}


def test_the_environments_author_counts(repository: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who will be the author of the next commit is at work, and who the settings name."""
    monkeypatch.setenv("GIT_AUTHOR_NAME", ALICE.name)
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", ALICE.mail)
    repository.event(x_retention_days=31)
    assert unapproved(repository) == {A, C}

    git("config", "--unset", "user.name")
    git("config", "--unset", "user.email")
    assert unapproved(repository) == {A}


def test_half_a_name_counts(repository: Work) -> None:
    """Whom git could not commit as is still named by the settings."""
    git("config", "--unset", "user.email")
    git("config", "user.useConfigOnly", "true")
    repository.event(x_retention_days=31)

    assert {author.name for author in unapproved(repository)} == {CAROL.name}


@pytest.mark.parametrize("key", ["Co-authored-by", "Co-Authored-By", "co-authored-by"])
def test_co_authors_count(repository: Work, key: str) -> None:
    """A trailer names an author, too."""
    repository.event(x_retention_days=31)
    trailers = f"{key}: Carol <carol@example.com>\n{key}: Bob Builder\n  <bob@example.com>"
    commit(f"change\n\nWords.\n\n{trailers}", by=ALICE)

    assert unapproved(repository) == {A, B, C}


def test_merged_work_counts(repository: Work) -> None:
    """What came in from a branch is its author's, and what no branch had is the merger's."""
    git("checkout", "-q", "-b", "topic")
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    git("checkout", "-q", "main")
    repository.edit("catalogue.json", lambda it: it.update(version="2.0.0"))
    commit(by=BOB)
    git("merge", "-q", "-m", "clean", "topic", by=CAROL)
    found = authors_unapproved(repository.schemas, repository.review().standings)
    assert (found["SampleOpened"], found["catalogue"]) == ((A,), (B,))

    git("reset", "-q", "--hard", "HEAD^")
    git("merge", "-q", "--no-commit", "topic", by=CAROL)
    repository.event(x_retention_days=33)
    commit("merge", by=CAROL)
    assert unapproved(repository) == {A, C}


def test_authors_of_what_is_referred_to_count(repository: Work) -> None:
    """An event's content is in the definitions that it refers to, however far."""
    (repository.schemas / "common").mkdir()
    word = {"type": "string", "pattern": "^[a-z]{1,9}$"}
    head = {"$schema": "../meta/types.v1.json", "description": "Shared."}
    for name, definition in (
        ("far", word),
        ("near", {"type": "array", "maxItems": 3, "items": {"$ref": "far.schema.json#/$defs/far"}}),
        ("unused", word),
    ):
        (repository.schemas / f"common/{name}.schema.json").write_text("{}")
        repository.edit(
            f"common/{name}.schema.json",
            lambda it, name=name, definition=definition: it.update(
                {**head, "$defs": {name: definition}}
            ),
        )
    # In whatever letters JSON lets it be written.
    near = repository.schemas / "common/near.schema.json"
    near.write_text(near.read_text("utf-8").replace('"$ref"', '"\\u0024ref"'), "utf-8")
    told = {"description": "Words.", "x-class": "middle", "x-notice": "usage"}
    repository.field("words", {"$ref": "../common/near.schema.json#/$defs/near", **told})
    repository.consent(2)
    repository.approve("--all")
    commit(by=BOB)
    assert unapproved(repository) == set()

    repository.edit(
        "common/far.schema.json", lambda it: it["$defs"]["far"].update(pattern="^[a-z]{1,99}$")
    )
    commit(by=ALICE)
    repository.edit(
        "common/unused.schema.json", lambda it: it["$defs"]["unused"].update(pattern="^[a-z]$")
    )
    commit(by=CAROL)

    assert repository.state() == "WIDER"
    assert unapproved(repository) == {A}


def test_another_layout_of_the_log_hides_nobody(repository: Work) -> None:
    """Whoever lays out the approvals anew has not had their change approved."""
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    text = (repository.schemas / LOG).read_text("utf-8")
    (repository.schemas / LOG).write_text(text.replace("  ", "    ") + "\n", "utf-8")
    commit(by=ALICE)

    assert unapproved(repository) == {A}


def test_half_an_approval_hides_nobody(work: Work) -> None:
    """The commit of the first role's approval is not where the second role's question begins."""
    work.policy(rest=["reviewer", "counsel"])
    for role in ("reviewer", "counsel"):
        work.approve("--all", role=role)
    start_repository(BOB)
    become(CAROL)
    work.event(x_retention_days=31)
    commit(by=ALICE)
    work.approve("SampleOpened", role="reviewer")
    commit(by=BOB)

    assert unapproved(work) == {A}
    ran = work.approve("SampleOpened", role="counsel", by="alice@example.com", code=1)
    assert "found one who does" in ran.err
    work.approve("SampleOpened", role="counsel", by="Carol")


def test_an_approval_that_is_not_committed_counts_from_the_last_that_is(repository: Work) -> None:
    """Where git lacks the newest approval, the one before it is taken."""
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    repository.approve("SampleOpened")
    repository.event(x_retention_days=32)

    assert unapproved(repository) == {A, C}


def test_since_a_base_everything_counts(repository: Work) -> None:
    """Against a revision, what was changed after it and what is not committed."""
    base = git("rev-parse", "HEAD").strip()
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    repository.approve("SampleOpened", by="Bob Builder")
    commit(by=BOB)
    repository.event(x_retention_days=32)

    found = authors_since(base, repository.schemas, [repository.standing()])

    assert set(found["SampleOpened"]) == {A, C}


def test_subjects_with_different_last_approvals_are_kept_apart(repository: Work) -> None:
    """Asked together, each subject has the authors since its own approval."""
    repository.event(x_retention_days=31)
    commit(by=ALICE)
    repository.approve("SampleOpened", by="Bob Builder")
    commit(by=BOB)
    repository.edit("catalogue.json", lambda it: it.update(version="2.0.0"))
    repository.event(x_retention_days=32)
    commit(by=CAROL)

    found = authors_unapproved(repository.schemas, repository.review().standings)

    assert {name: set(people) for name, people in found.items()} == {
        "catalogue": {C},
        "ext.os": set(),
        "SampleOpened": {C},
    }


def test_without_a_repository_nobody_is_known(approved: Work) -> None:
    """Outside of git, names are all there is."""
    approved.event(x_retention_days=31)

    assert unapproved(approved) == set()
    approved.approve("SampleOpened", by=ALICE.name)


def test_without_git_nobody_is_known(repository: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git is not installed, an approval is still possible."""
    repository.event(x_retention_days=31)
    monkeypatch.setenv("PATH", os.devnull)

    assert unapproved(repository) == set()


def test_before_the_first_commit_the_user_counts(approved: Work) -> None:
    """A repository without commits has files that its user wrote."""
    git("init", "-q")
    become(CAROL)
    approved.event(x_retention_days=31)

    assert unapproved(approved) == {C}


def test_in_a_shallow_clone_the_rest_is_nobodys(
    repository: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where history is cut off, whoever wrote the oldest commit counts for all before it."""
    for days in (31, 32):
        repository.event(x_retention_days=days)
        commit(by=ALICE if days == 31 else BOB)
    shallow = repository.folder.parent / "shallow"
    git("clone", "-q", "--depth", "1", f"file://{repository.folder}", str(shallow))
    monkeypatch.chdir(shallow)

    assert unapproved(Work(shallow)) <= {B}


@pytest.mark.parametrize("by", ["Alice Author", "ALICE@example.com", "Alice <alice@example.com>"])
@pytest.mark.parametrize("is_committed", [True, False])
def test_authors_do_not_approve_themselves(repository: Work, by: str, is_committed: bool) -> None:
    """The command refuses them, committed or not, and takes anybody else."""
    become(ALICE)
    repository.event(x_retention_days=31)
    if is_committed:
        commit(by=ALICE)
        become(CAROL)
    before = repository.files()

    ran = repository.approve("SampleOpened", by=by, code=1)

    assert "expected an approver who neither owns nor wrote it, found one who does" in ran.err
    assert repository.files() == before
    assert "self-approved" not in repository.approve("SampleOpened", by="Dora").out


def test_authors_may_where_the_catalogue_says_so(repository: Work) -> None:
    """Then the approval says that its author gave it."""
    repository.policy(self_approval=True)
    repository.approve("catalogue")
    commit(by=BOB)
    repository.event(x_retention_days=31)
    commit(by=ALICE)

    ran = repository.approve("SampleOpened", by="alice@example.com")

    assert ran.out.endswith(f"SampleOpened approved as of {DAY} (self-approved)\n")
    assert repository.read(LOG)["approvals"][-1]["self_approved"] is True


def test_a_folder_below_the_repository_is_as_good(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are those of the catalogue, wherever it lies in the work tree, under any name."""
    deep = work.folder / "a product" / "télémétrie"
    deep.mkdir(parents=True)
    work.schemas.rename(deep / "schemas")
    inner = Work(deep)
    monkeypatch.chdir(deep)
    inner.approve("--all")
    monkeypatch.chdir(work.folder)
    start_repository(BOB)
    become(CAROL)
    monkeypatch.chdir(deep)
    inner.event(x_retention_days=31)
    git("add", "-A")
    git("commit", "-q", "-m", "change", by=ALICE)
    assert unapproved(inner) == {A}
    inner.event(x_retention_days=32)
    assert unapproved(inner) == {A, C}
