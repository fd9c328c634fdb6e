"""The rollout as users meet it: asked once, scrubbed, off when told, silent when ordered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from modelkit.cli import SAMPLE
from scenes.stage import (
    BIN,
    ROOT,
    CollectorProcess,
    User,
    aside,
    expect,
    expect_soon,
    say,
    title,
    typed,
)
from scenes.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = "Agree? [Y/n] "
#: What must never leave, in a model's place and in its source.
PLANTED = ("wilhelmina", "secret-project", "hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567")


def question(user: User, collector: CollectorProcess) -> None:
    """Show the first run, which asks, and the second, which does not."""
    title("2  The first run asks, the second does not")
    first = at_terminal(user, "first run, in a pseudo-terminal")
    first.expect(QUESTION)
    notice = (ROOT / "generated" / "modelkit_events" / "NOTICE.txt").read_text("utf-8").strip()
    expect(notice in first.shown, "the question is not the generated notice")
    lines = first.shown.strip().splitlines()
    for line in [*lines[:5], "[...]", *lines[-5:]]:
        say(line, "dim")
    first.type("\n")
    say(f"(Enter)  {first.end().strip()}")
    first.close()
    collector.wait_for(2)
    second = at_terminal(user, "second run")
    say(second.end().strip())
    expect(second.shown == "", "the second run asked or said something")
    second.close()
    collector.wait_for(4)


def at_terminal(user: User, note: str) -> Terminal:
    """Start a build in a pseudo-terminal."""
    typed("modelkit build", note)
    return Terminal([BIN / "modelkit", "build"], env=user.environment, cwd=user.home)


def failure(user: User, collector: CollectorProcess) -> None:
    """Show a command that fails, and what of its error arrives."""
    title("3  A command fails: all of it for the user, the scrubbed error for the developers")
    said = user.runs("quantize", str(planted_model(user)), code=1, note="a defect")
    expect(not missing(said[-1].encode()), "the traceback does not hold what was planted")
    collector.wait_for(7)
    (error,) = (e["data"] for e in collector.events() if e["name"] == "ModelKitError")
    last = error["exception_stack"][-1]
    say(f"arrived: {error['exception_message']}", "green")
    say(f"         {error['exception_type']}, {last['file']}:{last['line']}", "green")
    kept = b"".join(p.read_bytes() for p in collector.database.parent.glob("collector.db*"))
    expect(b"QuantizationError" in kept, "the collector's database does not hold the error")
    found = [word for word in PLANTED if word not in missing(kept)]
    expect(not found, f"the collector was sent {found}")
    say(f"none of {', '.join(PLANTED)} in what was sent", "bold green")


def planted_model(user: User) -> Path:
    """Write a model that the example's defect stumbles over."""
    name, folder, token = PLANTED
    place = user.home / name / folder / "net.json"
    place.parent.mkdir(parents=True)
    model = json.loads(SAMPLE.read_text("utf-8"))
    model["layers"][0]["weights"][0] = float("nan")
    model["source"] = f"https://{name}:{token}@models.example.com/{name}/net"
    place.write_text(json.dumps(model), "utf-8")
    return place


def missing(found: bytes) -> list[str]:
    """Return what of the planted words is not in *found*."""
    return [word for word in PLANTED if word.encode() not in found]


def silence(folder: Path) -> None:
    """Show what switches telemetry off: the user for a run, the collector, the user for good."""
    title("6  Off: for one run, by the collector's order, for good")
    script = folder / "script.json"
    order = {"kill": {"duration": 86_400, "form": "tenant"}, "status": 401, "body": ""}
    script.write_text(json.dumps({"rules": [order]}), "utf-8")
    (folder / "silence").mkdir()
    collector = CollectorProcess(folder / "silence", "--script", str(script))
    collector.start()
    try:
        user = User(folder / "silenced", collector.url)
        off_for_a_run(user, collector)
        off_by_order(user, collector)
    finally:
        collector.stop()
    # Nobody takes events now, so they wait.
    off_for_good(User(folder / "withdrawn", collector.url))


def off_for_a_run(user: User, collector: CollectorProcess) -> None:
    """Show that a variable in the environment is enough."""
    user.runs("build", DO_NOT_TRACK="1")
    expect(not list(user.home.iterdir()), "a run that is off made something")
    expect(not collector.get("requests")["requests"], "a run that is off sent something")
    say("no file, no folder, no identifier, no request", "green")


def off_by_order(user: User, collector: CollectorProcess) -> None:
    """Show that a kill order holds in later processes."""
    user.runs("telemetry", "enable")
    user.runs("build", note="the collector answers 401 with a kill-token")
    expect_soon(lambda: list(user.home.rglob("kill-switch")), "the order was not remembered")
    expect_soon(lambda: user.waiting == 0, "events of a silenced product stay on disk")
    user.runs("build", note="a later process")
    requests = len(collector.get("requests")["requests"])
    expect((requests, user.waiting) == (1, 0), "a silenced product stored or sent something")
    say("1 request in all, 0 events on disk", "green")
    typed("modelkit telemetry status")
    for line in user.does("modelkit", "telemetry", "status"):
        if line.startswith(("Telemetry", "*", "silenced")) or " dropped, " in line:
            say(line)


def off_for_good(user: User) -> None:
    """Show that a no empties the store at once."""
    user.does("modelkit", "telemetry", "enable")
    user.does("modelkit", "build")
    expect(user.waiting == 2, f"expected 2 events on disk, found {user.waiting}")
    aside("somebody else had agreed, and has 2 events on disk")
    user.runs("telemetry", "disable")
    user.runs("build")
    expect(user.waiting == 0, "an event is left after a no")
    expect(not [name for name in user.files if "device-id" in name], "the id is left after a no")
    say("no event and no identifier in any file", "green")
