"""Delivery from a thread, inside a host that lives on."""

from __future__ import annotations

import threading
import time

from declarant._ledger import Ledger


def wait_until(is_so):
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


def test_events_are_sent_without_being_asked(make_client, emit, collector):
    """Every interval what waits is sent."""
    client = make_client(delivery="thread", endpoint=collector.url, flush_interval_s=0.01)
    for _ in range(3):
        emit(client)

    wait_until(lambda: len(collector.accepted()) == 3)


def test_no_thread_before_the_first_event(make_client):
    """A host that emits nothing pays for nothing."""
    before = threading.active_count()
    make_client(delivery="thread")

    assert threading.active_count() == before


def test_concurrent_first_events_start_one_thread(make_client, emit, collector):
    """However many threads emit first."""
    client = make_client(delivery="thread", endpoint=collector.url)
    barrier = threading.Barrier(8)

    def first():
        barrier.wait()
        emit(client)

    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    names = [thread.name for thread in threading.enumerate()]
    assert names.count("declarant-sender") == 1


def test_flush_covers_what_was_emitted_before_it(make_client, emit, collector):
    """A pass that was already under way does not count for it."""
    client = make_client(delivery="thread", endpoint=collector.url, flush_interval_s=0.0)
    for number in range(1, 51):
        emit(client)
        assert client.flush(30)
        assert len(collector.accepted()) == number


def test_close_sends_what_waits(make_client, emit, collector):
    """Within the exit budget."""
    client = make_client(
        delivery="thread", endpoint=collector.url, flush_interval_s=1000, exit_budget_s=30
    )
    emit(client)
    client.close()

    assert len(collector.accepted()) == 1
    assert client.flush()


def test_a_defect_of_the_sender_does_not_end_the_thread(
    make_client, emit, collector, monkeypatch, caplog
):
    """It says the class of the error, never its text, and goes on."""
    client = make_client(delivery="thread", endpoint=collector.url, flush_interval_s=1000)
    failing = [True]
    lock = Ledger.lock

    def fails(self):
        if failing:
            failing.clear()
            raise LookupError("a secret value")
        return lock(self)

    monkeypatch.setattr(Ledger, "lock", fails)
    with caplog.at_level("DEBUG", "declarant"):
        emit(client)
        assert not client.flush(30)

    assert "LookupError" in caplog.text
    assert "secret" not in caplog.text
    assert client.flush(30)
    assert len(collector.accepted()) == 1


def test_without_threads_events_wait_on_disk(make_client, emit, stored, monkeypatch):
    """Where no thread can be started, emitting works all the same."""

    def refused(self):
        raise RuntimeError("can't start new thread")

    client = make_client(delivery="thread")
    monkeypatch.setattr(threading.Thread, "start", refused)

    assert emit(client)
    client.close()
    assert len(stored()) == 1
