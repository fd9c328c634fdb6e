"""The suite has no network but loopback: what the other tests rely on, seen to bite."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

#: An address that documents are written with and nobody has, and a name that nobody may have.
NOBODY, NO_NAME = "192.0.2.1", "collector.invalid"

ATTEMPTS = {
    "connect": f"socket.create_connection(({NOBODY!r}, 443), timeout=5)",
    "connect_ex": f"with socket.socket() as made: made.connect_ex(({NOBODY!r}, 443))",
    "datagram": (
        "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made: "
        f"made.sendto(b'', ({NOBODY!r}, 53))"
    ),
    "IPv6": "socket.getaddrinfo('2001:db8::1', 443)",
    "name": f"socket.getaddrinfo({NO_NAME!r}, 443)",
    "name of a URL": f"__import__('requests').get('https://{NO_NAME}/', timeout=5)",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_no_attempt_leaves_this_process(attempt: str, loopback_note: Path) -> None:
    """By whatever call it is made."""
    # requests wraps what the socket raises.
    with pytest.raises(OSError, match="a test tried to reach"):
        exec(attempt, {"socket": socket})

    assert loopback_note.read_text()
    loopback_note.unlink()


@pytest.mark.parametrize(
    "options", [[], ["-I"], ["-E"]], ids=["plain", "isolated", "without PYTHON*"]
)
def test_no_attempt_leaves_a_child(options: list[str], loopback_note: Path) -> None:
    """A Python that a test starts is held as the test is, however little it takes over.

    If this fails, the environment is older than tests/install.sh: remove .venv, and `make test`.
    """
    code = f"import socket; {ATTEMPTS['name']}"

    child = subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, check=False
    )

    assert "a test tried to reach" in child.stderr
    assert loopback_note.read_text() == f"socket.getaddrinfo {NO_NAME}\n"
    loopback_note.unlink()


def test_this_machine_can_be_reached() -> None:
    """By address and by name."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for name in ("127.0.0.1", "localhost"):
            socket.create_connection((name, port), timeout=60).close()


def test_a_test_that_hides_its_attempt_fails(tmp_path: Path) -> None:
    """Telemetry swallows every failure: not to have got through is not enough."""
    for name in ("conftest.py", "loopback_only.py"):
        shutil.copy(Path(__file__).with_name(name), tmp_path)
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent(
            f"""
            import contextlib, socket, subprocess, sys

            def test_itself():
                with contextlib.suppress(OSError):
                    {ATTEMPTS["name"]}

            def test_by_a_child():
                subprocess.run([sys.executable, "-c", "import socket; {ATTEMPTS["name"]}"])

            def test_neither():
                pass
            """
        )
    )

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    # What a test did is found at its end, so both count as passed and as failed.
    assert "3 passed, 2 errors" in run.stdout
    assert run.stdout.count("the network was tried") >= 2
