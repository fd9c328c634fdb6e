"""Fault scripts: what clients meet, and what the collector keeps of it."""

import http.client
import socket
import time

import pytest

from declarant_collector import Connection, Drip, ScriptError, ScriptRule, When, load_script
from declarant_collector._script_file import make_script


def test_a_rule_by_number_applies_to_that_request_only(make_wire):
    wire = make_wire(script=[{"when": {"request": 2}, "status": 503}])

    assert [wire.post().status for _ in range(3)] == [200, 503, 200]


def test_a_rule_by_range_applies_inside_it(make_wire):
    wire = make_wire(script=[{"when": {"request": [2, 3]}, "status": 500}])

    assert [wire.post().status for _ in range(4)] == [200, 500, 500, 200]


def test_an_open_range_never_ends(make_wire):
    wire = make_wire(script=[{"when": {"request": [2, None]}, "status": 500}])

    assert [wire.post().status for _ in range(4)] == [200, 500, 500, 500]


def test_a_rule_by_event_name_looks_into_the_batch(make_wire):
    wire = make_wire(script=[{"when": {"event": "ModelKitError"}, "status": 400}])

    assert wire.post().status == 200
    assert wire.post(wire.event(), wire.event(name="ModelKitError")).status == 400


def test_times_limits_a_rule_and_the_next_one_follows(make_wire):
    wire = make_wire(script=[{"times": 1, "status": 503}, {"times": 1, "status": 429}])

    assert [wire.post().status for _ in range(3)] == [503, 429, 200]


def test_reset_starts_the_script_again(make_wire):
    wire = make_wire(script=[{"when": {"request": 1}, "status": 503}])
    first = [wire.post().status for _ in range(2)]

    wire.collector.reset()

    assert first == [503, 200]
    assert wire.post().status == 503


def test_the_answer_is_as_written(make_wire):
    rule = {
        "status": 418,
        "reason": "Short And Stout",
        "headers": {"Retry-After": "5", "kill-tokens": ["a", "b"], "Content-Type": "text/html"},
        "body": "<p>",
    }
    wire = make_wire(script=[rule])

    body = wire.body(wire.event())
    head = f"POST {wire.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    answer = wire.raw(head.encode() + b"Connection: close\r\n\r\n" + body)

    assert answer.startswith(b"HTTP/1.1 418 Short And Stout\r\n")
    for line in (
        b"Retry-After: 5",
        b"kill-tokens: a",
        b"kill-tokens: b",
        b"Content-Type: text/html",
    ):
        assert answer.count(b"\r\n" + line + b"\r\n") == 1
    assert answer.count(b"Content-Type") == 1
    assert answer.endswith(b"\r\n\r\n<p>")


def test_headers_alone_ride_on_the_natural_answer(make_wire):
    wire = make_wire(script=[{"headers": {"time-delta-millis": "1500"}}])

    answer = wire.post()

    assert (answer.status, answer.body) == (200, b'{"acc":1}')
    assert answer.headers["time-delta-millis"] == "1500"


def test_a_success_without_a_body_keeps_the_natural_one(make_wire):
    answer = make_wire(script=[{"status": 202}]).post()

    assert (answer.status, answer.body) == (202, b'{"acc":1}')


def test_a_scripted_success_takes_the_events_and_a_failure_does_not(make_wire):
    wire = make_wire(script=[{"times": 1, "status": 503}, {"times": 1, "status": 202}])

    wire.post(wire.event(name="First"))
    wire.post(wire.event(name="Second"))

    assert [event.name for event in wire.collector.unsettled()] == ["First"]
    assert [event.name for event in wire.collector.accepted()] == ["Second"]
    assert wire.collector.rejected() == []


def test_store_takes_the_events_although_the_answer_fails(make_wire):
    wire = make_wire(script=[{"status": 500, "store": True}])

    assert wire.post().status == 500
    assert len(wire.collector.accepted()) == 1


@pytest.mark.parametrize(
    ("form", "tokens"),
    [
        ("tenant", "o:{token}:all"),
        ("key", "{key}"),
        ("both", "o:{token}:all,{key}"),
    ],
)
def test_kill_names_the_tenants_of_the_request(make_wire, form, tokens):
    wire = make_wire(script=[{"kill": {"duration": 60, "form": form}}])

    answer = wire.post()

    assert answer.status == 200
    assert answer.headers["kill-tokens"] == tokens.format(token=wire.token, key=wire.key)
    assert answer.headers["kill-duration"] == "60"


def test_kill_can_name_one_event_and_the_other_header(make_wire):
    kill = {
        "duration": "this-request-only",
        "form": "tenant",
        "event": "ModelKitAction",
        "header": "kill-duration-seconds",
    }
    wire = make_wire(script=[{"status": 401, "kill": kill}])

    answer = wire.post()

    assert answer.status == 401
    assert answer.headers["kill-tokens"] == f"o:{wire.token}:ModelKitAction"
    assert answer.headers["kill-duration-seconds"] == "this-request-only"


def test_throttle_by_name_spares_the_others(make_wire):
    wire = make_wire(script=[{"when": {"event": "Loud"}, "throttle": "matched"}])

    answer = wire.post(wire.event(), wire.event(name="Loud"))

    assert answer.body == b'{"acc":1,"rej":1,"efi":{"EventLevelThrottling":[1]}}'


def test_a_black_hole_never_answers_and_ends_with_the_client(make_wire):
    wire = make_wire(script=[{"connection": "black_hole"}])
    body = wire.body(wire.event())
    head = f"POST {wire.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"

    with pytest.raises(TimeoutError):
        wire.raw(head.encode() + body, timeout=0.3)

    assert [request.scripted for request in wire.collector.requests()] == [True]


def test_a_reset_is_seen_as_one(make_wire):
    wire = make_wire(script=[{"connection": "reset"}])

    with pytest.raises(ConnectionResetError):
        wire.post()

    assert len(wire.collector.unsettled()) == 1


def test_a_reset_after_storing_makes_a_duplicate_possible(make_wire):
    wire = make_wire(script=[{"times": 1, "connection": "reset", "store": True}])

    with pytest.raises(ConnectionResetError):
        wire.post()
    wire.post()

    assert len(wire.collector.accepted()) == 2


def test_half_an_answer_breaks_off(make_wire):
    wire = make_wire(script=[{"status": 200, "body": "x" * 4000, "connection": "half"}])

    with pytest.raises(http.client.IncompleteRead):
        wire.post()


def test_a_dripped_answer_arrives_whole(make_wire):
    wire = make_wire(script=[ScriptRule(connection=Drip(bytes=100, every_ms=1))])

    assert wire.post().body == b'{"acc":1}'


def test_close_ends_the_connection_after_the_answer(make_wire):
    wire = make_wire(script=[{"connection": "close"}])

    answer = wire.post()

    assert (answer.status, answer.headers["connection"]) == (200, "close")


def test_a_delay_does_not_outlive_the_collector(make_wire):
    wire = make_wire(script=[{"delay_ms": 600_000}])
    body = wire.body(wire.event())
    head = f"POST {wire.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", wire.collector.port), 30)
    connection.sendall(head.encode() + body)
    while not wire.collector.requests():
        time.sleep(0.01)

    wire.collector.close()

    with connection:
        assert connection.recv(1) in (b"", b"H")


def test_rules_may_be_objects(make_wire):
    rule = ScriptRule(when=When(first=1, last=1), connection=Connection.RESET)
    wire = make_wire(script=[rule])

    with pytest.raises(ConnectionResetError):
        wire.post()
    assert wire.post().status == 200


def test_a_file_holds_the_same_rules(tmp_path, make_wire):
    path = tmp_path / "script.json"
    path.write_text('{"rules": [{"when": {"request": 1}, "preset": "overloaded"}]}', "utf-8")
    wire = make_wire(script=load_script(path))

    assert [wire.post().status for _ in range(2)] == [503, 200]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rules": {}}', '{"rules": [], "x": 1}'])
def test_a_file_that_is_no_script_is_refused(tmp_path, text):
    path = tmp_path / "script.json"
    path.write_text(text, "utf-8")

    with pytest.raises(ScriptError, match=r"script\.json"):
        load_script(path)


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        (7, r"rules\[0\]: expected object"),
        ({"statsu": 1}, r'rules\[0\]: expected one of .*, found "statsu"'),
        ({"status": "503"}, r"rules\[0\]\.status"),
        ({"status": 100}, r"rules\[0\]\.status"),
        ({"times": -1}, r"rules\[0\]\.times"),
        ({"reason": "a\r\nb"}, r"rules\[0\]\.reason"),
        ({"headers": {"a b": "c"}}, r"rules\[0\]\.headers"),
        ({"headers": {"a": "b\r\nc: d"}}, r"rules\[0\]\.headers"),
        ({"when": {"request": 0}}, r"rules\[0\]\.when\.request"),
        ({"when": {"request": [1]}}, r"rules\[0\]\.when\.request"),
        ({"when": {"requets": 1}}, r"rules\[0\]\.when"),
        ({"when": {"event": 1}}, r"rules\[0\]\.when\.event"),
        ({"connection": "slow"}, r"rules\[0\]\.connection"),
        ({"connection": {"drip": {"bytes": 0}}}, r"rules\[0\]\.connection"),
        ({"throttle": [-1]}, r"rules\[0\]\.throttle"),
        ({"throttle": "all"}, r"rules\[0\]\.throttle"),
        ({"kill": {"form": "x"}}, r"rules\[0\]\.kill\.form"),
        ({"kill": {"duration": "\n"}}, r"rules\[0\]\.kill"),
        ({"preset": "slow"}, r"rules\[0\]\.preset"),
        ({"store": 1}, r"rules\[0\]\.store"),
    ],
)
def test_a_rule_that_cannot_be_followed_says_where(rule, where):
    with pytest.raises(ScriptError, match=where):
        make_script([rule])
