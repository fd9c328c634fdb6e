"""The goals of issue 5, and where each stands by the figures of one run."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.figures import ratio
from harness.peers import (
    BY_HAND,
    DECLARANT,
    DETACHED,
    FASTJSONSCHEMA,
    IN_PROCESS,
    OTEL,
    REQUESTS,
    RUST,
    WINML,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.figures import Spread
    from harness.report import Section

FAULTS = ("refused", "503", "silent", "slow")
#: Configured for every program that is measured; the default.
EXIT_BUDGET_S = 1.0
#: Events of the catalogues that are generated.
SIZES = (10, 100, 1_000, 5_000)
#: The size at which the two generators are compared; glean_parser's own growth is not ours to tell.
COMPARED = 1_000


@dataclass(frozen=True)
class Standing:
    """Where one goal stands.

    Attributes:
        name: The goal.
        found: The figure of this run, written out.
        bound: What it should be.
        verdict: "met", "missed", or "not measured".
    """

    name: str
    found: str
    bound: str
    verdict: str


class Figures:
    """All figures of a run."""

    def __init__(self, sections: Sequence[Section]) -> None:
        """Collect them."""
        self._all = {name: dict(found) for one in sections for name, found in one.figures.items()}

    def median(self, figure: str, subject: str) -> float:
        """Return a median.

        Raises:
            LookupError: It was not taken.
        """
        return self._spread(figure, subject).median

    def worst(self, figure: str, subject: str) -> float:
        """Return the greatest sample.

        Raises:
            LookupError: It was not taken.
        """
        return self._spread(figure, subject).greatest

    def least(self, figure: str, subject: str) -> float:
        """Return the smallest sample.

        Raises:
            LookupError: It was not taken.
        """
        return self._spread(figure, subject).least

    def ratio(self, figure: str, ours: str, theirs: str) -> float:
        """Return a quotient of medians.

        Raises:
            LookupError: One of them was not taken, or is no divisor.
        """
        found = ratio(self._spread(figure, ours), self._spread(figure, theirs))
        if found is None:
            raise LookupError(figure)
        return found

    def _spread(self, figure: str, subject: str) -> Spread:
        return self._all[figure][subject]


@dataclass(frozen=True)
class Goal:
    """One goal: how its figure is computed, and what it is held against.

    Attributes:
        name: What it is about.
        of: Computes the figure.
        bound: The limit.
        at_least: Whether the limit is a lower one.
        unit: What follows both figures.
    """

    name: str
    of: Callable[[Figures], float]
    bound: float
    at_least: bool = False
    unit: str = "x"

    def standing(self, figures: Figures) -> Standing:
        """Return where it stands by *figures*."""
        bound = f"{'at least' if self.at_least else 'at most'} {self._text(self.bound)}"
        try:
            found = self.of(figures)
        except LookupError:
            return Standing(self.name, "", bound, "not measured")
        met = found >= self.bound if self.at_least else found <= self.bound
        return Standing(self.name, self._text(found), bound, "met" if met else "**missed**")

    def _text(self, value: float) -> str:
        if self.unit == "x":
            # One more digit than tables have: a bound must not look met when it is not.
            return f"{value:.3f} x" if value < 1 else f"{value:.2f} x"
        if self.unit == "%":
            return f"{value:.2%}"
        digits = 0 if value == round(value) or abs(value) >= 100 else 2
        return f"{value:,.{digits}f} {self.unit}".rstrip()


def standings(sections: Sequence[Section]) -> list[Standing]:
    """Return where every goal stands."""
    figures = Figures(sections)
    return [goal.standing(figures) for goal in GOALS]


def _against(figure: str, ours: str, theirs: str) -> Callable[[Figures], float]:
    return lambda figures: figures.ratio(figure, ours, theirs)


def _delivered(way: str) -> Callable[[Figures], float]:
    """Return the fewest events of three that a failing run and the next one delivered."""
    return lambda figures: min(figures.least(f"{fault}_delivered", way) for fault in FAULTS)


def _unexplained(figures: Figures) -> float:
    ways = (DETACHED, IN_PROCESS)
    return sum(figures.worst(f"{fault}_unexplained", way) for fault in FAULTS for way in ways)


def _survivors(figures: Figures) -> float:
    ways = (DETACHED, IN_PROCESS)
    return min(figures.least(f"{mode}_delivered", way) for mode in ("kill", "exit") for way in ways)


def _exit(figures: Figures) -> float:
    """Return the longest median exit, whatever the sink does, by the budget for it."""
    return max(figures.median(f"{fault}_exit_s", IN_PROCESS) for fault in FAULTS) / EXIT_BUDGET_S


def _growth(figures: Figures) -> float:
    """Return the largest factor of time for ten times the events, scaled where the step is less."""
    return max(
        figures.median("generate_cpu_s", str(more))
        / figures.median("generate_cpu_s", str(fewer))
        * (10 * fewer / more)
        for fewer, more in pairwise(SIZES)
    )


def _command(measure: str, kind: str) -> Goal:
    return Goal(
        f"3-event command without its detached sender, sink {measure}: {kind} over bare Python, "
        "x winml-cli",
        _against(f"{measure}_{'cpu_s' if kind == 'CPU' else 'wall_s'}", DETACHED, WINML),
        0.12,
    )


GOALS = (
    Goal(
        "emit, CPU of the caller's thread, x OpenTelemetry",
        _against("emit_cpu_ns", IN_PROCESS, OTEL),
        0.35,
    ),
    Goal("the same, x winml-cli", _against("emit_cpu_ns", IN_PROCESS, WINML), 0.3),
    Goal(
        "emit p99.9 while a sender works in the process, without the time in which the machine "
        "ran something else, x winml-cli",
        _against("own_p999_ns", IN_PROCESS, WINML),
        0.25,
    ),
    Goal(
        "import of the generated package, CPU, x `import requests`",
        _against("import_cpu_s", DECLARANT, REQUESTS),
        0.15,
    ),
    Goal(
        "import, set-up, first emit: CPU over bare Python, x winml-cli",
        _against("ready_cpu_s", DETACHED, WINML),
        0.12,
    ),
    *(_command(sink, kind) for sink in ("healthy", *FAULTS) for kind in ("CPU", "wall")),
    Goal(
        "3-event command, sending in process: CPU over bare Python, x winml-cli",
        _against("healthy_cpu_s", IN_PROCESS, WINML),
        0.8,
    ),
    Goal("exit with sending in process, median at the worst sink, x exit budget", _exit, 1.1),
    *(
        Goal(
            f"events of a run at a failing sink, delivered with the next run, worst sink: {way}",
            _delivered(way),
            3,
            at_least=True,
            unit="of 3",
        )
        for way in (DETACHED, IN_PROCESS)
    ),
    Goal("duplicates that epoch and seq do not tell", _unexplained, 0, unit=""),
    Goal("100 events, then SIGKILL or `os._exit`", _survivors, 100, at_least=True, unit="of 100"),
    Goal(
        "100,000 events: events/s, x winml-cli",
        _against("burst_events_per_s", IN_PROCESS, WINML),
        5,
        at_least=True,
    ),
    Goal(
        "100,000 events: CPU, x winml-cli",
        _against("burst_cpu_s_per_event", IN_PROCESS, WINML),
        0.25,
    ),
    Goal(
        "100,000 events: lost with default settings",
        lambda figures: figures.worst("burst_lost, as shipped", IN_PROCESS),
        0,
        unit="",
    ),
    Goal(
        "bytes on the wire of 100 varied events, x winml-cli",
        _against("wire_bytes_per_event", IN_PROCESS, WINML),
        0.05,
    ),
    Goal(
        "generated validator, x fastjsonschema",
        _against("validate_ns", DECLARANT, FASTJSONSCHEMA),
        0.3,
    ),
    Goal(
        "generated validator, x straight hand-written code",
        _against("validate_ns", DECLARANT, BY_HAND),
        2,
    ),
    Goal(
        "generate 1,000 events without datamodel-code-generator: CPU, x glean_parser's rust",
        lambda figures: (
            figures.median("generate_own_cpu_s", str(COMPARED))
            / figures.median("peer_generate_cpu_s", RUST)
        ),
        0.3,
    ),
    Goal("generate: CPU for 10 times the events, worst step to 5,000", _growth, 10),
    Goal(
        "warm check of 1,000 events, wall",
        lambda figures: figures.median("check_wall_s", "1000"),
        0.5,
        unit="s",
    ),
    Goal(
        "scrubber: recall on credentials and user paths",
        lambda figures: figures.median("scrub_recall", "credentials and paths"),
        0.99,
        at_least=True,
        unit="%",
    ),
    Goal(
        "scrubber: benign text kept, worst corpus",
        lambda figures: figures.least("scrub_kept", DECLARANT),
        0.97,
        at_least=True,
        unit="%",
    ),
    Goal(
        "scrubber: time for 4 times the hostile text, worst form, to 1 MB",
        lambda figures: figures.worst("scrub_growth", DECLARANT),
        4.8,
    ),
    Goal(
        "collector: requests/s of one event each, 4 clients, kept alive, stored",
        lambda figures: figures.median("collector_stored_per_s", "4 clients, --quiet"),
        1_500,
        at_least=True,
        unit="",
    ),
)
