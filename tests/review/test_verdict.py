"""The approvals of a whole catalogue: the quick check and the full one say the same of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from review_work import EVENT, LOG, Work, declarant

if TYPE_CHECKING:
    from collections.abc import Callable


def other_layout(work: Work) -> None:
    """Indent the log otherwise."""
    text = (work.schemas / LOG).read_text("utf-8")
    (work.schemas / LOG).write_text(text.replace("  ", "    "), "utf-8")


def other_ends(work: Work) -> None:
    """End the log's lines as another system does."""
    raw = (work.schemas / LOG).read_bytes()
    (work.schemas / LOG).write_bytes(raw.replace(b"\n", b"\r\n"))


DEEDS: dict[str, Callable[[Work], object]] = {
    "nothing": lambda work: None,
    "a tampered log": lambda work: work.edit(LOG, lambda it: it["approvals"][0].update(by="Me")),
    "a log that is gone": lambda work: (work.schemas / LOG).unlink(),
    "a log of nobody's": lambda work: (work.schemas / "reviews/x.json").write_text("{}"),
    "a wider event": lambda work: work.event(x_retention_days=31),
    "a narrower event": lambda work: work.event(x_retention_days=29),
    "other words": lambda work: work.event(description="Opened."),
    "an owner that approved": lambda work: work.event(x_owners=["reviewer"]),
    "another layout": other_layout,
    "another end of lines": other_ends,
    "a note beside the logs": lambda work: (work.schemas / "reviews/README.md").write_text("Hi."),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_quick_and_full_say_the_same(approved: Work, deed: str) -> None:
    """After a generation, whatever was done to a file is told alike by digests and in full."""
    assert declarant("generate").code == 0

    DEEDS[deed](approved)

    assert approved.check() == approved.check("--full")
    told = [declarant("check", *words, "--today", "2026-11-26") for words in ((), ("--full",))]
    assert told[0].code == told[1].code
    assert told[0].out.splitlines()[-1] == told[1].out.splitlines()[-1]


def test_a_generation_with_findings_is_told_again(approved: Work) -> None:
    """What was generated under a warning is warned of by the quick check, too."""
    approved.event(x_ext=[])
    assert declarant("generate").code == 0

    quick, full = approved.check(), approved.check("--full")

    assert [item["rule"] for item in quick] == ["EXT_SLOT_UNUSED"]
    assert quick == full


def test_lines_that_end_otherwise_are_the_same_approvals(approved: Work) -> None:
    """A checkout on another system is current."""
    assert declarant("generate").code == 0

    other_ends(approved)
    raw = (approved.schemas / EVENT).read_bytes()
    (approved.schemas / EVENT).write_bytes(raw.replace(b"\n", b"\r\n"))

    for words in ((), ("--full",)):
        assert declarant("check", *words, "--today", "2026-11-26").code == 0


def test_generated_bytes_do_not_depend_on_the_layout_of_approvals(approved: Work) -> None:
    """Pages and code follow from what was approved; the inputs alone have the file's digest."""
    assert declarant("generate", "--out", "one").code == 0
    other_layout(approved)
    assert declarant("generate", "--out", "two").code == 0

    one, two = approved.folder / "one", approved.folder / "two"
    paths = [path.relative_to(one) for path in one.rglob("*") if path.is_file()]
    changed = {
        path.name for path in paths if (one / path).read_bytes() != (two / path).read_bytes()
    }
    assert changed == {"manifest.json"}
