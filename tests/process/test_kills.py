"""SIGKILL at hundreds of moments of emitting, sending, settling and adopting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from declarant_collector import Collector

pytest.importorskip("fcntl", reason="needs POSIX processes")

from survival.sabotage import KINDS
from survival.stages import STAGES
from survival.storm import SWEEPS, Rage, Storm, Victims, take_census

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

ROUNDS = 5


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    with Victims() as running:
        yield running
        assert running.complaints() == ""


@pytest.fixture(scope="module")
def census(victims, tmp_path_factory):
    with Collector() as running:
        return take_census(Storm(victims, tmp_path_factory.mktemp("census"), running))


@pytest.fixture
def storm(victims, tmp_path, collector) -> Storm:
    return Storm(victims, tmp_path, collector)


@pytest.mark.parametrize("what", SWEEPS)
def test_a_process_may_die_at_each_of_its_moments(storm, what):
    """Right after each call that changes something outside; the next sender makes up for it."""
    moments = SWEEPS[what].go(storm)

    sums = storm.account.close()
    assert storm.account.unexplained == []
    # Threads do not take turns in the same way twice: a moment may not come.
    assert sums["killed"] > moments / 2


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_in_a_storm(storm, census, seed):
    """Many emit and send at once, most of them are killed; replay one by its seed."""
    Rage(storm, census, seed).go(ROUNDS)

    sums = storm.account.close()
    assert storm.account.unexplained == []
    assert sums["killed"] > ROUNDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_account_notices_a_defect(victims, collector, tmp_path, kind):
    """Each defect before those who meet it; without it the same processes are accounted for."""
    unexplained = {}
    for sabotage in ("", kind):
        folder = tmp_path / (sabotage or "sound")
        folder.mkdir()
        collector.reset()
        storm = Storm(victims, folder, collector, sabotage=sabotage)
        STAGES[kind].play(storm)
        storm.account.close()
        unexplained[sabotage] = storm.account.unexplained

    assert unexplained[""] == []
    assert [each for each in unexplained[kind] if STAGES[kind].says in each]


@pytest.mark.parametrize("kind", ["settle_first", "buffered", "no_locks"])
def test_a_storm_finds_a_defect(census, collector, tmp_path, kind):
    """A runtime that settles, returns or takes over too early is found out within a few storms."""
    with Victims() as victims:
        for seed in range(12):
            folder = tmp_path / str(seed)
            folder.mkdir()
            collector.reset()
            storm = Storm(victims, folder, collector, sabotage=kind)
            Rage(storm, census, seed).go(ROUNDS)
            storm.account.close()
            if storm.account.unexplained:
                return
    pytest.fail(f"{kind} went unnoticed")
