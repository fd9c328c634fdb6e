"""What an ActionGroup costs a command, beside the same commands below a plain click.Group.

usage: python benchmarks/command_line.py [--rounds N]

Whole processes, from start to exit, taken in turns so that a busy machine slows all of them: the
ratio is what counts. Nobody runs the collector. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

PLAIN = """
import sys
import click

@click.group()
def main(): pass

@main.group()
def cache(): pass

@cache.command()
@click.option("--device")
def clear(device): click.echo("cleared")

main.main(sys.argv[3:], prog_name="program")
"""

BINDING = """
import modelkit_events
from declarant.click import ActionGroup, Invocation, Telemetry

def report(call: Invocation, *, device=None):
    modelkit_events.emit_model_kit_action(
        invoked_from="Interactive" if call.is_interactive else "Script", action_name=call.name,
        device=device, ep=None, duration_ms=call.duration_ms, success=call.success)

telemetry = Telemetry(
    modelkit_events.CATALOGUE, app_version="1.0", action=report, consent=sys.argv[1],
    heartbeat=modelkit_events.emit_model_kit_heartbeat,
    ikey_ref="modelkit.demo_key:IKEY", endpoint="http://127.0.0.1:9/OneCollector/1.0/",
    sender_interval_s=float(sys.argv[2]))
"""

REPORTED = PLAIN.replace("import click\n", f"import click\n{BINDING}").replace(
    "@click.group()", "@click.group(cls=ActionGroup, telemetry=telemetry)"
)

COMMAND = ("cache", "clear", "--device", "npu")
FIRST = "ActionGroup, the first run: an id is drawn, a sender started"
#: A sender that finds nobody is done in less.
SENDER_S = 0.5
#: Name to program, consent, seconds between senders, and arguments.
RUNS = {
    "plain click.Group": (PLAIN, "", "0", COMMAND),
    "ActionGroup, on": (REPORTED, "granted", "1000000", COMMAND),
    FIRST: (REPORTED, "granted", "0", COMMAND),
    "ActionGroup, off": (REPORTED, "denied", "0", COMMAND),
    "ActionGroup, --disable-telemetry": (
        REPORTED,
        "granted",
        "0",
        (*COMMAND, "--disable-telemetry"),
    ),
    "plain click.Group, --help": (PLAIN, "", "0", ("--help",)),
    "ActionGroup, --help": (REPORTED, "granted", "0", ("--help",)),
}


def main() -> int:
    """Measure and print; always succeeds, for these are figures and no test."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    for name in ("PYTHONDONTWRITEBYTECODE", "DO_NOT_TRACK", "MODELKIT_TELEMETRY"):
        os.environ.pop(name, None)
    wall: dict[str, list[float]] = {name: [] for name in RUNS}
    cpu: dict[str, list[float]] = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for name in RUNS:
                # The first round fills caches.
                seconds, cpu_seconds = run(
                    name, Path(folder, str(number) if name == FIRST else "0")
                )
                if number:
                    wall[name].append(seconds)
                    cpu[name].append(cpu_seconds)
    print(f"Python {platform.python_version()}, Click {version('click')}, {os.cpu_count()} CPUs\n")
    print(f"## A whole command (median of {rounds})\n")
    print("| | CPU ms | x plain | wall ms | x plain |\n|---|---:|---:|---:|---:|")
    for name in RUNS:
        yardstick = "plain click.Group" + (", --help" if "--help" in name else "")
        cells = [
            f"{statistics.median(taken[name]) * 1e3:.1f} | "
            f"{statistics.median(taken[name]) / statistics.median(taken[yardstick]):.2f}"
            for taken in (cpu, wall)
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    print()
    return 0


def run(name: str, home: Path) -> tuple[float, float]:
    """Return the wall-clock and CPU seconds of one command; a sender that it starts is its own."""
    program, consent, interval, words = RUNS[name]
    # A store of its own, so that what a sender left behind is no other's matter.
    place = home / name.replace(" ", "-")
    place.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "HOME": str(place), "XDG_STATE_HOME": str(place / "state")}
    arguments = [sys.executable, "-c", program, consent, interval, *words]
    start = time.perf_counter()
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = status
    assert status == 0, name
    if name == FIRST:
        # Its sender is at work still, and the next command would pay for that.
        time.sleep(SENDER_S)
    return seconds, usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
