"""Delivery in good and bad times: what was emitted arrives, once."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from scenes.stage import (
    BIN,
    CollectorProcess,
    User,
    aside,
    console,
    expect,
    say,
    title,
    typed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def bad_times(user: User, collector: CollectorProcess) -> None:
    """Kill a command and take the collector down."""
    title("4  In bad times nothing is lost, and nothing is felt")
    kill_after_first_event(user)
    user.runs("analyze", note="the next command takes over what was left")
    collector.wait_for(10)
    collector.stop()
    aside("the collector goes down")
    user.runs("build", note="nobody to send to; the user feels nothing")
    # The sender tries and fails meanwhile.
    time.sleep(1.5)
    expect(user.waiting == 2, f"expected 2 events on disk, found {user.waiting}")
    say("2 events wait on disk")
    collector.start()
    aside("the collector comes back")
    # What waits is sent without waiting for the backoff.
    words = ("send", "modelkit_events", "--ikey-ref", "modelkit.demo_key:IKEY")
    typed(f"declarant {' '.join(words)}")
    say(user.does("declarant", *words)[-1])
    collector.wait_for(12)


def kill_after_first_event(user: User) -> None:
    """Start a command that goes on, and SIGKILL it as soon as its first emit has returned."""
    process = subprocess.Popen(
        [BIN / "modelkit", "analyze", "--watch"], env=user.environment, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    # Its first line of output comes after its heartbeat.
    process.stdout.readline()
    process.kill()
    process.communicate()
    typed("modelkit analyze --watch")
    say("SIGKILL right after its first event; no exit handler ran")


def what_arrived(collector: CollectorProcess) -> None:
    """Show each envelope that was accepted, and that none was lost or doubled."""
    title("5  What arrived")
    events = collector.events()
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for column, width in (("", 10), ("event", 17), ("epoch", 8), ("seq", 3), ("data", 50)):
        table.add_column(column, no_wrap=True, width=width)
    for envelope in events:
        sdk = envelope["ext"]["sdk"]
        data = json.dumps(envelope["data"])
        table.add_row(
            "  [green]accepted[/]",
            envelope["name"],
            sdk["epoch"][:8],
            str(sdk["seq"]),
            escape(data if len(data) <= 50 else data[:47] + "..."),
        )
    console.print(table)
    seen = {(event["ext"]["sdk"]["epoch"], event["ext"]["sdk"]["seq"]) for event in events}
    expect(len(seen) == len(events), "an event arrived twice")
    expect(not collector.get("rejections")["events"], "an event was rejected")
    console.print(
        f"  [bold green]{len(events)} accepted[/], 0 rejected, 0 lost, 0 twice "
        f"[dim](seen by ext.sdk.epoch and seq)[/]"
    )
    console.print("  [dim]one of them in full:[/]")
    show_envelope(events[1])


def show_envelope(envelope: Mapping[str, Any]) -> None:
    """Print an envelope, a field a line and an ext slot a line."""
    for field, value in envelope.items():
        if field != "ext":
            console.print(f"    [cyan]{field:10}[/] {escape(json.dumps(value))}")
            continue
        for slot, members in value.items():
            console.print(f"    [cyan]{'ext.' + slot:10}[/] {escape(json.dumps(members))}")
