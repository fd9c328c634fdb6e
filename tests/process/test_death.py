"""What is on disk when emit returns is delivered, whatever dies."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX processes")


def numbers(collector):
    return sorted(json.loads(e.text)["data"]["duration_ms"] for e in collector.accepted())


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("os.kill(os.getpid(), 9)", -signal.SIGKILL),
        ("os._exit(3)", 3),
        ("raise SystemExit(4)", 4),
        ("raise RuntimeError", 1),
        ("os.abort()", -signal.SIGABRT),
    ],
)
def test_a_hundred_of_a_hundred_survive(hosts, collector, end, status):
    """Right after the last emit the host dies; another process delivers each event once."""
    process = hosts.start(
        f"""
        configure()
        print(sum(bool(emit(n)) for n in range(100)), flush=True)
        {end}
        """
    )
    out, _ = process.communicate(timeout=60)

    assert (out.strip(), process.returncode) == ("100", status)
    hosts.deliver(collector.url)
    assert numbers(collector) == list(range(100))


def test_killed_at_a_random_moment_loses_no_stored_event(hosts, collector, wait_until, tmp_path):
    """Each event whose emit returned was announced; all of them arrive, none twice."""
    said = tmp_path / "said"
    with said.open("w") as out:
        process = hosts.start(
            """
            configure()
            n = 0
            while True:
                n += 1
                if emit(n):
                    os.write(1, b"%d\\n" % n)
            """,
            stdout=out,
        )
        wait_until(lambda: said.stat().st_size > 10_000)
        process.kill()
        process.wait(30)
    announced = list(map(int, said.read_text().split()))

    hosts.deliver(collector.url)

    arrived = numbers(collector)
    # One more may have been stored than was announced.
    assert arrived in (announced, [*announced, announced[-1] + 1])


def test_a_sender_killed_between_counting_and_settling_repeats_nothing(hosts, collector):
    """The ledger says how far a dead sender came."""
    hosts.run("configure()\nfor n in range(10): emit(n)")
    hosts.endpoint = collector.url
    process = hosts.start(
        """
        from declarant._lease import Lease
        configure()
        settle = Lease.settle
        def dies(self, offset):
            if offset == self.end:
                os.kill(os.getpid(), 9)
            settle(self, offset)
        Lease.settle = dies
        CATALOGUE.client.flush(30)
        """
    )
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert numbers(collector) == list(range(10))

    hosts.deliver(collector.url)

    assert numbers(collector) == list(range(10))
    shown = "import json; configure(); print(json.dumps(CATALOGUE.client.counts()))"
    counts = json.loads(hosts.run(shown))
    assert counts["accepted"] == {"events": 10}
    assert counts["waiting"] == {"events": 0}


def test_two_processes_at_once_agree_on_one_device_id(hosts):
    """However many first starts there are at one moment, the user counts once."""
    code = """
        sys.stdin.readline()
        configure()
        print(CATALOGUE.client._values["device_id"], CATALOGUE.client._values["device_id_status"])
        """
    started = [hosts.start(code, stdin=-1) for _ in range(8)]
    answers = []
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in started:
        out, err = process.communicate(timeout=60)
        assert err == ""
        answers.append(out.split())

    assert len({device_id for device_id, _ in answers}) == 1
    assert sorted(status for _, status in answers) == ["EXISTING"] * 7 + ["NEW"]


def test_competing_senders_send_each_event_once(hosts, collector):
    """One works, the others wait for it."""
    hosts.run("configure()\nfor n in range(3000): emit(n)")
    hosts.endpoint = collector.url
    started = [hosts.start("configure()\nprint(CATALOGUE.client.flush(30))") for _ in range(4)]
    answers = [process.communicate(timeout=60) for process in started]

    assert [(out.strip(), err) for out, err in answers] == [("True", "")] * 4
    assert numbers(collector) == list(range(3000))


def test_senders_and_emitters_at_once_lose_and_double_nothing(hosts, collector):
    """Emitting processes, their threads and their exits race; each event arrives once."""
    hosts.endpoint = collector.url
    code = """
        import threading
        base = int(sys.argv[3])
        configure("thread", flush_interval_s=0.01)
        def work(first):
            for n in range(first, first + 100):
                assert emit(n)
        threads = [threading.Thread(target=work, args=(base + 100 * t,)) for t in range(3)]
        for t in threads: t.start()
        for t in threads: t.join()
        """
    started = [hosts.start(code, str(1000 * number)) for number in range(4)]
    for process in started:
        assert process.communicate(timeout=60) == ("", "")

    hosts.deliver(collector.url)

    expected = [1000 * p + n for p in range(4) for n in range(300)]
    assert numbers(collector) == expected


FORK = """
    configure()
    emit(1)
    children = []
    for number in (2, 3):
        child = os.fork()
        if child == 0:
            for n in range(5):
                assert emit(number * 10 + n)
            os._exit(0)
        children.append(child)
    emit(4)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    emit(5)
    os._exit(0)
    """


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_children_write_segments_and_epochs_of_their_own(hosts, collector):
    """Each process has one epoch in which the sequence counts from 1 without gaps."""
    hosts.run(FORK)
    hosts.deliver(collector.url)

    envelopes = [json.loads(event.text) for event in collector.accepted()]
    epochs = {}
    for envelope in envelopes:
        sdk = envelope["ext"]["sdk"]
        epochs.setdefault(sdk["epoch"], []).append(sdk["seq"])
    assert sorted(map(sorted, epochs.values())) == [[1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]
    assert len({e["ext"]["app"]["sesId"] for e in envelopes}) == 1


def test_a_child_that_outlives_its_parent_holds_no_lock(hosts, collector):
    """The parent dies in the middle of all; its segment can be had although a child lives."""
    process = hosts.start(
        """
        from declarant._ledger import Ledger
        configure()
        emit(1)
        ledger = Ledger(store)
        assert ledger.lock()
        child = os.fork()
        if child == 0:
            os.write(1, b"x")
            os.close(1)
            sys.stdin.readline()
            os._exit(0)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        sys.stdin.readline()
        os.kill(os.getpid(), 9)
        """,
        stdin=-1,
    )
    assert process.stdout.read(1) == "x"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)

    hosts.deliver(collector.url)

    assert numbers(collector) == [1]


def test_a_child_forked_while_the_parent_sends_delays_nobody(hosts):
    """The sender lock is free when its pass is over, although a child has inherited the file."""
    said = hosts.run(
        """
        from declarant._ledger import Ledger
        configure()
        ledger = Ledger(store)
        assert ledger.lock()
        hold, let_go = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(let_go)
            os.read(hold, 1)
            os._exit(0)
        ledger.unlock()
        print(Ledger(store).lock())
        os.close(let_go)
        os.waitpid(child, 0)
        """
    )

    assert said == "True"


def test_multiprocessing_children_deliver_too(hosts, collector):
    """A pool of forked workers emits without knowing of any of this."""
    hosts.run(
        """
        import multiprocessing
        configure()
        emit(0)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert all(map(bool, pool.map(emit, range(1, 41))))
        """
    )
    hosts.deliver(collector.url)

    assert numbers(collector) == list(range(41))


#: As a person would: a sender that died on the way leaves a wait behind, which others keep to.
SEND_NOW = """
from declarant._pass import run_pass
configure()
client = CATALOGUE.client
report = run_pass(CATALOGUE, client.settings, client._store, 30, ignore_backoff=True)
print(report.complete)
"""


def test_the_same_store_under_fire_of_kills(hosts, collector):
    """Senders are killed again and again while they work; nothing is lost.

    What a killed sender had sent and not yet counted may arrive twice, and nothing else.
    """
    hosts.run("configure()\nfor n in range(2000): emit(n)")
    hosts.endpoint = collector.url
    kills = 0
    for delay in (0.15, 0.2, 0.25, 0.3, 0.35):
        process = hosts.start(SEND_NOW)
        timer = threading.Timer(delay, process.kill)
        timer.start()
        process.communicate(timeout=60)
        timer.cancel()
        kills += process.returncode != 0

    assert hosts.run(SEND_NOW) == "True"

    arrived = numbers(collector)
    assert set(arrived) == set(range(2000))
    # At most the one batch that was in flight.
    assert len(arrived) <= 2000 + 500 * kills


def test_an_exception_is_told_through_the_whole_wire(hosts, collector):
    """Raised in one process, sent by another, taken by a collector: nothing planted arrives."""
    hosts.run(
        """
        configure(strict=True)
        from modelkit_events import emit_model_kit_error_from

        def load(path):
            secret = "hunter2"
            try:
                open(path)
            except OSError as error:
                raise RuntimeError(f"cannot load {path} for alice@example.com") from error

        source = "def build():\\n    load('/home/alice/acme merger/model.onnx')\\nbuild()\\n"
        code = compile(source, "/home/alice/acme merger/modelkit/commands/build.py", "exec")
        try:
            exec(code, globals())
        except RuntimeError as error:
            assert emit_model_kit_error_from(error)
        os._exit(0)
        """
    )

    hosts.deliver(collector.url)

    (event,) = collector.accepted("ModelKitError")
    assert not collector.rejected()
    assert [word for word in ("alice", "acme", "hunter2") if word in event.text] == []
    data = json.loads(event.text)["data"]
    assert data["exception_type"] == "builtins.RuntimeError"
    assert data["exception_message"] == "cannot load model.onnx for <scrubbed>"
    assert [(f["file"], f["line"], f["function"]) for f in data["exception_stack"][1:3]] == [
        ("modelkit/commands/build.py", 3, "<module>"),
        ("modelkit/commands/build.py", 2, "build"),
    ]
    assert data["exception_stack"][-1]["file"] == "<string>"
