"""The account of a storm: what processes were told, what a collector took, what explains the rest.

It knows nothing of how the runtime works inside: only what an emit promised, what arrived, what the
store counts, and who was killed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from declarant._counts import store_counts
from declarant._store import OfflineStore
from survival.events import expected, number_of
from survival.hindrances import HARMLESS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from declarant._counts import Counts
    from declarant_collector import Collector
    from survival.faults import Faults


@dataclass(frozen=True, kw_only=True)
class Process:
    """What one process was to emit, which numbers it was told are stored, and how it ended."""

    name: str
    store: Path
    first: int
    count: int
    told: list[int]
    ended: int
    moment: str
    #: How many it emitted before, in the same epoch.
    before: int = 0
    #: What befell it while it went on, of `hindrances`.
    hindrance: str = ""

    def __str__(self) -> str:
        """Name it, and the moment of its death or hindrance."""
        what = "killed" if self.ended < 0 else self.hindrance
        return f"{self.name} ({what} at {self.moment})" if what else self.name

    @property
    def may_lose(self) -> bool:
        """Whether what it stored may be gone: somebody deleted it."""
        return self.hindrance == "store_deleted"

    @property
    def may_be_refused(self) -> bool:
        """Whether an emit of it may fail."""
        return self.hindrance not in ("", *HARMLESS)


@dataclass(frozen=True)
class Copy:
    """One arrival of an event: the number of its request, and its bytes."""

    request: int
    text: str


class Account:
    """Everything that is known of some stores and of the one collector of their senders."""

    def __init__(
        self, collector: Collector, faults: Faults | None = None, counted: Counts | None = None
    ) -> None:
        """Start with no processes.

        Args:
            collector: What took the events.
            faults: What it did to requests on purpose, if anything.
            counted: What the stores counted before.
        """
        self._collector = collector
        self._faults = faults
        self._counted = counted or {}
        self._processes: dict[str, Process] = {}
        self._copies: dict[int, list[Copy]] = defaultdict(list)
        #: What the collector refused, or took no notice of, on purpose.
        self._refused: set[int] = set()
        self.given_up: Counter[str] = Counter()
        #: One sentence for each thing that nothing explains.
        self.unexplained: list[str] = []

    def add(self, process: Process) -> None:
        """Take down one process."""
        self._processes[process.name] = process

    def close(self) -> dict[str, int]:
        """Hold everything against each other, the stores being empty; return the sums."""
        for event in self._collector.accepted():
            self._take(event.request, event.text)
        for event in self._collector.rejected():
            if self._faults is None or event.reason != self._faults.REFUSED:
                self._wrong(f"the collector refused an event: {event.reason}")
        if self._faults is not None:
            for event in (*self._collector.rejected(), *self._collector.unsettled()):
                self._refused.add(number_of(json.loads(event.text)))
        unclaimed = set(self._copies)
        arrived: dict[Path, set[int]] = defaultdict(set)
        deleted = {each.store for each in self._processes.values() if each.may_lose}
        for process in self._processes.values():
            numbers = range(process.first, process.first + process.count)
            mine = unclaimed.intersection(numbers)
            unclaimed -= mine
            arrived[process.store] |= mine
            self._check_process(process, sorted(mine), may_lose=process.store in deleted)
        if unclaimed:
            self._wrong(f"{_few(unclaimed)} arrived and were never emitted")
        for store, numbers in arrived.items():
            if store not in deleted:
                self._check_store(store, numbers)
        return {
            "processes": len(self._processes),
            "killed": sum(each.ended < 0 for each in self._processes.values()),
            "emitted": sum(len(each.told) for each in self._processes.values()),
            "arrived": len(self._copies),
            "duplicates explained": self._explain_copies(),
        }

    def _wrong(self, sentence: str) -> None:
        self.unexplained.append(sentence)

    def _take(self, request: int, text: str) -> None:
        """Take in an event that arrived, if it is whole."""
        try:
            envelope = json.loads(text)
            number = number_of(envelope)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            self._wrong(f"an event is corrupt: {type(error).__name__}")
            return
        if (envelope["name"], envelope["data"]) != expected(number):
            self._wrong(f"the data of {number} are not what was emitted")
        self._copies[number].append(Copy(request, text))

    def _check_process(self, process: Process, arrived: list[int], *, may_lose: bool) -> None:
        """Hold what arrived of a process against what it was told."""
        numbers = range(process.first, process.first + process.count)
        told = set(process.told)
        passed = numbers.start - process.before
        if process.ended > 0:
            self._wrong(f"{process} ended with {process.ended}")
        is_whole = process.told == list(numbers) or process.may_be_refused
        if process.ended == 0 and not is_whole:
            self._wrong(f"{process} was told of {len(told)} of {len(numbers)}")
        lost = told.difference(arrived, self._refused)
        if lost and not may_lose:
            self._wrong(f"{process} was told that {_few(lost)} are stored; lost")
        # Who is killed may have stored one more than it could tell of.
        following = process.told[-1] + 1 if process.told else process.first
        allowed = {*told, following} if process.ended < 0 else told
        more = set(arrived).difference(allowed)
        if more:
            self._wrong(f"{process} was not told of {_few(more)}; arrived")
        sdks = [self._ext(number, "sdk") for number in arrived]
        if len({sdk["epoch"] for sdk in sdks}) > 1:
            self._wrong(f"{process} has several epochs")
        in_order = [sdk["seq"] for sdk in sdks] == [number - passed + 1 for number in arrived]
        if not in_order:
            self._wrong(f"{process} has sequence numbers out of order")

    def _check_store(self, store: Path, arrived: set[int]) -> None:
        """Hold what arrived from a store against what is left in it, its counts included."""
        counts = store_counts(OfflineStore(str(store)))
        accepted = self._grown(counts, "accepted").pop("events", 0)
        dropped = self._grown(counts, "dropped")
        if any(each.ended < 0 for each in self._processes.values() if each.store == store):
            # A line that a death cut off is one that no process was told of.
            dropped.pop("CORRUPT", None)
        hindered = any(
            each.may_be_refused for each in self._processes.values() if each.store == store
        )
        if hindered:
            # Whoever cannot write down what it did counts too little, and never too much.
            if accepted > len(arrived):
                self._wrong(f"{store.name} counts {accepted} accepted, {len(arrived)} arrived")
            if set(dropped).difference(("STORE_FAILED",)):
                self._wrong(f"{store.name} counts {dropped} dropped")
        elif self._faults is None:
            if accepted != len(arrived):
                self._wrong(f"{store.name} counts {accepted} accepted, {len(arrived)} arrived")
            if dropped:
                self._wrong(f"{store.name} counts {dropped} dropped")
        else:
            stored = {name: count for name, count in dropped.items() if name != "INVALID_EVENT"}
            self._check_sums(store, accepted, sum(stored.values()))
        self.given_up.update(dropped)
        for kind in ("waiting", "left_out"):
            if any(counts[kind].values()):
                self._wrong(f"{store.name} counts {kind} {counts[kind]}")
        if OfflineStore(str(store)).segments():
            self._wrong(f"segments are left in {store.name}")
        if len({self._ext(number, "device")["localId"] for number in arrived}) > 1:
            self._wrong(f"{store.name} has several device ids")
        epochs = Counter(
            (self._ext(number, "sdk")["epoch"], self._ext(number, "sdk")["seq"])
            for number in arrived
        )
        if any(count > 1 for count in epochs.values()):
            self._wrong(f"{store.name} has two events of one epoch and sequence number")

    def _check_sums(self, store: Path, accepted: int, dropped: int) -> None:
        """Hold the sum of all fates against the number of stored events."""
        processes = [each for each in self._processes.values() if each.store == store]
        told = sum(len(each.told) for each in processes)
        # Each process that was killed may have stored one that it could not tell of.
        untold = sum(each.ended < 0 and each.count > 0 for each in processes)
        if not told <= accepted + dropped <= told + untold:
            self._wrong(f"{store.name}: {told} stored, {accepted} accepted and {dropped} given up")

    def _grown(self, counts: Counts, kind: str) -> dict[str, int]:
        """Return what was counted since this account was opened."""
        before = self._counted.get(kind, {})
        grown = {name: count - before.get(name, 0) for name, count in counts[kind].items()}
        return {name: count for name, count in grown.items() if count}

    def _explain_copies(self) -> int:
        """Return how many copies a death before settlement, or a lost answer, explains."""
        requests = self._collector.requests()
        makers = {each.number: _maker(each.target) for each in requests}
        unheard = {each.number for each in requests if self._faults and self._faults.hid(each)}
        # In the order of arrival: what remains is each sender's last.
        last = {maker: number for number, maker in sorted(makers.items())}
        explained = 0
        for number, copies in sorted(self._copies.items()):
            if len({copy.text for copy in copies}) > 1:
                self._wrong(f"the copies of {number} differ")
            for copy in copies[:-1]:
                sender = self._processes[makers[copy.request]]
                may_not_know = sender.ended < 0 or sender.may_be_refused
                is_last = last[sender.name] == copy.request
                if (may_not_know and is_last) or copy.request in unheard:
                    explained += 1
                else:
                    self._wrong(f"{number} was sent again although {sender} knew of it")
        return explained

    def _ext(self, number: int, slot: str) -> dict:
        return json.loads(self._copies[number][0].text)["ext"][slot]


def _maker(target: str) -> str:
    return parse_qs(urlsplit(target).query)["process"][0]


def _few(numbers: Iterable[int]) -> str:
    listed = sorted(numbers)
    shown = ", ".join(map(str, listed[:5]))
    return shown if len(listed) <= 5 else f"{shown} and {len(listed) - 5} more"
