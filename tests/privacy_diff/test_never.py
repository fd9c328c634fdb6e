"""What users are promised is never collected takes part in a comparison."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from declarant_codegen import load_catalogue
from declarant_codegen.privacy_diff import Privacy, diff

SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_a_promise_taken_back_is_widening() -> None:
    """A line less is widening, a line more narrowing, other words for one are no change."""
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
        [Privacy.WIDENING],
        [Privacy.WIDENING],
        [Privacy.NARROWING],
        [Privacy.NARROWING],
        [],
    ]
