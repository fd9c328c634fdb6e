"""A draft and a release of one product on one machine: real packages, processes and sockets."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading

import pytest

from declarant._drafts import DRAFT_FOLDER
from declarant_collector import Collector

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
ELSEWHERE = "https://collector.example.com/OneCollector/1.0/"

#: Sends in the way that the third argument names, and leaves nothing open.
HOST = """
    way, *numbers = sys.argv[3:]
    delivery = {"flush": "manual", "exit": "thread", "none": "manual"}.get(way, way)
    configure(delivery, ikey=None, ikey_ref="hostkeys:IKEY", sender_interval_s=1, exit_budget_s=20)
    for number in numbers:
        assert emit(int(number))
    if way == "flush":
        print(CATALOGUE.client.flush(20))
    """

#: Tells of each socket and each process that the host makes, at once, so that no end hides any.
WATCH = """
    def watch(event, arguments):
        if event.startswith("socket.") or event in (
            "subprocess.Popen", "os.posix_spawn", "os.spawn", "os.exec", "os.fork", "os.system"):
            os.write(1, (event + "\\n").encode())
    sys.addaudithook(watch)
    """


#: Is the process that a host would start, told what the first two arguments say.
SENDER = """
    from declarant._detached import main
    main("modelkit_events", store, endpoint, "hostkeys:IKEY", "0")
    """


@pytest.fixture
def environment(tmp_path):
    """An environment in which hosts find the module that holds their key."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    before = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(keys), before)))}


@pytest.fixture
def run(hosts, environment, draft_python):
    """Run a host that has the draft, or the release, in a given environment."""

    def run_host(which, code, *arguments, **variables):
        hosts.python = draft_python if which == "draft" else sys.executable
        return hosts.run(code, *arguments, env={**environment, **variables})

    return run_host


@pytest.fixture
def declarant(hosts, environment, draft_python):
    """Run the command with the draft, or the release, on the store of both."""

    def run_command(which, command, *options, **variables):
        python = draft_python if which == "draft" else sys.executable
        words = ["-m", "declarant", command, "modelkit_events", *options]
        return subprocess.run(
            [python, *words, "--store", str(hosts.folder)],
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return run_command


@pytest.fixture
def proxy():
    """A proxy that notes who connects, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve():
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:
                return
            seen.append(peer)
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    variables = {variant: url for name in names for variant in (name, name.lower())}
    yield {**variables, "NO_PROXY": "", "no_proxy": ""}, seen
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def numbers(collector):
    return sorted(json.loads(e.text)["data"]["duration_ms"] for e in collector.accepted())


def segments(folder):
    return sorted(folder.glob("*.ndjson"))


def counts(declarant, which):
    return json.loads(declarant(which, "show", "--json").stdout)["counts"]


@pytest.mark.parametrize("way", ["flush", "exit", "detached"])
def test_both_send_from_one_store(hosts, run, declarant, wait_until, way):
    """Whichever way they send, each collector gets what its package emitted and nothing else."""
    with Collector() as for_draft, Collector() as for_release:
        for turn in range(3):
            hosts.endpoint = for_draft.url
            run("draft", HOST, way, f"{10 + turn}")
            hosts.endpoint = for_release.url
            run("release", HOST, way, f"{20 + turn}")
        # A sender that stays for later commands is at work for all of them.
        wait_until(lambda: len(for_draft.accepted()) == len(for_release.accepted()) == 3)

        assert numbers(for_draft) == [10, 11, 12]
        assert numbers(for_release) == [20, 21, 22]
        for which in ("draft", "release"):
            told = {}
            wait_until(
                lambda which=which, told=told: (
                    told.update(counts(declarant, which)) or told["accepted"] == {"events": 3}
                )
            )
            assert (told["dropped"], told["waiting"]) == ({}, {"events": 0})


def test_the_command_sends_what_is_of_its_package(hosts, run, declarant, collector):
    """`declarant send` of the release leaves the draft's events, and the other way round."""
    run("draft", HOST, "none", "1")
    run("release", HOST, "none", "2")
    options = ("--endpoint", collector.url, "--ikey-ref", "hostkeys:IKEY")

    released = declarant("release", "send", *options)
    assert numbers(collector) == [2]
    drafted = declarant("draft", "send", *options)

    assert numbers(collector) == [1, 2]
    assert (released.returncode, released.stdout) == (0, "accepted 1, dropped 0\n")
    assert (drafted.returncode, drafted.stdout) == (
        0,
        "accepted 1, dropped 0 (draft: not approved; sent to this machine only)\n",
    )


@pytest.mark.parametrize("way", ["command", "flush", "exit", "detached"])
def test_a_planted_segment_of_a_draft_is_dropped_and_counted(
    hosts, run, declarant, collector, wait_until, way
):
    """It lies in the release's store, valid to the last byte; no sender of the release sends it."""
    run("draft", HOST, "none", "1", "2")
    (segment,) = segments(hosts.folder / DRAFT_FOLDER)
    shutil.copy(segment, hosts.folder / segment.name)
    hosts.endpoint = collector.url

    run("release", HOST, "none" if way == "command" else way, "3")
    if way == "command":
        options = ("--endpoint", collector.url, "--ikey-ref", "hostkeys:IKEY")
        assert "2 DRAFT: made by a draft" in declarant("release", "send", *options).stdout
    wait_until(lambda: not segments(hosts.folder))

    assert numbers(collector) == [3]
    assert counts(declarant, "release")["dropped"] == {"DRAFT": 2}
    # What the draft itself keeps is untouched.
    assert counts(declarant, "draft")["waiting"] == {"events": 2}


@pytest.mark.parametrize("way", ["command", "flush", "exit", "detached"])
@pytest.mark.parametrize("which", ["draft", "release"])
def test_no_proxy_stands_between_a_loopback_collector_and_its_client(
    hosts, run, declarant, collector, proxy, wait_until, way, which
):
    """With every proxy variable set, events go straight; the proxy sees nobody."""
    variables, seen = proxy
    hosts.endpoint = collector.url

    run(which, HOST, "none" if way == "command" else way, "1", **variables)
    if way == "command":
        options = ("--endpoint", collector.url, "--ikey-ref", "hostkeys:IKEY")
        assert declarant(which, "send", *options, **variables).returncode == 0
    wait_until(lambda: collector.accepted())

    assert numbers(collector) == [1]
    assert seen == []
    # The variables do work: whoever heeds them is seen.
    heeding = "import requests, sys; requests.post(sys.argv[1], data=b'')"
    subprocess.run(
        [sys.executable, "-c", heeding, collector.url],
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
    )
    assert seen


@pytest.mark.parametrize("way", ["flush", "exit", "detached"])
@pytest.mark.parametrize("configured", [ELSEWHERE, "", "https://localhost/"])
def test_a_draft_opens_no_socket_for_a_collector_elsewhere(hosts, run, declarant, way, configured):
    """The host's endpoint or the catalogue's own: checked, stored, and nothing else happens."""
    hosts.endpoint = configured
    # What a process that died left behind is no more sendable than what this one adds.
    run("draft", HOST + "\n    os._exit(0)", "none", "1")

    said = run("draft", WATCH + HOST, way, "2")

    assert said == ("False" if way == "flush" else "")
    told = counts(declarant, "draft")
    assert (told["waiting"], told["dropped"]) == ({"events": 2}, {})


@pytest.mark.parametrize(
    ("way", "seen"),
    [("flush", "socket.connect"), ("exit", "socket.connect"), ("detached", "os.posix_spawn")],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another way to start a sender")
def test_the_watch_would_see_it(hosts, run, collector, way, seen):
    """The same host with a collector on this machine opens what the watch tells of."""
    hosts.endpoint = collector.url

    said = run("draft", WATCH + HOST, way, "2")

    assert seen in said.splitlines()


def test_a_sender_that_is_told_to_send_elsewhere_opens_nothing(hosts, run, declarant):
    """Started by whoever, with whatever arguments, it sends nothing of a draft."""
    run("draft", HOST, "none", "1")

    said = run("draft", WATCH + SENDER)
    assert "socket.connect" in said.splitlines()
    run("draft", HOST, "none", "2")
    hosts.endpoint = ELSEWHERE
    said = run("draft", WATCH + SENDER)

    assert said == ""
    assert counts(declarant, "draft")["waiting"] == {"events": 2}


def test_a_sender_serves_the_package_that_is_installed_now(hosts, run, collector):
    """Made anew as a release while a draft's sender starts, it leaves the draft's folder alone."""
    run("draft", HOST, "none", "1")
    folder = hosts.folder
    hosts.endpoint = collector.url
    hosts.folder = folder / DRAFT_FOLDER

    run("release", SENDER)
    assert collector.accepted() == []
    assert segments(folder / DRAFT_FOLDER)
    # And the other way round: told of the release's store, a draft's sender uses its own.
    hosts.folder = folder
    run("release", HOST, "none", "2")
    run("draft", SENDER)

    assert numbers(collector) == [1]


@pytest.mark.parametrize("endpoint", [ELSEWHERE, None, "http://localhost:8765/"])
def test_the_command_says_that_a_draft_sends_nothing_elsewhere(hosts, run, declarant, endpoint):
    """One line and exit code 2; the events stay."""
    run("draft", HOST, "none", "1")
    options = ["--ikey-ref", "hostkeys:IKEY"] + (["--endpoint", endpoint] if endpoint else [])

    ran = declarant("draft", "send", *options)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "declarant send: modelkit_events is a draft: not approved; sent to this machine only; "
        "nothing was sent; name a collector on a literal loopback address with --endpoint, as "
        "http://127.0.0.1:8765/OneCollector/1.0/\n"
    )
    assert counts(declarant, "draft")["waiting"] == {"events": 1}


def test_show_and_purge_work_on_the_drafts_own_events(hosts, run, declarant):
    """They say that it is a draft; the release's events are neither shown nor deleted."""
    run("draft", HOST, "none", "1", "2")
    run("release", HOST, "none", "3")

    shown = declarant("draft", "show")
    in_json = declarant("draft", "show", "--json")
    purged = declarant("draft", "purge")
    left = declarant("release", "show", "--json")

    mark = "(draft: not approved; sent to this machine only)"
    assert f"2 waiting in {hosts.folder / DRAFT_FOLDER} {mark}" in shown.stdout.splitlines()
    assert json.loads(in_json.stdout)["draft"] is True
    assert purged.stdout == f"deleted 2 events {mark}\n"
    assert segments(hosts.folder / DRAFT_FOLDER) == []
    assert "draft" not in json.loads(left.stdout)
    assert [event["data"]["duration_ms"] for event in json.loads(left.stdout)["waiting"]] == [3]


@pytest.mark.parametrize("command", ["send", "show", "purge"])
def test_a_release_is_not_pointed_to_a_drafts_folder(hosts, run, declarant, command):
    """No command of a release touches it."""
    run("draft", HOST, "none", "1")
    hosts.folder = hosts.folder / DRAFT_FOLDER

    ran = declarant("release", command)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "name the folder above it" in ran.stderr
    assert segments(hosts.folder)


def test_a_draft_ignores_a_release_key(hosts, run, declarant, draft_home):
    """A module that a release build left behind is no key; one that code gives is."""
    (draft_home / "modelkit_events" / "_release_key.py").write_text(f'IKEY = "{KEY}"\n')
    try:
        said = run(
            "draft",
            """
            configure(ikey=None)
            print(emit(1).drop_reason)
            configure()
            print(emit(2).drop_reason)
            """,
        )
        sent = declarant("draft", "send", "--endpoint", hosts.endpoint)
    finally:
        (draft_home / "modelkit_events" / "_release_key.py").unlink()

    assert said.splitlines() == ["NO_KEY", "None"]
    assert (sent.returncode, sent.stdout) == (2, "")
    assert "no instrumentation key" in sent.stderr
