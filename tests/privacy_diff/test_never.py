"""What users are promised is never collected takes part in a comparison."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from declarant_codegen import load_catalogue
from declarant_codegen.never_lines import NeverLine
from declarant_codegen.privacy_diff import Privacy, diff, render_text

SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_a_promise_taken_back_is_widening() -> None:
    """A line less is widening, a line more narrowing, and every change of words widening."""
    catalogue = load_catalogue(SCHEMAS).catalogue
    assert catalogue is not None
    fewer = dataclasses.replace(catalogue, never=catalogue.never[1:])
    none = dataclasses.replace(catalogue, never=())
    reworded = dataclasses.replace(
        catalogue,
        never=tuple(dataclasses.replace(line, line="Other words.") for line in catalogue.never),
    )

    verdicts = [
        [change.privacy.verdict for change in diff(before, after)]
        for before, after in (
            (catalogue, fewer),
            (catalogue, none),
            (fewer, catalogue),
            (none, catalogue),
            (catalogue, reworded),
        )
    ]

    assert verdicts == [
        [Privacy.WIDENING, Privacy.WIDENING],
        [Privacy.WIDENING, Privacy.WIDENING],
        [Privacy.NARROWING, Privacy.WIDENING],
        [Privacy.NARROWING, Privacy.WIDENING],
        [Privacy.WIDENING],
    ]


@pytest.mark.parametrize(
    ("names", "removed_by", "verdict"),
    [
        (("ip", "mac", "path"), ("message",), Privacy.NARROWING),
        (("ip",), ("message",), Privacy.WIDENING),
        (("ip", "path"), (), Privacy.NARROWING),
        (("ip", "path"), ("message", "path"), Privacy.WIDENING),
        (("mac", "path"), ("message",), Privacy.WIDENING),
    ],
)
def test_a_line_promises_by_its_names_and_scrubbers(
    names: tuple[str, ...], removed_by: tuple[str, ...], verdict: Privacy
) -> None:
    """More names promise more, and so do fewer scrubbers that excuse free text."""
    catalogue = load_catalogue(SCHEMAS).catalogue
    assert catalogue is not None
    lines = [
        NeverLine(line="A line.", names=held, removed_by=scrubbers)
        for held, scrubbers in ((("ip", "path"), ("message",)), (names, removed_by))
    ]
    before, after = (dataclasses.replace(catalogue, never=(line,)) for line in lines)

    (change,) = diff(before, after)

    assert change.privacy.verdict is verdict
    assert change.before == "no field named ip or path, and free text only if scrubbed as message"
    assert "catalogue.never: promises changed\n" in render_text([change])


def test_a_promise_said_twice_is_the_same() -> None:
    """A line that another one covers adds nothing."""
    catalogue = load_catalogue(SCHEMAS).catalogue
    assert catalogue is not None
    line = catalogue.never[0]
    covered = dataclasses.replace(line, names=line.names[1:])
    more = dataclasses.replace(catalogue, never=(*catalogue.never, covered))

    verdicts = [diff(*pair)[0].privacy.verdict for pair in ((catalogue, more), (more, catalogue))]

    assert verdicts == [Privacy.NEUTRAL, Privacy.NEUTRAL]
