"""Cases B26 to B41: kill orders, in every form, and what they do and do not silence.

The numbers are those of docs/protocol.md, which a test compares with these.
"""

from __future__ import annotations

import time

import pytest

from declarant import Client, DropReason
from declarant._kill_switch import KillSwitch
from declarant._limits import FIRST_BATCH_EVENTS, KILL_LAST_S, SHORT_OF_TIME_S
from declarant._pass import run_pass
from modelkit_events import CATALOGUE, emit_model_kit_heartbeat

TOKEN = "0123456789abcdef0123456789abcdef"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
OTHER = "fedcba9876543210fedcba9876543210"


def killing(tokens, duration="86400", *, status=401, name="kill-duration", **rule):
    """Return a fault rule: an answer with these kill headers."""
    headers = {"kill-tokens": tokens}
    if duration is not None:
        headers[name] = duration
    return {"status": status, "headers": headers, "body": "", **rule}


@pytest.fixture
def told(make_client, emit, scripted):
    """Emit one action, send it to a collector that answers by these rules; return both."""

    def run(*rules, **settings):
        running = scripted(*rules)
        client = make_client(endpoint=running.url, **settings)
        assert emit(client, duration_ms=1)
        client.flush()
        return client, running

    return run


def is_silent(client, emit):
    outcome = emit(client, duration_ms=2)
    return outcome.drop_reason == DropReason.KILL_SWITCH


def test_b26_the_live_form_silences_the_tenant_for_its_time(
    told, emit, kill_file, store, make_client, stored
):
    """From the answer on nothing is stored, in this process or another; all of it is counted."""
    client, running = told(killing(f"o:{TOKEN}:all"))

    assert kill_file.orders() == {"*": 86_400}
    assert is_silent(client, emit)
    another = make_client(endpoint=running.url, delivery="thread", flush_interval_s=0.01)
    assert is_silent(another, emit)
    assert is_silent(another, emit)
    assert another.dropped == {DropReason.KILL_SWITCH: 2}
    another.close()
    client.close()

    assert stored() == []
    assert len(running.requests()) == 1
    client = make_client(endpoint=running.url)
    # The request that brought the order keeps its own outcome.
    assert client.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 1, "KILL_SWITCH": 3}


def test_b26_the_local_collector_says_so_by_itself(make_client, emit, kill_file):
    """A key that it does not know is answered as the real one answers it."""
    from declarant_collector import Collector

    other_key = KEY.replace(TOKEN, OTHER)
    with Collector(tenants=[other_key]) as running:
        client = make_client(endpoint=running.url)
        emit(client)
        client.flush()

    assert kill_file.orders() == {"*": 86_400}
    assert client.counts()["refused"] == {"Invalid Tenant Token.": 1}
    assert is_silent(client, emit)


@pytest.mark.parametrize(
    "tokens",
    [
        pytest.param(KEY, id="b27-whole-key"),
        pytest.param(f"o:{KEY}", id="whole-key-with-prefix"),
        pytest.param(f"{KEY}:all", id="whole-key-all"),
        pytest.param(TOKEN, id="bare-tenant"),
        pytest.param(f"{TOKEN}:all", id="bare-tenant-all"),
        pytest.param(f"o:{TOKEN}", id="tenant-with-prefix"),
        pytest.param(f"o:{TOKEN}:", id="empty-suffix"),
        pytest.param(f"O:{TOKEN.upper()}:ALL", id="other-case"),
        pytest.param(f"o:{OTHER}:all,o:{TOKEN}:all", id="list"),
        pytest.param(f"o:{OTHER}:all , o:{TOKEN}:all ,", id="list-with-spaces"),
        pytest.param(f"o:{OTHER}:all o:{TOKEN}:all", id="list-by-spaces"),
        pytest.param(f",,,{TOKEN}", id="empty-entries"),
        pytest.param(f"o:{TOKEN}:all,{KEY}", id="both-forms"),
        pytest.param(f"o:{TOKEN}:ModelKitAction,o:{TOKEN}:all", id="event-and-tenant"),
    ],
)
def test_b27_every_form_of_the_tenant_is_understood(told, emit, kill_file, tokens):
    """The whole key, as JS clients match it, and whatever else was seen or can be expected."""
    client, _ = told(killing(tokens))

    assert kill_file.orders()["*"] == 86_400
    assert is_silent(client, emit)
    assert emit_model_kit_heartbeat(client=client).drop_reason == DropReason.KILL_SWITCH


@pytest.mark.parametrize("status", [200, 204, 299])
def test_b28_a_success_can_order_silence(told, emit, status):
    """The events it took are sent; what comes after them is silent."""
    client, _ = told(killing(KEY, status=status))

    assert is_silent(client, emit)
    counts = client.counts()
    assert counts["accepted"] == {"events": 1}
    assert counts["dropped"] == {"KILL_SWITCH": 1}


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 408, 413, 415, 429, 500, 501, 503])
def test_b28_every_status_can_order_silence(told, emit, status, store):
    """Also one that asks to come again: nothing of the tenant does."""
    client, running = told(killing(f"o:{TOKEN}:all", status=status))

    assert is_silent(client, emit)
    assert client.flush()
    assert len(running.requests()) == 1
    assert store.segments() == []


def test_b29_a_comma_list_with_blanks(told, emit, kill_file, raw_server, answering, make_client):
    """Both names are read after trimming."""
    tokens = f"o:{OTHER}:all \t,\t o:{TOKEN}:all \t".encode()
    answer = b"HTTP/1.1 401 No\r\nkill-tokens: %b\r\nkill-duration: 60\r\n\r\n" % tokens
    client = make_client(endpoint=raw_server(answering(answer)))
    emit(client)
    client.flush()

    assert kill_file.orders() == {"*": 60}
    assert is_silent(client, emit)


def test_b30_a_repeated_header(told, emit):
    """Each line counts."""
    client, _ = told(killing([f"o:{OTHER}:all", "x", f"o:{TOKEN}:all"]))

    assert is_silent(client, emit)


def test_b31_one_event_alone(told, emit, kill_file, arrived):
    """Its neighbours go on, in this process and in later passes; it is dropped at both places."""
    client, running = told(
        killing(f"o:{TOKEN}:ModelKitAction", status=200, body={"acc": 1}, times=1)
    )

    assert kill_file.orders() == {"ModelKitAction": 86_400}
    assert is_silent(client, emit)
    assert emit_model_kit_heartbeat(client=client)
    assert client.flush()

    assert [event.name for event in running.accepted()] == ["ModelKitAction", "ModelKitHeartbeat"]
    assert client.counts()["dropped"] == {"KILL_SWITCH": 1}


def test_b31_stored_events_of_that_name_are_dropped(make_client, emit, scripted, arrived):
    """What another process stored before the order is not sent after it."""
    running = scripted(killing(f"o:{TOKEN}:ModelKitAction", status=503, times=1))
    client = make_client(endpoint=running.url)
    for number in range(3):
        emit(client, duration_ms=number)
        emit_model_kit_heartbeat(client=client)
    assert not client.flush()
    report = _another_pass(client)

    assert arrived(running) == []
    assert len(running.accepted("ModelKitHeartbeat")) == 3
    assert report.dropped == {DropReason.KILL_SWITCH: 3}
    assert report.accepted == 3


def test_b31_a_name_that_nobody_declares_reaches_no_file(told, kill_file):
    """What is written down are names of events, not words from outside."""
    told(killing(f"o:{TOKEN}:alice.secret,o:{TOKEN}:../../x,o:{TOKEN}:a b"))

    assert not kill_file


@pytest.mark.parametrize(
    "tokens",
    [
        f"o:{OTHER}:all",
        OTHER,
        f"{TOKEN}-99999999-2222-3333-4444-555555555555-7000",
        f"o:{TOKEN}0:all",
        f"o:{TOKEN[:-1]}:all",
        f"x{TOKEN}",
        f"o:o:{TOKEN}:all",
        f"{OTHER}:{TOKEN}:all",
        "o:*:all",
        "*",
        "all",
        "o:all",
    ],
)
def test_b32_an_order_for_somebody_else(told, emit, kill_file, tokens):
    """Neither another tenant's nor another key's order, nor one for everybody, silences us."""
    client, running = told(killing(tokens, status=200), killing(tokens))

    assert emit(client)
    assert client.flush()
    assert not kill_file
    assert len(running.requests()) == 2


@pytest.mark.parametrize(
    "duration",
    [None, "", "abc", "0", "-1", "+5", "5x", "1.5", "1e3", "0x10", "5 5", "this-request", "9" * 40],
)
def test_b33_without_a_usable_duration_there_is_no_order(told, emit, kill_file, duration):
    """Missing, no number, zero or negative: nothing is remembered and sending goes on."""
    client, running = told(killing(KEY, duration, status=200))

    assert not kill_file
    assert emit(client)
    assert client.flush()
    assert len(running.requests()) == 2


def test_b34_the_other_name_of_the_duration(told, emit, kill_file):
    """`kill-duration-seconds` does as well, and stands in for an unusable `kill-duration`."""
    client, _ = told(killing(KEY, "5", name="kill-duration-seconds"))

    assert kill_file.orders() == {"*": 5}
    assert is_silent(client, emit)


@pytest.mark.parametrize(
    ("first", "second", "seconds"), [("7", "5", 7), ("abc", "5", 5), ("0", "5", 5), ("-1", "5", 5)]
)
def test_b34_the_first_usable_of_both_counts(told, kill_file, first, second, seconds):
    """Both at once are read in the order in which they are documented."""
    headers = {"kill-tokens": KEY, "kill-duration-seconds": second, "kill-duration": first}
    told({"status": 401, "headers": headers, "body": ""})

    assert kill_file.orders() == {"*": seconds}


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 413, 429, 500, 503])
@pytest.mark.parametrize("tokens", [f"o:{TOKEN}:all", KEY])
def test_b35_this_request_only(told, emit, kill_file, arrived, hold, status, tokens):
    """The events of that request are dropped, whatever the status; nothing is remembered."""
    client, running = told(killing(tokens, "this-request-only", status=status, times=1))

    assert not kill_file
    assert client.counts()["dropped"] == {"KILL_SWITCH": 1}
    assert client.counts()["accepted"] == {}
    assert emit(client, duration_ms=2)
    # 503 says that the collector is busy; that is waited for all the same.
    if hold:
        assert status in (429, 500, 503)
        hold.run_out()
    assert client.flush()
    assert arrived(running)[-1:] == [2]
    assert client.counts()["dropped"] == {"KILL_SWITCH": 1}


def test_b35_this_request_only_of_one_event(make_client, emit, scripted, kill_file):
    """Its neighbours keep the outcome of the request."""
    running = scripted(
        killing(f"o:{TOKEN}:ModelKitAction", "This-Request-Only", status=200, body={"acc": 3})
    )
    client = make_client(endpoint=running.url)
    emit(client)
    emit_model_kit_heartbeat(client=client)
    emit_model_kit_heartbeat(client=client)

    assert client.flush()
    assert client.counts()["accepted"] == {"events": 2}
    assert client.counts()["dropped"] == {"KILL_SWITCH": 1}
    assert not kill_file


def test_b35_this_request_only_in_a_request_that_is_cut(make_client, emit, scripted):
    """What is silenced is not among the parts that are sent again."""
    running = scripted(
        killing(f"o:{TOKEN}:ModelKitAction", "this-request-only", status=413, times=1)
    )
    client = make_client(endpoint=running.url)
    emit(client)
    emit_model_kit_heartbeat(client=client)
    emit_model_kit_heartbeat(client=client)

    assert client.flush()
    assert [event.name for event in running.accepted()] == ["ModelKitHeartbeat"] * 2
    assert client.counts()["dropped"] == {"KILL_SWITCH": 1}


def test_b36_each_tenant_resumes_at_its_own_time(make_client, emit, scripted, kill_file, folder):
    """Orders of 1, 2 and 3 seconds for three keys that share a store run out one by one."""
    keys = [KEY.replace("0123", start, 1) for start in ("aaaa", "bbbb", "cccc")]
    running = scripted(
        *(
            killing(key, str(seconds), when={"header": {"x-apikey": key}})
            for seconds, key in enumerate(keys, start=1)
        )
    )
    for key in keys:
        client = make_client(endpoint=running.url, ikey=key)
        emit(client)
        client.flush()
        client.close()

    ends = {}
    for seconds, key in enumerate(keys, start=1):
        token = key.partition("-")[0]
        assert kill_file.orders(token) == {"*": seconds}
        switch = KillSwitch(str(folder), token)
        switch.refresh(_since(kill_file, token))
        ends[seconds] = switch
    for at in (0.5, 1.5, 2.5, 3.5):
        silent = []
        for seconds, switch in ends.items():
            switch.refresh(_since(kill_file, switch.tenant) + at)
            if switch.is_silent:
                silent.append(seconds)
        assert silent == [seconds for seconds in (1, 2, 3) if seconds > at]


@pytest.mark.parametrize("duration", ["604801", "3153600000", "9223372036854775807"])
def test_b37_a_huge_duration_is_cut_not_wrapped(told, emit, kill_file, duration):
    """The product is silent for a week at most, then asks again."""
    client, _ = told(killing(KEY, duration))

    assert kill_file.orders() == {"*": KILL_LAST_S}
    assert is_silent(client, emit)


@pytest.mark.parametrize(
    "tokens",
    [
        b"",
        b",",
        b" ",
        b"o:" + TOKEN.encode() + b"\x01:all",
        b"o:" + TOKEN.encode() + b"\t:all",
        TOKEN.encode() + b"\x00",
        b"o:" + TOKEN.encode() + b":" + b"a" * 300,
        b"o:" + b"0" * 300,
        b"o:" + TOKEN.encode() + b"\xff:all",
        "o:٠١٢:all".encode(),
    ],
)
def test_b38_what_is_no_token_is_ignored(
    make_client, emit, raw_server, answering, kill_file, tokens
):
    """Empty, with control characters, or longer than 256 bytes."""
    answer = b"HTTP/1.1 401 No\r\nkill-tokens: %b\r\nkill-duration: 60\r\n\r\n" % tokens
    client = make_client(endpoint=raw_server(answering(answer)))
    emit(client)
    client.flush()

    assert not kill_file
    assert emit(client)


def test_b39_killed_while_the_stored_queue_is_sent(make_client, emit, scripted, store):
    """One request; the rest of the queue, and what came after it, is dropped unsent."""
    running = scripted(killing(f"o:{TOKEN}:all", status=200, body={"acc": FIRST_BATCH_EVENTS}))
    client = make_client(endpoint=running.url)
    for number in range(3 * FIRST_BATCH_EVENTS):
        emit(client, duration_ms=number)

    # Little time makes small requests.
    assert client.flush(SHORT_OF_TIME_S - 0.1)

    assert len(running.requests()) == 1
    assert client.counts()["accepted"] == {"events": FIRST_BATCH_EVENTS}
    assert client.counts()["dropped"] == {"KILL_SWITCH": 2 * FIRST_BATCH_EVENTS}
    assert store.segments() == []


def test_b39_what_a_process_stored_that_had_not_heard_of_it_is_dropped(
    make_client, emit, scripted, kill_file, arrived
):
    """Also by a pass after the order has run out: it was emitted in the silence."""
    running = scripted(killing(f"o:{TOKEN}:all", times=1))
    unaware = make_client(endpoint=running.url)
    teller = Client(CATALOGUE)
    emit(unaware, duration_ms=1)
    teller.configure(
        app_version="1",
        consent="granted",
        ikey=KEY,
        delivery="manual",
        store_folder=str(unaware.settings.store_folder),
        endpoint=running.url,
    )
    emit(teller, duration_ms=2)
    teller.flush()
    teller.close()
    assert emit(unaware, duration_ms=3), "it has not looked since"
    unaware.close()
    kill_file.run_out()

    later = make_client(endpoint=running.url)
    assert emit(later, duration_ms=4)
    assert later.flush()

    assert arrived(running) == [4]
    assert later.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 1, "KILL_SWITCH": 2}


@pytest.mark.timeout(60)
def test_b40_sending_resumes_without_a_restart(told, emit, arrived):
    """The same process goes on when the time is over."""
    client, running = told(killing(f"o:{TOKEN}:all", "1", times=1))
    assert is_silent(client, emit)

    while not emit(client, duration_ms=3):
        time.sleep(0.02)
    assert client.flush()

    assert arrived(running) == [3]


def test_b41_503_with_an_order_is_not_sent_again(make_client, emit, scripted, store, hold):
    """The order wins over the status that asks to come again: the same pass drops everything."""
    running = scripted(killing(KEY, status=503))
    client = make_client(endpoint=running.url)
    for number in range(3 * FIRST_BATCH_EVENTS):
        emit(client, duration_ms=number)

    assert client.flush(SHORT_OF_TIME_S - 0.1)

    assert is_silent(client, emit)
    assert len(running.requests()) == 1
    assert client.counts()["dropped"] == {"KILL_SWITCH": 3 * FIRST_BATCH_EVENTS + 1}
    assert store.segments() == []
    # The collector said that it is busy, too: that holds for what comes after the silence.
    assert hold.failures == 1


def test_b41_what_is_silenced_is_dropped_while_the_collector_is_to_be_left_alone(
    told, emit, make_client, store, hold
):
    """Dropping asks nobody, so it need not wait for the backoff."""
    unaware = make_client()
    emit(unaware)
    aware, running = told(killing(KEY, status=503))
    assert emit(unaware), "it has not looked since"
    unaware.close()
    assert hold
    assert store.segments() != []

    assert aware.flush()

    assert len(running.requests()) == 1
    assert store.segments() == []
    assert aware.counts()["dropped"] == {"KILL_SWITCH": 3}


def _since(kill_file, tenant):
    lines = (line.split(" ") for line in kill_file.path.read_text().splitlines())
    return next(float(since) for since, _, token, _ in lines if token == tenant)


def _another_pass(client):
    """Run the next pass as another process would, the backoff over."""
    from declarant._store import OfflineStore

    store = OfflineStore(client.settings.store_folder)
    return run_pass(CATALOGUE, client.settings, store, 20, ignore_backoff=True)
