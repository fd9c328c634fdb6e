"""Fixtures that every test shares: no network but loopback, and no home but a temporary one."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from declarant._ci import _ANY as CI_VARIABLES

# No test asserts a time: machines are busy, and an example that was slow once is no failure.
settings.register_profile("declarant", deadline=None)
settings.load_profile("declarant")

# A shell that starts the suite in the background has it ignore Ctrl-C, and so would every child.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

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
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host and not host.startswith("127.") and host not in ("::1", "localhost"):
            raise OSError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
