"""Cases B01 to B25: what becomes of the events of a request, by its answer.

The numbers are those of docs/protocol.md, which a test compares with these.
"""

from __future__ import annotations

import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b'{"acc":1}'


@pytest.fixture
def three(make_client, emit):
    """Set up a client with three events that wait."""

    def make(url):
        client = make_client(endpoint=url)
        for number in range(3):
            assert emit(client, duration_ms=number)
        return client

    return make


@pytest.fixture
def is_success(three, scripted, store):
    """Send three events to a collector that answers so, twice; tell whether one request did it."""

    def check(status, body):
        running = scripted({"status": status, "body": body})
        client = three(running.url)
        assert client.flush()
        assert client.flush()
        assert client.counts() == {
            "accepted": {"events": 3},
            "waiting": {"events": 0},
            "dropped": {},
            "refused": {},
            "left_out": {},
        }
        assert store.segments() == []
        return len(running.requests()) == 1

    return check


@pytest.fixture
def is_final(three, scripted, store, hold):
    """Send three events to a collector that refuses so, twice; tell whether it was asked once."""

    def check(status, body):
        running = scripted({"status": status, "body": body})
        client = three(running.url)
        assert client.flush()
        assert client.flush()
        assert client.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 3}
        assert client.counts()["refused"] == {str(status): 3}
        assert store.segments() == []
        assert not hold
        return len(running.requests()) == 1

    return check


@pytest.fixture
def comes_once_more(three, scripted, hold):
    """Have the first request answered so; tell whether the second brought the same bytes."""

    def check(status):
        running = scripted({"when": {"request": 1}, "status": status, "body": ""})
        client = three(running.url)
        assert not client.flush()
        assert 3 <= hold.seconds <= 6.01
        assert not client.flush()
        assert len(running.requests()) == 1
        hold.run_out()
        assert client.flush()
        assert not hold
        assert client.counts()["accepted"] == {"events": 3}
        first = [event.text for event in running.unsettled()]
        assert [event.text for event in running.accepted()] == first
        return len(running.requests()) == 2

    return check


def test_b01_200_with_an_empty_body(is_success):
    """Success needs no body."""
    assert is_success(200, "")


def test_b02_a_missing_rej_is_none(is_success):
    """Zero counters may be left out."""
    assert is_success(200, {"acc": 3})


def test_b03_a_body_that_is_no_json(is_success):
    """The status alone says it."""
    assert is_success(200, "<html>fine</html>")


def test_b04_an_index_list_refuses_just_those(three, scripted, store):
    """The named event is counted as refused with its reason and never sent again."""
    running = scripted({"status": 200, "body": {"acc": 2, "rej": 1, "efi": {"Odd": [1]}}})
    client = three(running.url)

    assert client.flush()
    assert client.flush()

    assert client.counts()["accepted"] == {"events": 2}
    assert client.counts()["dropped"] == {"REJECTED": 1}
    assert client.counts()["refused"] == {"Odd": 1}
    assert len(running.requests()) == 1
    assert store.segments() == []


def test_b05_all_under_a_success_refuses_all(three, scripted, store):
    """The collector judged the events: nothing is looked for, nothing sent again."""
    running = scripted({"status": 200, "body": {"acc": 0, "efi": {"EventLevelThrottling": "all"}}})
    client = three(running.url)

    assert client.flush()

    assert client.counts()["accepted"] == {}
    assert client.counts()["dropped"] == {"REJECTED": 3}
    assert client.counts()["refused"] == {"EventLevelThrottling": 3}
    assert len(running.requests()) == 1
    assert store.segments() == []


def test_b06_204_is_a_success(is_success):
    """As 200 without a body."""
    assert is_success(204, "")


def test_b07_202_is_not_sent_again(is_success):
    """Any 2xx took them: a resend would double them."""
    assert is_success(202, {"acc": 3})


def test_b08_299_is_no_reason_to_queue_again(is_success):
    """Ours: a 2xx like any other, in every delivery."""
    assert is_success(299, "")


@pytest.mark.parametrize(
    ("body", "accepted", "rejected"),
    [
        ('{"acc":9,"rej":9}', 0, 3),
        ('{"acc":0,"rej":0}', 3, 0),
        ('{"acc":-1,"rej":-1}', 3, 0),
        ('{"acc":3,"acc":0,"rej":0,"rej":1}', 2, 1),
        ('{"acc":3,"rej":0,"efi":{"A":[0],"A":[1]}}', 2, 1),
        ('{"acc":"3","rej":null}', 3, 0),
    ],
)
def test_b09_contradictory_counts_do_not_crash(three, scripted, store, body, accepted, rejected):
    """Every event has exactly one outcome, whatever the sums are."""
    client = three(scripted({"status": 200, "body": body}).url)

    assert client.flush()

    counts = client.counts()
    assert counts["accepted"].get("events", 0) == accepted
    assert counts["dropped"].get("REJECTED", 0) == rejected
    assert store.segments() == []


@pytest.mark.parametrize("efi", [7, [], [[0]], "all", None, True, {"A": 1}, {"A": {"0": 1}}])
def test_b10_an_odd_efi_changes_nothing(three, scripted, efi):
    """The events are sent."""
    client = three(scripted({"status": 200, "body": {"acc": 3, "efi": efi}}).url)

    assert client.flush()
    assert client.counts()["accepted"] == {"events": 3}


def test_b11_400_is_dropped_for_good_with_its_reason(make_client, emit, scripted, store):
    """Nothing of it is left on disk."""
    running = scripted(
        {
            "status": 400,
            "headers": {"Collector-Error": "No events passed validation."},
            "body": {"acc": 0, "rej": 1, "efi": {"InvalidDeviceLocalId": [0]}},
        }
    )
    client = make_client(endpoint=running.url)
    emit(client)

    assert client.flush()
    assert client.flush()

    assert client.counts()["dropped"] == {"REJECTED": 1}
    assert client.counts()["refused"] == {"InvalidDeviceLocalId": 1}
    assert store.segments() == []
    assert len(running.requests()) == 1


def test_b12_404_with_html_is_dropped(is_final):
    """A page is no answer of the collector, but the status is final; no word of it is kept."""
    assert is_final(404, "<html><b>Nothing</b></html>")


def test_b13_403_is_dropped(is_final):
    """Over quota: nothing is tried again."""
    assert is_final(403, {"acc": 0})


def test_b13_403_waits_if_it_is_told_to(three, scripted, emit, hold):
    """With Retry-After the next request waits, although these events are gone."""
    running = scripted({"preset": "quota", "headers": {"Retry-After": "3600"}})
    client = three(running.url)

    assert client.flush()
    assert emit(client)
    assert not client.flush()

    assert hold.asked_s == 3600
    assert hold.failures == 0
    assert len(running.requests()) == 1
    assert client.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 3}


def test_b14_408_is_retried(comes_once_more):
    """The collector ran out of time, not the events."""
    assert comes_once_more(408)


def test_b15_413_is_never_sent_again_unchanged(three, scripted):
    """Halves, down to single events; what is too large alone is dropped."""
    running = scripted({"status": 413, "body": ""})
    client = three(running.url)

    assert client.flush()

    sizes = [request.decoded_bytes for request in running.requests()]
    # All three; the first; the other two; each of these.
    assert len(sizes) == 5
    assert sizes[0] > sizes[2] > sizes[1]
    assert client.counts()["dropped"] == {"SIZE_LIMIT_EXCEEDED": 3}
    assert client.counts()["refused"] == {"413": 3}


def test_b15_413_does_not_wait_to_be_split(three, scripted, arrived, hold):
    """A wait would bring the same request back."""
    running = scripted(
        {"when": {"request": 1}, "status": 413, "headers": {"Retry-After": "60"}, "body": ""}
    )
    client = three(running.url)

    assert client.flush()
    assert arrived(running) == [0, 1, 2]
    assert not hold


def test_b16_415_is_dropped(is_final):
    """A defect of ours that no repetition mends."""
    assert is_final(415, "")


def test_b17_429_is_retried(comes_once_more):
    """The collector throttles this client."""
    assert comes_once_more(429)


def test_b17_429_waits_longer_each_time(three, scripted, hold):
    """Each failure doubles the range that the wait is drawn from."""
    running = scripted({"preset": "chatty"})
    client = three(running.url)

    for step in range(4):
        assert not client.flush()
        assert 3 * 2**step <= hold.seconds <= 6 * 2**step + 0.01
        hold.run_out()
    assert len(running.requests()) == 4


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_b18_no_request_before_retry_after(three, scripted, store, hold, status):
    """The wait is the collector's if that is longer than ours, also for other processes."""
    from declarant._pass import run_pass
    from modelkit_events import CATALOGUE

    running = scripted({"status": status, "headers": {"Retry-After": "3600"}, "body": ""})
    client = three(running.url)
    assert not client.flush()

    another = run_pass(CATALOGUE, client.settings, store, 5)
    a_person = run_pass(CATALOGUE, client.settings, store, 5, ignore_backoff=True)

    assert hold.asked_s == 3600
    assert hold.seconds == pytest.approx(3600)
    assert another.held_s > 0
    assert a_person.held_s > 0
    assert len(running.requests()) == 1


def test_b18_five_seconds_are_five_seconds(three, scripted, hold):
    """The next send is not earlier than that; our own jitter may add to it."""
    client = three(scripted({"status": 429, "headers": {"Retry-After": "5"}, "body": ""}).url)

    assert not client.flush()
    assert hold.asked_s == 5
    assert 5 <= hold.seconds <= 6.01


@pytest.mark.parametrize(
    ("value", "asked_s"),
    [
        ("5", 5),
        (" 5 ", 5),
        ("0", 0),
        ("+5", 0),
        ("-5", 0),
        ("5x", 0),
        ("5 5", 0),
        ("", 0),
        ("100000000000000000000", 0),
        ("9223372036854775807", 86_400),
        ("1000000", 86_400),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 01 Jan 2999 00:00:00 GMT", 86_400),
        ("Fri, 99 Foo 2999 99:99:99 GMT", 0),
    ],
)
def test_b19_odd_values_of_retry_after(three, scripted, hold, value, asked_s):
    """Seconds and dates within reason; everything else is ignored, and nothing raises."""
    client = three(scripted({"status": 429, "headers": {"Retry-After": value}, "body": ""}).url)

    assert not client.flush()
    assert hold.asked_s == asked_s
    assert hold.failures == 1


def test_b19_a_date_counts_from_the_collectors_own_clock(three, raw_server, answering, hold):
    """However wrong ours is."""
    answer = (
        b"HTTP/1.1 503 Busy\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        b"Retry-After: Sunday, 06-Nov-94 08:50:37 GMT\r\nContent-Length: 0\r\n\r\n"
    )
    client = three(raw_server(answering(answer)))

    assert not client.flush()
    assert hold.asked_s == 60


def test_b19_a_line_break_in_the_value_is_no_number(three, raw_server, answering, hold):
    """Neither a folded header nor a bare carriage return ends a pass badly."""
    for head in (b"Retry-After: 5\r\r\n", b"Retry-After: 5\r\n 7\r\n", b"Retry-After:\r\n"):
        answer = b"HTTP/1.1 429 Slow\r\n" + head + b"Content-Length: 0\r\n\r\n"
        client = three(raw_server(answering(answer)))
        assert not client.flush()
        assert hold.asked_s in (0, 5)
        hold.file.unlink()


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_b20_5xx_once_then_the_same_events_once(comes_once_more, status):
    """One resend, no doubles, the same bytes."""
    assert comes_once_more(status)


@pytest.mark.parametrize("status", [501, 505])
def test_b21_501_and_505_are_final(is_final, status):
    """They say that the request will never be understood."""
    assert is_final(status, "")


def test_b22_after_503_the_next_request_takes_a_new_connection(raw_server, read_request, key):
    """Even from a collector that forgets to close the old one."""
    import time

    from declarant._onecollector import OneCollectorTransport
    from declarant._transport import Payload

    requests = []

    def speak(connection):
        answers = [b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", OK] * 2
        requests.append(0)
        for answer in answers[len(requests) - 1 :]:
            read_request(connection)
            requests[-1] += 1
            connection.sendall(answer)

    end = time.monotonic() + 20
    transport = OneCollectorTransport(
        key, raw_server(speak), seconds_left=lambda: end - time.monotonic()
    )
    kinds = [transport.send(Payload(b"{}", 1)).kind for _ in range(2)]
    transport.close()

    assert kinds == ["retry", "accepted"]
    assert requests == [1, 1]


def test_b23_503_for_ever_keeps_the_events_and_waits_longer(three, scripted, store, hold):
    """One request a try; the waits grow to five or ten minutes; nothing is lost."""
    running = scripted({"preset": "overloaded"})
    client = three(running.url)

    waits = []
    for _ in range(9):
        assert not client.flush()
        waits.append(hold.seconds)
        hold.run_out()

    lowest = [3, 6, 12, 24, 48, 96, 192, 300, 300]
    assert all(low <= wait <= 2 * low + 0.01 for low, wait in zip(lowest, waits, strict=True)), (
        waits
    )
    assert len(running.requests()) == 9
    assert client.counts()["waiting"] == {"events": 3}
    assert client.counts()["dropped"] == {}


@pytest.mark.parametrize("connection", ["reset", "half", "close"])
def test_b24_a_dropped_connection_costs_no_event(three, scripted, arrived, hold, connection):
    """However often: there is no count of tries that an event could run out of."""
    running = scripted(
        {"when": {"request": [1, 8]}, "status": 500, "body": "x" * 100, "connection": connection}
    )
    client = three(running.url)

    for _ in range(8):
        assert not client.flush()
        hold.run_out()
    assert client.flush()

    assert arrived(running) == [0, 1, 2]
    assert client.counts()["dropped"] == {}


def test_b25_what_our_own_deadline_cuts_is_kept(three, scripted, hold):
    """Aborted by us: the events wait on, not counted, and nothing is held against them."""
    running = scripted({"connection": "black_hole"})
    client = three(running.url)
    client._delivery.pace = _answered()

    assert not client.flush(0.3)

    assert client.counts()["waiting"] == {"events": 3}
    assert client.counts()["dropped"] == {}
    assert not hold


def test_interim_answers_are_no_answers(raw_server, answering, three, hold):
    """A 103 that a proxy sends ahead does not refuse the events."""
    client = three(raw_server(answering(b"HTTP/1.1 103 Early Hints\r\n\r\n")))

    assert not client.flush()
    assert hold.failures == 1
    assert client.counts()["dropped"] == {}


def _answered():
    from declarant._pace import Pace

    pace = Pace()
    pace.note_answer(0.01)
    return pace
