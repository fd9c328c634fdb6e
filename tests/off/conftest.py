"""A program that uses all of telemetry, watched by its interpreter and from outside (`outside`).

What either sees is of these kinds: a *file* (written, made or renamed; folders too), a *removal* of
one, a *socket*, a *thread*, a *process*, and random bytes, of which alone an *identifier* is made.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import declarant

if TYPE_CHECKING:
    from declarant_collector import Collector

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"

#: Watches from the first line to the last exit handler; then says what it saw, to descriptor 1.
WATCH = """
import atexit, os, sys, threading

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_KINDS = {
    **dict.fromkeys((
        "os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
        "os.utime", "fcntl.flock", "fcntl.lockf"), "file"),
    **dict.fromkeys(("os.remove", "os.rmdir"), "removal"),
    **dict.fromkeys((
        "subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn",
        "os.system"), "process"),
}
_seen = set()

def _hook(name, arguments):
    if name == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        _seen.add("file")
    elif name.startswith("socket."):
        _seen.add("socket")
    elif name in _KINDS:
        _seen.add(_KINDS[name])

def _calls(frame, event, argument):
    if event != "c_call":
        return
    if argument is os.urandom:
        _seen.add("identifier")
    elif argument.__name__ in ("start_new_thread", "start_joinable_thread"):
        # Audited since Python 3.12 alone.
        _seen.add("thread")

def _tell():
    sys.setprofile(None)
    os.write(1, (" ".join(sorted(_seen)) + "\\n").encode())

# The first handler runs last.
atexit.register(_tell)
sys.addaudithook(_hook)
threading.setprofile(_calls)
sys.setprofile(_calls)
try:
    os.stat("the watch begins")
except OSError:
    pass
"""

#: All emitters, in every delivery, with and without a flush; then an end that sends what is left.
HOST = """
import json
from declarant import _paths
settings, policy, rounds = json.loads(sys.argv[1])
if policy is not None:
    # The administrator's folder is no test's to write to.
    _paths.policy_file = lambda product: policy
import modelkit_events
from modelkit_events import CATALOGUE

for delivery in rounds:
    modelkit_events.configure(app_version="1.0", delivery=delivery, **settings)
    modelkit_events.emit_model_kit_heartbeat()
    modelkit_events.emit_model_kit_action(
        invoked_from="Script", action_name="build", device=None, ep=None, duration_ms=7,
        success=True)
    try:
        raise ValueError("broken")
    except ValueError as error:
        modelkit_events.emit_model_kit_error_from(error)
    if delivery != "detached":
        CATALOGUE.client.flush(30)
"""

#: The same in a command line made with Click, whose option is the flag.
CLICK = """
import json
settings, policy, words = json.loads(sys.argv[1])
import click
import modelkit_events
from declarant.click import ActionGroup, Telemetry

def report(call):
    modelkit_events.emit_model_kit_action(
        invoked_from="Script", action_name=call.name, device=None, ep=None,
        duration_ms=call.duration_ms, success=call.success)

telemetry = Telemetry(
    modelkit_events.CATALOGUE, app_version="1.0", action=report,
    heartbeat=modelkit_events.emit_model_kit_heartbeat,
    error=modelkit_events.emit_model_kit_error_from, **settings)

@click.group(cls=ActionGroup, telemetry=telemetry)
def main():
    pass

@main.command()
def build():
    pass

main(words)
"""

OUTSIDE = [sys.executable, "-I", str(Path(__file__).with_name("outside.py"))]


@functools.cache
def can_trace() -> bool:
    """Return whether programs can be watched from outside, which a container can forbid."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return False
    tried = subprocess.run([*OUTSIDE, os.devnull, "true"], capture_output=True, check=False)
    return tried.returncode == 0


@dataclass
class Watched:
    """Runs programs of one user.

    Attributes:
        home: The user's home; every folder that a program may know of is below it.
        environment: Variables beside those of the home.
        settings: Arguments of the set-up.
        policy: Text of an administrator's file, or None.
        package: Where the generated package lies, or None for the installed one.
    """

    home: Path
    collector: Collector
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    policy: str | None = None
    package: Path | None = None

    def answer(self, word: str) -> None:
        """Keep an answer as the question would."""
        path = self.home / ".winml" / "config.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"telemetry": {"modelkit": {"consent": word, "version": 1}}}))

    def run(self, *words: str, program: str = HOST, is_traced: bool = True) -> dict[str, set[str]]:
        """Run a program to its end; return the kinds that were seen, by who saw them.

        That is "inside", "on disk", and from outside of the program and of what it "started".

        Args:
            words: The deliveries to use, or the words of a command line.
            program: What runs under the watch.
            is_traced: Whether to watch from outside too, if that can be. A trace lasts as long as
                all processes that a program started.
        """
        work = self.home.parent
        policy = None if self.policy is None else work / "policy.json"
        if policy is not None:
            policy.write_text(self.policy)
        # What a detached sender can find by itself.
        (work / "host").mkdir()
        (work / "host" / "host_keys.py").write_text(f'IKEY = "{KEY}"\n')
        settings = {"ikey_ref": "host_keys:IKEY", "endpoint": self.collector.url, **self.settings}
        task = json.dumps([settings, policy and str(policy), words])
        before = self.files()
        trace = work / "trace"
        is_traced = is_traced and can_trace()
        outside = [*OUTSIDE, str(trace)] if is_traced else []
        done = subprocess.run(
            [*outside, sys.executable, "-c", WATCH + program, task],
            cwd=self.home,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        seen = {"inside": set(done.stdout.split())}
        if is_traced:
            kinds = json.loads(trace.read_text())
            seen |= {"outside": set(kinds["program"]), "started": set(kinds["started"])}
        seen["on disk"] = {"file"} if self.files() != before else set()
        return seen

    def switch_off(self) -> None:
        """Have the program use ModelKit's package as it is made with its master switch off."""
        work = self.home.parent / "switched off"
        shutil.copytree(ROOT / "schemas", work / "schemas")
        place = work / "schemas" / "catalogue.json"
        place.write_text(place.read_text().replace("{", '{\n  "telemetry": "off",', 1))
        command = [sys.executable, "-m", "declarant", "generate"]
        subprocess.run(command, cwd=work, stdout=subprocess.DEVNULL, check=True)
        self.package = work / "generated"

    def wait_for(self, count: int) -> None:
        """Wait until a sender has brought *count* events."""
        end = time.monotonic() + 120
        while len(self.collector.accepted()) < count:
            assert time.monotonic() < end, "they never came"
            time.sleep(0.01)

    def files(self) -> dict[str, bytes]:
        """Return everything below the home, folders too."""
        found = sorted(self.home.rglob("*"))
        return {str(path): path.read_bytes() if path.is_file() else b"" for path in found}

    def _variables(self) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith("XDG_")}
        homes = [str(self.home.parent / "host"), *([str(self.package)] if self.package else [])]
        runtime = str(Path(declarant.__file__).parents[1])
        return {
            **kept,
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([*homes, runtime]),
            **self.environment,
        }


@pytest.fixture
def traced() -> None:
    """Skip what only a watch from outside can see."""
    if not can_trace():
        pytest.skip(
            "needs ptrace on Linux with x86-64 or arm64; without it tests/off sees what Python "
            "tells of itself, but neither what other code does nor what started processes do"
        )


@pytest.fixture
def watched(tmp_path: Path, collector: Collector) -> Watched:
    home = tmp_path / "person"
    home.mkdir()
    return Watched(home, collector)
