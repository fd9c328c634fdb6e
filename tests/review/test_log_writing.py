"""The writing of logs: whole or not at all, and never more than is read again."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest
from review_work import LOG, RULES_LOG, Work, in_process

from declarant_codegen.review.log import Log, appended, read_logs
from declarant_codegen.review.log_writing import LogTooLarge, write_logs
from declarant_codegen.review.sealing import seal
from declarant_codegen.review.told import approved_words

APPROVAL = {
    "by": "Me",
    "role": "reviewer",
    "date": "2026-11-26",
    "reference": "T-1",
    "needed": [],
    "self_approved": False,
    "approved": ["all of it"],
}


def test_what_is_written_is_read_again(work: Work) -> None:
    """A log comes back as it was written, once and with one approval more."""
    projection = work.standing().subject.projection
    log = appended(Log(subject="SampleOpened"), APPROVAL, projection)
    more = appended(log, {**APPROVAL, "role": "counsel", "needed": ["counsel"]}, projection)

    for each in (log, more):
        assert write_logs(work.schemas, [each]) == {"SampleOpened": work.schemas / LOG}
        assert read_logs(work.schemas).of("SampleOpened") == each
        assert read_logs(work.schemas).findings == ()


@pytest.mark.parametrize("is_own", [False, True])
def test_a_seal_is_all_that_is_told_of_the_approval(work: Work, is_own: bool) -> None:
    """Who, in which role, when and by which decision; of just what is declared."""
    told = {"by": "Me", "role": "reviewer", "date": "2026-11-26", "reference": "T-1"}
    work.policy(rest=["reviewer"])
    standing = work.standing()

    assert seal(work.schemas, standing, **told, is_own=is_own) == work.schemas / LOG
    (approval,) = read_logs(work.schemas).of("SampleOpened").approvals
    assert {name: getattr(approval, name) for name in told} == told
    assert (approval.self_approved, approval.needed) == (is_own, ("reviewer",))
    assert approval.projection == standing.subject.projection
    assert approval.wording == standing.subject.words
    assert approval.words == tuple(approved_words(standing))


def test_writing_again_changes_no_byte(approved: Work) -> None:
    """The layout of a log is its writer's, and the same each time."""
    before = approved.files()

    write_logs(approved.schemas, read_logs(approved.schemas).by_subject.values())

    assert approved.files() == before


def test_what_would_not_be_read_again_is_not_written(approved: Work) -> None:
    """More words than a log holds are refused, and all files stay as they were."""
    before = approved.files()
    logs = read_logs(approved.schemas)
    good = appended(logs.of("ext.os"), APPROVAL, approved.standing("ext.os").subject.projection)
    long = {**APPROVAL, "approved": ["x" * 20_001]}
    bad = appended(logs.of("SampleOpened"), long, approved.standing().subject.projection)

    with pytest.raises(LogTooLarge, match=r"^sample_opened.json: expected a log that can be read"):
        write_logs(approved.schemas, [good, bad])

    assert approved.files() == before


def test_files_are_as_a_person_makes_them(approved: Work) -> None:
    """Others may read an approval, as the process's mask allows, and no scratch file stays."""
    mask = os.umask(0)
    os.umask(mask)

    mode = stat.S_IMODE((approved.schemas / LOG).stat().st_mode)
    assert mode == 0o666 & ~mask
    names = sorted(path.name for path in (approved.schemas / "reviews").iterdir())
    assert names == ["catalogue.json", "ext.os.json", "sample_opened.json"]
    assert [path.name for path in approved.schemas.iterdir() if path.name.startswith(".")] == []


LIMITED = """
import resource, signal, sys
sys.dont_write_bytecode = True
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from declarant.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of a file's size")
def test_a_failed_write_leaves_every_file_as_it_was(approved: Work) -> None:
    """With no room for the largest of three logs, none of them changes."""
    approved.event(x_retention_days=31)
    approved.edit("ext/os.schema.json", lambda it: it["properties"]["name"].update(maxLength=65))
    approved.edit("catalogue.json", lambda it: it.update(endpoint="https://other.example.com/"))
    before = approved.files()
    largest = max((approved.schemas / key).stat().st_size for key in (LOG, RULES_LOG))

    words = ["approve", "catalogue", "SampleOpened", "--by", "Me", "--role", "reviewer"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(largest), *words, "--reference", "T-2"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2, done
    assert "File too large" in done.stderr
    assert "nothing was changed" in done.stderr
    assert done.stdout == ""
    assert approved.files() == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs the kernel's locks")
def test_two_runs_at_once_lose_no_approval(work: Work) -> None:
    """Every one of several runs that start together has its approval in the log."""
    names = [f"reviewer-{number}" for number in range(6)]
    work.policy(rest=names)

    runs = [
        in_process(
            "approve", "SampleOpened", "--by", name, "--role", name, "--reference", "T-1",
            cwd=work.folder,
        )
        for name in names
    ]  # fmt: skip
    told = [run.communicate() for run in runs]

    assert [run.returncode for run in runs] == [0] * len(names), told
    given = [approval.role for approval in read_logs(work.schemas).of("SampleOpened").approvals]
    assert sorted(given) == names
    assert work.state() == "APPROVED"
