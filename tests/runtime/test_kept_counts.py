"""Counts outlive the processes that made them."""

from __future__ import annotations

import json

import pytest

from declarant import counts
from declarant._kept_counts import purge_counted
from declarant._ledger import Ledger
from declarant._losses import Losses, read_record, tally
from declarant._outcome import DropReason
from declarant._store import OfflineStore
from declarant.cli import main
from modelkit_events import CATALOGUE


def kept(folder):
    return counts.kept(CATALOGUE, store_folder=folder)


def test_what_a_field_costs_is_kept(make_client, emit, folder, collector):
    """Before a sender ran, after it, and from one run to the next."""
    for waiting in (1, 2):
        client = make_client(app_version="not a version", endpoint=collector.url)
        emit(client)
        client.close()
        assert kept(folder)["left_out"] == {"app.ver": waiting}
        assert kept(folder)["waiting"] == {"events": waiting}

    client = make_client(endpoint=collector.url)
    assert client.flush()
    emit(client)
    client.close()

    assert kept(folder)["left_out"] == {"app.ver": 2}
    assert kept(folder)["accepted"] == {"events": 2}


def test_records_are_no_events(make_client, emit, folder, collector):
    """They are neither sent, nor shown as waiting, nor lost when segments are merged."""
    for _ in range(3):
        client = make_client(app_version="not a version", endpoint=collector.url)
        emit(client, duration_ms=-1)
        emit(client)
        client.close()
    store = OfflineStore(str(folder))

    assert kept(folder)["waiting"] == {"events": 3}
    client = make_client(endpoint=collector.url)
    assert client.flush()

    assert len(collector.accepted()) == 3
    assert store.segments() == []
    assert kept(folder)["dropped"] == {"INVALID_EVENT": 3}
    # Counted when the envelope is made, whatever becomes of the event.
    assert kept(folder)["left_out"] == {"app.ver": 6}


def test_a_dropped_segments_records_are_taken_over(make_client, emit, folder):
    """A full store drops events and no counts."""
    client = make_client(app_version="not a version")
    emit(client)
    client.close()
    found = []

    OfflineStore(str(folder), max_bytes=1).enforce_bounds(lambda *both: found.extend(both))

    assert [losses.counts() for losses in found] == [
        {"dropped": {"STORE_FULL": 1}, "left_out": {}},
        {"dropped": {}, "left_out": {"app.ver": 1}},
    ]


def test_a_drop_is_counted_once_however_often_its_record_moves(make_client, emit, folder, store):
    """A store that stays full drops the records of earlier drops as well, again and again."""
    client = make_client()
    store.max_bytes = 1
    for number in range(1, 6):
        emit(client)
        client._writer.seal()
        store.enforce_bounds(client._drops.take_over)
        client._record_drops()
        client._writer.seal()

        assert client.dropped == {"STORE_FULL": number}
        assert kept(folder)["dropped"] == {"STORE_FULL": number}


@pytest.mark.parametrize(
    "line",
    [
        b'{"declarant_left_out":"app.ver"}',
        b'{"declarant_left_out":"app.ver","count":0}',
        b'{"declarant_left_out":"app.ver","count":true}',
        b'{"declarant_left_out":"","count":1}',
        b'{"declarant_left_out":"a b","count":1}',
        b'{"declarant_left_out":"' + b"a" * 1000 + b'","count":1}',
        b'{"declarant_left_out":"app',
        b'{"declarant_drop":"NO_SUCH","event":"","count":1}',
        b'{"declarant_drop":"INTERNAL","event":""}',
        b'{"declarant_drop":"' + b"[" * 100_000,
    ],
)
def test_a_damaged_record_is_one_damaged_line(line):
    """Whoever can write to the store can write anything."""
    losses = Losses()

    read_record(line, losses)

    assert losses.counts() == {"dropped": {"CORRUPT": 1}, "left_out": {}}
    assert tally([line + b"\n"])[0] == 0


def test_a_purge_keeps_what_was_counted(make_client, emit, folder):
    """What it deletes is counted as such, and what was lost before stays counted."""
    client = make_client()
    emit(client)
    emit(client)
    emit(client, duration_ms=-1)

    assert purge_counted(OfflineStore(str(folder))) == 2

    assert kept(folder)["dropped"] == {"PURGED": 2, "INVALID_EVENT": 1}
    assert kept(folder)["waiting"] == {"events": 0}


def test_a_purge_of_nothing_makes_nothing(folder):
    """Where no store is, none is made."""
    assert purge_counted(OfflineStore(str(folder))) == 0
    assert not folder.exists()


def test_a_purge_beside_a_sender_that_hangs_is_done_all_the_same(
    make_client, emit, folder, collector
):
    """Events go at once; what the sender's ledger cannot take is written down beside it."""
    emit(make_client())
    sender = Ledger(str(folder))
    assert sender.lock()

    assert purge_counted(OfflineStore(str(folder))) == 1

    sender.unlock()
    assert kept(folder)["waiting"] == {"events": 0}
    assert kept(folder)["dropped"] == {"PURGED": 1}
    # Whoever sends next takes it in, and whoever deletes again loses none of it.
    assert purge_counted(OfflineStore(str(folder))) == 0
    assert kept(folder)["dropped"] == {"PURGED": 1}
    make_client(endpoint=collector.url).flush()
    assert kept(folder)["dropped"] == {"PURGED": 1}


def test_status_tells_the_counts(make_client, emit, folder, capsys):
    """As JSON and in words; no event stands in it."""
    client = make_client(app_version="not a version")
    emit(client, action_name="quantize")
    emit(client, duration_ms=-1)
    client.close()

    assert main(["status", "modelkit_events", "--store", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["store"], told["counts"]) == (str(folder), kept(folder))

    assert main(["status", "modelkit_events", "--store", str(folder)]) == 0
    assert [
        f"1 waiting in {folder}",
        "0 accepted so far",
        "1 dropped, INVALID_EVENT: the event does not fit its schema",
        "2 without ext.app.ver: its value did not fit its schema",
    ] == capsys.readouterr().out.splitlines()[-4:]


def test_drops_of_a_client_that_is_off_are_its_own(make_client, emit, folder):
    """Without consent nothing is kept, counts included."""
    client = make_client(consent="denied")
    emit(client)
    client.close()

    assert client.dropped == {DropReason.CONSENT_OFF: 1}
    assert not folder.exists()
