"""The benchmarks' own processes: the sink, the launcher, and Declarant driven through both."""

from __future__ import annotations

import gzip
import http.client
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.environments import REQUIREMENTS, Environments
from harness.peers import PEERS
from harness.processes import Job, States, run
from harness.run import MeasureError, Run
from harness.sink import ClosedPort, Sink

JSON_STREAM = "application/x-json-stream; charset=utf-8"
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


class ThisEnvironment(Environments):
    """The tests' own: Declarant is installed in it, and no peer is."""

    def python(self, name: str) -> Path | None:
        return Path(sys.executable) if name == "declarant" else None


@pytest.fixture
def sink():
    with Sink() as running:
        yield running


@pytest.fixture
def bench(sink, tmp_path):
    """A run of the harness, without peers."""
    return Run(
        environments=ThisEnvironment(tmp_path), states=States(tmp_path), sink=sink, quick=True
    )


def post(sink: Sink, body: bytes, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", sink.port, timeout=60)
    connection.request("POST", "/OneCollector/1.0/", body, {"Content-Type": JSON_STREAM, **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_the_sink_counts_events_and_different_events(sink, envelope):
    """What comes twice is received twice and one event; bytes are those that came."""
    body = envelope(1, 1) + envelope(2, 2)
    packed = gzip.compress(body)

    assert post(sink, packed, **{"Content-Encoding": "gzip"}) == (200, b'{"acc":2,"status":1}')
    assert post(sink, envelope(2, 2)) == (200, b'{"acc":1,"status":1}')

    count = sink.count()
    assert (count.requests, count.events, count.distinct, count.undecoded) == (2, 3, 2, 0)
    assert count.body_bytes == len(packed) + len(envelope(2, 2))
    assert count.plain_bytes == len(body) + len(envelope(2, 2))
    assert count.codings == ["gzip", "none"]
    assert [event[1] for event in sink.events()] == [1, 2, 2]


def test_the_sink_forgets_and_fails_as_it_is_told(sink, envelope):
    """503 takes nothing; silence takes nothing and says nothing; a reset begins anew."""
    post(sink, envelope(1, 1))
    sink.reset("503")
    assert post(sink, envelope(2, 2)) == (503, b"{}")
    assert (sink.count().events, sink.count().refused) == (0, 1)

    sink.reset("silent")
    with socket.create_connection(("127.0.0.1", sink.port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")
        end = time.monotonic() + 60
        while not sink.count().refused:
            assert time.monotonic() < end
            time.sleep(0.01)
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
    sink.reset()
    assert post(sink, envelope(3, 3))[0] == 200
    assert sink.count().events == 1


def test_a_slow_sink_has_taken_what_it_answers_late(sink, envelope):
    """What is counted before the answer comes is what a client that gave up sends again."""
    sink.reset("slow", 0.01)

    assert post(sink, envelope(1, 1))[0] == 200
    assert sink.count().events == 1


def test_a_closed_port_refuses():
    """Nobody listens there, and nobody else gets it."""
    closed = ClosedPort()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", closed.port))
    closed.close()


def python(state: Path, code: str, cap_s: float = 60.0) -> Job:
    return Job(words=(sys.executable, "-c", code), state=state, cap_s=cap_s)


@pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux, which can hand orphans to a launcher"
)
def test_what_a_program_leaves_behind_is_waited_for_and_measured(tmp_path):
    """A detached child's CPU time is told apart from the program's own."""
    child = "import time; [0 for _ in iter(lambda: time.process_time() < 0.3, False)]"
    leave = (
        "import os, sys; os.posix_spawn(sys.executable, "
        f"[sys.executable, '-c', {child!r}], dict(os.environ), setsid=True)"
    )

    ended, bare = run(python(tmp_path, leave), python(tmp_path, "raise SystemExit(3)"))

    assert ended.code == 0
    assert ended.left_cpu_s is not None
    assert ended.left_cpu_s >= 0.3
    assert (bare.code, bare.left_cpu_s) == (3, 0.0)


def test_what_runs_too_long_is_killed_and_said_to_be(tmp_path):
    """A peer that hangs costs a run its cap and no more."""
    (ended,) = run(python(tmp_path, "import time; time.sleep(600)", cap_s=0.2))

    assert (ended.capped, ended.code) == (True, -9)


def test_events_are_measured_where_they_arrive(bench):
    """A burst of ours is counted at the sink, to the last event."""
    ours = next(peer for peer in bench.peers() if "delivery=thread" in peer.options)

    told = bench.work(ours, "burst", 50)

    count = bench.sink.count()
    assert (told["lost"], count.distinct) == (0, 51)
    assert [peer.environment for peer in bench.peers()] == ["declarant", "declarant"]


def test_a_killed_programs_events_come_with_its_next_run(bench):
    """100 events, SIGKILL, and what the program does next is to send them."""
    ours = next(peer for peer in bench.peers() if "delivery=detached" in peer.options)
    state = bench.states.fresh()
    (killed,) = run(bench.command(ours, "kill", state, port=bench.sink.port, tag="first"))
    assert killed.code == -9
    assert bench.sink.events() == []

    arrived: set[int | None] = set()
    # One run is enough, but on a machine that is so busy that its sender gives up.
    end = time.monotonic() + 120
    while len(arrived) < 100 and time.monotonic() < end:
        (following,) = run(bench.command(ours, "next", state, port=bench.sink.port, tag="next"))
        assert following.code == 0
        arrived = {number for _, number, tag, _ in bench.sink.events() if tag == "first"}

    assert arrived == set(range(100))


@pytest.mark.parametrize("code", [0, 1, 7])
def test_a_program_that_ends_otherwise_is_no_figure(bench, code):
    """Death is measured by programs that die; one that could not even start has lost nothing."""
    ours = bench.peers()[0]
    state = bench.states.fresh()
    (ended,) = run(python(state, f"raise SystemExit({code})"))

    bench.check(ours, state, ended, code)

    with pytest.raises(MeasureError, match=f"{ours.label}: exit code {code}: no message"):
        bench.check(ours, state, ended, code + 1)


def test_every_environment_is_pinned_to_the_version():
    """A peer of tomorrow would make another figure of the same name."""
    assert {peer.environment for peer in PEERS} < {path.stem for path in REQUIREMENTS.iterdir()}
    for path in REQUIREMENTS.iterdir():
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert lines, path
        assert all(line.count("==") == 1 for line in lines), path


def test_a_measure_that_does_not_exist_is_an_error_that_lists_those_that_do():
    """A mistyped `make bench-…` measures nothing."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS), "emti"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "no such measure: emti; there are import, emit, ready" in done.stderr
