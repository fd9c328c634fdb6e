"""A released wheel, installed by pip, in real processes: its events arrive, its key is unseen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from declarant_collector import Collector

from .conftest import KEY, SECRET, TOKEN, VARIABLE

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="needs the folders of a POSIX environment"),
]

HOST = """
import sys
import modelkit_events
from modelkit_events import CATALOGUE

store, endpoint, delivery = sys.argv[1:4]
modelkit_events.configure(
    app_version="1.0", consent="granted", delivery=delivery, store_folder=store,
    endpoint=endpoint, sender_interval_s=1, exit_budget_s=30)
outcome = modelkit_events.emit_model_kit_action(
    invoked_from="Script", action_name="build", device=None, ep=None, duration_ms=7, success=True)
print(outcome)
"""


@pytest.fixture
def collector():
    # The key that is in the wheel is the only one it takes.
    with Collector(tenants=[KEY]) as running:
        yield running


@pytest.fixture(scope="module")
def released(install, release):
    return install(release[1])


@pytest.fixture(scope="module")
def from_source(install, release):
    return install(release[0])


def run(python, store, endpoint, delivery="detached", code=HOST, **variables):
    ran = subprocess.run(
        [python, "-c", code, str(store), endpoint, delivery],
        cwd=store.parent,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.strip()


def wait_until(is_so):
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def senders(store):
    found = []
    for process in Path("/proc").iterdir():
        try:
            line = (process / "cmdline").read_bytes() if process.name.isdigit() else b""
        except OSError:
            continue
        if b"declarant._detached" in line and os.fsencode(str(store)) in line:
            found.append(line)
    return found


@pytest.mark.parametrize("delivery", ["detached", "thread"])
def test_its_events_arrive_with_its_key(released, collector, tmp_path, delivery):
    """The host names no key; the sender, a process of its own, imports it by reference."""
    store = tmp_path / "store"
    assert run(released, store, collector.url, delivery) == "Outcome(STORED)"

    wait_until(collector.accepted)
    (event,) = collector.accepted()
    (request,) = collector.requests()
    assert json.loads(event.text)["iKey"] == f"o:{TOKEN}"
    assert request.status == 200
    # The collector took it for the one tenant that it was told by its whole key, and for no other.
    assert collector.rejected() == []
    wait_until(lambda: not senders(store))
    for path in (path for path in store.rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes()


def test_the_header_holds_the_whole_key(released, tmp_path):
    """As the wire has it."""
    import socket

    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}/OneCollector/1.0/"
    store = tmp_path / "store"
    with listener:
        run(released, store, endpoint)
        connection, _ = listener.accept()
        with connection:
            heard = connection.recv(65536)
            (line,) = senders(store)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b'{"acc":1}')

    assert f"x-apikey: {KEY}".encode() in heard
    assert SECRET.encode() not in line
    assert b"modelkit_events._key:IKEY" in line
    wait_until(lambda: not senders(store))


def test_no_variable_sets_or_changes_the_key(released, collector, tmp_path):
    """Whatever is set, the event is that of the wheel's tenant."""
    other = "0" * 32 + KEY[32:]
    names = (VARIABLE, "MODELKIT_TELEMETRY_IKEY", "MODELKIT_IKEY", "DECLARANT_IKEY", "IKEY")
    store = tmp_path / "store"
    run(released, store, collector.url, **dict.fromkeys(names, other))

    wait_until(collector.accepted)
    assert json.loads(collector.accepted()[0].text)["iKey"] == f"o:{TOKEN}"
    wait_until(lambda: not senders(store))


def test_an_installation_from_source_has_no_key(from_source, collector, tmp_path):
    """Built by pip from the released source archive, with the variable set: it stores nothing."""
    store = tmp_path / "store"

    assert run(from_source, store, collector.url, **{VARIABLE: KEY}) == "Outcome(NO_KEY)"
    assert not store.exists()
    assert collector.requests() == []


def test_an_installation_from_source_sends_where_code_names_a_key(from_source, collector, tmp_path):
    """As the demo does."""
    store = tmp_path / "store"
    code = HOST.replace("    endpoint=endpoint,", f"    endpoint=endpoint, ikey={KEY!r},")

    assert run(from_source, store, collector.url, "thread", code) == "Outcome(STORED)"
    wait_until(collector.accepted)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "IKEY = 7\n",
        'IKEY = "short"\n',
        f'IKEY = "{KEY}\n',
        "raise ValueError\n",
        "import nothing_of_this_name\n",
    ],
    ids=["empty", "number", "short", "torn", "raises", "imports"],
)
def test_a_damaged_key_is_none(release, tmp_path, content):
    """The host goes on without telemetry, and nothing shows the line with the key."""
    from zipfile import ZipFile

    import declarant

    home = tmp_path / "home"
    with ZipFile(release[1]) as wheel:
        wheel.extractall(home)
    (home / "modelkit_events/_release_key.py").write_text(content)
    path = os.pathsep.join((str(home), str(Path(declarant.__file__).parents[1])))

    said = run(sys.executable, tmp_path / "store", "http://127.0.0.1:9/", PYTHONPATH=path)

    assert said == "Outcome(NO_KEY)"
