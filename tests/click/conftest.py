"""Command lines made with Click, and what they stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import modelkit_events
from declarant._counts import DropCounter
from declarant._store import OfflineStore, event_lines
from declarant.click import Invocation, Telemetry
from modelkit_events import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import click
    from click.testing import Result

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"


def emit_action(call: Invocation, *, device: str | None = None, ep: str | None = None) -> object:
    return modelkit_events.emit_model_kit_action(
        invoked_from="Interactive" if call.is_interactive else "Script",
        action_name=call.name,
        device=device,
        ep=ep,
        duration_ms=call.duration_ms,
        success=call.success,
    )


class Bench:
    """A telemetry of one test, and a look at what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[Invocation] = []
        self.runner = _runner()
        self.telemetry = self.made()

    def made(self, **settings: Any) -> Telemetry[Any]:
        settings = {
            "consent": "granted",
            "ikey": KEY,
            # Nobody listens there: a test that starts a sender means no collector by it.
            "endpoint": "http://127.0.0.1:9/",
            "delivery": "manual",
            "strict": True,
            "store_folder": self.folder,
            "action": self._action,
            "heartbeat": modelkit_events.emit_model_kit_heartbeat,
            "error": modelkit_events.emit_model_kit_error_from,
            **settings,
        }
        return Telemetry(CATALOGUE, app_version="1.0", **settings)

    def _action(self, call: Invocation, **fields: Any) -> object:
        self.seen.append(call)
        return emit_action(call, **fields)

    def run(self, program: click.Command, *words: str, **options: Any) -> Result:
        return self.runner.invoke(program, words, prog_name="program", **options)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What waits; the names of two segments of one millisecond say nothing of their order."""
        names = OfflineStore(str(self.folder)).segments()
        paths = sorted((self.folder / name for name in names), key=lambda p: p.stat().st_mtime_ns)
        return [json.loads(line) for path in paths for line in event_lines(path.read_bytes())]

    @property
    def told(self) -> list[str]:
        """Each event in a word or two: "beat", "error ValueError", "build ok", "build failed"."""
        return [_word(event) for event in self.events]


def _runner() -> CliRunner:
    try:
        # Before Click 8.2 both streams are one otherwise.
        return CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:
        return CliRunner()


def _word(event: dict[str, Any]) -> str:
    data = event["data"]
    if event["name"] == "ModelKitHeartbeat":
        return "beat"
    if event["name"] == "ModelKitError":
        return f"error {data['exception_type'].rpartition('.')[2]}"
    return f"{data['action_name']} {'ok' if data['success'] else 'failed'}"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    # Whatever an earlier test could not write down is none of this one's.
    CATALOGUE.client._drops = DropCounter()
    yield Bench(tmp_path / "store")
    CATALOGUE.client.close()
