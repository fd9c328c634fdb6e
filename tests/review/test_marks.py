"""Who approved what, on everything that users and builds read; and self-approval, visibly."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from review_work import LOG, Work, declarant

from declarant_codegen import load_catalogue
from declarant_codegen.manifest import read_manifest
from declarant_codegen.markdown_text import displayed
from declarant_codegen.privacy_page import privacy_view
from declarant_codegen.render import render
from declarant_codegen.review.verdict import review_catalogue

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue
    from declarant_codegen.review.standing import Seal

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location(
    "privacy_page_tests", ROOT / "tests" / "codegen" / "test_privacy_page.py"
)
assert _spec is not None
assert _spec.loader is not None
privacy = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(privacy)

OWN = "Those who own or wrote what is listed here approved it themselves"


MARK = "Self-approved: those who own or wrote"
MARK_END = "this collection approved it themselves; nobody else reviewed it."


def notice_mark(work: Work, name: str) -> str:
    """Return the paragraph about self-approval of a notice, as one line; empty for none."""
    found = [part for part in read(work, name).split("\n\n") if part.startswith("Self-approved")]
    return " ".join(" ".join(found).split())


def read(work: Work, name: str) -> str:
    return (work.folder / "generated" / name).read_text("utf-8")


def seals(work: Work) -> dict[str, Any]:
    """Return the seal of each subject in the manifest."""
    manifest = read_manifest(read(work, "manifest.json").encode())
    return {
        **manifest["seals"],
        **{event["name"]: event["seal"] for event in manifest["events"]},
    }


def test_approvals_are_on_the_page_and_in_the_manifest(work: Work) -> None:
    """Each subject has its approvals, and nothing is marked that need not be."""
    work.policy(rest=["reviewer", "counsel"])
    work.approve("--all", by="Ann")
    work.approve("--all", by="Ben", role="counsel")
    assert declarant("generate").code == 0

    page = read(work, "PRIVACY.md")
    for by, role in (("Ann", "reviewer"), ("Ben", "counsel")):
        assert page.count(f"2026-11-26 by {by} as {role} (T-1)") == 3
    others = [read(work, name) for name in ("README-telemetry.md", "NOTICE.txt")]
    assert "elf-approved" not in "".join([page, *others])
    for name, seal in seals(work).items():
        held = work.standing(name).approvals
        assert (seal["state"], seal["self_approved"]) == ("approved", False)
        assert seal["sha256"] == held[0].digest
        assert [item["seal"] for item in seal["approvals"]] == [item.seal for item in held]


def test_self_approval_is_marked_everywhere(work: Work) -> None:
    """Page, section of the README, manifest, package and review say which subjects it is.

    The notice, which users read before anything is sent, says that there are some.
    """
    work.event(x_ext=[])
    work.policy(self_approval=True, middle=["reviewer"], rest=["sample-owner"])
    work.approve("--all", role="sample-owner")
    work.approve("--all", role="reviewer")
    assert declarant("generate").code == 0

    for name in ("PRIVACY.md", "README-telemetry.md", "sample_events/PRIVACY.md"):
        (mark,) = [line for line in read(work, name).splitlines() if OWN in line]
        assert mark.startswith("**Self-approved**: SampleOpened, the rules of the catalogue. ")
    for name in ("NOTICE.txt", "sample_events/NOTICE.txt"):
        assert notice_mark(work, name) == f"{MARK} part of {MARK_END}"
    section = read(work, "PRIVACY.md").partition("### SampleOpened")[2]
    assert "- **Self-approved**: those who own or wrote this event approved it" in section
    assert {name: seal["self_approved"] for name, seal in seals(work).items()} == {
        "catalogue": True,
        "ext.os": False,
        "SampleOpened": True,
    }
    for form in ("text", "markdown", "json"):
        for subject in ("SampleOpened", "catalogue"):
            told = declarant("review", subject, "--format", form).out
            assert "Self-approved: those who own or wrote this approved it themselves." in told
    assert work.rules("--full") == ["EXT_SLOT_UNUSED"]


def test_a_mark_on_the_notice_asks_nobody_again(work: Work) -> None:
    """Who reviewed what is collected is no part of what users agreed to."""
    work.policy(self_approval=True, rest=["sample-owner"])
    work.approve("--all", role="sample-owner")
    assert declarant("generate").code == 0
    assert notice_mark(work, "NOTICE.txt") == f"{MARK} {MARK_END}"

    work.policy(rest=["reviewer"])
    assert "SEAL_SELF_APPROVED" in work.rules()
    work.approve("catalogue", role="sample-owner")
    work.approve("--all")

    assert work.rules() == []
    assert declarant("generate").code == 0
    assert notice_mark(work, "NOTICE.txt") == ""


def test_self_approval_that_is_no_longer_allowed_is_found(work: Work) -> None:
    """Where the catalogue does not allow it, it is an error, however it is recorded."""
    work.policy(self_approval=True, rest=["sample-owner"])
    work.approve("SampleOpened", role="sample-owner")
    work.forge(
        LOG, lambda approvals: approvals[0].update(self_approved=False, role="Sample-Owner ")
    )
    work.policy(self_approval=False, rest=["sample-owner"])

    assert "SEAL_SELF_APPROVED" in work.rules()


def test_a_flag_in_the_log_is_enough(work: Work) -> None:
    """Who was an author then is marked now, whatever their role."""
    work.approve("--all")
    work.forge(LOG, lambda approvals: approvals[0].update(self_approved=True))

    assert [item["rule"] for item in work.check()] == ["SEAL_SELF_APPROVED"]


@pytest.fixture(scope="module")
def sealed() -> tuple[Catalogue, dict[str, Seal]]:
    """ModelKit's catalogue with its seals, all of them marked as self-approved."""
    catalogue = load_catalogue(ROOT / "schemas").catalogue
    assert catalogue is not None
    found = review_catalogue(ROOT / "schemas", catalogue).seals
    marked = {
        name: dataclasses.replace(seal, is_self_approved=True) for name, seal in found.items()
    }
    return catalogue, marked


def with_text(seals: dict[str, Seal], text: str) -> dict[str, Seal]:
    """Return seals with a text wherever an approver writes words."""
    return {
        name: dataclasses.replace(
            seal,
            approvals=tuple(
                dataclasses.replace(item, by=text, role=text, reference=text)
                for item in seal.approvals
            ),
        )
        for name, seal in seals.items()
    }


@pytest.mark.parametrize("template", privacy.PAGES)
@settings(max_examples=30)
@given(text=privacy.TEXTS)
def test_no_approver_changes_the_pages_structure(
    sealed: tuple[Catalogue, dict[str, Seal]], template: str, text: str
) -> None:
    """Whatever stands in an approval, the page parses to the tree that plain words give it."""
    catalogue, known = sealed
    mark = privacy.MARK
    plain = privacy.tree(render(template, privacy_view(catalogue, with_text(known, mark))))
    expected = [
        (kind, tag, [(type_, part.replace(mark, displayed(text))) for type_, part in inside])
        for kind, tag, inside in plain
    ]

    hostile = render(template, privacy_view(catalogue, with_text(known, text)))

    assert privacy.tree(hostile) == expected
    assert all(letter.isprintable() or letter == "\n" for letter in hostile)


def test_a_hostile_approver_does_no_harm(work: Work) -> None:
    """What the command takes comes out as it went in, on the page and in the review."""
    name = "<script>| `x` [a](javascript:b) **b** ${{ c }} \\ ] \"'"
    work.approve("--all", by=name, role="r | r")
    assert declarant("generate").code == 0

    parsed = MarkdownIt("commonmark").enable("table").parse(read(work, "PRIVACY.md"))
    texts = ["".join(part.content for part in token.children or ()) for token in parsed]
    assert sum(f"2026-11-26 by {name} as r | r (T-1)" in text for text in texts) == 3
    assert [token.type for token in parsed].count("html_block") == 1
    told = json.loads(read(work, "manifest.json"))["seals"]["catalogue"]["approvals"]
    assert [item["by"] for item in told] == [name]
