"""What is measured inside a process, in the environment of the SDK that is measured.

usage: worker.py SDK MODE PORT STATE [ARGUMENT ...] [OPTION=VALUE ...]

    emit CALLS      so many, one each 100 microseconds; then calls in a row, then 8 threads
    burst EVENTS    so many as fast as the caller can, then whatever makes the SDK send them all
    wire EVENTS     so many that differ as a day's events do, in one go

Prints one line of JSON. No connection leaves this machine.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import threading
import time

_CALLS = 2_000
_BATCHES = 7
_THREADS = 8
_STEP_NS = 100_000
#: On a machine that is so busy that the calls take longer than this, there are fewer.
_LONGEST_S = 20
#: What takes longer than this was waiting for something.
_INTERRUPTED_NS = 200_000
#: Before so many calls the waits for a core begin anew: those of other calls are none of a call's.
_ASKED_EVERY = 5

#: What the events of a day differ by: commands of a toolkit.
_COMMANDS = ("analyze", "build", "config", "eval", "export", "hub", "inspect", "optimize", "perf")


def stay_here(event: str, arguments: tuple) -> None:
    """Refuse connections to other machines."""
    if event == "socket.connect":
        address = arguments[1]
        host = str(address[0]) if isinstance(address, tuple) else "127."
        if not host.startswith("127.") and host not in ("::1", "localhost"):
            raise PermissionError(f"a benchmark tried to reach {host}")


def cpu_s() -> float:
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class CoreWait:
    """For how long this thread was ready to run while the machine ran others (Linux)."""

    def __init__(self) -> None:
        try:
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            self._file = -1
        self._seen = 0
        self.since()

    def since(self) -> int:
        """Return the nanoseconds of it since the last call; 0 where the system cannot tell."""
        if self._file < 0:
            return 0
        # "time on a core, time ready without one, turns"; source: Linux, sched-stats.rst.
        now = int(os.pread(self._file, 100, 0).split()[1])
        waited, self._seen = now - self._seen, now
        return waited


def paced(sdk, calls: int) -> tuple[list[int], list[int]]:
    """Time each of the calls that a steady program makes, one each 100 us.

    Returns:
        Nanoseconds of each, and the same without those in which the machine ran something else: a
        benchmark shares its machine, and a call that was interrupted is no slow call.
    """
    clock, action, core = time.perf_counter_ns, sdk.action, CoreWait()
    walls, own = [], []
    now = clock()
    end, due = now + _LONGEST_S * 10**9, now
    while now < end and len(walls) < calls:
        if len(walls) % _ASKED_EVERY == 0:
            core.since()
        # Busy between the calls, as a program is that has something else to do.
        while now < due:
            before, now = now, clock()
            if now - before > _INTERRUPTED_NS:
                core.since()
        begun = clock()
        action(4321)
        now = clock()
        took = now - begun
        walls.append(took)
        # Asked only then: it takes longer than most calls.
        own.append(took if took < _INTERRUPTED_NS else max(0, took - core.since()))
        due = max(due + _STEP_NS, now)
    return walls, own


def in_a_row(sdk) -> tuple[list[float], list[float]]:
    """Return wall and CPU nanoseconds of this thread per call, a pair for each batch."""
    action, walls, cpus = sdk.action, [], []
    for _ in range(_BATCHES):
        time.sleep(0.02)
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        for _ in range(_CALLS):
            action(4321)
        cpus.append((time.thread_time_ns() - cpu) / _CALLS)
        walls.append((time.perf_counter_ns() - wall) / _CALLS)
        sdk.flush()
    return walls, cpus


def from_threads(sdk) -> tuple[float, list[int]]:
    """Return wall nanoseconds per call of 8 threads together, and each call's own."""
    action, clock, taken = sdk.action, time.perf_counter_ns, []
    together = threading.Barrier(_THREADS + 1)

    def call() -> None:
        mine = []
        together.wait()
        for _ in range(_CALLS):
            begun = clock()
            action(4321)
            mine.append(clock() - begun)
        taken.extend(mine)

    threads = [threading.Thread(target=call) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    together.wait()
    begun = clock()
    for thread in threads:
        thread.join()
    return (clock() - begun) / (_THREADS * _CALLS), taken


def emit(sdk, calls: int) -> dict[str, object]:
    for _ in range(200):
        sdk.action(4321)
    sdk.flush()
    steady, own = map(sorted, paced(sdk, calls))
    sdk.flush()
    walls, cpus = in_a_row(sdk)
    crowd_ns, crowd = from_threads(sdk)
    sdk.flush()
    return {
        "emitted": 200 + len(steady) + _BATCHES * _CALLS + _THREADS * _CALLS,
        "steady_ns": thinned(steady),
        "own_ns": thinned(own),
        "wall_ns": walls,
        "cpu_ns": cpus,
        "crowd_ns": crowd_ns,
        "crowd_each_ns": thinned(sorted(crowd)),
    }


def thinned(ordered: list[int]) -> dict[str, object]:
    """Return the median, and the slowest fiftieth of all: more is not asked for."""
    return {
        "calls": len(ordered),
        "median": ordered[len(ordered) // 2],
        "slowest": ordered[-(len(ordered) // 50 + 1) :],
    }


def burst(sdk, events: int) -> dict[str, object]:
    sdk.heartbeat()
    cpu, begun = cpu_s(), time.perf_counter()
    action = sdk.action
    for number in range(events):
        action(number)
    sdk.flush()
    sdk.end()
    ended = time.perf_counter()
    return {
        "total_s": ended - begun,
        "cpu_s": cpu_s() - cpu,
        "peak_kb": peak_kb(),
        "lost": sdk.lost() if hasattr(sdk, "lost") else None,
    }


def wire(sdk, events: int) -> dict[str, object]:
    day = random.Random(7)
    for _ in range(events):
        # Durations of commands: most take seconds, a few minutes or hours.
        sdk.action(int(day.lognormvariate(8, 2)), day.choice(_COMMANDS))
    sdk.flush()
    sdk.end()
    return {}


def main() -> None:
    name, mode, port, state, argument, *rest = sys.argv[1:]
    sys.addaudithook(stay_here)
    options = dict(word.split("=", 1) for word in rest)
    sdk = __import__(f"sdk_{name}").Sdk(int(port), state, options)
    found = {"emit": emit, "burst": burst, "wire": wire}[mode](sdk, int(argument))
    print(json.dumps(found), flush=True)
    # Not by returning: some SDKs wait long for what is already measured.
    os._exit(0)


main()
