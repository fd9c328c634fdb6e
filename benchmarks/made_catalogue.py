"""A made-up catalogue of any size, and the clock, that the benchmarks of codegen share."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

__all__ = ["ROOT", "approvals", "edit_event", "event_files", "run", "write_catalogue"]

ROOT = Path(__file__).resolve().parents[1]


def write_catalogue(folder: Path, events: int) -> None:
    """Write a catalogue of *events* events of 8 fields of all common kinds."""
    shutil.copytree(ROOT / "schemas" / "meta", folder / "meta")
    shutil.copytree(ROOT / "schemas" / "ext", folder / "ext")
    shutil.copy(ROOT / "schemas" / "catalogue.json", folder)
    (folder / "events").mkdir()
    lines = list(json.loads((folder / "catalogue.json").read_text())["consent"]["notice"])
    for number in range(events):
        word = "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")
        name = f"ModelKitBench{word.capitalize()}"
        path = folder / "events" / f"model_kit_bench_{word}.schema.json"
        _write(path, _event(name, number, lines[number % len(lines)]))


def approvals(folder: Path) -> list[list[str]]:
    """Return the arguments by which each role that has to approves all of a catalogue."""
    review = json.loads((folder / "catalogue.json").read_text("utf-8"))["review"]
    roles = sorted({role for listed in review["approvers"].values() for role in listed})
    words = ["approve", "--all", "--schemas", str(folder), "--reference", "BENCH-1"]
    return [
        [*words, "--by", f"Approver {number}", "--role", role] for number, role in enumerate(roles)
    ]


def event_files(folder: Path) -> list[Path]:
    """Return the files of a catalogue's events, sorted."""
    return sorted((folder / "events").iterdir())


def edit_event(path: Path) -> None:
    """Change a bound, a choice and a pattern of one event, as three edits of its author would."""
    value = json.loads(path.read_text("utf-8"))
    fields = value["properties"]
    fields["duration_ms"]["maximum"] += 1
    fields["mode"]["enum"].append("New")
    for name in ("command", "device"):
        fields[name]["pattern"] = fields[name]["pattern"].replace("^[a-z]", "^[a-z]?")
    _write(path, value)


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")


def _event(name: str, number: int, notice: str) -> dict[str, object]:
    low = {"x-class": "low", "x-notice": notice}
    middle = {"x-class": "middle", "x-notice": notice}
    text = {"type": "string", "pattern": f"^[a-z][a-z0-9_.-]{{0,{30 + number % 40}}}$", **middle}
    properties = {
        "mode": {"type": "string", "enum": ["Interactive", "Script", f"Mode{number}"], **low},
        "command": text,
        "device": {**text, "type": ["string", "null"]},
        "duration_ms": {"type": "integer", "minimum": 0, "maximum": 10**9, "x-unit": "ms", **low},
        "ratio": {"type": "number", "minimum": 0, "maximum": 1, **low},
        "success": {"type": "boolean", **low},
        "started_on": {"type": "string", "format": "date", **middle},
        "labels": {"type": "array", "maxItems": 8, "items": {**text}, **middle},
    }
    del properties["labels"]["items"]["x-notice"], properties["labels"]["items"]["x-class"]
    for key, schema in properties.items():
        schema["description"] = f"What {key} of event {number} means, in a sentence or two."
    return {
        "$schema": "../meta/event.v1.json",
        "title": name,
        "description": f"Event {number} happened. Sent once, after it ended.",
        "x-purpose": "Measure the generator.",
        "x-owners": ["benchmarks (role)"],
        "x-level": "optional",
        "x-retention-days": 30,
        "x-expires": "2030-01-01",
        "x-ext": ["app", "device", "os", "sdk"],
        "type": "object",
        "additionalProperties": False,
        "required": [key for key in properties if key != "labels"],
        "properties": properties,
    }


def run(
    command: list[str],
    cache: Path,
    *,
    folder: Path | None = None,
    codes: tuple[int, ...] = (0,),
    is_ours: bool = True,
) -> tuple[float, float, str]:
    """Return CPU seconds (children too), wall-clock seconds and standard error of *command*.

    Args:
        command: Program and arguments.
        cache: Folder of its caches.
        folder: Working directory; this process's own if None.
        codes: Exit codes that are no failure.
        is_ours: Whether it shall find this project's packages.
    """
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH"):
        environment.pop(name, None)
    if is_ours:
        parts = (str(ROOT / part) for part in ("runtime", "codegen"))
        environment["PYTHONPATH"] = os.pathsep.join(parts)
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - begun, os.times()
    if done.returncode not in codes:
        raise SystemExit(done.stdout[:2000] + done.stderr[-2000:])
    cpu = after.children_user - before.children_user + after.children_system
    return cpu - before.children_system, wall, done.stderr
