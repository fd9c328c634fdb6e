"""One pass: batches, outcomes, settlement and counts, against a real collector."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from declarant import DropReason, _locks
from declarant._counts import store_counts
from declarant._ledger import OTHER, Ledger
from declarant._limits import MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_REFUSAL_REASONS
from declarant._pace import Pace
from declarant._pass import run_pass
from declarant._segments import header, new_name, open_segment
from declarant._sender import deadline
from declarant._transport import OUT_OF_TIME
from declarant._twin_file import Twin
from modelkit_events import CATALOGUE

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210-11111111-2222-3333-4444-555555555555-7000"


@pytest.fixture
def rewrite(store):
    """Change the text of the only segment."""

    def change(*pairs):
        (name,) = store.segments()
        content = Path(store.path(name)).read_bytes()
        for old, new in pairs:
            assert old in content
            content = content.replace(old, new)
        Path(store.path(name)).write_bytes(content)

    return change


def numbers(collector):
    return [json.loads(e.text)["data"]["duration_ms"] for e in collector.accepted()]


def no_hold(store):
    Ledger(store.folder).release_hold()


def test_everything_arrives_once_and_in_order(make_client, emit, collector, store):
    """The sent bytes are the stored bytes."""
    client = make_client(endpoint=collector.url)
    for number in range(7):
        emit(client, duration_ms=number)
    client._writer.seal()
    lines = [line for content in store.waiting() for line in content.split(b"\n")[:-1]]

    assert client.flush()

    assert [event.text.encode() for event in collector.accepted()] == lines
    assert store.segments() == []
    assert client.counts() == {
        "accepted": {"events": 7},
        "waiting": {"events": 0},
        "dropped": {},
        "refused": {},
        "left_out": {},
    }


def test_batches_keep_to_the_number_of_events(make_client, emit, collector):
    """No request holds more than the collector takes."""
    client = make_client(endpoint=collector.url)
    for _ in range(MAX_BATCH_EVENTS + 1):
        emit(client)

    assert client.flush()

    per_request = [sum(e.request == r for e in collector.accepted()) for r in (1, 2)]
    assert per_request == [MAX_BATCH_EVENTS, 1]


def test_batches_keep_to_the_number_of_bytes(store, folder):
    """Bytes are counted as they are sent, separators included."""
    from declarant._batches import SegmentReader

    folder.mkdir()
    line = b'{"ver":"4.0","name":"X","time":"","iKey":"o:bb","data":{"x":"' + b"y" * 50_000 + b'"}}'
    content = header(CATALOGUE.generation, "bb") + (line + b"\n") * 70
    _locks.free(open_segment(str(folder), new_name(), content))
    (lease,) = store.leases()

    batches = list(SegmentReader(lease, CATALOGUE, "bb").batches())

    lease.release()
    assert sum(len(batch.lines) for batch in batches) == 70
    assert len(batches) == 2
    assert all(len(b"\n".join(batch.lines)) <= MAX_BATCH_BYTES for batch in batches)


def test_an_idle_pass_makes_nothing(make_client, folder):
    """Flushing an empty store does not even lock it."""
    client = make_client()

    assert client.flush()
    assert not (folder / "sender.lock").exists()


def test_rejected_events_are_counted_and_never_sent_again(make_client, emit, scripted, store):
    """The collector lists one of three."""
    running = scripted({"throttle": [1]})
    client = make_client(endpoint=running.url)
    for number in range(3):
        emit(client, duration_ms=number)

    assert client.flush()
    assert client.flush()

    assert numbers(running) == [0, 2]
    assert len(running.requests()) == 1
    counts = client.counts()
    assert counts["accepted"] == {"events": 2}
    assert counts["dropped"] == {"REJECTED": 1}
    assert counts["refused"] == {"EventLevelThrottling": 1}
    assert store.segments() == []


def test_refusals_without_an_index_are_no_acceptance(make_client, emit, scripted, store):
    """An answer that only counts them is believed."""
    running = scripted({"status": 200, "body": {"acc": 1, "rej": 2}})
    client = make_client(endpoint=running.url)
    for number in range(3):
        emit(client, duration_ms=number)

    assert client.flush()

    counts = client.counts()
    assert counts["accepted"] == {"events": 1}
    assert counts["dropped"] == {"REJECTED": 2}
    assert counts["refused"] == {"unnamed": 2}
    assert store.segments() == []


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 415, 501, 505])
def test_final_answers_drop_and_count(make_client, emit, scripted, status):
    """What no repetition mends is not repeated."""
    running = scripted({"status": status, "body": ""})
    client = make_client(endpoint=running.url)
    emit(client)

    assert client.flush()

    assert client.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 1}
    assert len(running.requests()) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_later_answers_keep_the_events(make_client, emit, scripted, store, status):
    """The same bytes come again once the backoff is over, and each event counts once."""
    running = scripted({"when": {"request": 1}, "status": status, "body": ""})
    client = make_client(endpoint=running.url)
    emit(client, duration_ms=1)
    emit(client, duration_ms=-1)

    assert not client.flush()
    assert 3.0 < Ledger(store.folder).held_s() <= 6.0
    assert not client.flush()
    assert len(running.requests()) == 1
    assert client.counts()["dropped"] == {"INVALID_EVENT": 1}

    no_hold(store)
    assert client.flush()
    assert numbers(running) == [1]
    assert client.counts()["dropped"] == {"INVALID_EVENT": 1}
    assert client.counts()["accepted"] == {"events": 1}


def test_the_backoff_doubles_and_is_forgotten_after_an_answer(store):
    """Each step is drawn from its own range, up to a last one."""
    from declarant._sender import Report, _set_backoff
    from declarant._transport import SendOutcome

    ledger = Ledger(store.folder)
    assert ledger.lock()
    failed, answered = Report(), Report()
    failed.retry = SendOutcome("retry", reason="503")
    answered.accepted = 1
    for first in (3, 6, 12, 24, 48, 96, 192, 300, 300):
        _set_backoff(ledger, failed)
        assert first - 1 < ledger.held_s() <= 2 * first
    _set_backoff(ledger, answered)

    assert ledger.held_s() == 0
    assert ledger.failures() == 0
    ledger.unlock()


def test_running_out_of_time_holds_nobody_back(make_client, emit, collector, store):
    """It says nothing about the collector."""
    client = make_client(endpoint=collector.url)
    emit(client)

    assert not client.flush(0)
    assert Ledger(store.folder).held_s() == 0
    assert client.flush()


@pytest.fixture
def sent_within(make_client, emit, store, key):
    """Emit 1,000 events and send them in one pass with a clock of the test's own."""

    def run(url, seconds_left):
        client = make_client(endpoint=url)
        for number in range(1000):
            emit(client, duration_ms=number)
        client.close()
        return run_pass(CATALOGUE, client.settings, store, 0, seconds_left=seconds_left)

    return run


def after_answer(store, then):
    """Return a clock: plenty of time until an answer is noted, then what *then* says."""
    return lambda: then() if Ledger(store.folder).counts()["accepted"] else 4.0


def test_no_request_starts_that_the_time_cannot_hold(sent_within, scripted, store):
    """What the deadline would cut may have arrived: it waits for the next pass, unsent."""
    running = scripted({"delay_ms": 300})

    report = sent_within(running.url, after_answer(store, lambda: 0.3))

    assert len(running.requests()) == 1
    assert report.retry.reason == OUT_OF_TIME
    assert Ledger(store.folder).held_s() == 0


def test_requests_are_small_at_first_while_time_is_short(sent_within, collector):
    """Few events can arrive twice if the very first request is cut; each answer allows more."""
    report = sent_within(collector.url, lambda: 4.0)

    sizes = [sum(e.request == r for e in collector.accepted()) for r in range(1, 5)]
    assert sizes == [50, 200, 500, 250]
    assert report.complete
    assert numbers(collector) == list(range(1000))


def test_a_cut_by_our_own_deadline_is_no_failure_of_a_collector_that_answers(
    sent_within, scripted, store
):
    """The next pass may try at once."""
    running = scripted({"when": {"request": [2, None]}, "connection": "black_hole"})
    ends = []

    def two_seconds():
        ends.append(time.monotonic() + 2.0)
        return ends[0] - time.monotonic()

    report = sent_within(running.url, after_answer(store, two_seconds))

    assert len(running.requests()) == 2
    assert (report.retry.reason, report.accepted) == (OUT_OF_TIME, 50)
    assert Ledger(store.folder).held_s() == 0


def test_a_cut_of_the_first_request_ever_is_a_failure(sent_within, scripted, store):
    """A collector that was never heard is not tried by every command anew."""
    running = scripted({"connection": "black_hole"})

    sent_within(running.url, deadline(1.0))

    assert Ledger(store.folder).held_s() > 0


def test_one_slow_request_does_not_end_sending_for_ever():
    """A process that always has little time tries again a few passes later."""
    pace = Pace()
    pace.note_answer(8.0)

    assert [pace.allows(4.0) for _ in range(4)] == [False, False, True, True]


def test_too_large_is_split_until_it_fits(make_client, emit, scripted):
    """413 for any request of more than one event: each arrives alone."""
    running = scripted({"when": {"request": [1, 3]}, "status": 413, "body": ""})
    client = make_client(endpoint=running.url)
    for number in range(4):
        emit(client, duration_ms=number)

    assert client.flush()

    # 1: all four; 2: the first half; 3: the first event alone, which is dropped.
    assert numbers(running) == [1, 2, 3]
    assert client.counts()["dropped"] == {"SIZE_LIMIT_EXCEEDED": 1}


def test_half_of_a_split_batch_that_arrived_is_not_sent_again(make_client, emit, scripted, store):
    """The first half is settled although the second has to wait."""
    running = scripted(
        {"when": {"request": 1}, "status": 413, "body": ""},
        {"when": {"request": 3}, "status": 503, "body": ""},
    )
    client = make_client(endpoint=running.url)
    for number in range(4):
        emit(client, duration_ms=number)

    assert not client.flush()
    assert client.counts()["accepted"] == {"events": 2}
    no_hold(store)
    assert client.flush()

    assert numbers(running) == [0, 1, 2, 3]
    assert client.counts()["accepted"] == {"events": 4}


def test_damaged_lines_are_counted_once_and_the_rest_arrives(
    make_client, emit, scripted, store, rewrite
):
    """CORRUPT is counted when it is settled, not each time it is seen."""
    running = scripted({"when": {"request": 1}, "status": 503, "body": ""})
    client = make_client(endpoint=running.url)
    for number in (11, 22, 33):
        emit(client, duration_ms=number)
    client._writer.seal()
    rewrite((b'"duration_ms":22,"success":true}}', b'"duration_ms":22,"succ'))

    assert not client.flush()
    no_hold(store)
    assert client.flush()

    assert numbers(running) == [11, 33]
    assert client.counts()["dropped"] == {"CORRUPT": 1}


@pytest.mark.parametrize("lost", [b"\0\0\0\0", b"\xff\xfe\xfd\xfc", b"\xc3(ab"])
def test_a_line_of_which_a_disk_lost_the_middle_is_corrupt(
    make_client, emit, collector, rewrite, lost
):
    """Its two ends are whole; neither zeros nor what is no UTF-8 goes into a request."""
    client = make_client(endpoint=collector.url)
    for number in (11, 2222, 33):
        emit(client, duration_ms=number)
    client._writer.seal()
    rewrite((b"2222", lost))

    assert client.flush()

    assert numbers(collector) == [11, 33]
    assert client.counts()["dropped"] == {"CORRUPT": 1}


@pytest.mark.parametrize(("damaged", "counted_first"), [(10, {"CORRUPT": 1}), (12, {})])
def test_a_drop_is_counted_with_the_part_it_lies_in(
    make_client, emit, scripted, store, rewrite, damaged, counted_first
):
    """Of a split batch the first half is settled; a damaged line counts once, with its half."""
    running = scripted(
        {"when": {"request": 1}, "status": 413, "body": ""},
        {"when": {"request": 3}, "status": 503, "body": ""},
    )
    client = make_client(endpoint=running.url)
    for number in (10, 11, 12, 13):
        emit(client, duration_ms=number)
    client._writer.seal()
    rewrite((b'"duration_ms":%d,"success":true}}' % damaged, b'"duration_ms":%d,"succ' % damaged))

    assert not client.flush()
    assert client.counts()["dropped"] == counted_first
    no_hold(store)
    assert client.flush()

    assert client.counts()["dropped"] == {"CORRUPT": 1}
    assert numbers(running) == [n for n in (10, 11, 12, 13) if n != damaged]


def test_a_drop_counts_once_however_many_parts_follow(make_client, emit, scripted, rewrite):
    """Both halves of a split batch are settled in one pass, the damaged line with the first."""
    running = scripted({"when": {"request": 1}, "status": 413, "body": ""})
    client = make_client(endpoint=running.url)
    for number in (10, 11, 12):
        emit(client, duration_ms=number)
    client._writer.seal()
    rewrite((b'"duration_ms":10,"success":true}}', b'"duration_ms":10,"succ'))

    assert client.flush()
    assert client.counts()["dropped"] == {"CORRUPT": 1}
    assert numbers(running) == [11, 12]


def test_a_torn_last_line_is_counted(make_client, emit, collector, rewrite):
    """Its process died in the middle of the write."""
    client = make_client(endpoint=collector.url)
    emit(client)
    client._writer.seal()
    rewrite((b"}}\n", b'}}\n{"ver":"4.0","na'))

    assert client.flush()
    assert client.counts()["dropped"] == {"CORRUPT": 1}
    assert len(collector.accepted()) == 1


def test_another_generation_is_checked_again(make_client, emit, collector, rewrite):
    """A field or a value that is no longer declared does not outlive its withdrawal."""
    client = make_client(endpoint=collector.url)
    emit(client, action_name="first")
    emit(client, action_name="second")
    client._writer.seal()
    rewrite(
        (CATALOGUE.generation.encode(), b"0" * 64),
        (b'"action_name":"first"', b'"action_name":"first","withdrawn":1'),
    )

    assert client.flush()

    (arrived,) = collector.accepted()
    assert json.loads(arrived.text)["data"]["action_name"] == "second"
    assert client.counts()["dropped"] == {"WITHDRAWN": 1}


@pytest.mark.parametrize(
    ("written", "changed", "reason"),
    [
        (b'"data":{', b'"data":{"withdrawn":"text"},"data":{', "CORRUPT"),
        (b'"data":{', b'"data":{"action_name":"text",', "CORRUPT"),
        (b'"ext":{', b'"ext":{"user":{"name":"text"}},"ext":{', "CORRUPT"),
        (b'"ver":"4.0"', b'"ver":"text"', "WITHDRAWN"),
        (b'"time":"', b'"time":"text', "WITHDRAWN"),
    ],
)
def test_nothing_hides_in_a_line_of_another_generation(
    make_client, emit, raw_server, rewrite, written, changed, reason
):
    """Behind a name that stands twice, or in a place that no schema speaks of."""
    client = make_client(endpoint=raw_server(lambda connection: pytest.fail("sent")))
    emit(client)
    client._writer.seal()
    rewrite((CATALOGUE.generation.encode(), b"0" * 64), (written, changed))

    assert client.flush()
    assert client.counts()["dropped"] == {reason: 1}


def test_an_unknown_event_of_another_generation_is_withdrawn(make_client, emit, collector, rewrite):
    """The event itself may be gone."""
    client = make_client(endpoint=collector.url)
    emit(client)
    client._writer.seal()
    rewrite((CATALOGUE.generation.encode(), b"0" * 64), (b'"ModelKitAction"', b'"ModelKitOldest"'))

    assert client.flush()
    assert client.counts()["dropped"] == {"WITHDRAWN": 1}


def test_events_of_another_tenant_are_dropped(make_client, emit, collector):
    """A new key does not send what was stored under the old one."""
    first = make_client(endpoint=collector.url)
    emit(first)
    first.close()
    second = make_client(endpoint=collector.url, ikey=OTHER_KEY)

    assert second.flush()
    assert second.counts()["dropped"] == {"KEY_CHANGED": 1}
    assert collector.accepted() == []


def test_old_events_are_dropped_by_the_sender(make_client, emit, collector, store):
    """TOO_OLD is counted for good."""
    import os

    client = make_client(endpoint=collector.url)
    emit(client)
    client._writer.seal()
    (name,) = store.segments()
    os.utime(store.path(name), (1, 1))

    assert client.flush()
    assert client.counts()["dropped"] == {"TOO_OLD": 1}
    assert collector.accepted() == []


def test_a_full_store_is_counted_on_disk(make_client, emit, store):
    """STORE_FULL is recorded by the process that made room."""
    first = make_client()
    for number in range(5):
        emit(first, duration_ms=number)
    first.close()
    second = make_client()
    second._store.max_bytes = 1
    emit(second)
    second.close()

    counts = store_counts(store)
    assert counts["dropped"] == {"STORE_FULL": 5}
    assert counts["waiting"] == {"events": 1}
    assert second.dropped == {DropReason.STORE_FULL: 5}


def test_what_a_dead_sender_counted_is_settled_first(make_client, emit, collector, store):
    """The ledger's position wins over the segment's."""
    client = make_client(endpoint=collector.url)
    for number in range(3):
        emit(client, duration_ms=number)
    client._writer.seal()
    (name,) = store.segments()
    lease = store.lease(name)
    (_, first_end), *_ = lease.lines()
    lease.release()
    Ledger(store.folder).record({"accepted": {"events": 1}}, name, first_end)

    assert client.flush()

    assert numbers(collector) == [1, 2]
    assert client.counts()["accepted"] == {"events": 3}


def test_a_segment_that_cannot_be_settled_is_not_sent(make_client, emit, collector, monkeypatch):
    """It would be sent again for ever."""
    from declarant._lease import Lease

    client = make_client(endpoint=collector.url)
    emit(client)

    def refused(self, offset):
        raise OSError(30, "read-only")

    monkeypatch.setattr(Lease, "settle", refused)

    assert not client.flush()
    assert collector.accepted() == []


def test_a_full_disk_can_still_be_emptied(make_client, emit, collector, store, monkeypatch):
    """Counts that cannot be written wait in memory; sending goes on."""
    client = make_client(endpoint=collector.url)
    emit(client)
    client._writer.seal()
    monkeypatch.setattr(Ledger, "_write", lambda self, name, content: False)

    assert client.flush()
    assert len(collector.accepted()) == 1
    assert store.segments() == []


def test_a_busy_store_is_waited_for(make_client, emit, collector, store):
    """A flush gives up only when its time is over."""
    client = make_client(endpoint=collector.url)
    emit(client)
    other = Ledger(store.folder)
    assert other.lock()

    assert not client.flush(0.05)
    other.unlock()
    assert client.flush()


def test_the_hold_of_a_stepped_clock_is_not_believed(store, folder):
    """A hold far in the future, or no number at all, keeps nobody quiet."""
    folder.mkdir()
    ledger = Ledger(store.folder)
    for text in (f"{time.time() + 1e6} 3\n", "nan 1", "inf 1", "x", "", "1 2 3", "\0" * 40):
        (folder / "hold-until").write_text(text)
        assert ledger.held_s() == 0


@pytest.mark.parametrize(
    ("until", "asked", "since", "held"),
    [
        (50, 0, -1, True),
        (50, 40, -1, True),
        (50, 0, 30, True),
        (50, 0, 3_600, False),
        (-1, 0, -50, False),
        (80_000, 80_000, -1, True),
        (80_000, 80_000, -50_000, False),
        (1e6, 1e6, -1, False),
    ],
)
def test_a_hold_is_believed_within_reason(store, folder, until, asked, since, held):
    """One that was noted in the future, by a clock since set back, or lasts too long is not."""
    folder.mkdir()
    now = time.time()
    (folder / "hold-until").write_text(
        f"{now + until} 4 {now + asked if asked else 0} {now + since}\n"
    )
    ledger = Ledger(store.folder)

    assert (ledger.held_s() > 0) == held
    assert (ledger.asked_s() > 0) == (held and asked > 0)
    assert ledger.failures() == 4


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"accepted":3}',
        '{"accepted":{"events":"x"}}',
        "[" * 100_000,
        '{"settled":{}}',
    ],
)
@pytest.mark.parametrize("is_whole", [False, True], ids=["as it is", "as if written by us"])
def test_damaged_counts_start_again(store, folder, content, is_whole):
    """No content of that file stops a sender."""
    folder.mkdir()
    if is_whole:
        assert Twin(str(folder / "counts")).write(content)
    else:
        (folder / "counts").write_text(content)
    ledger = Ledger(store.folder)

    ledger.record({"accepted": {"events": 2}}, "x", 1)

    assert ledger.counts() == {
        "accepted": {"events": 2},
        "dropped": {},
        "refused": {},
        "left_out": {},
    }


def test_the_ledger_keeps_few_different_refusals(store, folder):
    """They are words from outside."""
    folder.mkdir()
    ledger = Ledger(store.folder)
    for number in range(100):
        ledger.record({"refused": {f"Reason{number}": 1}}, "", 0)

    refused = ledger.counts()["refused"]
    assert len(refused) == MAX_REFUSAL_REASONS + 1
    assert refused[OTHER] == 100 - MAX_REFUSAL_REASONS
