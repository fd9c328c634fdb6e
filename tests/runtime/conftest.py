"""Clients of the generated package with a store of their own, and servers that misbehave."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from declarant import Client
from declarant._store import OfflineStore, event_lines
from declarant_collector import Collector
from modelkit_events import CATALOGUE, emit_model_kit_action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from declarant import Outcome

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
def make_client(folder: Path) -> Iterator[Callable[..., Client]]:
    """Make clients that are closed again; unless told otherwise they send nothing by themselves."""
    made: list[Client] = []

    def make(**settings: object) -> Client:
        client = Client(CATALOGUE)
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
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[Callable[..., Collector]]:
    """Start collectors that follow fault rules."""
    with contextlib.ExitStack() as running:
        yield lambda *rules: running.enter_context(Collector(script=rules))


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Start servers of one function that speaks on each accepted socket, below HTTP."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(speak: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                # A peer that hangs up on a misbehaving server is what such a test is about.
                with connection, contextlib.suppress(OSError):
                    speak(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        threads.append(thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}/OneCollector/1.0/"

    yield start
    for listener in listeners:
        # close() alone does not wake a thread that waits in accept().
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)
