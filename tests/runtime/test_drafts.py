"""Drafts and releases of one product in one store: who keeps what where, and what is sent."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from functools import partial

import pytest

from declarant import Client, ConfigError, DropReason, Outcome
from declarant._drafts import DRAFT_FOLDER, store_place
from declarant._lease import Head
from declarant._merge import merge_small
from declarant._segments import header, make_folder
from declarant._settings import packaged_key
from declarant._store import OfflineStore
from declarant.gencode import Catalogue, EventType
from modelkit_events import CATALOGUE
from modelkit_events.model_kit_action import EVENT

ELSEWHERE = "https://collector.example.com/OneCollector/1.0/"


def copy_of(catalogue, **changes):
    members = ("package", "product", "generation", "endpoint", "ext", "events", "stamps")
    return Catalogue(**{**{name: getattr(catalogue, name) for name in members}, **changes})


@pytest.fixture
def draft():
    """ModelKit's catalogue as a draft declares it."""
    return copy_of(CATALOGUE, draft=True)


@pytest.fixture
def draft_folder(folder):
    return folder / DRAFT_FOLDER


@pytest.fixture
def make_draft(draft, make_client_of):
    """Make clients of the draft, on the same store as `make_client` does of the release."""
    return partial(make_client_of, draft)


@pytest.fixture
def no_sockets(monkeypatch):
    """Note every socket that is made; names and kinds, whatever becomes of it."""
    made = []
    new = socket.socket.__init__

    def noted(self, *arguments, **options):
        made.append(arguments)
        new(self, *arguments, **options)

    monkeypatch.setattr(socket.socket, "__init__", noted)
    return made


def test_the_note_of_sockets_is_taken(make_draft, emit, no_sockets):
    """A draft that may send is seen to try."""
    client = make_draft()
    assert emit(client)

    assert not client.flush(2)

    assert no_sockets


def segments(folder):
    return sorted(folder.glob("*.ndjson"))


def numbers(collector):
    return sorted(json.loads(e.text)["data"]["duration_ms"] for e in collector.accepted())


def test_a_draft_keeps_its_events_in_a_folder_of_its_own(make_client, make_draft, emit, folder):
    """One store folder for both; nothing of a draft lies where the release looks, nor its id."""
    for number, client in enumerate((make_client(), make_draft())):
        assert emit(client, duration_ms=number)
        client.close()

    (released,), (drafted,) = segments(folder), segments(folder / DRAFT_FOLDER)
    assert b'"duration_ms":0' in released.read_bytes()
    assert b'"duration_ms":1' in drafted.read_bytes()
    assert Head(drafted.read_bytes()).draft
    assert not Head(released.read_bytes()).draft
    ids = [place / "device-id.txt" for place in (folder, folder / DRAFT_FOLDER)]
    assert ids[0].read_bytes() != ids[1].read_bytes()


def test_by_default_the_folder_lies_in_the_platforms_place(make_draft, emit, tmp_path, draft):
    """A host that names no store has the same two folders."""
    client = make_draft(store_folder=None)

    assert emit(client)

    place = tmp_path / "state" / "modelkit" / "telemetry" / DRAFT_FOLDER
    assert client.settings.store_folder == str(place)
    assert segments(place)


def test_the_header_says_draft_and_a_releases_does_not_change():
    """The mark stands before what a damaged line could lose, and is absent otherwise."""
    start = '{"declarant_segment":1,"settled":"0000000000",'
    rest = '"generation":"aa","tenant":"bb","merged":["x"]}\n'

    assert header("aa", "bb", ("x",)) == f"{start}{rest}".encode()
    assert header("aa", "bb", ("x",), draft=True) == f'{start}"draft":true,{rest}'.encode()


@pytest.mark.parametrize("name", ["", "/some/where", "/some/where/"])
def test_the_place_of_a_draft_is_always_the_same_one(draft, name):
    """Given the store or the folder of drafts in it; a release has the store itself."""
    place = store_place(draft, name)

    assert place == (f"{name.rstrip('/')}/{DRAFT_FOLDER}" if name else "")
    assert store_place(draft, place) == place
    assert store_place(CATALOGUE, name) == name


@pytest.mark.parametrize("end", ["", "/", "/."])
def test_a_release_is_never_set_up_on_the_folder_of_drafts(make_client, folder, end):
    """Whoever names it is told which folder to name."""
    with pytest.raises(ConfigError, match="name the folder above it"):
        make_client(store_folder=f"{folder / DRAFT_FOLDER}{end}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_store_that_a_draft_made_is_its_owners_alone(tmp_path):
    """A release that comes later finds the folder as it would have made it itself."""
    umask = os.umask(0)
    try:
        make_folder(str(tmp_path / "store" / DRAFT_FOLDER))
    finally:
        os.umask(umask)

    for place in (tmp_path / "store", tmp_path / "store" / DRAFT_FOLDER):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_both_send_what_is_theirs(make_client, make_draft, emit, scripted, folder):
    """Two collectors on this machine, one store folder: each gets the events of one of the two."""
    for_release, for_draft = scripted(), scripted()
    release, draft = make_client(endpoint=for_release.url), make_draft(endpoint=for_draft.url)
    for number in range(6):
        assert emit((release, draft)[number % 2], duration_ms=number)

    assert draft.flush()
    assert release.flush()

    assert numbers(for_release) == [0, 2, 4]
    assert numbers(for_draft) == [1, 3, 5]
    assert release.counts()["accepted"] == draft.counts()["accepted"] == {"events": 3}
    assert release.counts()["dropped"] == draft.counts()["dropped"] == {}


def plant(make_draft, emit, folder, name, *values):
    """Have a draft store events, and move its segment into the release's store."""
    client = make_draft()
    for value in values:
        assert emit(client, duration_ms=value)
    client.close()
    (segment,) = segments(folder / DRAFT_FOLDER)
    segment.rename(folder / name)
    return folder / name


def test_a_release_drops_and_counts_a_drafts_segment(
    make_client, make_draft, emit, folder, collector
):
    """Moved by hand, of the same generation, for the same key, valid: and not sent."""
    planted = plant(make_draft, emit, folder, "0000000000001-1-x.ndjson", 1, 2)
    client = make_client(endpoint=collector.url)
    assert emit(client, duration_ms=3)

    assert client.flush()

    assert numbers(collector) == [3]
    assert client.counts()["dropped"] == {"DRAFT": 2}
    assert not planted.exists()


def test_a_release_of_another_generation_drops_it_too(make_draft, emit, folder, collector, key):
    """Events that validate now were not approved when they were made."""
    plant(make_draft, emit, folder, "0000000000001-1-x.ndjson", 1)
    client = Client(copy_of(CATALOGUE, generation="f" * 64))
    client.configure(
        app_version="1",
        consent="granted",
        ikey=key,
        delivery="manual",
        store_folder=folder,
        endpoint=collector.url,
    )

    assert client.flush()

    assert collector.accepted() == []
    assert client.counts()["dropped"] == {"DRAFT": 1}
    client.close()


def test_merging_keeps_drafts_apart(make_client, make_draft, emit, folder, store, collector):
    """The bound on small files makes no release segment of a draft's lines."""
    for number in (1, 2):
        plant(make_draft, emit, folder, f"000000000000{number}-1-x.ndjson", number)
    release = make_client(endpoint=collector.url)
    for number in (3, 4):
        assert emit(release, duration_ms=number)
        release._writer.seal()
    # Of one day, as they are of one generation and tenant: the mark alone keeps them apart.
    for number, path in enumerate(segments(folder), 1):
        path.rename(folder / f"000000000000{number}-2-x.ndjson")

    merge_small(store)

    merged = segments(folder)
    assert len(merged) == 2
    assert sorted(Head(path.read_bytes()).draft for path in merged) == [False, True]
    assert release.flush()
    assert numbers(collector) == [3, 4]
    assert release.counts()["dropped"] == {"DRAFT": 2}


@pytest.mark.parametrize("first", ["draft", "release"])
def test_segments_joined_by_hand_are_told_apart(
    make_client, make_draft, emit, folder, collector, first
):
    """`cat a b > c` leaves a header between them, and what follows it is the draft's, or is not."""
    drafted = plant(make_draft, emit, folder, "0000000000001-1-x.ndjson", 1, 2)
    release = make_client(endpoint=collector.url)
    assert emit(release, duration_ms=3)
    release._writer.seal()
    (released,) = (path for path in segments(folder) if path != drafted)
    parts = [drafted, released] if first == "draft" else [released, drafted]
    joined = b"".join(path.read_bytes() for path in parts)
    drafted.unlink()
    released.write_bytes(joined)

    assert release.flush()

    assert numbers(collector) == [3]
    # The second header is no event that was lost, but nobody can know that of a damaged line.
    assert release.counts()["dropped"] == {"DRAFT": 2, "CORRUPT": 1}


def test_a_draft_sends_its_own_segments_after_a_merge_and_a_crash(
    make_draft, emit, draft_folder, collector
):
    """Whatever became of its files, they are still a draft's, and its own."""
    for number in range(3):
        client = make_draft(endpoint=collector.url)
        assert emit(client, duration_ms=number)
        client._writer.seal()
    merge_small(OfflineStore(str(draft_folder)))
    (merged,) = segments(draft_folder)
    assert Head(merged.read_bytes()).draft

    assert client.flush()

    assert numbers(collector) == [0, 1, 2]
    assert client.counts()["dropped"] == {}


@pytest.mark.parametrize("delivery", ["manual", "thread", "detached"])
@pytest.mark.parametrize(
    "endpoint",
    [
        ELSEWHERE,
        None,
        "https://localhost:8765/",
        "https://127.0.0.1.example.com/",
        "https://10.0.0.1/OneCollector/1.0/",
        "https://[::ffff:127.0.0.1]/",
    ],
)
def test_a_draft_with_an_endpoint_elsewhere_stores_and_sends_nothing(
    make_draft, emit, draft_folder, no_sockets, endpoint, delivery
):
    """Events are checked and stored as ever; no delivery makes a socket, a thread or a process."""
    client = make_draft(endpoint=endpoint, delivery=delivery, flush_interval_s=0.0)

    assert emit(client)
    assert emit(client, duration_ms=-1).drop_reason == DropReason.INVALID_EVENT
    assert not client.flush(0.2)
    client.close()

    assert no_sockets == []
    counts = client.counts()
    assert (counts["waiting"], counts["accepted"]) == ({"events": 1}, {})
    assert counts["dropped"] == {"INVALID_EVENT": 1}
    # Written by whoever starts a sender or is one.
    assert not (draft_folder / "sender.lock").exists()


def test_the_catalogues_endpoint_is_replaced_by_one_on_this_machine_alone(
    make_draft, emit, collector, monkeypatch
):
    """A draft without an endpoint of the host's sends where the environment may point it."""
    monkeypatch.setenv("MODELKIT_TELEMETRY_ENDPOINT", ELSEWHERE)
    client = make_draft(endpoint=None)
    assert emit(client, duration_ms=1)
    assert not client.flush(0.2)

    monkeypatch.setenv("MODELKIT_TELEMETRY_ENDPOINT", collector.url)
    client = make_draft(endpoint=None)
    assert client.flush()

    assert numbers(collector) == [1]


def test_a_draft_that_sends_nothing_keeps_its_bounds(make_draft, emit, draft_folder):
    """What nobody fetches goes, oldest first, and is counted."""
    client = make_draft(endpoint=ELSEWHERE)
    client._store.max_bytes = 1
    assert emit(client, duration_ms=1)
    client._writer.seal()

    assert emit(client, duration_ms=2)

    (segment,) = segments(draft_folder)
    assert b'"duration_ms":2' in segment.read_bytes()
    assert client.dropped == {DropReason.STORE_FULL: 1}


def test_an_event_of_a_draft_passes_through_no_release_client(make_client, draft, emit, stored):
    """`client=` of an emitter takes any client, and a draft's event to none that could send it."""
    client = make_client()
    assert emit(client, duration_ms=1)
    event = EventType(
        draft,
        EVENT.name,
        stamp=EVENT.stamp,
        level=EVENT.level,
        slots=EVENT.slots,
        arguments=EVENT.arguments,
        encode=EVENT.encode,
        violations=EVENT.violations,
    )

    outcome = client.submit(event, ("Script", "build", None, None, 2, True))

    assert outcome is Outcome.dropped(DropReason.DRAFT)
    assert [envelope["data"]["duration_ms"] for envelope in stored()] == [1]
    assert client.counts()["dropped"] == {"DRAFT": 1}


def test_a_draft_has_no_packaged_key(draft, monkeypatch, make_draft, emit):
    """A key module that a release build left in the package is not looked at."""
    from types import ModuleType

    module = ModuleType("modelkit_events._key")
    module.IKEY = "not even looked at"
    monkeypatch.setitem(sys.modules, module.__name__, module)

    client = make_draft(ikey=None)

    assert packaged_key(CATALOGUE) == "modelkit_events._key:IKEY"
    assert packaged_key(draft) is None
    assert emit(client).drop_reason == DropReason.NO_KEY
