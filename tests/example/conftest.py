"""The installed example, as its users run it, against the local collector."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from declarant_collector import Collector
from modelkit.demo_key import IKEY
from scenes.terminal import PATIENCE_S, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
MODELKIT = Path(sys.executable).with_name("modelkit")


class User:
    """A person with a home of their own, who runs `modelkit`.

    Attributes:
        home: Everything that the program keeps is in there.
        endpoint: Where events go.
        env: Variables beside those.
    """

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self.home = home
        self.endpoint = "http://127.0.0.1:9/OneCollector/1.0/"
        self.env: dict[str, str] = {}
        self.started: list[subprocess.Popen[str]] = []
        self.terminals: list[Terminal] = []

    @property
    def environment(self) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith("XDG_")}
        return {
            **kept,
            "HOME": str(self.home),
            "MODELKIT_TELEMETRY_ENDPOINT": self.endpoint,
            **self.env,
        }

    def start(
        self,
        *words: str,
        before: tuple[str, ...] = (),
        program: Path = MODELKIT,
        **env: str,
    ) -> subprocess.Popen[str]:
        """Start a command without a terminal."""
        process = subprocess.Popen(
            [*before, program, *words],
            env={**self.environment, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *words: str, code: int = 0, **options: Any) -> tuple[str, str]:
        """Run a command to its end, and return what it said on both streams."""
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, (out, err)
        return out, err

    def at_terminal(self, *words: str, **env: str) -> Terminal:
        """Start a command in a pseudo-terminal."""
        self.terminals.append(Terminal([MODELKIT, *words], env={**self.environment, **env}))
        return self.terminals[-1]

    def agree(self) -> None:
        """Say yes, once and for all."""
        assert "Telemetry is on" in self.run("telemetry", "enable")[0]

    def status(self, **options: Any) -> dict[str, Any]:
        """Return what the program says of its telemetry."""
        found: dict[str, Any] = json.loads(self.run("telemetry", "status", "--json", **options)[0])
        return found

    @property
    def store(self) -> Path:
        return self.home / ".local" / "state" / "modelkit" / "telemetry"

    @property
    def files(self) -> list[Path]:
        """All that there is in the home, folders too."""
        return sorted(self.home.rglob("*"))

    @property
    def kept(self) -> bytes:
        """The bytes of all files in the home, and their names."""
        found = [os.fsencode(path) for path in self.files]
        for path in self.files:
            # A sender may just have deleted it.
            with suppress(OSError):
                found += [path.read_bytes()] if path.is_file() else []
        return b"\n".join(found).replace(os.fsencode(self.home), b"")

    @property
    def waiting(self) -> list[str]:
        """The names of the events that wait, as the program itself lists them."""
        shown = json.loads(self.run("telemetry", "show", "--json")[0])
        return [event["name"] for event in shown["waiting"]]

    def close(self) -> None:
        for terminal in self.terminals:
            terminal.close()
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    made = User(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def collector(user: User) -> Iterator[Collector]:
    """A collector that knows the catalogue, for the user."""
    with Collector(tenants=[IKEY], schemas=ROOT / "schemas") as running:
        user.endpoint = running.url
        yield running


@pytest.fixture
def misbehaving(user: User) -> Iterator[Callable[..., Collector]]:
    """Start a collector that goes by a script."""
    started: list[Collector] = []

    def start(*rules: dict[str, Any]) -> Collector:
        running = Collector(tenants=[IKEY], script=rules)
        running.start()
        started.append(running)
        user.endpoint = running.url
        return running

    yield start
    for running in started:
        running.close()


class Wire:
    """Passes on every byte to a collector, and keeps those of the client."""

    def __init__(self, port: int) -> None:
        self._heard = b""
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/OneCollector/1.0/"
        self._start(self._serve)

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._port))
                self._start(self._copy, client, server, True)
                self._start(self._copy, server, client, False)

    def _copy(self, source: socket.socket, sink: socket.socket, is_clients: bool) -> None:
        with source, suppress(OSError):
            while piece := source.recv(65536):
                if is_clients:
                    self._heard += piece
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)

    @property
    def bytes(self) -> bytes:
        """What the client sent: as it was, and once more with its bodies decompressed."""
        found = [self._heard]
        start = self._heard.find(b"\x1f\x8b")
        while start >= 0:
            with suppress(zlib.error):
                found.append(zlib.decompressobj(31).decompress(self._heard[start:]))
            start = self._heard.find(b"\x1f\x8b", start + 1)
        return b"\n".join(found)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def wire(user: User, collector: Collector) -> Iterator[Wire]:
    """What lies between the user and the collector."""
    made = Wire(collector.port)
    user.endpoint = made.url
    yield made
    made.close()


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for something that another process does; only its absence takes long."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def arrived(collector: Collector) -> Callable[[int], list[dict[str, Any]]]:
    """Wait for so many events, and return all; none may be refused."""

    def wait(count: int) -> list[dict[str, Any]]:
        wait_until(lambda: len(collector.accepted()) >= count)
        assert collector.rejected() == []
        events = [json.loads(entry.text) for entry in collector.accepted()]
        assert len(events) == count
        return events

    return wait


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[[Callable[[], object]], None]:
    return wait_until


#: Run by Python before the program. It notes what the command's own process does; or it gives the
#: installed package the notice of a later version.
_WATCH = """
import atexit, os, sys
if "NOTICE_VERSION" in os.environ:
    from modelkit_events import CATALOGUE
    CATALOGUE.consent_version = int(os.environ["NOTICE_VERSION"])
elif any(word.endswith("/modelkit") for word in sys.orig_argv):
    told = os.open(os.environ["WATCH"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    seen = ("socket.", "time.sleep", "_thread.", "subprocess.", "os.posix_spawn", "os.fork",
            "os.mkdir", "os.remove", "os.rename")
    def hear(event, arguments):
        wrote = event == "open" and (
            isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
            or isinstance(arguments[2], int) and arguments[2] & 3)
        if wrote or event.startswith(seen):
            os.write(told, f"{event}\\n".encode())
    sys.addaudithook(hear)
    if os.environ.get("KILL") == "at exit":
        # What the program calls when all is said and done.
        sys.exit = lambda *_: os.kill(os.getpid(), 9)
"""


class Watch:
    """Tells what a command's own process did."""

    def __init__(self, folder: Path) -> None:
        (folder / "watch").mkdir()
        (folder / "watch" / "sitecustomize.py").write_text(_WATCH)
        self._log = folder / "watch" / "log"
        self.env = {
            "PYTHONPATH": str(folder / "watch"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WATCH": str(self._log),
        }

    @property
    def seen(self) -> list[str]:
        """The events of interest, in their order."""
        return self._log.read_text().splitlines()


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)
