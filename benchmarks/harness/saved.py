"""What was measured, kept as JSON: one file a measure, so that each can be taken again by itself.

A goal's figure is always of one measure, so both sides of every ratio are of one run.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from harness.figures import Spread
from harness.report import Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from harness.goals import Standing


def save(folder: Path, measure: str, section: Section) -> None:
    """Keep what *measure* found, in place of what it found before."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(section), indent=1, ensure_ascii=False)
    (folder / f"{measure}.json").write_text(text + "\n", "utf-8")


def load(folder: Path, measures: Iterable[str]) -> list[Section]:
    """Return what is kept of *measures*, in their order."""
    paths = (folder / f"{measure}.json" for measure in measures)
    return [_section(path.read_text("utf-8")) for path in paths if path.exists()]


def save_goals(folder: Path, standings: Sequence[Standing]) -> None:
    """Keep where each goal stands."""
    text = json.dumps([asdict(standing) for standing in standings], indent=1)
    (folder / "goals.json").write_text(text + "\n", "utf-8")


def _section(text: str) -> Section:
    kept = json.loads(text)
    parts = [
        part
        if isinstance(part, str)
        else Table(tuple(part["head"]), [tuple(row) for row in part["rows"]])
        for part in kept["parts"]
    ]
    figures = {
        name: {subject: Spread(**found) for subject, found in subjects.items()}
        for name, subjects in kept["figures"].items()
    }
    return Section(kept["title"], kept["method"], parts, figures, kept["taken"])
