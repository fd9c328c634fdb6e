"""Clients of the generated package with a store of their own, and servers that misbehave."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from declarant import Client
from declarant._store import OfflineStore, event_lines
from modelkit_events import CATALOGUE, emit_model_kit_action

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from declarant import Outcome
    from declarant.gencode import Catalogue
    from declarant_collector import Collector

TOKEN = "0123456789abcdef0123456789abcdef"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
#: A valid call of the emitter that most tests use.
ACTION = {
    "invoked_from": "Script",
    "action_name": "build",
    "device": None,
    "ep": "CPUExecutionProvider",
    "duration_ms": 7,
    "success": True,
}


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> OfflineStore:
    return OfflineStore(str(folder))


@pytest.fixture
def make_client_of(folder: Path) -> Iterator[Callable[..., Client]]:
    """Make clients of a catalogue, on one store, that are closed again.

    Unless told otherwise they send nothing by themselves.
    """
    made: list[Client] = []

    def make(catalogue: Catalogue, **settings: object) -> Client:
        client = Client(catalogue)
        made.append(client)
        defaults = {
            "app_version": "1.2.3",
            "consent": "granted",
            "ikey": KEY,
            "delivery": "manual",
            "store_folder": str(folder),
            "endpoint": "http://127.0.0.1:9/",
        }
        client.configure(**{**defaults, **settings})
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def make_client(make_client_of: Callable[..., Client]) -> Callable[..., Client]:
    """Make such clients of ModelKit's catalogue."""
    return partial(make_client_of, CATALOGUE)


@pytest.fixture
def emit() -> Callable[..., Outcome]:
    """Emit a ModelKitAction, valid unless told otherwise."""

    def call(client: Client, **values: object) -> Outcome:
        return emit_model_kit_action(**{**ACTION, **values}, client=client)

    return call


@pytest.fixture
def stored(folder: Path) -> Callable[[], list[dict]]:
    """Read the waiting envelopes, in order."""

    def read() -> list[dict]:
        return [
            json.loads(line)
            for name in OfflineStore(str(folder)).segments()
            for line in event_lines((folder / name).read_bytes())
        ]

    return read


@pytest.fixture
def raw_server(listen: Callable[..., Any]) -> Callable[[Callable[[socket.socket], None]], str]:
    """Start servers of one function that speaks on each accepted socket; return their address."""
    return lambda speak: listen(lambda _, connection: speak(connection)).url


@pytest.fixture
def arrived() -> Callable[[Collector], list[int]]:
    """Read the `duration_ms` of every action that a collector took, in order."""
    return lambda running: [
        json.loads(event.text)["data"]["duration_ms"]
        for event in running.accepted("ModelKitAction")
    ]


class Hold:
    """What `hold-until` says, in seconds: for how long, of which the collector asked for."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "hold-until"

    def __bool__(self) -> bool:
        return self.file.exists()

    def _times(self) -> tuple[float, int, float, float]:
        until, failures, asked, since = self.file.read_text("ascii").split()
        return float(until), int(failures), float(asked), float(since)

    @property
    def seconds(self) -> float:
        until, _, _, since = self._times()
        return until - since

    @property
    def asked_s(self) -> float:
        _, _, asked, since = self._times()
        return round(asked - since, 3) if asked else 0.0

    @property
    def failures(self) -> int:
        return self._times()[1]

    def run_out(self) -> None:
        """Let the time pass: shift everything an hour and a day into the past."""
        until, failures, asked, since = self._times()
        shift = 90_000
        asked -= shift if asked else 0
        self.file.write_text(f"{until - shift} {failures} {asked} {since - shift}\n")


@pytest.fixture
def hold(folder: Path) -> Hold:
    return Hold(folder)


def await_next_ms() -> None:
    """Let the millisecond pass that events and segments are stamped with."""
    before = int(time.time() * 1000)
    while int(time.time() * 1000) == before:
        pass


@pytest.fixture
def next_ms() -> Callable[[], None]:
    return await_next_ms


class KillFile:
    """The remembered orders: event to seconds, of one tenant."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kill-switch"

    def __bool__(self) -> bool:
        return self.path.exists()

    def orders(self, tenant: str = TOKEN) -> dict[str, float]:
        lines = self.path.read_text("ascii").splitlines() if self.path.exists() else []
        found = (line.split(" ") for line in lines)
        return {
            event: round(float(until) - float(since), 2)
            for since, until, token, event in found
            if token == tenant
        }

    def run_out(self) -> None:
        """Let the time pass: shift every order into the past, to end just now."""
        shifted = []
        # What was emitted before this was so in an earlier millisecond.
        await_next_ms()
        for line in self.path.read_text("ascii").splitlines():
            since, until, token, event = line.split(" ")
            shift = float(until) - time.time()
            shifted.append(f"{float(since) - shift} {float(until) - shift} {token} {event}\n")
        self.path.write_text("".join(shifted))


@pytest.fixture
def kill_file(folder: Path) -> KillFile:
    return KillFile(folder)


@pytest.fixture
def answering(
    read_request: Callable[[socket.socket], tuple[bytes, bytes]],
) -> Callable[[bytes], Callable[[socket.socket], None]]:
    """Make what a raw server speaks: one request, one answer of these bytes, the end."""

    def make(answer: bytes) -> Callable[[socket.socket], None]:
        def speak(connection: socket.socket) -> None:
            read_request(connection)
            connection.sendall(answer)

        return speak

    return make
