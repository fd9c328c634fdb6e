"""What every scene stands on: the screen, commands and the local collector."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener

from rich.console import Console
from rich.markup import escape

from modelkit.demo_key import IKEY

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
PATIENCE_S = 30.0

#: What programs need of the environment.
_KEPT = ("PATH", "LANG", "LC_ALL", "TERM", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

#: Everything here is on this machine; a proxy that the environment names is not asked.
DIRECT = build_opener(ProxyHandler({}))

console = Console(width=100, highlight=False, soft_wrap=True)


class DemoError(Exception):
    """Something did not do what this demo says it does."""


def expect(condition: bool, otherwise: str) -> None:
    """Fail the demo with *otherwise* unless *condition* holds."""
    if not condition:
        raise DemoError(otherwise)


def expect_soon(is_so: Callable[[], object], otherwise: str) -> None:
    """Fail the demo with *otherwise* unless *is_so* holds before patience ends."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        expect(time.monotonic() < end, otherwise)
        time.sleep(0.05)


def title(text: str) -> None:
    """Print the heading of a scene."""
    console.print(f"\n[bold]{escape(text)}[/]")


def say(text: str, style: str = "default") -> None:
    """Print a line of what came of something."""
    console.print(f"    [{style}]{escape(text)}[/]")


def aside(text: str) -> None:
    """Print a line about what happens meanwhile."""
    console.print(f"  [yellow]{escape(text)}[/]")


def typed(command: str, note: str = "") -> None:
    """Print a command as somebody types it."""
    console.print(f"  [cyan]$ {escape(command)}[/]" + (f"  [dim]{escape(note)}[/]" if note else ""))


class CollectorProcess:
    """`declarant collector` in a process, on a port that stays the same when it comes back.

    Attributes:
        url: Where it takes events.
        database: Where it keeps what came.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        """Be ready to start."""
        self.database = folder / "collector.db"
        self.url = ""
        self._options = options
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it."""
        options = ["--quiet", "--port", str(self._port), "--tenant", IKEY, *self._options]
        options += ["--schemas", str(ROOT / "schemas"), "--db", str(self.database)]
        self._process = subprocess.Popen(
            [BIN / "declarant", "collector", *options], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        expect(self.url.startswith("http://127.0.0.1:"), "the collector did not start")
        self._port = int(self.url.split(":")[2].partition("/")[0])

    def stop(self) -> None:
        """Stop it; what came is kept."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_S)
            self._process = None

    def get(self, path: str) -> dict[str, Any]:
        """Return an answer of its API."""
        with DIRECT.open(f"http://127.0.0.1:{self._port}/api/{path}", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def events(self) -> list[dict[str, Any]]:
        """Return the envelopes that it took."""
        return [entry["event"] for entry in self.get("events")["events"]]

    def wait_for(self, count: int) -> None:
        """Wait until it took *count* envelopes in all."""
        expect_soon(lambda: len(self.events()) >= count, f"expected {count} events to arrive")
        expect(len(self.events()) == count, f"expected {count} events, got {len(self.events())}")


class User:
    """Somebody with a home of their own, who runs `modelkit`.

    Attributes:
        home: Everything that the program keeps is in there.
        endpoint: Where its events go.
    """

    def __init__(self, home: Path, endpoint: str) -> None:
        """Move in."""
        home.mkdir()
        self.home = home
        self.endpoint = endpoint

    @property
    def environment(self) -> dict[str, str]:
        """What their programs find in the environment."""
        # Whoever starts the demo wants to see it: what switches telemetry off elsewhere, continuous
        # integration included, is not for it.
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        home = {"HOME": str(self.home), "MODELKIT_TELEMETRY_ENDPOINT": self.endpoint}
        return {**kept, **home}

    def runs(self, *words: str, note: str = "", code: int = 0, **variables: str) -> list[str]:
        """Run `modelkit`, show it with a line of what it says, and return all lines."""
        said = self.does("modelkit", *words, code=code, **variables)
        set_up = "".join(f"{name}={value} " for name, value in variables.items())
        typed(f"{set_up}modelkit {' '.join(words)}".replace(f"{self.home}{os.sep}", "~/"), note)
        if said:
            # Of a failure the last line is what a user reads first.
            say(said[-1 if code else 0].replace(str(self.home), "~"))
        return said

    def does(self, program: str, *words: str, code: int = 0, **variables: str) -> list[str]:
        """Run a command without showing it; return the lines that it says."""
        finished = subprocess.run(
            [BIN / program, *words],
            cwd=self.home,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        expect(finished.returncode == code, finished.stdout + finished.stderr)
        return (finished.stdout + finished.stderr).strip().splitlines()

    @property
    def waiting(self) -> int:
        """How many envelopes wait on disk; the store is NDJSON that anybody can read."""
        return sum(
            line.startswith(b'{"ver"')
            for path in self.home.rglob("*.ndjson")
            for line in path.read_bytes().splitlines()
        )

    @property
    def files(self) -> list[str]:
        """Every file in their home."""
        found = (path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())
        return sorted(map(str, found))
