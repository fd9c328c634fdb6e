"""The transport against collectors that answer badly, late, or not at all."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import queue
import ssl
import time
import tracemalloc
from pathlib import Path

import pytest

from declarant._excerpt import excerpt, reason_word
from declarant._onecollector import OneCollectorTransport, interpret
from declarant._transport import OUT_OF_TIME, Payload

LINE = (
    b'{"ver":"4.0","name":"ModelKitHeartbeat","time":"2026-01-01T00:00:00.000Z",'
    b'"iKey":"o:0123456789abcdef0123456789abcdef","ext":{},"data":{}}'
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b'{"acc":1}'


@pytest.fixture
def send(key):
    """Send lines with so many seconds left."""
    made = []

    def once(url, *lines, seconds=20.0):
        end = time.monotonic() + seconds
        transport = OneCollectorTransport(key, url, seconds_left=lambda: end - time.monotonic())
        made.append(transport)
        return transport.send(Payload(b"\n".join(lines or [LINE]), len(lines) or 1))

    yield once
    for transport in made:
        transport.close()


def read_request(connection):
    """Read one request, so that closing the connection does not reset it."""
    content = b""
    while b"\r\n\r\n" not in content:
        content += connection.recv(65536)
    head, _, body = content.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


def answering(answer):
    def speak(connection):
        read_request(connection)
        connection.sendall(answer)

    return speak


def with_peak(call):
    """Return what *call* returns, and how many bytes more than before were in use at once."""
    tracemalloc.start()
    try:
        return call(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_request_is_as_the_real_clients_make_it(send, raw_server, key):
    """Key in its header, NDJSON without a last newline, no cookie, no credentials."""
    seen = []

    def speak(connection):
        seen.append(read_request(connection))
        connection.sendall(OK)

    outcome = send(raw_server(speak), LINE)

    (head, body), *_ = seen
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    assert outcome.kind == "accepted"
    assert lines[0] == "POST /OneCollector/1.0/ HTTP/1.1"
    assert headers["x-apikey"] == key
    assert headers["content-type"] == "application/x-json-stream; charset=utf-8"
    assert headers["client-id"] == "no_auth"
    assert int(headers["upload-time"]) > 1_700_000_000_000
    assert "authorization" not in headers
    assert "cookie" not in headers
    assert body == LINE


def test_large_bodies_are_compressed(send, raw_server):
    """gzip, and the same bytes inside."""
    seen = []

    def speak(connection):
        seen.append(read_request(connection))
        connection.sendall(OK)

    send(raw_server(speak), *[LINE] * 10)

    (head, body), *_ = seen
    assert b"content-encoding: gzip" in head.lower()
    assert gzip.decompress(body) == b"\n".join([LINE] * 10)


def test_netrc_and_proxies_do_not_touch_a_loopback_collector(
    send, raw_server, tmp_path, monkeypatch
):
    """Neither the user's passwords nor a proxy is used."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    seen = []

    def speak(connection):
        seen.append(read_request(connection)[0])
        connection.sendall(OK)

    assert send(raw_server(speak)).kind == "accepted"
    assert b"uthorization" not in seen[0]


def test_netrc_is_never_read(key, tmp_path, monkeypatch):
    """Not for a collector elsewhere either: the request that would leave holds no credentials."""
    import requests

    netrc = tmp_path / ".netrc"
    netrc.write_text("machine collector.example login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    transport = OneCollectorTransport(key, "https://collector.example/", seconds_left=lambda: 1.0)
    session = transport._session

    prepared = session.prepare_request(requests.Request("POST", "https://collector.example/"))

    transport.close()
    assert "Authorization" not in prepared.headers
    assert session.verify is True


def test_redirects_are_not_followed(send, raw_server):
    """The key must not travel."""
    visited = []

    def elsewhere(connection):
        visited.append(1)
        read_request(connection)
        connection.sendall(OK)

    target = raw_server(elsewhere)
    answer = f"HTTP/1.1 307 Go\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()

    outcome = send(raw_server(answering(answer)))

    assert (outcome.kind, outcome.status) == ("rejected", 307)
    assert visited == []


@pytest.mark.parametrize(
    "location", [b"http://\xff/", b"http://[::1/", b"http://h:999999/", b"//[", b"\x00", b"%zz"]
)
def test_where_a_redirect_leads_is_not_even_read(send, raw_server, location):
    """Bytes that are no text and addresses that are none raise nothing, and change nothing."""
    answer = b"HTTP/1.1 302 Go\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"

    outcome = send(raw_server(answering(answer)))

    assert (outcome.kind, outcome.status) == ("rejected", 302)


def test_a_collector_that_nobody_vouches_for_gets_nothing(send, raw_server):
    """Neither events nor the key leave before a known authority says who the other side is."""
    certificate = Path(__file__).parents[1] / "data" / "tls" / "nobody-vouches.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    heard = queue.Queue()

    def speak(connection):
        received = b""
        # The other side hangs up in the middle of the handshake.
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(connection, server_side=True) as encrypted,
        ):
            received = encrypted.recv(65536)
        heard.put(received)

    outcome = send(raw_server(speak).replace("http://", "https://"))

    assert outcome.kind == "retry"
    assert heard.get(timeout=60) == b""


def test_nobody_listens(send):
    """A refused connection is for later."""
    assert send("http://127.0.0.1:9/").kind == "retry"


def black_hole(connection):
    while connection.recv(65536):
        pass


def drip_head(connection):
    read_request(connection)
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 10_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def drip_status(connection):
    read_request(connection)
    while True:
        connection.sendall(b"H")
        time.sleep(0.02)


def endless_continue(connection):
    read_request(connection)
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("speak", [black_hole, drip_head, drip_status, endless_continue])
@pytest.mark.timeout(30)
def test_the_deadline_holds_whatever_the_other_side_does(send, raw_server, speak):
    """A time-out for each byte is none for the whole; this test hangs if there is no deadline."""
    assert send(raw_server(speak), seconds=0.5).kind == "retry"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("status", "kind"), [(b"200 OK", "accepted"), (b"302 Go\r\nLocation: /", "rejected")]
)
def test_a_dripping_body_changes_no_outcome(send, raw_server, status, kind):
    """The status has said it; the rest of the body is not waited for, of a redirect neither."""

    def speak(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.02)

    # So long that a busy machine has the status in time.
    outcome = send(raw_server(speak), seconds=4)

    assert (outcome.kind, outcome.status) == (kind, int(status[:3]))


@pytest.mark.timeout(30)
def test_a_peer_that_does_not_read_is_given_up(send, raw_server):
    """A body that fills every buffer meets the deadline, too."""
    import os

    def speak(connection):
        time.sleep(3)

    line = b'"' + os.urandom(4_000_000).hex().encode() + b'"'
    assert send(raw_server(speak), line, seconds=0.5).kind == "retry"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 20",
        b"HTTP/1.1 999999 X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\x00",
    ],
)
def test_no_http_is_for_later(send, raw_server, answer):
    """What is no answer is no outcome of the events, and never an exception."""
    assert send(raw_server(answering(answer))).kind == "retry"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-9\r\n{"acc":1}\r\n0\r\n\r\n',
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nno gz",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xff\xfe\x00\x00",
    ],
)
def test_a_broken_body_of_a_success_stays_a_success(send, raw_server, answer):
    """Any 2xx is accepted; sending again would double the events (B01, B03, B06)."""
    outcome = send(raw_server(answering(answer)))

    assert (outcome.kind, dict(outcome.rejected)) == ("accepted", {})


@pytest.mark.parametrize("status", [b"200 OK", b"302 Go", b"400 Bad", b"503 Busy"])
def test_a_bomb_in_the_answer_is_read_in_part(send, raw_server, status):
    """Decompressed megabytes are not collected, whatever the status is."""
    bomb = gzip.compress(b" " * 50_000_000)
    head = b"HTTP/1.1 %b\r\nLocation: /\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    answer = head % (status, len(bomb)) + bomb

    outcome, peak = with_peak(lambda: send(raw_server(answering(answer))))

    assert outcome.status == int(status[:3])
    assert peak < 10_000_000


@pytest.mark.parametrize("status", [b"200 OK", b"302 Go", b"400 Bad", b"503 Busy"])
def test_a_huge_answer_is_read_in_part(send, raw_server, status):
    """So is what was never compressed; the connection is closed over the rest."""

    def speak(connection):
        read_request(connection)
        head = b"HTTP/1.1 %b\r\nLocation: /\r\nContent-Length: 50000000\r\n\r\n"
        connection.sendall(head % status)
        with contextlib.suppress(OSError):
            for _ in range(50):
                connection.sendall(b" " * 1_000_000)

    outcome, peak = with_peak(lambda: send(raw_server(speak)))

    assert outcome.status == int(status[:3])
    assert peak < 10_000_000


def test_no_time_left_sends_nothing(send, raw_server):
    """A pass that is over opens no connection."""
    outcome = send(raw_server(lambda connection: pytest.fail("connected")), seconds=-1)

    assert (outcome.kind, outcome.reason) == ("retry", OUT_OF_TIME)


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        '{"efi":[]}',
        '{"efi":{"A":5}}',
        '{"efi":{"A":[[0]]}}',
        '{"efi":{"A":["0",true,-1,9,1.0]}}',
        '{"efi":{"A":"some"}}',
        "[" * 60_000,
        '{"acc":' + "9" * 5000 + "}",
    ],
)
def test_odd_answers_change_nothing(body):
    """B09 and B10: no shape of an answer raises or rejects by mistake."""
    assert dict(interpret(200, body, 3).rejected) == {}


def test_efi_lists_and_all():
    """B04 and B05."""
    assert dict(interpret(200, '{"efi":{"A":[0,2]}}', 3).rejected) == {0: "A", 2: "A"}
    assert dict(interpret(200, '{"efi":{"A":"all"}}', 2).rejected) == {0: "A", 1: "A"}


@pytest.mark.parametrize(
    ("body", "unnamed"),
    [
        ('{"acc":0,"rej":3}', 3),
        ('{"acc":1,"rej":2,"efi":{"A":[0]}}', 1),
        ('{"acc":2,"rej":1,"efi":{"A":[0]}}', 0),
        ('{"rej":2,"efi":{"A":"all"}}', 0),
        ('{"rej":2,"efi":[]}', 2),
        ('{"acc":0,"rej":9}', 3),
        ('{"acc":0,"rej":-1}', 0),
        ('{"acc":0,"rej":true}', 0),
        ('{"acc":0,"rej":"3"}', 0),
        ('{"acc":9}', 0),
    ],
)
def test_refusals_without_an_index_count(body, unnamed):
    """`rej` counts what `efi` does not name, never more than was sent."""
    assert interpret(200, body, 3).unnamed == unnamed


def test_refusals_without_an_index_survive_the_debug_log(send, raw_server, caplog):
    """Looking closer changes no outcome."""
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"acc":0,"rej":1}'
    with caplog.at_level(logging.DEBUG, "declarant"):
        outcome = send(raw_server(answering(answer)))

    assert (outcome.kind, outcome.unnamed) == ("accepted", 1)


def test_the_debug_log_says_what_helps(send, raw_server, caplog):
    """Status, Collector-Error and the start of the body."""
    body = b'{"acc":0,"efi":{"InvalidEventFormat":"all"}}'
    answer = (
        b"HTTP/1.1 400 Bad\r\nCollector-Error: All events rejected due to parsing failure.\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    with caplog.at_level(logging.DEBUG, "declarant"):
        outcome = send(raw_server(answering(answer)))

    (message,) = caplog.messages
    assert message == (
        "collector answered 400, All events rejected due to parsing failure., "
        '{"acc":0,"efi":{"InvalidEventFormat":"all"}}'
    )
    assert outcome.reason == "All events rejected due to parsing failure."


def test_an_echo_reaches_neither_log_nor_ledger(send, raw_server, caplog, key):
    """A collector that repeats key and events does not get them into any text of ours."""
    secret = LINE.replace(b'"data":{}', b'"data":{"exception_type":"alice.Secret"}')

    def speak(connection):
        _, body = read_request(connection)
        echoed = json.dumps({"efi": {body.decode(): [0], "alice": [0]}, "key": key}).encode()
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nCollector-Error: no alice.Secret with %s\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (key.encode(), len(echoed), echoed)
        )

    with caplog.at_level(logging.DEBUG):
        outcome = send(raw_server(speak), secret)

    said = caplog.text + repr(outcome) + outcome.reason + str(dict(outcome.rejected))
    for word in ("alice", "Secret", key, *key.split("-")[:2]):
        assert word not in said
    assert dict(outcome.rejected) == {0: "other"}


def test_the_excerpt_is_short_and_printable():
    """200 characters, no control characters, even from a megabyte."""
    shown = excerpt("a\x1b[31m\r\n\u202e" + "b" * 1_000_000, "")

    assert len(shown) == 200
    assert shown.isprintable()


def test_a_word_cut_in_two_is_still_recognised():
    """Redacting comes before cutting."""
    assert "secre" not in excerpt("x " * 98 + "secretword", "secretword")


def test_reasons_are_single_words():
    """What is counted apart is a reason, not a sentence from outside."""
    assert reason_word("InvalidEventFormat", "x") == "InvalidEventFormat"
    assert reason_word("two words", "x") == "other"
    assert reason_word("Build", "action build") == "other"
