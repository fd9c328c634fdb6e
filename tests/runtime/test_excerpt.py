"""What is kept of an answer: never a value, a key, or what either can be read back from."""

from __future__ import annotations

import base64
import html
import http.client
import json
import logging
import random
import urllib.parse

import pytest

from declarant._excerpt import MAX_EXCERPT_BYTES, excerpt, reason_sentence, reason_word

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
VALUES = (
    *("alice.Secret", "Алиса", "zürich-7", "417", "C:\\Users\\bob\\private model.onnx", "déjà vu"),
    *("de", "x", "yes please", "日本語", "a\nb\tc", "O'Brien & <Sons>", "\uff26\uff35", "-12.75"),
)
SENT = (
    json.dumps(
        {"name": "ModelKitError", "data": {"texts": VALUES, "number": 417}}, ensure_ascii=False
    )
    + f" {KEY}"
)

ECHOES = {
    "as it was": lambda text: text,
    "json": json.dumps,
    "json twice": lambda text: json.dumps(json.dumps(text)),
    "json, UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "html": html.escape,
    "html twice": lambda text: html.escape(html.escape(text)),
    "html, numbered twice": lambda text: html.escape(
        text.encode("ascii", "xmlcharrefreplace").decode()
    ),
    "html, numbered": lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    "url": urllib.parse.quote,
    "url twice": lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    "url, plus": urllib.parse.quote_plus,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "bytes": lambda text: repr(text.encode())[2:-1],
    "ascii": ascii,
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "latin-1": lambda text: text.encode().decode("latin-1"),
    "joined": lambda text: text.replace(" ", "_"),
}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("value", [*VALUES, KEY, KEY[:32], SENT])
def test_nothing_of_an_echo_is_shown(echo, value):
    """Not a letter or digit of a value is left, however the answer writes it."""
    shown = excerpt(ECHOES[echo](value), SENT)

    assert not any(character.isalnum() for character in shown), shown


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("cut", range(1, 12))
def test_nothing_of_a_value_is_shown_that_was_cut(echo, cut):
    """An answer that ends, or is read, in the middle of a value or an escape."""
    value = ECHOES[echo]("alice.Secret Алиса zürich")[:-cut]
    shown = excerpt(value, SENT)

    assert not any(word in shown.lower() for word in ("ali", "sec", "ret", "zür", "rich"))


@pytest.mark.parametrize("around", ["error{}text", "not_{}_here", "Invalid{}Value", "{}ly"])
def test_nothing_is_shown_that_is_grown_together_with_a_value(around):
    """A word of the request inside a longer one."""
    assert "alice" not in excerpt(around.format("alice"), SENT).lower()
    assert "alice" not in reason_word(around.format("alice"), SENT).lower()
    assert "alice" not in reason_sentence(around.format("alice"), SENT).lower()


def test_no_number_is_shown_that_may_be_a_value():
    """Not in a body of the collector's own shape either, unless it counts events of the request."""
    assert excerpt("took 417 of 3", SENT) == "took * of *"
    assert excerpt('{"acc":417,"rej":2}', SENT, 3) == '{"acc":*,"rej":2}'
    assert excerpt('{"acc":1,"efi":{"InvalidEventFormat":[0,417]}}', SENT, 3) == (
        '{"acc":1,"efi":{"InvalidEventFormat":[0,*]}}'
    )


@pytest.mark.parametrize(
    "body",
    [
        '{"acc":1}',
        '{"acc":0,"efi":{"InvalidEventFormat":"all"}}',
        '{"acc":6,"rej":4,"efi":{"EventLevelThrottling":[0,1,2,4]}}',
        '{"acc":0,"rej":2,"efi":{"InvalidDeviceLocalId":[0,1],"InvalidUserLocalId":[0]}}',
    ],
)
def test_the_collectors_own_answers_are_shown_whole(body):
    """They are what the log is for, even if an event's name shares a word with them."""
    assert excerpt(body, "InvalidEventFormat all acc 6 event", 10) == body


def test_words_from_elsewhere_are_shown():
    """A page of a proxy still says what it is."""
    body = "<html><title>Gateway unavailable</title><p>Ask your administrator</p></html>"

    assert excerpt(body, SENT) == body


@pytest.mark.parametrize(
    "body",
    [
        '{"acc":1,"hint":"alice"}',
        '{"efi":{"alice":[0]}}',
        '{"efi":["alice"]}',
        '{"acc":"alice"}',
        '{"acc":true,"rej":null,"efi":{"A":{"alice":1}}}',
        '["alice"]',
        '"alice"',
    ],
)
def test_a_body_of_almost_the_known_shape_tells_no_more(body):
    """What does not belong there is masked."""
    assert "alice" not in excerpt(body, SENT)


@pytest.mark.parametrize("limit", [199, 200, 201, 5000])
def test_the_excerpt_has_at_most_200_bytes(limit):
    """Bytes, not characters, and whole ones."""
    shown = excerpt("no " * limit, "")

    assert len(shown.encode()) <= MAX_EXCERPT_BYTES == 200


def test_a_hostile_body_takes_no_time():
    """Neither a long word nor a long number of reasons."""
    draw = random.Random(1)
    letters = "".join(draw.choice("abcdefABCDEF") for _ in range(60_000))
    sent = " ".join(letters[start : start + 9] for start in range(0, 60_000, 9))

    excerpt(letters, sent)
    excerpt("aA" * 30_000 + "1", sent)
    excerpt("&" * 60_000, sent)
    reason_word("A" * 60_000, sent)
    reason_sentence(letters, sent)


def test_the_key_is_printed_by_no_switch_of_http_client(
    raw_server, read_request, key, capsys, monkeypatch
):
    """A host that debugs its own HTTP sees nothing of ours."""
    import time

    from declarant._onecollector import OneCollectorTransport
    from declarant._transport import Payload

    def speak(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    end = time.monotonic() + 20
    transport = OneCollectorTransport(
        key, raw_server(speak), seconds_left=lambda: end - time.monotonic()
    )

    assert transport.send(Payload(b'{"x":1}', 1)).kind == "accepted"
    transport.close()
    assert capsys.readouterr().out == ""


def test_no_log_of_any_library_holds_a_value_or_the_key(
    make_client, emit, scripted, key, caplog, hold
):
    """Every logger at DEBUG, through refusals, kills, retries and a dead collector."""
    running = scripted(
        {"when": {"request": 1}, "status": 503, "body": KEY},
        {"when": {"request": 2}, "connection": "reset"},
        {"when": {"request": 3}, "status": 400, "headers": {"Collector-Error": KEY}},
        {
            "status": 401,
            "headers": {"kill-tokens": KEY, "kill-duration": "60"},
            "body": "CPUExecutionProvider",
        },
    )
    client = make_client(endpoint=running.url)
    with caplog.at_level(logging.DEBUG):
        for _ in range(4):
            emit(client, duration_ms=987654)
            client.flush()
            if hold:
                hold.run_out()
    assert len(running.requests()) >= 4
    assert "the collector ordered silence of everything for 60 s" in caplog.messages
    for word in (*key.split("-"), "CPUExecutionProvider", "987654"):
        assert word not in caplog.text
