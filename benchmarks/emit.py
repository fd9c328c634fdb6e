"""What an event costs its host: time of an emit, start-up, memory.

usage: python benchmarks/emit.py [--events N] [--quick]

Each figure stands beside its yardstick, taken in the same run and in turns, so that a busy machine
slows both: the ratio is what counts. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"

#: The project's goals.
EMIT_GOAL = 0.75
START_GOAL = 0.15

STORED = "first event, detached, stored yes"

FIRST_EVENT = f"""
import modelkit_events
modelkit_events.configure(app_version="1.0", consent="%s", ikey="{KEY}",
    delivery="%s", store_folder=%r)
assert modelkit_events.emit_model_kit_action(invoked_from="Script", action_name="build",
    device="npu", ep="QNNExecutionProvider", duration_ms=1, success=True)
"""

MEMORY = """
import resource, sys
import modelkit_events
from modelkit_events import emit_model_kit_action as emit

def resident_kb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024

modelkit_events.configure(app_version="1.0", consent="granted", ikey=sys.argv[1],
    delivery="manual", store_folder=sys.argv[2])
total = int(sys.argv[3])
for step in range(11):
    for number in range(total // 10 if step else 1000):
        emit(invoked_from="Script", action_name="build", device="npu",
             ep="QNNExecutionProvider", duration_ms=number, success=True)
    print(step * (total // 10), resident_kb(), flush=True)
"""


def main() -> int:
    """Measure and print; always succeeds, for these are figures and no test."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="for the memory figure")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    arguments = parser.parse_args()
    # Otherwise every start would compile everything again, which no installed program does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Switched off, there would be nothing to measure.
    os.environ.pop("DO_NOT_TRACK", None)
    os.environ.pop("MODELKIT_TELEMETRY", None)
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} CPUs\n")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        emit_table(Path(folder) / "emit", rounds=40 if arguments.quick else 200)
        error_table(Path(folder) / "errors", rounds=10 if arguments.quick else 40)
        start_table(Path(folder) / "start", rounds=10 if arguments.quick else 40)
        events = arguments.events // 10 if arguments.quick else arguments.events
        memory_table(Path(folder) / "memory", events)
    return 0


def emit_table(folder: Path, rounds: int) -> None:
    """Time a typed emit, and its parts, beside json.dumps of the envelope it makes."""
    import modelkit_events
    from modelkit_events import CATALOGUE, emit_model_kit_action, emit_model_kit_heartbeat

    modelkit_events.configure(
        app_version="1.0",
        consent="granted",
        ikey=KEY,
        delivery="manual",
        store_folder=str(folder),
    )
    client = CATALOGUE.client

    def action() -> object:
        return emit_model_kit_action(
            invoked_from="Script",
            action_name="build",
            device="npu",
            ep="QNNExecutionProvider",
            duration_ms=1234,
            success=True,
        )

    assert action()
    (segment,) = folder.glob("*.ndjson")
    line = segment.read_bytes().splitlines(keepends=True)[1]
    envelope = json.loads(line)
    event = CATALOGUE.event("ModelKitAction")
    assert event is not None
    values = ("Script", "build", "npu", "QNNExecutionProvider", 1234, True)
    bare = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    times = in_turns(
        {
            "json.dumps of the envelope, compact": lambda: json.dumps(
                envelope, separators=(",", ":")
            ),
            "typed emit: check, encode, durable append": action,
            "typed emit of an event without data": emit_model_kit_heartbeat,
            "its part: check and encode": lambda: event.encode(*values),
            "floor: one write of that line": lambda: os.write(bare, line),
        },
        rounds,
    )
    os.close(bare)
    client.close()
    print(f"## An emit ({len(line)} bytes a line, median of {rounds} rounds of 500)\n")
    print("| | µs | x json.dumps | goal |\n|---|---:|---:|---:|")
    (yardstick, *_) = times.values()
    for name, seconds in times.items():
        goal = f"{EMIT_GOAL}" if name.startswith("typed emit:") else ""
        print(f"| {name} | {seconds * 1e6:.2f} | {seconds / yardstick:.2f} | {goal} |")
    print()


def error_table(folder: Path, rounds: int) -> None:
    """Time an emit from an exception, beside the text of its traceback that Python itself makes."""
    import modelkit_events
    from modelkit_events import CATALOGUE, emit_model_kit_error_from

    sys.setrecursionlimit(5_000)
    modelkit_events.configure(
        app_version="1.0",
        consent="granted",
        ikey=KEY,
        delivery="manual",
        store_folder=str(folder),
    )
    shallow, deep = failed(10), failed(1_000)
    start = time.perf_counter()
    assert emit_model_kit_error_from(shallow)
    first = time.perf_counter() - start
    times = in_turns(
        {
            "traceback.format_exception, 10 calls deep": lambda: format_exception(shallow),
            "emit from an exception, 10 calls deep": lambda: emit_model_kit_error_from(shallow),
            "the same, 1,000 calls deep": lambda: emit_model_kit_error_from(deep),
        },
        rounds,
        calls_a_round=20,
    )
    modelkit_events.configure(app_version="1.0", consent="denied")
    times |= in_turns({"the same, off": lambda: emit_model_kit_error_from(deep)}, rounds)
    CATALOGUE.client.close()
    print(f"## An emit from an exception (median of {rounds} rounds)\n")
    print("| | µs | x format_exception |\n|---|---:|---:|")
    (yardstick, *_) = times.values()
    for name, seconds in times.items():
        print(f"| {name} | {seconds * 1e6:.1f} | {seconds / yardstick:.2f} |")
    print(f"\nThe first of a process takes {first * 1e3:.0f} ms: it loads the scrubber.\n")


def failed(calls: int) -> Exception:
    """Return an exception that came through so many calls."""

    def fail(calls: int) -> NoReturn:
        if calls > 1:
            fail(calls - 1)
        raise ValueError("expected 4 dimensions, found 3")

    try:
        fail(calls - 1)
    except ValueError as error:
        return error


def in_turns(
    calls: dict[str, Callable[[], object]], rounds: int, calls_a_round: int = 500
) -> dict[str, float]:
    """Return the median seconds of each call, all of them measured by turns."""
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(calls_a_round):
                call()
            samples[name].append((time.perf_counter() - start) / calls_a_round)
    return {name: statistics.median(taken) for name, taken in samples.items()}


def start_table(folder: Path, rounds: int) -> None:
    """Measure the CPU time of starts: import, set-up and first emit, then a kill without exit."""
    end = "\nimport os\nos._exit(0)\n"
    programs = {
        "bare Python": "",
        "import requests": "import requests",
        "import modelkit_events": "import modelkit_events",
        **{
            f"first event, {policy}": FIRST_EVENT % ("granted", policy, str(folder / policy))
            for policy in ("manual", "detached", "thread")
        },
        STORED: FIRST_EVENT % ("stored", "detached", str(folder / "stored")),
    }
    keep_yes()
    samples: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, code in programs.items():
            samples[name].append(cpu_seconds(code + end))
    medians = {name: statistics.median(taken) for name, taken in samples.items()}
    bare = medians["bare Python"]
    yardstick = medians["import requests"] - bare
    print(f"## Start-up (CPU time, median of {rounds} starts)\n")
    print("| | ms | ms over bare | x import requests | goal |\n|---|---:|---:|---:|---:|")
    for name, seconds in medians.items():
        over = seconds - bare
        goal = f"{START_GOAL}" if name == "first event, detached" else ""
        print(
            f"| {name} | {seconds * 1e3:.1f} | {over * 1e3:.1f} | {over / yardstick:.3f} | {goal} |"
        )
    print()


def keep_yes() -> None:
    """Answer the question once, and leave continuous integration, in which no answer holds."""
    from declarant import consent
    from declarant._ci import ci_variable
    from modelkit_events import CATALOGUE

    while (name := ci_variable()) is not None:
        del os.environ[name]
    consent.grant(CATALOGUE)


def cpu_seconds(code: str) -> float:
    """Return the user and system time of a new interpreter that runs *code*."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def memory_table(folder: Path, events: int) -> None:
    """Print the resident memory of a process that emits many events."""
    if not Path("/proc/self/statm").exists():
        print("## Memory: not measured here (no /proc)\n")
        return
    run = subprocess.run(
        [sys.executable, "-c", MEMORY, KEY, str(folder), str(events)],
        capture_output=True,
        text=True,
        check=True,
    )
    steps = [tuple(map(int, line.split())) for line in run.stdout.splitlines()]
    kept = sum(path.stat().st_size for path in folder.iterdir())
    print(f"## Memory over {events:,} events\n")
    print("| events | resident MiB |\n|---:|---:|")
    for emitted, resident in steps:
        print(f"| {emitted:,} | {resident / 1024:.1f} |")
    print(f"\nOn disk at the end: {kept / 2**20:.1f} MiB of at most 64, the oldest dropped.\n")


if __name__ == "__main__":
    sys.exit(main())
