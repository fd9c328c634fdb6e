"""A host's exit, and its life, with collectors and homes in any state."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading

import pytest

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"


@pytest.fixture
def black_hole():
    """A collector that accepts connections and never says anything."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections = []

    def serve():
        while True:
            try:
                connections.append(listener.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/OneCollector/1.0/"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)
    for connection in connections:
        connection.close()


def numbers(collector):
    return sorted(json.loads(e.text)["data"]["duration_ms"] for e in collector.accepted())


@pytest.mark.timeout(60)
def test_a_black_hole_costs_a_detached_host_nothing(hosts, black_hole, tmp_path, environment):
    """Were the host to wait for the network, its budget of 1,000 seconds would end this test."""
    (tmp_path / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    hosts.endpoint = black_hole
    said = hosts.run(
        """
        import atexit
        # Registered before ours, so it runs after it.
        atexit.register(lambda: print("requests" in sys.modules, "threading" in sys.modules))
        configure("detached", ikey=None, ikey_ref="hostkeys:IKEY", exit_budget_s=1000)
        assert emit()
        """,
        env={**environment, "PYTHONPATH": str(tmp_path)},
    )

    assert said == "False False"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_the_exit_budget_holds_against_a_black_hole(hosts, black_hole, delivery):
    """Where the process itself sends, it leaves in time, and its events stay on disk."""
    hosts.endpoint = black_hole
    hosts.run(f'configure("{delivery}", exit_budget_s=0.3)\nassert emit()')

    assert len(list(hosts.folder.glob("*.ndjson"))) == 1


@pytest.mark.timeout(60)
def test_a_black_hole_is_left_alone_for_a_while(hosts, black_hole):
    """The first command that sends from within notes its failure; the next does not try."""
    hosts.endpoint = black_hole
    # Long enough to load what sending needs on a busy machine.
    hosts.run('configure("detached", exit_budget_s=4)\nassert emit()')

    assert (hosts.folder / "hold-until").exists()
    said = hosts.run(
        """
        import atexit
        atexit.register(lambda: print("requests" in sys.modules))
        configure("detached", exit_budget_s=1000, sender_interval_s=0)
        assert emit()
        """
    )
    assert said == "False"


@pytest.mark.timeout(60)
def test_sending_from_within_is_not_tried_by_every_command(hosts, black_hole):
    """A budget too short even to note the failure is spent once an interval."""
    hosts.endpoint = black_hole
    hosts.run('configure("detached", exit_budget_s=0)\nassert emit()')
    (hosts.folder / "hold-until").unlink(missing_ok=True)

    said = hosts.run(
        """
        import atexit
        atexit.register(lambda: print("declarant._thread" in sys.modules))
        configure("detached", exit_budget_s=1000, sender_interval_s=1000)
        assert emit()
        """
    )
    assert said == "False"


@pytest.mark.parametrize("delivery", ["thread", "detached", "manual"])
def test_a_refusing_collector_is_silent(hosts, delivery):
    """Nothing on any stream, exit code 0, events on disk."""
    assert hosts.run(f'configure("{delivery}")\nprint(emit())') == "Outcome(STORED)"
    assert len(list(hosts.folder.glob("*.ndjson"))) == 1


def test_the_thread_delivers_at_exit(hosts, collector):
    """What the interval has not sent yet goes within the budget."""
    hosts.endpoint = collector.url
    hosts.run('configure("thread", flush_interval_s=1000, exit_budget_s=30)\nemit(1)\nemit(2)')

    assert numbers(collector) == [1, 2]


def test_events_of_exit_handlers_are_kept(hosts, collector):
    """A host's last event is emitted in an exit handler; before or after ours, it is stored."""
    hosts.run(
        """
        import atexit
        atexit.register(lambda: print(emit(3)))
        configure("thread", exit_budget_s=0)
        atexit.register(lambda: print(emit(2)))
        print(emit(1))
        """
    )
    hosts.deliver(collector.url)

    assert numbers(collector) == [1, 2, 3]


def test_a_first_event_in_an_exit_handler_is_kept(hosts, collector):
    """No thread can be started then (3.12 and later)."""
    hosts.run(
        """
        import atexit
        atexit.register(lambda: print(emit(1)))
        configure("thread", exit_budget_s=0)
        """
    )
    hosts.deliver(collector.url)

    assert numbers(collector) == [1]


def test_threads_that_emit_until_the_end_do_no_harm(hosts, collector, end_beside_daemons):
    """Daemon threads emit while the interpreter goes; what was stored arrives, nothing crashes."""
    hosts.endpoint = collector.url
    hosts.run(
        f"""
        import threading
        configure("thread", flush_interval_s=0.001, exit_budget_s=0.2)
        def work():
            while True:
                emit()
        for _ in range(3):
            threading.Thread(target=work, daemon=True).start()
        emit(1)
        time.sleep(0.3)
        {end_beside_daemons}
        """
    )


def test_consent_denied_leaves_no_trace(hosts, tmp_path, environment):
    """No file, no folder, no network module, and not even an id."""
    home = tmp_path / "home"
    home.mkdir()
    said = hosts.run(
        """
        modelkit_events.configure(app_version="1", consent="denied", ikey=sys.argv[3])
        print(emit(), emit(-1))
        CATALOGUE.client.flush()
        print([m for m in ("requests", "socket", "ssl", "http.client") if m in sys.modules])
        """,
        KEY,
        env={**environment, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")},
    )

    assert said.splitlines() == ["Outcome(CONSENT_OFF) Outcome(CONSENT_OFF)", "[]"]
    assert list(home.iterdir()) == []


UNUSABLE = {
    "a file where the folder should be": "open(store, 'w').close()",
    "a folder below a file": "store = '/dev/null/x'",
    "a link into nowhere": "os.symlink(store + '-nowhere/at/all', store)",
    "too long a name": "store = '/' + 'x' * 5000",
    "a name that cannot be": "store = 'a\\0b'",
    "a name in no encoding": "store = '/\\udfff\\ud800'",
}


@pytest.mark.parametrize("home", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize("delivery", ["thread", "detached"])
def test_unusable_homes_are_survived(hosts, home, delivery):
    """The host runs and exits as if nothing was."""
    said = hosts.run(f"{home}\nconfigure('{delivery}', exit_budget_s=0)\nprint(emit())")

    assert said == "Outcome(STORE_FAILED)"


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="needs root, to give it up"
)
def test_a_read_only_home_is_survived(hosts):
    """Neither set-up nor emit nor exit says anything."""
    hosts.folder.mkdir()
    hosts.folder.chmod(0o755)
    said = hosts.run(
        """
        # Modules first: the folders they lie in may be closed to others.
        import importlib, logging, json, declarant._ledger, declarant._spawn, declarant._thread
        CATALOGUE.event("ModelKitAction")
        store, real = sys.argv[3], store
        configure("detached", exit_budget_s=0)
        CATALOGUE.client.close()
        store = real
        os.setuid(65534)
        configure("detached", exit_budget_s=0)
        print(emit(), CATALOGUE.client._values["device_id_status"])
        """,
        str(hosts.work / "other"),
    )

    assert said == "Outcome(STORE_FAILED) FAILED"
    assert list(hosts.folder.iterdir()) == []


@pytest.mark.parametrize("closed", ["0", "1", "2", "0, 1, 2"])
def test_closed_streams_are_survived(hosts, collector, tmp_path, environment, closed, wait_until):
    """A daemon has no streams; segments and sockets may get their numbers."""
    (tmp_path / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    hosts.endpoint = collector.url
    process = hosts.start(
        f"""
        for fd in ({closed},):
            os.close(fd)
        configure("detached", ikey=None, ikey_ref="hostkeys:IKEY", sender_interval_s=0)
        assert emit(1)
        sys.stdout = sys.stderr = None
        """,
        env={**environment, "PYTHONPATH": str(tmp_path)},
    )
    process.communicate(timeout=60)

    wait_until(lambda: numbers(collector) == [1])
