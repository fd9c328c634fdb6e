"""Delivery from a thread, inside a host that lives on."""

from __future__ import annotations

import linecache
import queue
import sys
import threading
import time
from unittest import mock

import pytest

from declarant import _thread
from declarant._delivery import sending_s
from declarant._ledger import Ledger


def wait_until(is_so):
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


def senders():
    """Return how many senders run; what a handler kept from being started is none."""
    return sum(t.is_alive() and t.name == "declarant-sender" for t in threading.enumerate())


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

    assert senders() == 1


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


class TooLate(Exception):  # noqa: N818  it says what happened
    """What a handler of the host's raises."""


class Handler:
    """Raises once, at the line of ours or of the standard library's threads that is chosen.

    Not at `with` and `try` themselves: a debugger can stop there outside of what they guard, and no
    signal's handler can.
    """

    def __init__(self, chosen: int) -> None:
        self.chosen = chosen
        self.seen = 0

    def __call__(self, frame, event, _):
        if frame.f_code.co_filename not in (_thread.__file__, threading.__file__, queue.__file__):
            return None
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and not line.lstrip().startswith(("with ", "try:")):
            self.seen += 1
            if self.seen == self.chosen:
                raise TooLate
        return self


def in_time(call):
    """Return what *call* returns in another thread: one that waits for ever must not hold us up."""
    found = []
    thread = threading.Thread(target=lambda: found.append(call()), daemon=True)
    thread.start()
    thread.join(60)
    assert found, "it waits for ever"
    return found[0]


def interrupted(handler, call):
    """Do *call*, and return whether the handler ended it.

    In a thread of its own: CPython 3.11 leaves the exception that an `except` handles as the
    thread's current one, if a trace function raises at the handler's end.
    """

    def watched():
        sys.settrace(handler)
        try:
            call()
        except TooLate:
            return True
        finally:
            sys.settrace(None)
        return False

    return in_time(watched)


def is_usable_after(client, emit, what, chosen):
    """Interrupt *what* at one line, use *client* on, and return whether there was such a line."""
    delivery = client._delivery
    if what != "start":
        emit(client)
    calls = {"start": delivery.start, "flush": lambda: delivery.flush(60), "close": delivery.close}
    was_interrupted = interrupted(Handler(chosen), calls[what])
    if what != "close":
        assert in_time(lambda: emit(client))
        assert in_time(lambda: client.flush(60))
    in_time(lambda: [client.close()])
    return was_interrupted


@pytest.mark.parametrize("what", ["start", "flush", "close"])
def test_a_handler_that_raises_anywhere_leaves_no_lock_behind(make_client, emit, collector, what):
    """Whichever line of the host's main thread a signal comes at."""
    settings = {"endpoint": collector.url, "flush_interval_s": 0.05, "exit_budget_s": 30}
    chosen = 1
    while is_usable_after(make_client(delivery="thread", **settings), emit, what, chosen):
        chosen += 1
    assert chosen > 5
    wait_until(lambda: senders() == 0)


def test_a_start_that_a_handler_ends_leaves_one_sender(make_client, emit, collector):
    """The thread that ran all the same is nobody's: it ends at its next turn."""
    client = make_client(delivery="thread", endpoint=collector.url, flush_interval_s=0.01)
    delivery = client._delivery
    started = threading.Thread.start

    def start(thread):
        started(thread)
        raise TooLate

    with mock.patch.object(threading.Thread, "start", start), pytest.raises(TooLate):
        delivery.start()
    assert emit(client)
    assert client.flush(60)

    wait_until(lambda: senders() == 1)


@pytest.mark.parametrize("budget", [0.0, 0.01, 0.3, 2.0, 1000.0])
def test_sending_takes_less_than_the_budget_of_an_exit(budget):
    """What is left notes how far it came; nothing here measures time."""
    left = budget - sending_s(budget)
    assert 0.0 <= left <= min(budget, 0.05 + 1e-9)
    assert left > 0.0 or budget == 0.0
