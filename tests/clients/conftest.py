"""Real clients against a real collector: each runs as a program of its own, in its own environment.

`make test-clients` installs and runs them; `make test` stays away from this folder.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from declarant_collector import Collector

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORDED = ROOT / "tests" / "data" / "recorded"
PYTHON = ROOT / ".venvs" / "clients" / "bin" / "python"
TOKEN = "abcdef0123456789abcdef0123456789"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
PATIENCE_S = 120

#: What the HTTP library below a client sends, and differs from one release or machine to the next.
OF_THE_LIBRARY = frozenset(
    (
        *("accept", "accept-encoding", "accept-language", "connection", "content-length", "host"),
        *("origin", "referer", "sec-fetch-mode", "transfer-encoding", "user-agent"),
    )
)
#: Different in every request.
OF_THE_MOMENT = frozenset(("upload-time",))


def head_of(request):
    """Return what the client itself put into the head of a request, header or query, by name."""
    names = {name.lower(): value for name, value in request.headers}
    query = {f"?{name.lower()}": value for name, value in parse_qsl(urlsplit(request.target).query)}
    path = {"": urlsplit(request.target).path}
    chosen = {name: value for name, value in names.items() if name not in OF_THE_LIBRARY}
    return {
        name: "..." if name.lstrip("?") in OF_THE_MOMENT else value
        for name, value in (path | query | chosen).items()
    }


@dataclass(frozen=True)
class _Recorded:
    target: str
    headers: list[list[str]]


def recorded_head(client, scenario, number=1):
    """Return the same of a request recorded elsewhere; its key is cut as a collector cuts it."""
    record = json.loads((RECORDED / f"{client}.json").read_text("utf-8"))
    (place,) = [each[2] for each in record["requests"] if each[:2] == [scenario, number]]
    cut = json.dumps(record["heads"][place]).replace(KEY, f"{TOKEN}-<redacted>")
    return head_of(_Recorded(**json.loads(cut)))


@dataclass
class Clients:
    """Starts collectors and clients; what a client keeps is in its home."""

    home: Path
    stack: ExitStack

    key, token = KEY, TOKEN
    head_of = staticmethod(head_of)
    recorded_head = staticmethod(recorded_head)

    def collector(self, *script, **options):
        return self.stack.enter_context(Collector(script=script, **options))

    def run(self, program, collector, **task):
        """Run a program to its end, at a terminal, and return what it printed."""
        command = {".mjs": "node", ".py": str(PYTHON)}[Path(program).suffix]
        content = {"endpoint": collector.url, "key": KEY} | task
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            # A batch is what a program flushes, also where the program is slow.
            "OTEL_BLRP_SCHEDULE_DELAY": "3600000",
        }
        master, terminal = pty.openpty()
        try:
            done = subprocess.run(
                [command, str(HERE / "programs" / program), json.dumps(content)],
                env=environment,
                stdin=terminal,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        finally:
            os.close(master)
            os.close(terminal)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)


@pytest.fixture
def clients(tmp_path):
    home = tmp_path / "person"
    home.mkdir()
    with ExitStack() as stack:
        yield Clients(home=home, stack=stack)
