"""A kill order and a request to wait, kept by processes that each live for a moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from declarant._ledger import Ledger
from declarant_collector import Collector

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
TENANT = KEY.partition("-")[0]

HOST = """
    configure("detached", ikey=None, ikey_ref="hostkeys:IKEY", sender_interval_s=0)
    print(emit())
    """


@pytest.fixture
def with_key(tmp_path, environment):
    home = tmp_path / "host"
    home.mkdir()
    (home / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    before = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(home), before)))
    return environment


@pytest.fixture
def answers():
    """Start a collector that answers everything alike."""
    started = []

    def start(**rule):
        running = Collector(script=[rule])
        running.start()
        started.append(running)
        return running

    yield start
    for running in started:
        running.close()


def declarant(*arguments, env):
    return subprocess.run(
        [sys.executable, "-m", "declarant", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def started_at(folder):
    """Return when a sender process was last started."""
    return (folder / "sender.lock").stat().st_mtime_ns


def has_failed(folder):
    """Tell whether a sender has noted its failure and gone; before an answer it notes a guess."""
    return (folder / "hold-until").exists() and not Ledger(str(folder)).is_locked()


def test_a_killed_product_is_silent_in_the_next_processes(hosts, answers, with_key, wait_until):
    """Commands after the order store nothing, send nothing and start no sender; all is counted."""
    running = answers(kill={"duration": 86400, "form": "tenant"}, status=401, body="")
    hosts.endpoint = running.url
    assert hosts.run(HOST, env=with_key) == "Outcome(STORED)"
    wait_until((hosts.folder / "kill-switch").exists)
    wait_until(lambda: not list(hosts.folder.glob("*.ndjson")))
    before = started_at(hosts.folder)

    for _ in range(3):
        assert hosts.run(HOST, env=with_key) == "Outcome(KILL_SWITCH)"

    assert started_at(hosts.folder) == before
    assert len(running.requests()) == 1
    assert not any(b'"ver":"4.0"' in path.read_bytes() for path in hosts.folder.iterdir())
    shown = declarant("show", "modelkit_events", "--store", str(hosts.folder), env=with_key)
    assert "3 dropped, KILL_SWITCH: the collector ordered silence" in shown.stdout
    assert "s more: every event" in shown.stdout


def test_the_order_is_told_by_show_and_send(hosts, answers, with_key):
    """Machine-readable, and with exit code 1 for who asks to send."""
    running = answers(kill={"duration": 86400, "form": "key"}, status=200)
    hosts.endpoint = running.url
    hosts.run("configure()\nemit()\nprint(CATALOGUE.client.flush(30))", env=with_key)

    options = ("--store", str(hosts.folder))
    shown = declarant("show", "modelkit_events", *options, "--json", env=with_key)
    more = ("--endpoint", running.url, "--ikey-ref", "hostkeys:IKEY")
    hosts.run("configure()\nprint(emit())", env=with_key)
    sent = declarant("send", "modelkit_events", *options, *more, env=with_key)

    (order,) = json.loads(shown.stdout)["silenced"]
    assert (order["tenant"], order["event"]) == (TENANT, "*")
    assert 0 < order["seconds"] <= 86400
    assert sent.returncode == 1
    assert "accepted 0, dropped 1" in sent.stdout
    assert "the collector ordered silence for" in sent.stdout
    assert len(running.requests()) == 1


def test_retry_after_holds_for_the_next_processes(hosts, answers, with_key, wait_until):
    """No sender is started before its time, and a person who sends is told to wait."""
    running = answers(status=503, headers={"Retry-After": "3600"}, body="")
    hosts.endpoint = running.url
    assert hosts.run(HOST, env=with_key) == "Outcome(STORED)"
    wait_until(lambda: has_failed(hosts.folder))
    before = started_at(hosts.folder)

    assert hosts.run(HOST, env=with_key) == "Outcome(STORED)"
    options = ("--store", str(hosts.folder), "--endpoint", running.url)
    sent = declarant(
        "send", "modelkit_events", *options, "--ikey-ref", "hostkeys:IKEY", env=with_key
    )

    assert started_at(hosts.folder) == before
    assert sent.returncode == 1
    assert "the collector asked to wait" in sent.stdout
    assert len(running.requests()) == 1


def test_the_backoff_holds_for_the_next_processes(hosts, answers, with_key, wait_until):
    """Each command after a failure starts nothing while it lasts; a person may try."""
    running = answers(status=500, body="")
    hosts.endpoint = running.url
    hosts.run(HOST, env=with_key)
    wait_until(lambda: has_failed(hosts.folder))
    # As if it had failed often: a long wait, so that a slow machine changes nothing.
    until, _, _, since = (hosts.folder / "hold-until").read_text().split()
    (hosts.folder / "hold-until").write_text(f"{float(until) + 500} 8 0 {since}\n")
    before = started_at(hosts.folder)

    hosts.run(HOST, env=with_key)
    assert started_at(hosts.folder) == before
    assert len(running.requests()) == 1

    options = ("--store", str(hosts.folder), "--endpoint", running.url)
    sent = declarant(
        "send", "modelkit_events", *options, "--ikey-ref", "hostkeys:IKEY", env=with_key
    )
    assert "later: the collector could not take more now (500)" in sent.stdout
    assert len(running.requests()) == 2


@pytest.mark.timeout(60)
def test_a_sender_that_dies_during_its_first_request_leaves_its_wait(hosts, answers, wait_until):
    """Killed, hung in name resolution or out of time: the next process does not try at once."""
    running = answers(connection="black_hole")
    hosts.endpoint = running.url
    asking = hosts.start("configure()\nemit()\nCATALOGUE.client.flush(30)")
    wait_until(lambda: len(running.requests()) == 1)
    asking.kill()
    asking.wait(30)

    assert hosts.run("configure()\nprint(CATALOGUE.client.flush(30))") == "False"

    assert len(running.requests()) == 1
    assert (hosts.folder / "hold-until").exists()


def test_a_command_that_ends_during_a_request_is_not_left_alone(
    hosts, answers, with_key, wait_until
):
    """No second sender is started; the one that is at work looks again when it is done."""
    running = answers(delay_ms=2_000)
    hosts.endpoint = running.url
    hosts.run(HOST, env=with_key)
    wait_until(lambda: len(running.requests()) == 1)
    before = started_at(hosts.folder)

    hosts.run(HOST, env=with_key)

    assert started_at(hosts.folder) == before
    wait_until(lambda: len(running.accepted()) == 2)


def test_a_silenced_emit_touches_no_disk(hosts):
    """The orders are read once; a thousand emits open, write, move and list nothing."""
    hosts.folder.mkdir()
    hosts.run(
        """
        from declarant._kill_switch import KillSwitch
        from declarant._settings import tenant_token
        KillSwitch(store, tenant_token("{key}")).obey(["*"], 600)
        """.replace("{key}", KEY)
    )
    before = {path.name: path.read_bytes() for path in hosts.folder.iterdir()}

    said = hosts.run(
        """
        configure("detached")
        print(emit())
        made = sorted(os.listdir(store))
        calls = []
        sys.addaudithook(lambda name, arguments: calls.append(name))
        clock = os.stat(store).st_mtime_ns
        for number in range(1000):
            emit(number)
        found = list(calls)
        print([name for name in found if name.startswith(("open", "os."))])
        print(os.stat(store).st_mtime_ns == clock, sorted(os.listdir(store)) == made)
        print(CATALOGUE.client.dropped)
        os._exit(0)
        """
    )

    assert said.splitlines() == [
        "Outcome(KILL_SWITCH)",
        "[]",
        "True True",
        "{DropReason.KILL_SWITCH: 1001}",
    ]
    after = {path.name: path.read_bytes() for path in Path(hosts.folder).iterdir()}
    assert {name: after[name] for name in before} == before
    assert not list(hosts.folder.glob("*.ndjson"))
