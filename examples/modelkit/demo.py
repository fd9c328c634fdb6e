"""`make demo`: Declarant end to end, on this machine only, in a few seconds.

Starts the local collector, runs the example's command line against it in good and bad times, shows
what arrived, and then tries to smuggle two undocumented fields past four walls. Everything shown is
what the programs really did; the demo fails if one of them did otherwise.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from rich.console import Console
from rich.markup import escape
from rich.table import Table

import modelkit_events
from modelkit.demo_key import IKEY

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
TENANT = IKEY.partition("-")[0]
PATIENCE_S = 30.0
OFF = ("DO_NOT_TRACK", "MODELKIT_TELEMETRY", "MODELKIT_TELEMETRY_OPTOUT")

#: Everything here is on this machine; a proxy that the environment names is not asked.
DIRECT = build_opener(ProxyHandler({}))

console = Console(width=100, highlight=False, soft_wrap=True)


class DemoError(Exception):
    """Something did not do what this demo says it does."""


def main() -> int:
    """Run every part; return 0 if each did what it should."""
    console.print("\n[bold]Declarant[/]: if it isn't declared, it doesn't leave the machine.")
    with tempfile.TemporaryDirectory(prefix="declarant-demo-") as folder:
        try:
            delivery(Path(folder))
            walls(Path(folder))
            review(Path(folder))
        except DemoError as error:
            console.print(f"[bold red]the demo failed:[/] {escape(str(error))}")
            return 1
    console.print(
        "\n[bold]Next[/]: edit a file in [cyan]schemas/[/], then [cyan]declarant check[/]; "
        "README.md tells the rest.\n"
    )
    return 0


# ---- the collector and the command line, as processes of their own


class CollectorProcess:
    """`declarant collector` in a process, on a port that stays the same when it comes back."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "collector.db"
        self.port = 0
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        options = ["--quiet", "--port", str(self.port), "--tenant", IKEY]
        options += ["--schemas", str(ROOT / "schemas"), "--db", str(self.database)]
        self._process = subprocess.Popen(
            [str(BIN / "declarant"), "collector", *options], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        expect(self.url.startswith("http://127.0.0.1:"), "the collector did not start")
        self.port = int(self.url.split(":")[2].partition("/")[0])

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_S)
            self._process = None

    def get(self, path: str) -> dict[str, Any]:
        with DIRECT.open(f"http://127.0.0.1:{self.port}/api/{path}", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.get("events")["events"]
        return events

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + PATIENCE_S
        while len(self.events()) < count:
            expect(time.monotonic() < end, f"expected {count} events, got {len(self.events())}")
            time.sleep(0.1)


def environment(folder: Path, collector: CollectorProcess) -> dict[str, str]:
    """Give the command line a home of its own, and the loopback collector's address."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    # Whoever starts the demo wants to see it: what switches telemetry off elsewhere is not for it.
    kept = {name: value for name, value in os.environ.items() if name not in OFF}
    return {
        **kept,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "MODELKIT_TELEMETRY_ENDPOINT": collector.url,
    }


def run(folder: Path, collector: CollectorProcess, *arguments: str, note: str = "") -> None:
    """Run the example's command line and show what a user sees of it."""
    finished = subprocess.run(
        [BIN / "modelkit", "--telemetry", *arguments],
        cwd=folder,
        env=environment(folder, collector),
        capture_output=True,
        text=True,
        check=False,
    )
    said = (finished.stdout + finished.stderr).strip().splitlines()
    last = said[-1] if said else ""
    shown = last.replace(str(folder), "...")
    console.print(f"  [cyan]$ modelkit --telemetry {' '.join(arguments)}[/]  [dim]{note}[/]")
    console.print(f"    {escape(shown)}  [dim](exit {finished.returncode})[/]")


def kill_after_first_event(folder: Path, collector: CollectorProcess) -> None:
    """Start a command that goes on, and SIGKILL it as soon as its first emit has returned."""
    process = subprocess.Popen(
        [BIN / "modelkit", "--telemetry", "analyze", "--watch"],
        env=environment(folder, collector),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    # Its first line of output comes after its heartbeat.
    process.stdout.readline()
    process.kill()
    process.wait()
    console.print("  [cyan]$ modelkit --telemetry analyze --watch[/]")
    console.print("    SIGKILL right after its first event  [dim](no exit handler ran)[/]")


# ---- part one: everything arrives


def delivery(folder: Path) -> None:
    """Run commands in good and bad times and show that every event arrives once."""
    collector = CollectorProcess(folder)
    collector.start()
    try:
        title(1, "A collector as strict as the real one")
        console.print(f"  [cyan]$ declarant collector[/]   {collector.url}")
        title(2, "A command line, in good and bad times")
        run(folder, collector, "build", note="a good run")
        run(folder, collector, "quantize", "missing.json", note="one that fails")
        kill_after_first_event(folder, collector)
        run(folder, collector, "analyze", note="the next command takes over what was left")
        collector.wait_for(2 + 3 + 1 + 2)
        collector.stop()
        console.print("  [yellow]the collector goes down[/]")
        run(folder, collector, "build", note="nobody to send to; the user feels nothing")
        time.sleep(1.5)
        waiting = stored_lines(folder)
        expect(waiting == 2, f"expected 2 events on disk, found {waiting}")
        console.print(f"    {waiting} events wait on disk")
        collector.start()
        console.print("  [yellow]the collector comes back[/]")
        send_now(folder, collector)
        collector.wait_for(10)
        report(collector)
    finally:
        collector.stop()


def stored_lines(folder: Path) -> int:
    """Count the envelopes in the offline store; it is NDJSON that anybody can read."""
    segments = (folder / "home").rglob("*.ndjson")
    return sum(
        line.startswith(b'{"ver"') for path in segments for line in path.read_bytes().splitlines()
    )


def send_now(folder: Path, collector: CollectorProcess) -> None:
    """Send what waits without waiting for the backoff."""
    command = ["declarant", "send", "modelkit_events", "--ikey-ref", "modelkit.demo_key:IKEY"]
    finished = subprocess.run(
        [BIN / command[0], *command[1:]],
        env=environment(folder, collector),
        capture_output=True,
        text=True,
        check=False,
    )
    console.print(f"  [cyan]$ {' '.join(command)}[/]")
    console.print(f"    {escape(finished.stdout.strip())}")
    expect(finished.returncode == 0, finished.stderr)


def report(collector: CollectorProcess) -> None:
    """Show each envelope that was accepted, and that none was lost or doubled."""
    title(3, "What arrived")
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for column, width in (("", 10), ("event", 17), ("epoch", 8), ("seq", 3), ("data", 50)):
        table.add_column(column, no_wrap=True, width=width)
    seen: set[tuple[str, int]] = set()
    for entry in collector.events():
        envelope: dict[str, Any] = entry["event"]
        sdk = envelope["ext"]["sdk"]
        seen.add((sdk["epoch"], sdk["seq"]))
        data = json.dumps(envelope["data"])
        table.add_row(
            "  [green]accepted[/]",
            envelope["name"],
            sdk["epoch"][:8],
            str(sdk["seq"]),
            escape(data if len(data) <= 50 else data[:47] + "..."),
        )
    console.print(table)
    counts = collector.get("counts")
    total = len(collector.events())
    expect(len(seen) == total, "an event arrived twice")
    expect(not collector.get("rejections")["events"], "an event was rejected")
    console.print(
        f"  [bold green]{total} accepted[/], 0 rejected, 0 lost, 0 twice "
        f"[dim](seen by ext.sdk.epoch and seq)[/]"
    )
    expect(bool(counts), "the collector counted nothing")
    sample = collector.events()[1]["event"]
    console.print("  [dim]one of them in full:[/]")
    show_envelope(sample)


def show_envelope(envelope: dict[str, Any]) -> None:
    """Print an envelope, a field a line and an ext slot a line."""
    for field, value in envelope.items():
        if field != "ext":
            console.print(f"    [cyan]{field:10}[/] {escape(json.dumps(value))}")
            continue
        for slot, members in value.items():
            console.print(f"    [cyan]{'ext.' + slot:10}[/] {escape(json.dumps(members))}")


# ---- part two: four walls


def walls(folder: Path) -> None:
    """Try ext.os.release and ext.app.initTs at each wall."""
    title(4, "ext.os.release and ext.app.initTs, the two fields that cost months of data")
    generator_wall(folder)
    type_checker_wall(folder)
    validator_wall()
    collector_wall(folder)


def generator_wall(folder: Path) -> None:
    """Declare the two fields: the generator refuses, and writes nothing."""
    schemas = folder / "schemas"
    shutil.copytree(ROOT / "schemas", schemas)
    declare(schemas / "ext" / "os.schema.json", "release", "string", maxLength=64)
    declare(schemas / "ext" / "app.schema.json", "initTs", "number", minimum=0, maximum=1e12)
    finished = subprocess.run(
        [BIN / "declarant", "generate", "--schemas", "schemas", "--out", "out"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    wall("the generator", "declarant generate")
    findings = [line for line in finished.stdout.splitlines() if "EXT_FIELD" in line]
    for line in findings:
        console.print(f"    [red]{escape(line)}[/]")
    console.print(f"    [dim]exit {finished.returncode}, nothing written[/]")
    expect(finished.returncode == 1 and len(findings) == 2, finished.stdout + finished.stderr)
    expect(not (folder / "out").exists(), "the generator wrote something")


def declare(path: Path, name: str, kind: str, **bounds: float) -> None:
    """Add one ext field to a copy of the catalogue."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["properties"][name] = {
        "description": "Smuggled in.",
        "type": kind,
        **bounds,
        "x-source": "os_version",
        "x-class": "middle",
    }
    path.write_text(json.dumps(schema, indent=2), encoding="utf-8")


def type_checker_wall(folder: Path) -> None:
    """Pass the fields to a typed emitter: the type checker refuses."""
    attempt = folder / "attempt.py"
    attempt.write_text(
        "from modelkit_events import emit_model_kit_heartbeat\n\n"
        'emit_model_kit_heartbeat(release="10.0.22631")\n'
        "emit_model_kit_heartbeat(initTs=1763772312.5)\n",
        encoding="utf-8",
    )
    finished = subprocess.run(
        [BIN / "mypy", "--strict", "--cache-dir", folder / "mypy", "--no-error-summary", attempt],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    wall("the type checker", "mypy --strict")
    errors = [line for line in finished.stdout.splitlines() if ": error: " in line]
    for line in errors:
        console.print(f"    [red]{escape(Path(line).name)}[/]")
    expect(finished.returncode == 1 and len(errors) == 2, finished.stdout + finished.stderr)


def validator_wall() -> None:
    """Hold a finished envelope with the fields against the generated validators."""
    wall("the generated validators", "CATALOGUE.violations(envelope)")
    for slot, field, value in (("os", "release", "10.0.22631"), ("app", "initTs", 1763772312.5)):
        violations = modelkit_events.CATALOGUE.violations(smuggled(slot, field, value))
        expect(len(violations) == 1, "the validators let a field through")
        console.print(f"    [red]{escape(str(violations[0]))}[/]")
    expect(not modelkit_events.CATALOGUE.violations(smuggled()), "a clean envelope was refused")


def collector_wall(folder: Path) -> None:
    """Send the fields by hand: the collector answers as the real one does."""
    collector = CollectorProcess(folder)
    collector.start()
    wall("the collector", "POST /OneCollector/1.0/")
    try:
        for slot, field, value in (("os", "release", "10.0"), ("app", "initTs", 1763772312.5)):
            status, reason, body = post(collector.url, smuggled(slot, field, value))
            console.print(f"    [red]ext.{slot}.{field}: {status} {reason} {escape(body)}[/]")
            expect(status == 400 and "InvalidEventFormat" in body, "the collector took it")
        status, _, body = post(collector.url, smuggled())
        console.print(f"    [green]without them: {status} {escape(body)}[/]")
        expect(status == 200, "the collector refused a clean envelope")
    finally:
        collector.stop()


# ---- a change, its review and its approval


REVIEWER = ("R. Viewer", "privacy-reviewer (demonstration role)")
COUNSEL = ("C. Ounsel", "privacy-counsel (demonstration role)")


def review(folder: Path) -> None:
    """Declare one field more: refused until the catalogue's roles approve just that."""
    title(5, "one field more, and who has to say yes")
    work = folder / "review"
    shutil.copytree(ROOT / "schemas", work / "schemas")
    catalogue = work / "schemas" / "catalogue.json"
    event = work / "schemas" / "events" / "model_kit_heartbeat.schema.json"
    schema = json.loads(event.read_text(encoding="utf-8"))
    schema["properties"]["run_count"] = {
        "description": "How often ModelKit was started today.",
        "type": "integer",
        "minimum": 0,
        "maximum": 1000,
        "x-unit": "count",
        "x-class": "low",
        "x-notice": "usage",
    }
    event.write_text(json.dumps(schema, indent=2), encoding="utf-8")
    tell(work, "generate", code=1, keep="error")
    text = catalogue.read_text(encoding="utf-8")
    before = '"version": 1,\n    "default"'
    expect(before in text, "the catalogue's consent version is not where this demo looks for it")
    catalogue.write_text(text.replace(before, before.replace("1", "2")), encoding="utf-8")
    console.print("    [dim]users are to be asked again: consent.version is 2 now[/]")
    tell(work, "review", "ModelKitHeartbeat", keep="  It would|  New|  Users|  To be|1. Would")
    names = ("ModelKitHeartbeat", "catalogue")
    for (name, role), subjects in ((REVIEWER, names), (COUNSEL, names[1:])):
        words = [*subjects, "--by", name, "--role", role, "--reference", "TICKET-1"]
        tell(work, "approve", *words, keep="approved")
    tell(work, "generate", keep="3 events")


def tell(work: Path, *words: str, keep: str, code: int = 0) -> None:
    """Run one command of declarant and show the lines that start with or hold a word to keep."""
    finished = subprocess.run(
        [BIN / "declarant", *words], cwd=work, capture_output=True, text=True, check=False
    )
    console.print(f"  [bold]declarant {' '.join(words[:1])}[/]")
    lines = finished.stdout.splitlines()
    kept = [line for line in lines if any(word in line for word in keep.split("|"))]
    for line in kept:
        console.print(f"    [{'red' if code else 'green'}]{escape(line.strip())}[/]")
    expect(finished.returncode == code and bool(kept), finished.stdout + finished.stderr)


def smuggled(slot: str = "", field: str = "", value: object = None) -> dict[str, object]:
    """Return a heartbeat's envelope with one field more in its ext."""
    ext: dict[str, dict[str, object]] = {"os": {"name": "Windows"}, "app": {"ver": "0.1.0"}}
    if slot:
        ext[slot][field] = value
    return {
        "ver": "4.0",
        "name": "ModelKitHeartbeat",
        "time": "2026-11-22T01:02:03.004Z",
        "iKey": f"o:{TENANT}",
        "ext": ext,
        "data": {},
    }


def post(url: str, envelope: dict[str, object]) -> tuple[int, str, str]:
    """Post one envelope by hand; return status, reason and body."""
    headers = {"Content-Type": "application/x-json-stream; charset=utf-8", "x-apikey": IKEY}
    request = Request(url, json.dumps(envelope).encode(), headers)
    try:
        with DIRECT.open(request, timeout=10) as answer:
            return answer.status, answer.reason, answer.read().decode()
    except HTTPError as error:
        return error.code, str(error.reason), error.read().decode()


# ---- looks


def title(number: int, text: str) -> None:
    """Print the heading of a part."""
    console.print(f"\n[bold]{number}  {escape(text)}[/]")


def wall(name: str, command: str) -> None:
    """Print the heading of a wall."""
    console.print(f"  [bold]stopped by {name}[/]  [dim]{escape(command)}[/]")


def expect(condition: bool, otherwise: str) -> None:
    """Fail the demo with *otherwise* unless *condition* holds."""
    if not condition:
        raise DemoError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
