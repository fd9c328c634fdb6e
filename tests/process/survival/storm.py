"""Storms: emitting processes and competing senders on one store, most of which are killed.

Everything that chance decides comes from one seed, and is decided before the first process of a
round starts: the same seed makes the same jobs. How the processes then interleave is the kernel's.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from survival.account import Account, Process
from survival.hindrances import KINDS

if TYPE_CHECKING:
    from declarant_collector import Collector

    #: Moment at which a process may die, and how often it comes by.
    Census = dict[str, int]

HOME = Path(__file__).parents[1]
#: A process that is killed from outside dies within so many microseconds of its start.
LONGEST_US = 60_000
#: More small segments than a store may have: the next emitting process merges them.
SEGMENTS = 70
#: Where it matters most that a process dies: a storm chooses these more often.
HOT = ("_segments", "_lease", "_locks", "_ledger", "_merge", "client.py", "socket.py")
WEIGHT = 4
#: Ends of the moments right after something outside the process may have changed.
CHANGES = tuple(
    f":{call}:after"
    for call in (
        *("open", "write", "ftruncate", "truncate", "close", "flock", "rename", "replace"),
        *("unlink", "utime", "mkdir", "connect", "sendall", "recv_into"),
    )
)
#: Processes of a sweep that run at once; each has a store of its own.
AT_ONCE = 4


class Victims:
    """The program whose processes die; a context manager."""

    def __init__(self) -> None:
        """Start it."""
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "survival.victim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            cwd=HOME,
        )

    def __enter__(self) -> Victims:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.communicate(timeout=60)
        self._complaints.close()

    def complaints(self) -> str:
        """Return what the processes complained of."""
        self._complaints.seek(0)
        return self._complaints.read()

    def run(self, jobs: list[dict]) -> list[int]:
        """Run *jobs* at once and return how each ended: its exit code, or minus its signal."""
        self._process.stdin.write(json.dumps(jobs) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the victims' program is gone"
        return json.loads(answer)


class Storm:
    """Stores, the processes that were let loose on them, and what they did.

    Attributes:
        account: What was told and what arrived.
        moments: Which moments processes died at, and how often; "outside" for any.
    """

    def __init__(
        self, victims: Victims, folder: Path, collector: Collector, *, sabotage: str = ""
    ) -> None:
        """Let nothing loose yet."""
        self.victims = victims
        self.folder = folder
        self.collector = collector
        self.sabotage = sabotage
        self.account = Account(collector)
        self.moments: Counter[str] = Counter()
        self._made = 0
        self._numbers = 0

    def job(
        self,
        role: str,
        count: int = 0,
        *,
        kill: list | None = None,
        small: bool = False,
        store: str = "store",
    ) -> dict:
        """Return a process to run; *small* is whether its first requests are."""
        first = self.take_numbers(count)
        self._made += 1
        name = f"{role}{self._made}"
        # There from the start: a process may die before its first line.
        for kind in ("said", "moments"):
            (self.folder / f"{name}.{kind}").touch()
        return {
            "role": role,
            "name": name,
            "first": first,
            "count": count,
            "small": small,
            "store": str(self.folder / store),
            "endpoint": f"{self.collector.url}?process={name}",
            "said": str(self.folder / f"{name}.said"),
            "moments": str(self.folder / f"{name}.moments"),
            "kill": kill,
            "census": False,
            "sabotage": self.sabotage,
        }

    def take_numbers(self, count: int) -> int:
        """Return the first of *count* numbers that no other process uses."""
        first, self._numbers = self._numbers, self._numbers + count
        return first

    def run(self, *jobs: dict) -> None:
        """Run *jobs* at once, and take down what became of them."""
        for store in {job["store"] for job in jobs}:
            # A wait that a killed sender left behind is no part of what is asked here.
            Path(store, "hold-until").unlink(missing_ok=True)
        for job, ended in zip(jobs, self.victims.run(list(jobs)), strict=True):
            hindrance = job["kill"][0] if job["kill"] and job["kill"][0] in KINDS else ""
            if hindrance and Path(job["store"]).exists():
                # The next process finds everything in order again.
                Path(job["store"]).chmod(0o700)
            told = [int(line) for line in Path(job["said"]).read_bytes().splitlines()]
            # A census is of all moments, at none of which anything befell the process.
            moment = "" if job["census"] else Path(job["moments"]).read_text().strip()
            moment = moment or "outside"
            self.account.add(
                Process(
                    name=job["name"],
                    store=Path(job["store"]),
                    first=job["first"],
                    count=job["count"],
                    told=told,
                    ended=ended,
                    moment=moment,
                    hindrance=hindrance,
                )
            )
            if ended or moment != "outside":
                self.moments[f"{job['role']} {moment}"] += 1

    def census(self, role: str, count: int, *, store: str = "store") -> Census:
        """Return the moments that a process comes by that nobody kills."""
        job = {**self.job(role, count, small=True, store=store), "census": True}
        self.run(job)
        return json.loads(Path(job["moments"]).read_text())


class Rage:
    """Random rounds of a storm on one store.

    Args of the constructor: the storm; the moments of each role, see `take_census`; the seed.
    """

    def __init__(self, storm: Storm, census: dict[str, Census], seed: int) -> None:
        """Decide nothing yet."""
        self._storm = storm
        self._census = census
        self._random = random.Random(seed)

    def go(self, rounds: int) -> None:
        """Run *rounds*, and a sender that nobody kills."""
        chance = self._random
        for _ in range(rounds):
            if chance.random() < 0.3:
                self._storm.run(self._storm.job("leaver", SEGMENTS))
            jobs = [self._emitter() for _ in range(chance.randint(1, 4))]
            jobs += [self._sender() for _ in range(chance.randint(1, 3))]
            if chance.random() < 0.5:
                jobs.append(self._storm.job("host", 60, kill=self._fate("host")))
            chance.shuffle(jobs)
            self._storm.run(*jobs)
        self._storm.run(self._storm.job("finisher"))

    def _emitter(self) -> dict:
        count = self._random.choice((1, 5, 40, 150, 400))
        return self._storm.job("emitter", count, kill=self._fate("emitter"))

    def _sender(self) -> dict:
        role = self._random.choice(("sender", "sender", "detached"))
        small = self._random.random() < 0.5
        return self._storm.job(role, kill=self._fate(role), small=small)

    def _fate(self, role: str) -> list | None:
        chance, seen = self._random, self._census[role]
        kind = chance.choice(("site", "site", "site", "step", "outside", "outside", None))
        if kind == "site":
            # Not in proportion: the few moments that recur would have nearly all the deaths.
            sites = sorted(seen)
            weights = [WEIGHT if site.startswith(HOT) else 1 for site in sites]
            (site,) = chance.choices(sites, weights)
            return ["site", site, chance.randint(1, seen[site])]
        if kind == "step":
            return ["step", chance.randint(1, sum(seen.values()))]
        return kind and ["outside", chance.randint(0, LONGEST_US)]


def take_census(storm: Storm) -> dict[str, Census]:
    """Return how often a process of each role comes by each moment."""
    census = {}
    for role, count in (("emitter", 150), ("detached", 0), ("host", 60), ("sender", 0)):
        storm.run(storm.job("leaver", SEGMENTS))
        census[role] = storm.census(role, count)
    return census


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One process after the other killed at each of its moments, on a store of its own.

    Attributes:
        role: Of the process that is killed.
        count: How many events it emits itself.
        before: Who left something in the store: role and events.
        after: Who comes by before another process sends what is left.
        sites: Only moments that begin so.
    """

    role: str
    count: int = 0
    before: tuple[tuple[str, int], ...]
    after: tuple[tuple[str, int], ...] = ()
    sites: tuple[str, ...] = ("",)

    def go(self, storm: Storm, *, kinds: tuple[str, ...] = ("site",), whole: bool = False) -> int:
        """Kill at the first and at the last time that a moment comes by; return how many those are.

        Args:
            storm: Where.
            kinds: What befalls the processes, in turns: "site" for a death, or `hindrances`.
            whole: Take moments, too, after which nothing outside the process is as it was before.
        """
        self._run(storm, self.before, ["census"])
        census = storm.census(self.role, self.count, store="census")
        self._run(storm, self.after, ["census"])
        storm.run(storm.job("finisher", store="census"))
        sites = [
            site
            for site in census
            if site.startswith(self.sites) and (whole or site.endswith(CHANGES))
        ]
        moments = [(site, number) for site in sites for number in sorted({1, census[site]})]
        fates = [
            [kind, *moment] for moment, kind in zip(moments, itertools.cycle(kinds), strict=False)
        ]
        stores = [f"store{number}" for number in range(len(fates))]
        self._run(storm, self.before, stores)
        victims = [
            storm.job(self.role, self.count, kill=fate, small=True, store=store)
            for fate, store in zip(fates, stores, strict=True)
        ]
        _some_at_once(storm, victims)
        self._run(storm, self.after, stores)
        _some_at_once(storm, [storm.job("finisher", store=store) for store in stores])
        return len(fates)

    def _run(self, storm: Storm, processes: tuple[tuple[str, int], ...], stores: list[str]) -> None:
        for role, count in processes:
            _some_at_once(storm, [storm.job(role, count, store=store) for store in stores])


def _some_at_once(storm: Storm, jobs: list[dict]) -> None:
    for start in range(0, len(jobs), AT_ONCE):
        storm.run(*jobs[start : start + AT_ONCE])


#: By what dies; see each.
SWEEPS = {
    # Merges three small segments, and sends two batches of a fourth.
    "a sender": Sweep(role="sender", before=(("emitter", 60), ("leaver", 3))),
    # Merges what others left before it opens its own segment.
    "an emitter": Sweep(role="emitter", count=3, before=(("leaver", SEGMENTS),)),
    "a host that sends": Sweep(role="host", count=3, before=(("leaver", 3),)),
    # Dies while it notes how far it came; an emitting process adopts its segment first.
    "a sender before an emitter": Sweep(
        role="sender",
        before=(("emitter", 60), ("leaver", 3)),
        after=(("leaver", SEGMENTS),),
        sites=(
            *("_segments.py:replace_file", "_segments.py:write_whole", "_twin_file.py"),
            "_lease.py:settle",
        ),
    ),
}
