"""The client: gate, check, encode, append, count."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from declarant import Client, ConfigError, DropReason, InvalidEvent, Outcome, _segments
from declarant._counts import store_counts
from declarant._limits import MAX_EVENT_BYTES
from declarant._segments import HEADER_START
from declarant.gencode import EventType, text
from modelkit_events import CATALOGUE, emit_model_kit_error, emit_model_kit_heartbeat


def test_an_event_is_on_disk_when_emit_returns(make_client, emit, stored):
    """The stored line is the finished envelope."""
    client = make_client()

    assert emit(client) is Outcome.STORED

    (envelope,) = stored()
    assert list(envelope) == ["ver", "name", "time", "iKey", "ext", "data"]
    assert envelope["iKey"] == "o:0123456789abcdef0123456789abcdef"
    assert CATALOGUE.violations(envelope) == []


def test_time_is_utc_with_milliseconds(make_client, emit, stored):
    """The time has the one form that every client sends."""
    before = time.time()
    emit(make_client())
    (envelope,) = stored()

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", envelope["time"])
    assert envelope["time"][:4] == time.strftime("%Y", time.gmtime(before))


@pytest.mark.parametrize("now", [-0.25, -1e6 - 0.5, 0.0, 0.9999999, 1e9, 253402300799.9])
def test_time_stays_well_formed_on_any_clock(make_client, emit, stored, monkeypatch, now):
    """A clock before 1970 or far in the future costs neither the event nor the time's form."""
    client = make_client()
    monkeypatch.setattr("declarant._clocks.now", lambda: now)

    assert emit(client)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stored()[0]["time"])


def test_sequence_counts_up_within_one_epoch(make_client, emit, stored):
    """Loss and duplicates can be seen downstream."""
    client = make_client()
    for _ in range(3):
        emit(client)
    emit_model_kit_heartbeat(client=client)

    assert [e["ext"]["sdk"]["seq"] for e in stored()] == [1, 2, 3, 4]
    assert len({e["ext"]["sdk"]["epoch"] for e in stored()}) == 1


def test_not_configured_is_counted():
    """A client that was never set up drops and counts."""
    client = Client(CATALOGUE)

    outcome = emit_model_kit_heartbeat(client=client)

    assert outcome.drop_reason == DropReason.NOT_CONFIGURED
    assert not outcome
    assert client.counts()["dropped"] == {"NOT_CONFIGURED": 1}


def test_without_consent_nothing_is_made(make_client, emit, folder):
    """Consent denied means no file and no folder."""
    client = make_client(consent="denied")

    assert emit(client).drop_reason == DropReason.CONSENT_OFF
    client.flush()
    client.close()

    assert client.counts()["dropped"] == {"CONSENT_OFF": 1}
    assert not folder.exists()


def test_consent_is_denied_by_default(folder, emit, key):
    """Leaving consent out is not consent."""
    client = Client(CATALOGUE)
    client.configure(app_version="1", ikey=key, store_folder=str(folder))

    assert emit(client).drop_reason == DropReason.CONSENT_OFF
    assert not folder.exists()


def test_the_programs_no_is_the_first_reason(make_client, emit):
    """Whatever else is missing, it is what the user sees in `status`."""
    client = make_client(consent="denied", ikey=None, store_folder="a\0b")

    assert emit(client).drop_reason == DropReason.CONSENT_OFF


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_key_everything_is_off(make_client, emit, folder, nothing):
    """No key, or the empty one of a build without a key, stores nothing."""
    client = make_client(ikey=nothing)

    assert emit(client).drop_reason == DropReason.NO_KEY
    assert client.counts()["dropped"] == {"NO_KEY": 1}
    assert not folder.exists()


def test_optional_events_can_be_off(make_client, emit, stored):
    """Level "required" drops optional events and leaves no trace of them on disk."""
    client = make_client(level="required")

    assert emit(client).drop_reason == DropReason.LEVEL_OFF
    assert client.counts()["dropped"] == {"LEVEL_OFF": 1}
    assert stored() == []


def test_an_invalid_event_is_dropped_and_counted(make_client, emit, stored):
    """In production an invalid event never raises; its count is on disk."""
    client = make_client()

    assert emit(client, duration_ms=-1).drop_reason == DropReason.INVALID_EVENT
    assert emit(client)

    assert len(stored()) == 1
    assert client.counts()["dropped"] == {"INVALID_EVENT": 1}
    assert make_client().counts()["dropped"] == {"INVALID_EVENT": 1}


def test_strict_mode_raises_paths_without_values(make_client, emit):
    """The message names field and rule once, and never the value."""
    client = make_client(strict=True)

    with pytest.raises(InvalidEvent) as caught:
        emit(client, action_name="Geheim geheim", duration_ms="4711")

    message = str(caught.value)
    assert "eheim" not in message
    assert "4711" not in message
    assert message.startswith("ModelKitAction.action_name: expected ")
    assert "ModelKitAction: " not in message
    assert [v.path for v in caught.value.violations] == [
        "ModelKitAction.action_name",
        "ModelKitAction.duration_ms",
    ]


def test_values_in_uncommon_form_are_stored_in_common_form(make_client, emit, stored):
    """A subclass of str and an integral float are valid; the line holds plain JSON."""

    class Name(str):
        def __str__(self):
            return "another"

    assert emit(make_client(strict=True), action_name=Name("build"), duration_ms=5.0)

    assert stored()[0]["data"]["action_name"] == "build"
    assert repr(stored()[0]["data"]["duration_ms"]) == "5"


def test_an_exploding_value_is_an_internal_drop(make_client):
    """Whatever a value does when it is looked at, the host never feels it."""

    class Bomb(list):
        def __iter__(self):
            raise RuntimeError("boom")

    client = make_client()

    outcome = emit_model_kit_error(
        exception_type="ValueError",
        exception_message="",
        exception_stack=Bomb([1]),
        client=client,
    )

    assert outcome.drop_reason == DropReason.INTERNAL
    assert client.counts()["dropped"] == {"INTERNAL": 1}


def test_an_odd_subclass_is_stored_as_its_plain_value(make_client, emit, stored):
    """What a subclass of str does when it is compared never matters."""

    class Odd(str):
        def __eq__(self, other):
            raise RuntimeError("boom")

        __hash__ = str.__hash__

    client = make_client()

    assert emit(client, invoked_from=Odd("Script"))
    assert stored()[0]["data"]["invoked_from"] == "Script"


def test_damaged_generated_code_is_an_internal_drop(make_client, emit, monkeypatch):
    """An ext check that raises costs the event, not the host."""

    def broken(value):
        raise RuntimeError("mixed installation")

    client = make_client()
    monkeypatch.setattr(CATALOGUE.ext[0], "is_valid", broken)

    assert emit(client).drop_reason == DropReason.INTERNAL


def test_an_event_over_the_size_limit_is_counted(make_client, monkeypatch):
    """A line that no bounded schema makes is dropped where it is made."""
    client = make_client()
    event = CATALOGUE.event("ModelKitHeartbeat")
    monkeypatch.setattr(event, "encode", lambda: '"x":"' + "y" * MAX_EVENT_BYTES + '"')

    assert client.submit(event, ()).drop_reason == DropReason.SIZE_LIMIT_EXCEEDED
    assert client.counts()["dropped"] == {"SIZE_LIMIT_EXCEEDED": 1}


def test_an_unwritable_store_is_counted_and_recorded_later(tmp_path, make_client, emit):
    """STORE_FAILED is counted in memory, and on disk as soon as that works."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    client = make_client(store_folder=str(blocked))

    assert emit(client).drop_reason == DropReason.STORE_FAILED
    assert client.counts()["dropped"] == {"STORE_FAILED": 1}

    blocked.unlink()
    client._writer._retry_at = 0.0
    assert emit(client)
    client.close()
    assert make_client(store_folder=str(blocked)).counts()["dropped"] == {"STORE_FAILED": 1}


def full_disk(monkeypatch):
    """Have the disk take headers, but no line; return a switch that makes it well again."""
    write = os.write
    full = [True]

    def refusing(fd, data):
        if full and not data.startswith(HEADER_START):
            raise OSError(28, "no space")
        return write(fd, data)

    monkeypatch.setattr(_segments.os, "write", refusing)
    return full.clear


def test_drops_of_a_full_disk_are_recorded_once_it_is_well(make_client, emit, store, monkeypatch):
    """Closing is enough: the process may have nothing more to emit."""
    mend = full_disk(monkeypatch)
    client = make_client()
    assert emit(client).drop_reason == DropReason.STORE_FAILED
    client._writer._retry_at = 0.0
    assert emit(client).drop_reason == DropReason.STORE_FAILED

    mend()
    client._writer._retry_at = 0.0
    client.close()

    assert store_counts(store)["dropped"] == {"STORE_FAILED": 2}


def test_drops_reach_the_disk_while_the_process_lives(make_client, emit, store, monkeypatch):
    """A segment that is open already takes them in within a second of events."""
    client = make_client()
    emit(client)
    client._drops.add(DropReason.STORE_FAILED)

    client._clock = (0, "")
    emit(client)

    assert store_counts(store)["dropped"] == {"STORE_FAILED": 1}


def test_a_full_disk_with_drops_to_record_leaves_no_heap_of_files(
    make_client, emit, folder, monkeypatch
):
    """However often it is tried: a header alone is of no use to anybody."""
    full_disk(monkeypatch)
    client = make_client()
    for _ in range(5):
        client._writer._retry_at = 0.0
        emit(client)

    assert list(folder.glob("*.ndjson")) == []


def test_no_home_turns_the_store_off(make_client, emit, monkeypatch):
    """A user without a home has no place for a store; nothing lands in the working directory."""
    monkeypatch.setattr("declarant._paths.store_folder", lambda product: "")
    client = make_client(store_folder=None)

    assert emit(client).drop_reason == DropReason.STORE_FAILED


def test_relative_folder_in_a_deleted_working_directory(make_client, emit, tmp_path, monkeypatch):
    """Set-up survives a working directory that no longer exists."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    client = make_client(store_folder="relative")

    assert emit(client).drop_reason == DropReason.STORE_FAILED


def test_an_ext_value_that_does_not_fit_is_left_out(make_client, emit, stored):
    """Each event that goes without is counted, and none is lost."""
    client = make_client(app_version="not a version")

    assert emit(client)
    assert emit(client)

    assert ["ver" in envelope["ext"]["app"] for envelope in stored()] == [False, False]
    assert client.left_out == {"app.ver": 2}


def test_a_closed_client_is_off(make_client, emit):
    """After close nothing is stored; configure turns the client on again."""
    client = make_client()
    emit(client)
    client.close()
    client.close()

    assert emit(client).drop_reason == DropReason.NOT_CONFIGURED


def test_what_is_emitted_after_the_exit_hook_is_kept(make_client, emit, stored):
    """A host's own exit handlers run after ours; what they emit waits for a later process."""
    client = make_client()
    emit(client)
    client.close_at_exit()

    assert emit(client) is Outcome.STORED
    assert len(stored()) == 2


def test_configure_again_starts_a_new_epoch(make_client, emit, stored, key, folder):
    """The first set-up's segment is sealed and stays."""
    client = make_client()
    emit(client)
    client.configure(
        app_version="2.0",
        consent="granted",
        ikey=key,
        delivery="manual",
        store_folder=str(folder),
        endpoint="http://127.0.0.1:9/",
    )
    emit(client)

    first, second = sorted(stored(), key=lambda envelope: envelope["ext"]["app"]["ver"])
    assert first["ext"]["sdk"]["epoch"] != second["ext"]["sdk"]["epoch"]
    assert (first["ext"]["app"]["ver"], second["ext"]["app"]["ver"]) == ("1.2.3", "2.0")


def test_each_epoch_counts_from_one(make_client, emit, stored, key, folder):
    """A reader who sees 3 as the first number of an epoch would believe in a loss."""
    client = make_client()
    for version in ("1.0", "2.0"):
        client.configure(
            app_version=version,
            consent="granted",
            ikey=key,
            delivery="manual",
            store_folder=str(folder),
        )
        emit(client)
        emit(client)

    numbers = [(e["ext"]["app"]["ver"], e["ext"]["sdk"]["seq"]) for e in stored()]
    assert sorted(numbers) == [("1.0", 1), ("1.0", 2), ("2.0", 1), ("2.0", 2)]


def test_configure_beside_emitting_threads_fails_nothing(make_client, emit, stored, key, folder):
    """An event of another thread is stored whole under one set-up, or the client was off.

    Each set-up waits for events of the threads, however they are scheduled: under many of them
    something was stored, and no two are under one number of an epoch.
    """
    client = make_client()
    done = threading.Event()
    kept = []
    epochs = 6

    def work():
        while not done.is_set():
            if emit(client):
                kept.append(True)

    def more():
        # Of each thread one event may be of the set-up before: the next is not.
        enough = len(kept) + len(threads) + 1
        while len(kept) < enough:
            time.sleep(0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(40):
            if number % 8 == 0:
                more()
            client.configure(
                app_version="1.0",
                consent="granted",
                ikey=key,
                delivery="manual",
                store_folder=str(folder),
            )
        more()
    finally:
        done.set()
    for thread in threads:
        thread.join()

    assert set(client.dropped) <= {DropReason.NOT_CONFIGURED}
    envelopes = stored()
    assert len(envelopes) == len(kept)
    numbers: dict[str, list[int]] = {}
    for envelope in envelopes:
        sdk = envelope["ext"]["sdk"]
        numbers.setdefault(sdk["epoch"], []).append(sdk["seq"])
    assert len(numbers) >= epochs
    for epoch in numbers.values():
        assert len(set(epoch)) == len(epoch)


def test_failed_configure_leaves_the_client_off(make_client, emit):
    """A wrong argument raises, and nothing is stored under the old set-up either."""
    client = make_client()
    with pytest.raises(ConfigError):
        client.configure(app_version="1", consent="granted", delivery="pigeon")

    assert emit(client).drop_reason == DropReason.NOT_CONFIGURED


def test_threads_and_reconfiguration_lose_nothing(make_client, emit, stored):
    """While threads emit, seals and closings race with appends; every STORED event is there."""
    client = make_client()
    kept = []

    def work(number: int) -> None:
        for count in range(200):
            if emit(client, duration_ms=number * 1000 + count):
                kept.append(number * 1000 + count)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        client._writer.seal()
    client.close()
    for thread in threads:
        thread.join()

    assert sorted(e["data"]["duration_ms"] for e in stored()) == sorted(kept)
    assert (
        client.dropped.get(DropReason.STORE_FAILED, 0)
        + len(kept)
        + client.dropped.get(DropReason.NOT_CONFIGURED, 0)
        == 800
    )


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
def test_a_signal_handler_may_emit(make_client, emit, stored):
    """A handler that emits in the middle of an emit neither hangs nor damages a line."""
    client = make_client()
    inside = []

    def handler(number, frame):
        inside.append(emit(client, action_name="signal"))

    # Not the real-time clock's signal: that one ends tests which hang.
    before = signal.signal(signal.SIGVTALRM, handler)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.001, 0.001)
    outside = []
    try:
        while len(inside) < 30:
            outside.append(emit(client))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

    assert all(outside)
    assert all(inside)
    assert len(stored()) == len(outside) + len(inside)


def test_a_deleted_store_is_made_again(make_client, emit, stored, folder, monkeypatch):
    """Someone deletes the folder under a running process: a second later events are kept again."""
    client = make_client()
    emit(client)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    later = time.time() + 2
    monkeypatch.setattr("declarant._clocks.now", lambda: later)

    assert emit(client)
    assert len(stored()) == 1


def test_a_moved_store_is_made_again(make_client, emit, stored, folder, monkeypatch):
    """A renamed folder takes no further events."""
    client = make_client()
    emit(client)
    folder.rename(folder.with_name("elsewhere"))
    later = time.time() + 2
    monkeypatch.setattr("declarant._clocks.now", lambda: later)

    assert emit(client)
    assert len(stored()) == 1


@pytest.mark.skipif(os.name != "posix", reason="descriptor numbers are reused on POSIX")
def test_a_host_that_closes_all_files_gets_none_of_our_lines(make_client, emit, tmp_path):
    """A descriptor closed under us and taken by another file is left alone from the next second."""
    client = make_client()
    emit(client)
    fd = client._writer._fd
    os.close(fd)
    other = tmp_path / "other"
    taken = os.open(other, os.O_RDWR | os.O_CREAT)
    os.dup2(taken, fd)
    client._writer.check_place()

    assert emit(client)
    assert other.read_bytes() == b""
    os.close(fd)
    if taken != fd:
        os.close(taken)


def test_preview_shows_what_would_be_sent():
    """A tool can show the data of an event without storing it."""
    client = Client(CATALOGUE)
    event = CATALOGUE.event("ModelKitAction")

    text = client.preview(event, ("Script", "build", None, None, 3.0, True))

    assert json.loads(text)["duration_ms"] == 3
    assert client.preview(event, ("Robot", "build", None, None, 3, True)) is None


def test_free_text_is_scrubbed_before_it_is_stored(make_client, folder):
    """What identifies somebody does not reach the disk; what happened does."""
    client = make_client(strict=True)
    emit_model_kit_error(
        exception_type="builtins.ValueError",
        exception_message="no model of alice@example.com in C:\\Users\\alice\\secret\\x.onnx",
        exception_stack=[
            {"file": "/home/alice/src/modelkit/modelkit/cli.py", "line": 3, "function": "build"},
            {"file": "/home/alice/secret/run.py", "line": 4, "function": "<module>"},
        ],
        client=client,
    )
    client.close()

    content = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"alice" not in content
    assert b"secret" not in content
    assert b'"no model of <scrubbed> in x.onnx"' in content
    assert b'"file":"run.py"' in content


def test_long_free_text_is_no_breach_in_an_uncommon_form(make_client):
    """Text that is cut before it is stored may be a subclass of str and of any length."""

    class Text(str):
        __slots__ = ()

    outcome = emit_model_kit_error(
        exception_type="ValueError",
        exception_message=Text("x" * 1000),
        exception_stack=(),
        client=make_client(strict=True),
    )

    assert outcome is Outcome.STORED


def test_a_lone_surrogate_is_refused_alone(make_client, stored):
    """Half a surrogate pair would fail its whole batch at the collector."""
    event = EventType(
        CATALOGUE,
        "ModelKitHeartbeat",
        stamp=CATALOGUE.stamps["model_kit_heartbeat"],
        level="required",
        slots=("sdk",),
        arguments=("word",),
        encode=lambda word: f'"word":{text(word)}',
        violations=lambda data: [],
    )
    client = make_client()

    outcomes = [client.submit(event, (word,)) for word in ("é", "\ud800", "日")]

    assert [bool(outcome) for outcome in outcomes] == [True, False, True]
    assert outcomes[1].drop_reason == DropReason.INVALID_EVENT
    assert [envelope["data"]["word"] for envelope in stored()] == ["é", "日"]
    with pytest.raises(InvalidEvent, match="lone surrogate"):
        make_client(strict=True).submit(event, ("\ud800",))


def test_fds_do_not_leak(make_client, emit):
    """Setting up, emitting and closing again and again keeps no file open."""
    client = make_client()
    emit(client)
    client.close()
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(20):
        again = make_client()
        emit(again)
        again.close()

    assert len(list(Path("/dev/fd").iterdir())) == before


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
@pytest.mark.parametrize(
    ("owner", "name", "values"),
    [("_writer", "append", {}), ("_drops", "drop", {"duration_ms": -1})],
    ids=["to store", "to count"],
)
def test_what_has_no_room_left_to_be_counted_is_counted_later(
    make_client, emit, monkeypatch, error, owner, name, values
):
    """Where nothing can be called any more a number is all that is kept."""
    client = make_client()
    emit(client)

    def fail(*_arguments: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(type(getattr(client, owner)), name, fail)
        outcome = emit(client, **values)

    assert outcome == Outcome.dropped(DropReason.INTERNAL)
    assert client.counts()["dropped"] == {"INTERNAL": 1}
