"""The arithmetic of the benchmarks: medians, ratios, pooled calls, and where a goal stands."""

from __future__ import annotations

from textwrap import fill

from harness.environments import ROOT, Environments
from harness.figures import Spread, ratio, spread, times
from harness.goals import GOALS, Figures, Goal, Standing, standings
from harness.peers import DETACHED, IN_PROCESS, OTEL, WINML
from harness.report import INTRODUCTION, WIDTH, Section, Table, markdown
from harness.saved import load, save
from measures.emit import _pooled


def one(value: float) -> Spread:
    return Spread(value, value, value, 1)


def section(**figures: dict[str, float]) -> Section:
    made = Section("A title", "A method.")
    for name, found in figures.items():
        for subject, value in found.items():
            made.note(name, subject, one(value))
    return made


def standing(sections: list[Section], start: str) -> Standing:
    (found,) = [one for one in standings(sections) if one.name.startswith(start)]
    return found


def test_a_spread_is_median_and_extremes():
    """An even number of samples has the mean of the middle two."""
    assert spread([4.0, 1.0, 3.0, 10.0]) == Spread(3.5, 1.0, 10.0, 4)
    assert spread([4.0, 1.0, 3.0, 10.0]).text(10, 0) == "35 (10 to 100)"
    assert spread([2.0]).text() == "2.0"


def test_a_ratio_is_of_medians():
    """A divisor of nothing, or nothing to divide, is no ratio."""
    assert ratio(spread([1, 2, 9]), spread([4, 8, 9])) == 0.25
    assert ratio(one(1), one(0)) is None
    assert ratio(None, one(1)) is None
    assert [times(None), times(0.0512), times(0.12), times(3)] == ["", "0.051", "0.12", "3.00"]


def test_a_goal_is_met_at_its_bound_and_missed_beyond():
    """Upper and lower bounds alike."""
    sections = [section(some={"a": 3.0})]
    figures = Figures(sections)

    def verdict(bound: float, at_least: bool) -> str:
        goal = Goal("g", lambda found: found.median("some", "a"), bound, at_least)
        return goal.standing(figures).verdict

    assert [verdict(bound, at_least=False) for bound in (2.9, 3.0)] == ["**missed**", "met"]
    assert [verdict(bound, at_least=True) for bound in (3.0, 3.1)] == ["met", "**missed**"]


def test_goals_are_computed_from_the_figures_of_the_run():
    """Ratios are ours by theirs; what was not taken is said not to be."""
    sections = [
        section(emit_cpu_ns={IN_PROCESS: 6.0, OTEL: 20.0, WINML: 15.0}),
        section(burst_events_per_s={IN_PROCESS: 40.0, WINML: 10.0}),
    ]

    emit = standing(sections, "emit, CPU of the caller's thread")
    assert emit == Standing(emit.name, "0.300 x", "at most 0.350 x", "met")
    assert standing(sections, "the same, x winml-cli").verdict == "**missed**"
    burst = standing(sections, "100,000 events: events/s")
    assert (burst.found, burst.verdict) == ("4.00 x", "**missed**")
    assert standing(sections, "import of the generated").verdict == "not measured"


def test_the_worst_sink_and_the_worst_round_decide_what_is_delivered():
    """One round of one fault in which an event was missing is a missed goal."""
    name = f"events of a run at a failing sink, delivered with the next run, worst sink: {DETACHED}"
    made = section(
        **{f"{fault}_delivered": {DETACHED: 3} for fault in ("refused", "503", "silent")}
    )
    assert standing([made], name).verdict == "not measured"
    made.note("slow_delivered", DETACHED, spread([3, 3, 2]))

    found = standing([made], name)

    assert (found.found, found.verdict) == ("2 of 3", "**missed**")


def test_growth_counts_a_step_of_five_as_half_a_step_of_ten():
    """1,000 events in 10 s and 5,000 in 60 s are 12 for ten times the events."""
    made = section(generate_cpu_s={"10": 1.0, "100": 2.0, "1000": 10.0, "5000": 60.0})

    found = standing([made], "generate: CPU for 10 times")

    assert (found.found, found.verdict) == ("12.00 x", "**missed**")


def test_every_goal_stands_somewhere_when_nothing_was_measured():
    """A partial run prints the whole table."""
    assert {found.verdict for found in standings([])} == {"not measured"}
    assert len({goal.name for goal in GOALS}) == len(GOALS)


def test_the_report_that_is_shown_has_the_goals_and_the_bounds_of_today():
    """A goal with another name or bound needs another report."""
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    table = text.partition("## Goals")[2].partition("\n## ")[0]
    _, _, *rows = [line.split(" | ") for line in table.splitlines() if line.startswith("|")]

    shown = [(row[0].removeprefix("| "), row[2]) for row in rows]

    assert shown == [(found.name, found.bound) for found in standings([])]
    assert fill(INTRODUCTION, WIDTH) in text


def test_a_report_names_what_was_not_taken(tmp_path):
    """A measure that is not there must not look as if there were none."""

    def head(*untaken: str) -> str:
        made = markdown([], [], Environments(tmp_path), ["a 1"], untaken, quick=False)
        return made.partition("## Goals")[0]

    assert head("wire", "ours").endswith("Peers: a 1.\n\nNot taken: wire, ours.\n\n")
    assert "Not taken" not in head()


def test_slow_calls_of_several_rounds_are_pooled():
    """p99.9 of two rounds of 1,000 calls leaves the slowest two out."""
    rounds = [
        {"calls": 1_000, "slowest": list(range(981, 1_001))},
        {"calls": 1_000, "slowest": [*range(1_981, 2_000), 9_000]},
    ]

    assert _pooled(rounds, 0.999) == Spread(1_998, 999, 1_999, 2)
    assert _pooled(rounds, 1.0).median == 9_000


def test_what_is_kept_is_read_back_as_it_was(tmp_path):
    """A measure that is taken again replaces its own; the others stay, in the report's order."""
    first = section(emit_cpu_ns={IN_PROCESS: 6.0, OTEL: 20.0})
    first.parts += ["Words, µs.", Table(("", "µs"), [("a", "1.0")])]
    first.taken = "2026-11-26"
    save(tmp_path, "emit", section(emit_cpu_ns={IN_PROCESS: 1.0, OTEL: 1.0}))
    save(tmp_path, "emit", first)
    save(tmp_path, "wire", section())

    kept = load(tmp_path, ["wire", "ready", "emit"])

    assert kept == [section(), first]
    assert kept[1].markdown().endswith("Words, µs.\n\n|  | µs |\n|---|---:|\n| a | 1.0 |")
    assert standing(kept, "emit, CPU of the caller's thread").found == "0.300 x"
