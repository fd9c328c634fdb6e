"""What every test shares: no network but loopback, a home of its own, and local servers."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib.util
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

from declarant._ci import _ANY as CI_VARIABLES
from declarant_collector import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Importing it puts it in force, for good; a child that was told to has done so by itself.
_spec = importlib.util.spec_from_file_location(
    "loopback_only", Path(__file__).with_name("loopback_only.py")
)
loopback_only = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(loopback_only)

# No test asserts a time: machines are busy, and an example that was slow once is no failure.
settings.register_profile("declarant", deadline=None)
settings.load_profile("declarant")
# For mutants: few examples, and the same ones each time, so that a score can be had again. That one
# fails is enough; a smaller one is not looked for, which would take many times as long.
FEW = 25
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=FEW,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)

# A shell that starts the suite in the background has it ignore Ctrl-C, and so would every child.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hold a test to the few examples of that profile, also where it asks for more by itself.

    And forget what functions remember: the tool forks a process in which the tests have run, and a
    result of the original would be taken for the mutant's.
    """
    if settings.get_current_profile_name() != "mutation":
        return
    for thing in gc.get_objects():
        if isinstance(thing, functools._lru_cache_wrapper):
            thing.cache_clear()
    for item in items:
        test = getattr(getattr(item, "obj", None), "__func__", getattr(item, "obj", None))
        # Where the library keeps them; it has no public way to change those of a made test.
        own = getattr(test, "_hypothesis_internal_use_settings", None)
        if own is not None and own.max_examples > FEW:
            test._hypothesis_internal_use_settings = settings(own, max_examples=FEW)


#: What a CI machine or a developer may have set and no test may depend on.
_FOREIGN_VARIABLES = (
    *("DO_NOT_TRACK", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"),
    *("MODELKIT_TELEMETRY_ENDPOINT", "MODELKIT_TELEMETRY", "MODELKIT_TELEMETRY_OPTOUT"),
    *CI_VARIABLES,
)

#: Tools keep what they fetched and made there; a home of a test's own must not hide it from them.
_CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


@pytest.fixture(autouse=True)
def _home_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep each test away from the user's own offline store, answer and continuous integration."""
    for name in _FOREIGN_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CACHE_HOME", _CACHE)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
def loopback_note(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Fail a test that tried to leave this machine, by itself or by a process that it started.

    Returns:
        The file in which such attempts are noted; a test that means one empties it.
    """
    # Beside the test's own folder, where it expects nothing but its own files.
    note = tmp_path.with_name(f"{tmp_path.name}-network")
    monkeypatch.setenv(loopback_only.VARIABLE, str(note))
    # Pyright's wrapper asks the package index whether there is a newer one.
    monkeypatch.setenv("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1")
    yield note
    attempts = note.read_text("utf-8") if note.exists() else ""
    assert not attempts, f"the network was tried:\n{attempts}"


@pytest.fixture(autouse=True)
def _nothing_handled_stays() -> Iterator[None]:
    """Fail a test that leaves an exception current: each later one would have it as its context."""
    before = sys.exc_info()[1]
    yield
    assert sys.exc_info()[1] is before, "an exception is still being handled; see `interrupted`"


@pytest.fixture
def end_beside_daemons() -> str:
    """The last line of a program whose daemon threads go on: empty but on Python 3.10.

    That one frees the state of its interpreter while such a thread may wait for the GIL, and the
    thread, when it gets it, reads what is gone. A program without any telemetry, of four daemon
    threads that take a lock and write, dies so once in some hundred times on a busy machine:

        SIGSEGV in COMPUTE_EVAL_BREAKER, RESET_GIL_DROP_REQUEST (Python/ceval.c:169, 194),
            take_gil (Python/ceval_gil.h:273), PyEval_RestoreThread, rlock_acquire, ...
        while the main thread is in call_ll_exitfuncs, Py_FinalizeEx (Python/pylifecycle.c:1861)

    From 3.11 on that state is static. Here the program runs its exit handlers beside the threads,
    as ever, and leaves before it would take itself apart.
    """
    if sys.version_info >= (3, 11):
        return ""
    return "import atexit, os, sys; atexit._run_exitfuncs(); sys.stdout.flush(); os._exit(0)"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def scripted() -> Iterator[Callable[..., Collector]]:
    """Start collectors that follow fault rules."""
    with contextlib.ExitStack() as running:
        yield lambda *rules: running.enter_context(Collector(script=rules))


def _read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    def more() -> bytes:
        piece = connection.recv(65_536)
        if not piece:
            raise OSError("the client went away")
        return piece

    content = b""
    while b"\r\n\r\n" not in content:
        content += more()
    head, _, body = content.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += more()
    return head, body


@pytest.fixture
def read_request() -> Callable[[socket.socket], tuple[bytes, bytes]]:
    """Read one request, head and body, so that closing the connection does not reset it."""
    return _read_request


class RawServer:
    """Listens on loopback, and does to each connection what *speak* does, below HTTP.

    Attributes:
        port: Where it listens.
        url: The same, as the endpoint of a collector.
        connections: How many there were.
        heard: What *speak* notes of them.
    """

    def __init__(self, speak: Callable[[RawServer, socket.socket], object]) -> None:
        self.connections = 0
        self.heard: list[bytes] = []
        self._speak = speak
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/OneCollector/1.0/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(60)
            # A peer that hangs up on a misbehaving server is what such a test is about.
            with connection, contextlib.suppress(OSError):
                self._speak(self, connection)

    def hear(self, connection: socket.socket) -> None:
        """Read one whole request, and note it."""
        self.heard.append(b"\r\n\r\n".join(_read_request(connection)))

    def close(self) -> None:
        """Hang up; `close` alone does not wake a thread that waits in `accept`."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)


@pytest.fixture
def listen() -> Iterator[Callable[..., RawServer]]:
    """Start raw servers of functions of the server and a connection."""
    with contextlib.ExitStack() as started:

        def start(speak: Callable[[RawServer, socket.socket], object]) -> RawServer:
            server = RawServer(speak)
            started.callback(server.close)
            return server

        yield start
