"""One field more: refused until those who have to say yes did."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from rich.markup import escape

from scenes.stage import BIN, ROOT, console, expect, title

if TYPE_CHECKING:
    from pathlib import Path

REVIEWER = ("R. Viewer", "privacy-reviewer (demonstration role)")
COUNSEL = ("C. Ounsel", "privacy-counsel (demonstration role)")


def review(folder: Path) -> None:
    """Declare one field more: refused until the catalogue's roles approve just that."""
    title("8  One field more, and who has to say yes")
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
