"""Two undocumented fields, and the four walls that stop them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

from rich.markup import escape

import modelkit_events
from modelkit.demo_key import IKEY
from scenes.stage import BIN, DIRECT, ROOT, CollectorProcess, console, expect, title

TENANT = IKEY.partition("-")[0]


def walls(folder: Path) -> None:
    """Try ext.os.release and ext.app.initTs at each wall."""
    title("7  ext.os.release and ext.app.initTs, the two fields that cost months of data")
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
    (folder / "wall").mkdir()
    collector = CollectorProcess(folder / "wall")
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


def wall(name: str, command: str) -> None:
    """Print the heading of a wall."""
    console.print(f"  [bold]stopped by {name}[/]  [dim]{escape(command)}[/]")
