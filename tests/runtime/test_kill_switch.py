"""The remembered orders: the file, the clock, and a client that asks it next to nothing."""

from __future__ import annotations

import os
import stat
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarant import DropReason, _kill_switch
from declarant._kill_switch import ALL, FILE, KillSwitch, kills_in_force, read_kills
from declarant._limits import (
    CLOCK_SLACK_S,
    KILL_LAST_S,
    KILL_REREAD_S,
    MAX_KILLS,
    MAX_KILLS_BYTES,
    STORE_AGE_S,
)
from modelkit_events import emit_model_kit_heartbeat

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def switch(folder):
    folder.mkdir()
    return KillSwitch(str(folder), TOKEN)


@pytest.fixture
def path(folder):
    return folder / FILE


def line(since, until, token=TOKEN, event=ALL):
    return f"{since} {until} {token} {event}\n"


def reread(switch, now):
    switch.refresh(now, at_once=True)
    return switch


def test_an_order_is_known_to_another_process(switch, folder):
    """What one wrote another reads."""
    switch.obey([ALL, "ModelKitAction"], 60)
    another = KillSwitch(str(folder), TOKEN.upper())

    another.refresh()

    assert another.is_silent
    assert another.silences("Anything")
    assert 0 < another.silent_s(time.time()) <= 60.01


def test_the_file_is_its_owners_alone(switch, path):
    """Nobody else has to know."""
    switch.obey([ALL], 60)

    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [FILE]


def test_orders_of_other_tenants_stay_and_do_not_concern_us(switch, folder, path):
    """Two keys may share a store."""
    KillSwitch(str(folder), OTHER).obey([ALL], 60)
    switch.obey(["ModelKitAction"], 60)

    assert not reread(switch, time.time()).is_silent
    assert {kill.tenant for kill in read_kills(str(path))} == {TOKEN, OTHER}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n",
        "x",
        "\0" * 100,
        line("nan", "nan"),
        line("1", "inf"),
        line("-inf", "5"),
        line("1e400", "2e400"),
        line("100", "50"),
        line("100", "100"),
        line("-5", "50"),
        line(0, KILL_LAST_S + 100),
        line(1, 99, TOKEN[:-1]),
        line(1, 99, TOKEN.upper()),
        line(1, 99, TOKEN, "../x"),
        line(1, 99, TOKEN, "a" * 101),
        line(1, 99, TOKEN, ""),
        line(1, 99, TOKEN, "._."),
        line(1, 99, TOKEN, "é"),
        line(1, 99, "X" * len(TOKEN)),
        line(1, 99)[:-20],
        "1  99 " + TOKEN + " *\n",
        "é" + line(1, 99),
        "[" * 10_000,
    ],
)
def test_no_content_of_the_file_is_believed_that_we_did_not_write(switch, path, content):
    """Garbage is passed over, line by line."""
    path.write_text(content + "\n" + line(1, 90, TOKEN, "Good"), "utf-8")

    reread(switch, 10)

    assert [kill.event for kill in read_kills(str(path))] == ["Good"]
    assert not switch.is_silent
    assert not switch.silences("Other")


@pytest.mark.parametrize("event", ["a_b", "Model.Kit_Action", "a" * 100, "9"])
def test_whatever_an_event_may_be_called_an_order_names_it(switch, path, event):
    """Names with dots and underscores, and the longest one."""
    path.write_text(line(1, 90, TOKEN, event))

    assert reread(switch, 10).silences(event)


def test_an_order_lasts_as_long_as_it_may(switch, path):
    """The longest that is written is believed; its times are rounded."""
    path.write_text(line(0, KILL_LAST_S + 1) + line(0, KILL_LAST_S + 1.5, TOKEN, "Longer"))

    assert [kill.event for kill in read_kills(str(path))] == [ALL]


@pytest.mark.parametrize(
    ("now", "silent", "kept"),
    [
        (1000 - CLOCK_SLACK_S - 1, False, False),
        (1000 - CLOCK_SLACK_S, True, True),
        (1000, True, True),
        (1999, True, True),
        (2000, False, True),
        (2000 + STORE_AGE_S - 1, False, True),
        (2000 + STORE_AGE_S, False, False),
    ],
)
def test_from_its_beginning_to_its_end(switch, path, now, silent, kept):
    """An order is in force for its time, and known while something of that time can be stored."""
    path.write_text(line(1000, 2000))

    reread(switch, now)

    assert (switch.is_silent, switch.has_orders) == (silent, kept)
    assert switch.silent_s(now) == (2000 - now if silent else 0)


def test_while_it_is_in_force_an_order_drops_whatever_time_an_event_says(switch, path):
    """A clock that was ahead when it was emitted gets no event through."""
    path.write_text(line(1000, 2000, TOKEN, "Action"))
    reread(switch, 1500)

    assert switch.drops("Action", "2099-01-01T00:00:00.000Z")
    assert not switch.drops("Other", "2099-01-01T00:00:00.000Z")


def test_an_order_about_an_event_silences_no_tenant(switch, path):
    """Sending goes on, so there is nothing to wait for."""
    path.write_text(line(1000, 2000, TOKEN, "Action"))

    assert reread(switch, 1500).silent_s(1500) == 0


def test_good_lines_between_garbage_hold(switch, path):
    """One damaged line does not lift the other orders."""
    path.write_text("garbage\n" + line(1, 90, TOKEN, "Good") + "\0\n" + line(1, 80) + "tail")

    reread(switch, 10)
    assert switch.is_silent
    reread(switch, 85)
    assert switch.silences("Good")
    assert not switch.is_silent


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.floats(0, 2e9))
def test_any_bytes_are_read(tmp_path, content, now):
    """No content raises, and nothing holds longer than an order can."""
    (tmp_path / FILE).write_bytes(content)

    found = KillSwitch(str(tmp_path), TOKEN)

    assert reread(found, now).silent_s(now) <= KILL_LAST_S + 61


def test_a_disk_that_fails_to_read_orders_nothing(switch, path, monkeypatch):
    """As if the file were not there."""
    path.write_text(line(1, 90))

    def broken(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(_kill_switch.os, "read", broken)
        assert not reread(switch, 10).is_silent
    assert reread(switch, 10).is_silent


def test_before_it_has_looked_it_knows_nothing(switch, path):
    """Nothing is dropped on a guess."""
    path.write_text(line(1, 90))

    assert (switch.is_silent, switch.has_orders, switch.silent_s(10)) == (False, False, 0)
    assert not switch.drops("Action", "1970-01-01T00:00:00.000Z")


def test_a_huge_file_is_read_in_part(switch, path):
    """It costs a start next to nothing."""
    path.write_text(line(1, 90) + "x" * 50_000_000)

    assert reread(switch, 10).is_silent
    assert len(read_kills(str(path))) == 1


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links and FIFOs")
@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_what_is_no_file_is_not_read(switch, path, tmp_path, kind):
    """Nothing is followed, waited for, or raised."""
    if kind == "link":
        (tmp_path / "elsewhere").write_text(line(1, 90))
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()

    assert not reread(switch, 10).is_silent


def test_a_clock_that_was_set_back_ends_the_silence(switch, path):
    """An order of the future was given by a clock that was wrong; it is asked for again."""
    path.write_text(line(1_000_000, 1_086_400))

    assert not reread(switch, 500_000).is_silent
    # Corrections by a few seconds are no reason.
    assert reread(switch, 999_990).is_silent
    assert not reread(switch, 2_000_000).is_silent


def test_an_order_of_a_wrong_clock_hides_no_other(switch, path):
    """The later end is not the better order if it was never given."""
    path.write_text(line(9_000_000, 9_000_100) + line(1_000, 2_000))

    assert reread(switch, 1_500).is_silent


def test_events_emitted_before_the_end_are_dropped_after_it(switch, path):
    """By their own time; later ones are not."""
    path.write_text(line(0, 86_400, TOKEN, "Action"))

    reread(switch, 100_000)

    assert not switch.silences("Action")
    assert switch.drops("Action", "1970-01-01T23:59:59.999Z")
    assert not switch.drops("Action", "1970-01-02T00:00:00.000Z")
    assert not switch.drops("Other", "1970-01-01T23:59:59.999Z")


def test_an_order_is_forgotten_when_nothing_of_its_time_can_be_stored(switch, path):
    """The file does not grow with the years."""
    path.write_text(line(1, 100, TOKEN, "Old") + line(1, 90, OTHER))

    switch.obey([ALL], 60)

    assert [kill.event for kill in read_kills(str(path))] == [ALL]
    (kill,) = read_kills(str(path))
    assert reread(switch, kill.until + STORE_AGE_S - 1).has_orders
    assert not reread(switch, kill.until + STORE_AGE_S + 1).has_orders


def test_the_longer_of_two_orders_holds(switch, path):
    """A shorter one takes nothing back."""
    switch.obey([ALL], 600)
    switch.obey([ALL], 5)

    (kill,) = read_kills(str(path))
    assert kill.until - kill.since > 500


def test_the_number_of_orders_is_bounded_and_the_tenant_goes_first(switch, path):
    """Of more names than fit, the tenant's own order is kept."""
    switch.obey([f"Event{number}" for number in range(1000)], 100)
    switch.obey([ALL], 10)

    assert len(read_kills(str(path))) == MAX_KILLS
    assert path.stat().st_size < MAX_KILLS_BYTES
    assert reread(switch, time.time()).is_silent


def test_of_more_orders_than_fit_the_longest_are_kept(switch, path):
    """What is soon over is the least loss."""
    switch.obey([f"Short{number}" for number in range(MAX_KILLS)], 100)
    switch.obey(["Long"], 1000)

    assert len(read_kills(str(path))) == MAX_KILLS
    assert reread(switch, time.time()).silences("Long")


def test_a_disk_that_refuses_keeps_this_process_silent(folder):
    """The order holds here, though no other process learns of it."""
    switch = KillSwitch(str(folder / "missing" / "folder"), TOKEN)

    switch.obey([ALL], 60)
    reread(switch, time.time())

    assert switch.is_silent


def test_deleting_the_file_ends_the_silence(switch, path):
    """A person may; the next request asks the collector again."""
    switch.obey([ALL], 60)
    path.unlink()

    assert not reread(switch, time.time()).is_silent


def test_the_disk_is_looked_at_once_a_minute(switch, path):
    """Not more often, and at once when asked to."""
    assert switch.refresh(1000.0)
    path.write_text(line(990, 2000))
    assert not switch.refresh(1000.5)
    assert not switch.is_silent

    assert switch.refresh(1000.0 + KILL_REREAD_S)
    assert switch.is_silent
    # An hour back: the clock says nothing about when it was read.
    path.unlink()
    assert switch.refresh(-2600.0)
    assert not switch.is_silent


def test_who_wants_to_know_is_told_of_changes(folder):
    """Of each once."""
    folder.mkdir()
    told = []
    switch = KillSwitch(str(folder), TOKEN, lambda: told.append(1))
    switch.refresh(time.time())
    assert told == []
    switch.obey([ALL], 60)
    switch.obey([ALL], 90)
    assert told == [1]
    switch.refresh(time.time() + 100)
    assert told == [1, 1]


def test_all_orders_in_force_of_a_store(switch, folder):
    """What `declarant show` tells."""
    switch.obey(["ModelKitAction"], 60)
    KillSwitch(str(folder), OTHER).obey([ALL], 60)

    found = kills_in_force(str(folder), time.time())

    assert [(kill.tenant, kill.event) for kill in found] == [
        (OTHER, ALL),
        (TOKEN, "ModelKitAction"),
    ]
    assert kills_in_force(str(folder), time.time() + 61) == []


def test_silenced_drops_are_counted_across_processes(make_client, emit, switch, stored):
    """They are written down when the client closes, and no event with them."""
    switch.obey([ALL], 600)
    for _ in range(3):
        client = make_client()
        for _ in range(5):
            emit(client)
        client.close()

    assert stored() == []
    assert make_client().counts()["dropped"] == {"KILL_SWITCH": 15}


def test_a_client_learns_while_it_runs_what_another_process_was_told(
    make_client, emit, switch, monkeypatch
):
    """Once a minute the live path looks; an order found there ends storing."""
    client = make_client()
    assert emit(client)
    switch.obey([ALL], 600)
    assert emit(client)

    # A minute later, by the clock that the client reads.
    later = time.time() + KILL_REREAD_S + 1
    monkeypatch.setattr("declarant._clocks.now", lambda: later)
    emit(client)

    assert emit(client).drop_reason == DropReason.KILL_SWITCH


def test_an_order_about_an_event_stops_that_event_alone(make_client, emit, folder):
    """The others are stored."""
    folder.mkdir()
    KillSwitch(str(folder), TOKEN).obey(["ModelKitAction"], 60)
    client = make_client()

    assert emit(client).drop_reason == DropReason.KILL_SWITCH
    assert emit_model_kit_heartbeat(client=client)


def test_strict_mode_does_not_raise_for_silence(make_client, emit, switch):
    """The event is right; it is only not wanted."""
    switch.obey([ALL], 600)
    client = make_client(strict=True)

    assert emit(client).drop_reason == DropReason.KILL_SWITCH


def test_a_silenced_client_starts_no_thread(make_client, emit, switch):
    """There is nothing to send."""
    import threading

    switch.obey([ALL], 600)
    client = make_client(delivery="thread")
    emit(client)

    assert "declarant-sender" not in [thread.name for thread in threading.enumerate()]


def test_the_longest_silence_is_a_week(switch, path):
    """As the module's limit says."""
    switch.obey([ALL], 1e12)

    (kill,) = read_kills(str(path))
    assert kill.until - kill.since == pytest.approx(KILL_LAST_S, abs=0.01)
