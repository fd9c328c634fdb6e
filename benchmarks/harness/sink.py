"""The loopback sink of a run, in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.processes import PROGRAMS

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


@dataclass(frozen=True, kw_only=True)
class Count:
    """Totals of what the sink took since its last reset.

    Attributes:
        requests: Requests that it took.
        refused: Requests that it did not take: answered by 503, or not at all.
        head_bytes: Bytes of request lines and headers.
        body_bytes: Bytes of bodies, as they came.
        plain_bytes: Bytes of bodies without their content coding.
        codings: Content codings that were used.
        events: Events in them.
        distinct: Different events in them.
        undecoded: Bodies that could not be read.
    """

    requests: int
    refused: int
    head_bytes: int
    body_bytes: int
    plain_bytes: int
    codings: list[str]
    events: int
    distinct: int
    undecoded: int


class Sink:
    """A running sink.

    Attributes:
        port: Its port on 127.0.0.1.
    """

    def __init__(self) -> None:
        """Start it."""
        words = [sys.executable, "-X", "utf8", str(PROGRAMS / "sink_server.py")]
        self._process = subprocess.Popen(words, stdin=-1, stdout=-1, text=True)
        self.port = int(self._line())

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self._process.communicate()

    def reset(self, mode: str = "healthy", delay_s: float = 0.0) -> None:
        """Forget what came, and behave like *mode* from now on."""
        self._ask({"do": "reset", "mode": mode, "delay_s": delay_s})

    def count(self) -> Count:
        """Return the totals of what came."""
        return Count(**self._ask({"do": "count"}))

    def events(self) -> list[tuple[str, int | None, str, str | None]]:
        """Return every event that came: kind, number, tag, the SDK's own identity of it."""
        return [tuple(event) for event in self._ask({"do": "list"})]

    def settle(self, quiet_s: float = 0.5, cap_s: float = 15.0) -> Count:
        """Wait until nothing came for a while, and return the totals.

        For what a peer leaves to a process that nobody waits for.
        """
        end = time.monotonic() + cap_s
        seen = self.count()
        while time.monotonic() < end:
            time.sleep(quiet_s)
            now = self.count()
            if now.requests == seen.requests:
                break
            seen = now
        return self.count()

    def _ask(self, order: dict[str, object]):
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the sink ended")
        return line


class ClosedPort:
    """A port of this machine at which every connection is refused, and that nobody else gets."""

    def __init__(self) -> None:
        """Hold it: bound, and not listening."""
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Let it go."""
        self._socket.close()
