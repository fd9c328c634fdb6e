"""One bad event never costs its neighbours: refused batches against a collector that judges."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from declarant import _isolation
from declarant._limits import ISOLATION_REFUSALS, MAX_BATCH_EVENTS

#: An ext field that Common Schema 4.0 does not know fails the whole request (facts A05, A07).
POISON = (b'"os":{', b'"os":{"release":"x",')
#: A localId without its scope is refused by its index (facts A11).
UNSCOPED = (b'"localId":"r:', b'"localId":"')


@pytest.fixture
def spoil(make_client, emit, store):
    """Store events of a client, some of them spoilt on disk; return the client."""

    def make(url, count, places, change=POISON):
        client = make_client(endpoint=url)
        for number in range(count):
            assert emit(client, duration_ms=number)
        client._writer.seal()
        (name,) = store.segments()
        head, *lines = Path(store.path(name)).read_bytes().split(b"\n")
        for place in places:
            assert change[0] in lines[place]
            lines[place] = lines[place].replace(*change)
        Path(store.path(name)).write_bytes(b"\n".join([head, *lines]))
        return client

    return make


def others(count, places):
    return [number for number in range(count) if number not in places]


@pytest.mark.parametrize("place", [0, 1, 17, 36])
def test_one_poisoned_event_costs_no_other(spoil, collector, arrived, store, place):
    """A parse failure of all is bisected until it stands alone."""
    client = spoil(collector.url, 37, [place])

    assert client.flush()

    assert arrived(collector) == others(37, [place])
    counts = client.counts()
    assert counts["accepted"] == {"events": 36}
    assert counts["dropped"] == {"REJECTED": 1}
    assert counts["refused"] == {"InvalidEventFormat": 1}
    # Itself and two for each halving of 37.
    assert len(collector.requests()) <= 13
    assert store.segments() == []


def test_a_full_batch_needs_few_requests(spoil, collector, arrived):
    """Two for each halving."""
    client = spoil(collector.url, MAX_BATCH_EVENTS, [333])

    assert client.flush()
    assert arrived(collector) == others(MAX_BATCH_EVENTS, [333])
    assert len(collector.requests()) <= 19


@pytest.mark.parametrize("seed", range(6))
def test_any_poisoned_events_cost_no_others(spoil, collector, arrived, seed):
    """Wherever and however many they are, as long as the collector takes some in between."""
    draw = random.Random(seed)
    count = draw.randrange(2, 60)
    places = draw.sample(range(count), draw.randrange(1, min(count, 20) + 1))
    client = spoil(collector.url, count, places)

    assert client.flush()
    assert arrived(collector) == others(count, places)
    assert client.counts()["dropped"] == {"REJECTED": len(places)}
    assert len(collector.requests()) < 2 * count


def test_named_events_are_refused_and_not_looked_for(spoil, collector, arrived):
    """Validation failures come by index: one request settles all."""
    client = spoil(collector.url, 20, [3, 11], UNSCOPED)

    assert client.flush()
    assert arrived(collector) == others(20, [3, 11])
    assert client.counts()["refused"] == {"InvalidDeviceLocalId": 2}
    assert len(collector.requests()) == 1


def test_all_named_under_a_400_is_one_request(spoil, collector):
    """A11, A12: each is named, each is dropped with its reason."""
    client = spoil(collector.url, 9, range(9), UNSCOPED)

    assert client.flush()
    assert len(collector.requests()) == 1
    assert client.counts()["dropped"] == {"REJECTED": 9}
    assert client.counts()["refused"] == {"InvalidDeviceLocalId": 9}


def test_neighbours_of_named_events_are_sent_again(spoil, scripted, arrived):
    """A 400 that names only some refused the others for their sake."""
    running = scripted(
        {"when": {"request": 1}, "status": 400, "body": {"acc": 0, "efi": {"Odd": [1, 4]}}}
    )
    client = spoil(running.url, 6, [])

    assert client.flush()
    assert arrived(running) == [0, 2, 3, 5]
    assert client.counts()["dropped"] == {"REJECTED": 2}
    assert client.counts()["refused"] == {"Odd": 2}
    assert len(running.requests()) == 2


def test_neighbours_that_may_have_been_taken_are_not_sent_again(spoil, scripted):
    """A 400 that counts accepted events contradicts itself; doubles would be worse."""
    running = scripted({"status": 400, "body": {"acc": 4, "rej": 2, "efi": {"Odd": [1, 4]}}})
    client = spoil(running.url, 6, [])

    assert client.flush()
    assert len(running.requests()) == 1
    assert client.counts()["dropped"] == {"REJECTED": 2, "NON_RETRYABLE_STATUS": 4}


@pytest.mark.parametrize("reason", ["InvalidTenantToken", "TokenCrackingFailure"])
def test_a_failure_of_the_key_is_not_looked_for(spoil, scripted, reason):
    """All events have the same one."""
    running = scripted({"status": 400, "body": {"acc": 0, "efi": {reason: "all"}}})
    client = spoil(running.url, 6, [])

    assert client.flush()
    assert len(running.requests()) == 1
    assert client.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 6}


def test_a_catalogue_of_which_nothing_is_taken_is_given_up(spoil, collector, store):
    """Not two requests for each event: the search ends, and the next batches cost one each."""
    count = 2 * MAX_BATCH_EVENTS + 10
    client = spoil(collector.url, count, range(count))

    assert client.flush()

    # Nine halvings leave at most nine parts that are sent whole.
    assert ISOLATION_REFUSALS <= len(collector.requests()) <= ISOLATION_REFUSALS + 9 + 2
    dropped = client.counts()["dropped"]
    assert sum(dropped.values()) == count
    assert dropped["REJECTED"] > 20
    assert store.segments() == []


def test_a_batch_behind_what_was_given_up_is_isolated_again(spoil, scripted, collector, arrived):
    """An acceptance shows that the collector is not against everything."""
    bad = range(MAX_BATCH_EVENTS)
    late = [MAX_BATCH_EVENTS * 2 + 5]
    client = spoil(collector.url, 3 * MAX_BATCH_EVENTS, [*bad, *late])

    assert client.flush()
    assert arrived(collector) == others(3 * MAX_BATCH_EVENTS, [*bad, *late])


def test_many_poisoned_events_in_a_row_cost_few_others(spoil, collector, arrived):
    """The parts that are not yet sent when the search ends are sent whole: clean ones arrive."""
    client = spoil(collector.url, MAX_BATCH_EVENTS, range(40))

    assert client.flush()
    assert set(arrived(collector)) >= set(range(64, MAX_BATCH_EVENTS))


def test_what_a_pass_cannot_finish_waits_for_the_next(spoil, collector, arrived, hold, monkeypatch):
    """The requests of one pass are bounded; each goes on where the last one stopped."""
    monkeypatch.setattr(_isolation, "ISOLATION_REQUESTS", 8)
    places = list(range(0, 40, 3))
    client = spoil(collector.url, 40, places)

    passes = 1
    while not client.flush():
        assert hold.failures == passes
        hold.run_out()
        passes += 1

    assert passes > 2
    assert arrived(collector) == others(40, places)
    assert client.counts()["dropped"] == {"REJECTED": len(places)}


def test_what_is_too_large_together_arrives_apart(spoil, scripted, arrived):
    """413 down to single events, each of which arrives."""
    from declarant_collector import Collector

    with Collector(max_request_bytes=1_000) as running:
        client = spoil(running.url, 9, [])
        assert client.flush()
        assert arrived(running) == list(range(9))

    assert client.counts()["accepted"] == {"events": 9}
    assert client.counts()["dropped"] == {}
