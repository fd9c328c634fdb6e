"""Approvals by those who own or wrote what they approve: where they hold, and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from declarant.cli import main
from declarant_codegen import load_catalogue
from declarant_codegen.meta_files import meta_files
from declarant_codegen.review.standing import Standing, State
from declarant_codegen.review.verdict import review_catalogue

BASE = Path(__file__).parents[1] / "rules/base"
EVENT = "events/sample_opened.schema.json"
OWNER = "sample-owner"


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue whose owner may approve, and has approved everything."""
    monkeypatch.chdir(tmp_path)
    schemas = tmp_path / "schemas"
    shutil.copytree(BASE, schemas)
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    set_review(schemas, OWNER, self_approval=True)
    assert approve("--all", role=OWNER) == 0
    return schemas


def set_review(schemas: Path, *roles: str, self_approval: bool) -> None:
    """Let these roles approve everything."""
    names = ("low", "middle", "identifier", "free_text", "rules")
    review = {"approvers": {name: list(roles) for name in names}, "self_approval": self_approval}
    edit(schemas / "catalogue.json", review=review)


def edit(place: Path, **members: Any) -> None:
    value = json.loads(place.read_text("utf-8"))
    place.write_text(json.dumps({**value, **members}, indent=2), "utf-8")


def bound(schemas: Path, maximum: int) -> None:
    """Give the event's count another bound."""
    place = schemas / EVENT
    properties = json.loads(place.read_text("utf-8"))["properties"]
    properties["count"]["maximum"] = maximum
    edit(place, properties=properties)


def approve(*words: str, role: str, by: str = "somebody") -> int:
    return main(["approve", *words, "--by", by, "--role", role, "--reference", "T-1"])


def standing(schemas: Path, name: str) -> Standing:
    catalogue = load_catalogue(schemas).catalogue
    assert catalogue is not None
    found = review_catalogue(schemas, catalogue).standings
    return next(item for item in found if item.subject.name == name)


def rules(schemas: Path) -> set[str]:
    catalogue = load_catalogue(schemas).catalogue
    assert catalogue is not None
    return {finding.rule_id for finding in review_catalogue(schemas, catalogue).findings}


def test_it_holds_and_is_marked_where_it_is_allowed(schemas: Path) -> None:
    """Everything is approved, and says by whom."""
    event = standing(schemas, "SampleOpened")

    assert (event.state, rules(schemas)) == (State.APPROVED, set())
    assert [item.role for item in event.self_approved] == [OWNER]


def test_it_ends_with_the_approval_of_another(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old approver changes the rule, the new one approves all there is, anew."""
    set_review(schemas, "reviewer", self_approval=False)
    assert standing(schemas, "catalogue").needed == ("reviewer", OWNER)
    assert standing(schemas, "ext.os").state is State.OWN

    assert approve("catalogue", role=OWNER) == 0
    assert approve("--all", role="reviewer") == 0

    assert rules(schemas) == set()
    for name in ("catalogue", "ext.os", "SampleOpened"):
        found = standing(schemas, name)
        assert (found.state, found.self_approved) == (State.APPROVED, ())
    assert "(self-approved); still needed: reviewer" in capsys.readouterr().out


@pytest.mark.once
def test_the_same_role_ends_it_by_somebody_else(
    schemas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a role owns nothing, but its holder wrote what they approved, as git knows."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "config", "user.name", "Jo"], check=True)
    shutil.rmtree(schemas / "reviews")
    set_review(schemas, "reviewer", self_approval=True)
    assert approve("--all", role="reviewer", by="Jo") == 0

    set_review(schemas, "reviewer", self_approval=False)
    assert standing(schemas, "SampleOpened").missing == ("reviewer",)
    assert approve("--all", role="reviewer", by="Jo") == 1
    assert approve("--all", role="reviewer", by="Ann") == 0

    assert rules(schemas) == set()


def test_the_new_rules_alone_cannot_be_approved_by_the_old_role(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last word ends nothing without that of whoever is asked from now on."""
    set_review(schemas, "reviewer", self_approval=False)

    assert approve("catalogue", role=OWNER) == 0
    assert standing(schemas, "catalogue").state is State.INCOMPLETE
    assert approve("catalogue", role=OWNER) == 1
    assert approve("SampleOpened", role=OWNER) == 1
    assert "expected an approver who neither owns nor wrote it" in capsys.readouterr().err


def test_an_owner_who_stays_approver_ends_nothing(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rule that forbids it asks for somebody else, and says so."""
    set_review(schemas, OWNER, self_approval=False)

    assert standing(schemas, "SampleOpened").state is State.OWN
    assert approve("SampleOpened", role=OWNER) == 1
    assert "expected an approver who neither owns nor wrote it" in capsys.readouterr().err
    assert "SEAL_SELF_APPROVED" in rules(schemas)


def test_a_narrower_version_launders_nothing(schemas: Path) -> None:
    """Less is sent without any approval, and nobody has approved what is left."""
    bound(schemas, 10)
    assert approve("SampleOpened", role="passer-by") == 1
    assert [item.role for item in standing(schemas, "SampleOpened").self_approved] == [OWNER]

    set_review(schemas, "reviewer", self_approval=False)

    event = standing(schemas, "SampleOpened")
    assert (event.state, event.missing) == (State.OWN, ("reviewer", OWNER))


def test_what_was_approved_by_another_stays_approved(schemas: Path) -> None:
    """Less than another has approved rests on that, and the owner has no say in it."""
    set_review(schemas, "reviewer", self_approval=True)
    assert approve("catalogue", role=OWNER) == 0
    assert approve("catalogue", role="reviewer") == 0
    bound(schemas, 2000)
    assert approve("SampleOpened", role="reviewer") == 0
    bound(schemas, 1500)
    assert approve("SampleOpened", role=OWNER) == 1

    set_review(schemas, "reviewer", self_approval=False)

    event = standing(schemas, "SampleOpened")
    assert (event.state, event.self_approved) == (State.NARROWER, ())


@pytest.mark.parametrize(("maximum", "missing"), [(1000, (OWNER,)), (10, ("reviewer", OWNER))])
def test_another_role_has_approved_what_it_saw(
    schemas: Path, maximum: int, missing: tuple[str, ...]
) -> None:
    """Its approval counts for just that content; a narrower one asks both roles."""
    set_review(schemas, OWNER, "reviewer", self_approval=True)
    shutil.rmtree(schemas / "reviews")
    assert approve("--all", role=OWNER) == approve("--all", role="reviewer") == 0

    bound(schemas, maximum)
    set_review(schemas, OWNER, "reviewer", self_approval=False)

    event = standing(schemas, "SampleOpened")
    assert (event.state, event.missing) == (State.OWN, missing)


@pytest.mark.parametrize(("maximum", "state"), [(1200, State.NARROWER), (1800, State.OWN)])
def test_only_what_an_owner_added_needs_another(schemas: Path, maximum: int, state: State) -> None:
    """Of what is declared, nothing may go beyond what another has approved."""
    set_review(schemas, "reviewer", self_approval=True)
    assert approve("catalogue", role=OWNER) == approve("catalogue", role="reviewer") == 0
    bound(schemas, 1500)
    assert approve("SampleOpened", role="reviewer") == 0
    set_review(schemas, OWNER, self_approval=True)
    assert approve("catalogue", role=OWNER) == approve("catalogue", role="reviewer") == 0
    bound(schemas, 2000)
    assert approve("SampleOpened", role=OWNER) == 0

    bound(schemas, maximum)
    set_review(schemas, "reviewer", self_approval=False)

    event = standing(schemas, "SampleOpened")
    assert (event.state, bool(event.self_approved)) == (state, state is State.OWN)
    # The rules that would ask for the reviewer alone are not approved yet.
    assert event.missing == (("reviewer", OWNER) if state is State.OWN else ())


def test_review_lists_it_with_the_command_that_ends_it(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It waits for an approval as everything else does."""
    set_review(schemas, "reviewer", self_approval=False)

    assert main(["review", "SampleOpened"]) == 0
    page = capsys.readouterr().out
    assert main(["review", "--format", "json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert "State: approved by those who own or wrote it alone" in page
    assert "declarant approve SampleOpened --by NAME --role reviewer" in page
    assert [item["subject"] for item in told["pages"]] == ["catalogue", "ext.os", "SampleOpened"]
