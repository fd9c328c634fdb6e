"""Cases B42 to B55: the clock, redirects, time-outs, and other clients' designs against ours.

The numbers are those of docs/protocol.md, which a test compares with these.
"""

from __future__ import annotations

import json
import logging
import threading

import pytest

from declarant import DropReason
from declarant._ledger import Ledger
from declarant._limits import MAX_EVENT_BYTES, SEGMENT_BYTES
from declarant._sender import Report, _set_backoff
from declarant._transport import SendOutcome
from modelkit_events import CATALOGUE

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b'{"acc":1}'


@pytest.fixture
def deltas(make_client, emit, scripted):
    """Send one event after the other to a collector with these rules; return what each said."""

    def run(*rules, requests=3):
        running = scripted(*rules)
        client = make_client(endpoint=running.url)
        for _ in range(requests):
            emit(client)
            client.flush()
        headers = [dict(request.headers) for request in running.requests()]
        return [named.get("time-delta-to-apply-millis") for named in headers]

    return run


def answer_of(delta):
    return {"status": 200, "body": {"acc": 1}, "headers": {"time-delta-millis": delta}}


@pytest.mark.parametrize("delta", ["1500", "-500", "0"])
def test_b42_the_clock_delta_is_sent_back(deltas, delta):
    """The collector is asked first; its first answer is what later requests of the process say."""
    found = deltas({**answer_of(delta), "times": 1}, answer_of("99"))

    assert found == ["use-collector-delta", delta, delta]


def test_b42_the_local_collector_tells_its_delta(make_client, emit, collector):
    """Without a script: our `upload-time` is all it needs."""
    client = make_client(endpoint=collector.url)
    for _ in range(2):
        emit(client)
        assert client.flush()

    first, second = (dict(request.headers) for request in collector.requests())
    assert int(first["upload-time"]) > 1_700_000_000_000
    assert first["time-delta-to-apply-millis"] == "use-collector-delta"
    assert int(second["time-delta-to-apply-millis"]) < 60_000


@pytest.mark.parametrize("delta", ["", "soon", "1.5", "+5", "--5", "9" * 30])
def test_b43_an_unusable_delta_is_none(deltas, delta):
    """The header is left out until an answer tells one."""
    told = deltas(
        {**answer_of(delta), "when": {"request": [1, 2]}},
        {**answer_of("7"), "when": {"request": 3}},
        requests=4,
    )

    assert told == ["use-collector-delta", None, None, "7"]


def test_b43_without_a_delta_the_header_is_left_out(raw_server, read_request, make_client, emit):
    """An answer that tells none ends it."""
    heads = []

    def speak(connection):
        heads.append(read_request(connection)[0])
        connection.sendall(OK)

    client = make_client(endpoint=raw_server(speak))
    for _ in range(3):
        emit(client)
        assert client.flush()

    assert [b"time-delta-to-apply-millis" in head for head in heads] == [True, False, False]


def test_b44_no_identifier_of_the_collector_is_kept_or_sent_back(
    raw_server, read_request, make_client, emit, folder
):
    """Neither `msfpc` nor a cookie: an identifier that no schema names does not travel."""
    heads = []

    def speak(connection):
        for _ in range(2):
            heads.append(read_request(connection)[0])
            body = json.dumps({"acc": 1, "webResult": {"msfpc": "GUID=abc123def456"}}).encode()
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nSet-Cookie: MC1=abc123def456; Path=/; Max-Age=31536000\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )

    client = make_client(endpoint=raw_server(speak))
    # Little time makes two requests of these, over one connection.
    for _ in range(60):
        emit(client)
    assert client.flush(4.5)

    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()
    assert b"abc123" not in heads[1]
    for path in folder.iterdir():
        assert b"abc123" not in path.read_bytes()
    assert client.counts()["accepted"] == {"events": 60}


def test_b45_a_ticket_failure_is_final(make_client, emit, scripted, hold):
    """We send no tickets (`Client-Id: NO_AUTH`): there is none to renew, and a retry is no use."""
    running = scripted({"preset": "ticket"})
    client = make_client(endpoint=running.url)
    for _ in range(3):
        emit(client)

    assert client.flush()
    assert len(running.requests()) == 1
    assert client.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 3}
    assert not hold


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_b46_a_redirect_is_not_followed(make_client, emit, raw_server, scripted, status):
    """The key does not travel to wherever the answer points; the request is settled."""
    elsewhere = scripted()
    running = scripted(
        {"status": status, "headers": {"Location": elsewhere.url}, "body": ""},
    )
    client = make_client(endpoint=running.url)
    emit(client)

    assert client.flush()
    assert elsewhere.requests() == []
    assert client.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 1}


@pytest.mark.timeout(60)
def test_b47_an_answer_that_comes_too_late_makes_a_duplicate_that_can_be_told(
    make_client, emit, scripted, hold
):
    """Both carry the same epoch and sequence number: they are the same bytes."""
    running = scripted({"when": {"request": 1}, "delay_ms": 12_000, "store": True})
    client = make_client(endpoint=running.url)
    emit(client)

    assert not client.flush(0.5)
    hold.run_out()
    assert client.flush()

    first, second = running.accepted()
    assert first.text == second.text
    sdk = first.envelope["ext"]["sdk"]
    assert {"epoch", "seq"} <= set(sdk)
    assert client.counts()["accepted"] == {"events": 1}


def test_b48_status_collector_error_and_an_excerpt_are_logged(make_client, emit, scripted, caplog):
    """The body is cut to 200 bytes; the key and the values are not in it."""
    body = "Nothing " * 100
    running = scripted({"status": 400, "headers": {"Collector-Error": "Not today."}, "body": body})
    client = make_client(endpoint=running.url)
    emit(client)
    with caplog.at_level(logging.DEBUG, "declarant"):
        client.flush()

    (message,) = caplog.messages
    assert message == f"collector answered 400, Not today., {body[:200]}"


def test_b49_the_backoff_is_drawn_from_its_range(store):
    """Step N is uniform in [3 * 2^N, 6 * 2^N] seconds up to the last, and reset by a success."""
    ledger = Ledger(store.folder)
    assert ledger.lock()
    failed, answered = Report(), Report()
    failed.retry = SendOutcome("retry", status=503, reason="503")
    answered.accepted = 1
    waits = []
    for _ in range(40):
        for _ in range(2):
            _set_backoff(ledger, failed)
        waits.append(ledger.held_s())
        _set_backoff(ledger, answered)
        assert ledger.held_s() == 0
        assert ledger.failures() == 0
    ledger.unlock()

    assert all(5 < wait <= 12 for wait in waits)
    # Forty draws from six seconds do not all fall into one half of them.
    assert min(waits) < 9 < max(waits)


def test_b50_a_lease_ends_with_its_holder_and_has_no_count(make_client, emit, store):
    """Ours: the kernel frees the lock, the lines are offered again, and no number removes them."""
    client = make_client()
    emit(client, duration_ms=5)
    client.close()
    (name,) = store.segments()

    seen = []
    for _ in range(7):
        lease = store.lease(name)
        assert store.lease(name) is None, "leased twice"
        seen.append([line for line, _ in lease.lines()])
        lease.release()

    assert len(seen[0]) == 1
    assert seen == [seen[0]] * 7


def test_b51_an_event_that_is_too_large_makes_no_request(make_client, collector, monkeypatch):
    """It is dropped where it was emitted, with a reason."""
    # Bounded schemas cannot make such a line; so a real event's encoder is exchanged.
    event = CATALOGUE.event("ModelKitHeartbeat")
    monkeypatch.setattr(event, "encode", lambda: '"text":"' + "x" * MAX_EVENT_BYTES + '"')
    client = make_client(endpoint=collector.url)

    outcome = client.submit(event, ())

    assert outcome.drop_reason == DropReason.SIZE_LIMIT_EXCEEDED
    assert client.flush()
    assert collector.requests() == []
    assert client.counts()["dropped"] == {"SIZE_LIMIT_EXCEEDED": 1}


def test_b52_a_full_store_drops_the_oldest_and_says_so(
    make_client, emit, collector, arrived, store, next_ms
):
    """Ours: whole segments, oldest first, counted as STORE_FULL."""
    first = make_client()
    for number in range(4):
        emit(first, duration_ms=number)
        first._writer.seal()
        next_ms()
    (_, size, _), *_ = store.stats()
    second = make_client()
    second._store.max_bytes = SEGMENT_BYTES + 2 * size
    emit(second, duration_ms=4)
    second.close()
    third = make_client(endpoint=collector.url)

    assert third.flush()
    assert arrived(collector) == [2, 3, 4]
    assert third.counts()["dropped"] == {"STORE_FULL": 2}


@pytest.mark.timeout(60)
def test_b53_a_shutdown_with_work_pending_is_bounded(make_client, emit, scripted, stored):
    """The exit budget, not the collector, says when it ends; what was not sent stays stored."""
    running = scripted({"connection": "black_hole"})
    client = make_client(
        delivery="thread", endpoint=running.url, flush_interval_s=1000, exit_budget_s=0.2
    )
    for number in range(3):
        emit(client, duration_ms=number)

    client.close()

    # The thread gives the segment back when its own deadline cuts the request.
    for thread in threading.enumerate():
        if thread.name == "declarant-sender":
            thread.join(30)
    assert [event["data"]["duration_ms"] for event in stored()] == [0, 1, 2]


def test_b54_an_emit_after_the_end_does_nothing(make_client, emit, collector, folder):
    """It is counted as the client's being off, and nothing is stored or sent."""
    client = make_client(endpoint=collector.url)
    client.close()

    assert emit(client).drop_reason == DropReason.NOT_CONFIGURED
    client.close()
    assert collector.requests() == []
    assert not list(folder.glob("*.ndjson"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("status", [200, 204])
def test_b55_an_empty_answer_completes(make_client, emit, scripted, status):
    """No event is left without an outcome."""
    running = scripted({"status": status, "body": ""})
    client = make_client(endpoint=running.url)
    for _ in range(12):
        emit(client)

    assert client.flush()
    assert client.counts()["accepted"] == {"events": 12}
    assert client.counts()["waiting"] == {"events": 0}
