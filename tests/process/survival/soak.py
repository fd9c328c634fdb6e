"""Events by the hundred thousand through every fault at random, with an account of each of them.

usage: python tests/process/survival/soak.py [--events N] [--seed S] [--skip-sweeps]

First each role is killed at every one of its moments; then, generation by generation, processes
emit and send to a collector that answers badly, late or not at all, while others are killed. A host
that lives through all of it tells how much memory it has. Ends with 1 if anything is unexplained.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from declarant._counts import store_counts
from declarant._store import OfflineStore
from declarant_collector import Collector
from survival.account import Account, Process
from survival.faults import Faults
from survival.storm import HOME, SWEEPS, Storm, Victims

#: Events of one generation: below what a store may hold, so that none is dropped for want of room.
GENERATION = 25_000
#: Of them, those of the host that is never killed.
OLD = 5_000
#: Processes of a generation that emit and send, and that only send.
HOSTS, SENDERS = 3, 3
#: A process may die within so many microseconds of its start; most are at work longer.
LONGEST_US = 3_000_000
#: The peak of the old host's memory may grow by so many bytes in the end.
MAX_GROWTH = 8 * 1_048_576


class OldHost:
    """The host that lives through everything."""

    def __init__(self, storm: Storm, store: Path) -> None:
        """Start it."""
        self.name = "old"
        self.store = store
        self.emitted = 0
        self.memory: list[int] = []
        self._storm = storm
        endpoint = f"{storm.collector.url}?process={self.name}"
        command = [sys.executable, "-m", "survival.old_host", str(store), endpoint]
        self._process = subprocess.Popen(
            command, cwd=HOME, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def emit(self, count: int) -> Process:
        """Have it begin to emit *count* events; `wait` for their end."""
        first = self._storm.take_numbers(count)
        self._process.stdin.write(f"{first} {count}\n")
        self._process.stdin.flush()
        before, self.emitted = self.emitted, self.emitted + count
        return Process(
            name=self.name,
            store=self.store,
            first=first,
            count=count,
            told=list(range(first, first + count)),
            ended=0,
            moment="",
            before=before,
        )

    def wait(self) -> None:
        """Wait until it is done, and note its memory."""
        self.memory.append(int(self._process.stdout.readline()))

    def end(self) -> int:
        """Let it go; return its exit code."""
        self._process.communicate(timeout=120)
        return self._process.returncode


def sweep_all(victims: Victims, folder: Path) -> list[str]:
    """Kill each role at every moment; return what is unexplained."""
    wrong: list[str] = []
    for what, sweep in SWEEPS.items():
        place = folder / what.replace(" ", "-")
        place.mkdir()
        with Collector() as collector:
            storm = Storm(victims, place, collector)
            moments = sweep.go(storm, whole=True)
            sums = storm.account.close()
        wrong += storm.account.unexplained
        print(f"{what}, killed at each of {moments} moments: {sums}", flush=True)
        shutil.rmtree(place)
    return wrong


class Soak:
    """Generations of processes on one store."""

    def __init__(
        self, victims: Victims, folder: Path, collector: Collector, faults: Faults
    ) -> None:
        """Start the old host."""
        self.storm = Storm(victims, folder, collector)
        self.faults = faults
        self.collector = collector
        self.folder = folder
        self.store = folder / "store"
        self.old = OldHost(self.storm, self.store)
        self.sums: Counter[str] = Counter()
        self.given_up: Counter[str] = Counter()
        self.unexplained: list[str] = []

    def generation(self, events: int, chance: random.Random) -> None:
        """Emit about *events*, let everybody die who may, send the rest, and close the account."""
        counted = store_counts(OfflineStore(str(self.store)))
        account = self.storm.account = Account(self.collector, self.faults, counted)
        old = self.old.emit(min(OLD, events))
        share = max(1, (events - OLD) // HOSTS)
        jobs = [self.storm.job("host", share, kill=_fate(chance)) for _ in range(HOSTS)]
        jobs += [self.storm.job("sender", kill=_fate(chance)) for _ in range(SENDERS)]
        self.storm.run(*jobs)
        self.old.wait()
        self.storm.run(self.storm.job("finisher"))
        account.add(old)
        self.sums.update(account.close())
        self.given_up.update(account.given_up)
        self.unexplained += account.unexplained
        self.collector.reset()
        for path in (*self.folder.glob("*.said"), *self.folder.glob("*.moments")):
            path.unlink()

    def growth(self) -> int:
        """Return by how many bytes the old host's peak grew from the middle third to the last.

        The first third shows how much it needs at all: that depends on how much it sends at once.
        """
        third = len(self.old.memory) // 3
        if not third:
            return 0
        return max(self.old.memory[-third:]) - max(self.old.memory[third : 2 * third])


def _fate(chance: random.Random) -> list | None:
    return ["outside", chance.randint(0, LONGEST_US)] if chance.random() < 0.6 else None


def soak(victims: Victims, folder: Path, events: int, seed: int) -> list[str]:
    """Run generations until *events* were stored; return what is unexplained."""
    faults = Faults(seed)
    chance = random.Random(seed)
    database = folder / "collector.db"
    with Collector(script=faults, database=database) as collector:
        run = Soak(victims, folder, collector, faults)
        while run.sums["emitted"] < events:
            left = events - run.sums["emitted"]
            run.generation(min(GENERATION, max(left, OLD + HOSTS)), chance)
            print(
                f"{run.sums['emitted']} stored, {len(run.unexplained)} unexplained, "
                f"old host {run.old.memory[-1] / 1_048_576:.1f} MiB",
                flush=True,
            )
        wrong = run.unexplained
        ended = run.old.end()
        if ended:
            wrong.append(f"the host that was never killed ended with {ended}")
        if run.growth() > MAX_GROWTH:
            wrong.append(f"the host that was never killed grew by {run.growth()} bytes")
    kept = store_counts(OfflineStore(str(run.store)))
    print(f"requests: {dict(faults.done.most_common())}")
    print(f"processes: {run.sums['processes']}, killed: {run.sums['killed']}")
    print(f"emit returned for: {run.sums['emitted']}")
    print(f"arrived: {run.sums['arrived']}")
    print(f"duplicates explained: {run.sums['duplicates explained']}")
    print(f"dropped, by reason: {dict(run.given_up)}")
    print(f"counts of the store: {kept}")
    peak = max(run.old.memory) / 1_048_576
    print(f"memory of the oldest host: {peak:.1f} MiB, {run.growth() / 1_048_576:+.1f} at the end")
    return wrong


def main() -> int:
    """Run as asked; return 1 if anything is unexplained."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--skip-sweeps", action="store_true")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with Victims() as victims, tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        wrong = [] if asked.skip_sweeps else sweep_all(victims, folder)
        wrong += soak(victims, folder, asked.events, asked.seed)
        wrong += victims.complaints().splitlines()
    print(f"unexplained: {len(wrong)}")
    for sentence in wrong[:50]:
        print(f"  {sentence}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
