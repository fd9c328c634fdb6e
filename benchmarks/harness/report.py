"""What a run found, as Markdown for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from harness.environments import Environments
    from harness.figures import Spread
    from harness.goals import Standing


@dataclass(frozen=True)
class Table:
    """Rows of cells below a head; the first column is words, the others are figures."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def markdown(self) -> str:
        """Return it as Markdown."""
        lines = [_row(self.head), "|---" + "|---:" * (len(self.head) - 1) + "|"]
        return "\n".join([*lines, *map(_row, self.rows)])


@dataclass
class Section:
    """What one measure found.

    Attributes:
        title: What was measured.
        method: How, in a few sentences.
        parts: Tables and paragraphs, in the order of reading.
        figures: Figure, to who it is of, to what was found; goals are computed from these.
        taken: When, and on what kind of machine.
    """

    title: str
    method: str
    parts: list[Table | str] = field(default_factory=list)
    figures: dict[str, dict[str, Spread]] = field(default_factory=dict)
    taken: str = ""

    def note(self, figure: str, subject: str, found: Spread) -> None:
        """Keep a figure."""
        self.figures.setdefault(figure, {})[subject] = found

    def get(self, figure: str, subject: str) -> Spread | None:
        """Return a figure; None if it was not taken."""
        return self.figures.get(figure, {}).get(subject)

    def markdown(self) -> str:
        """Return it as Markdown."""
        texts = [part.markdown() if isinstance(part, Table) else part for part in self.parts]
        head = [f"## {self.title}", f"*{self.taken}*", fill(self.method, WIDTH)]
        return "\n\n".join([*head, *texts])


def here_and_now(begun: datetime) -> str:
    """Say when something was measured that began at *begun*, and on what kind of machine.

    Nothing tells which machine it is. The load is how many programs wanted to run at once, on
    average over the five minutes before now.
    """
    load = f", load {os.getloadavg()[1]:.0f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{begun:%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores{load}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def markdown(
    sections: Sequence[Section],
    standings: Sequence[Standing],
    environments: Environments,
    versions: Sequence[str],
    untaken: Sequence[str],
    *,
    quick: bool,
) -> str:
    """Return the whole report."""
    kind = "Quick runs: rough figures. " if quick else ""
    peers = f"{kind}Peers: {', '.join(versions)}."
    head = ["# Benchmarks", fill(INTRODUCTION, WIDTH), fill(peers, WIDTH)]
    for name, reason in environments.missing.items():
        head.append(f"Not installed here, and left out: {name} ({reason}).")
    if untaken:
        head.append(f"Not taken: {', '.join(untaken)}.")
    goals = Table(
        ("goal", "found", "bound", ""),
        [(one.name, one.found, one.bound, one.verdict) for one in standings],
    )
    head += ["## Goals: where each stands", goals.markdown()]
    return "\n\n".join([*head, *(section.markdown() for section in sections)]) + "\n"


WIDTH = 120

INTRODUCTION = (
    "Written by `make bench`, and by nobody's hand. A figure with brackets is a median, with the "
    "least and the greatest sample in them; one without was taken once, unless its table says what "
    "it is. Below each title stand the time at which the measure began, and the system's load "
    "average of the last five minutes at its end. What is compared was taken in turns in one run "
    "of its measure, because a busy machine slows both; so read the ratios, which are quotients of "
    "medians. The same events go to the same loopback sink over plain HTTP, and what arrived is "
    "counted there. Peers run as their documentation sets them up unless a table says otherwise. "
    "winml-cli's telemetry is its wheel's, with stand-ins for what it takes from Windows."
)


def say(text: str) -> None:
    """Tell whoever waits what is going on; the report itself is standard output."""
    print(text, file=sys.stderr, flush=True)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
