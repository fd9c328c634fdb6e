"""The HTTP side: framing, keep-alive, preflight, ends of connections."""

import http.client
import json
import socket
import threading

import pytest

from declarant_collector import Collector, _body
from declarant_collector._server import _Handler


def head(wire, *lines):
    fixed = [
        f"POST {wire.path} HTTP/1.1",
        "Host: x",
        f"x-apikey: {wire.key}",
        f"Content-Type: {wire.stream}",
        "Connection: close",
    ]
    return "\r\n".join([*fixed, *lines, "", ""]).encode()


def test_one_connection_serves_many_requests(wire):
    connection = http.client.HTTPConnection("127.0.0.1", wire.collector.port, timeout=30)
    headers = {"x-apikey": wire.key, "Content-Type": wire.stream}
    answers = []
    for _ in range(3):
        connection.request("POST", wire.path, wire.body(wire.event()), headers)
        answers.append(connection.getresponse().read())
        assert connection.sock is not None
    connection.close()

    assert answers == [b'{"acc":1}'] * 3


def test_keep_alive_is_not_slowed_by_delayed_acknowledgement():
    """Without these two, every kept-alive answer waits some 40 ms (ecosystem.md 1.9)."""
    assert _Handler.wbufsize == -1
    assert _Handler.disable_nagle_algorithm is True


def test_an_answer_leaves_in_one_piece(wire):
    body = wire.body(wire.event())
    with socket.create_connection(("127.0.0.1", wire.collector.port), 30) as connection:
        connection.sendall(head(wire, f"Content-Length: {len(body)}") + body)
        first = connection.recv(65_536)

    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert first.endswith(b'\r\n\r\n{"acc":1}')


def test_a_chunked_body_is_decoded(wire):
    body = wire.body(wire.event(), wire.event())
    parts = [body[:10], body[10:]]
    chunks = b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in parts)

    answer = wire.raw(head(wire, "Transfer-Encoding: chunked") + chunks + b"0\r\nA: b\r\n\r\n")

    assert answer.endswith(b'{"acc":2}')


def test_a_chunked_body_is_bounded(make_wire):
    wire = make_wire(max_request_bytes=100)
    chunks = b"50\r\n" + b"x" * 80 + b"\r\n"

    answer = wire.raw(head(wire, "Transfer-Encoding: chunked") + chunks * 3 + b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("lines", "body", "status"),
    [
        ([], b"", 411),
        (["Content-Length: -1"], b"", 400),
        (["Content-Length: +2"], b"{}", 400),
        (["Content-Length: 2", "Content-Length: 2"], b"{}", 400),
        (["Content-Length: 2", "Transfer-Encoding: chunked"], b"{}", 400),
        (["Transfer-Encoding: gzip, chunked"], b"", 400),
        (["Transfer-Encoding: chunked"], b"-2\r\n{}\r\n0\r\n\r\n", 400),
        (["Transfer-Encoding: chunked"], b"00 00 02\r\n{}\r\n0\r\n\r\n", 400),
        (["Transfer-Encoding: chunked"], b"2\r\n{}x\r\n0\r\n\r\n", 400),
    ],
)
def test_a_body_of_doubtful_extent_ends_the_connection(wire, lines, body, status):
    answer = wire.raw(head(wire, *lines) + body)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nConnection: close\r\n" in answer
    assert wire.collector.requests() == []


def test_a_body_above_any_bound_is_not_read(wire):
    answer = wire.raw(head(wire, "Content-Length: 99999999999"))

    assert answer.startswith(b"HTTP/1.1 413 ")
    (request,) = wire.collector.requests()
    assert request.wire_bytes == 99_999_999_999


def test_chunks_above_any_bound_are_not_read(make_wire, monkeypatch):
    """What follows is neither read nor kept; a client that never ends is left alone."""
    monkeypatch.setattr(_body, "MAX_DRAIN_BYTES", 1_000)
    wire = make_wire(max_request_bytes=100)
    chunk = b"300\r\n" + b"x" * 0x300 + b"\r\n"

    answer = wire.raw(head(wire, "Transfer-Encoding: chunked") + chunk * 2)

    assert answer.startswith(b"HTTP/1.1 413 ")
    (request,) = wire.collector.requests()
    assert request.wire_bytes == 2 * 0x300


@pytest.mark.parametrize(
    "lines_and_part",
    [("Content-Length: 3", b"{}"), ("Transfer-Encoding: chunked", b"3\r\n{}")],
    ids=["length", "chunk"],
)
def test_a_body_that_breaks_off_is_no_request(wire, lines_and_part):
    """What came of it may be a whole event by chance."""
    lines, part = lines_and_part
    with socket.create_connection(("127.0.0.1", wire.collector.port), 30) as connection:
        connection.sendall(head(wire, lines) + part)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert wire.collector.requests() == []


def test_trailers_are_bounded(wire):
    """As the lines of a head are; they are not read for ever."""
    answer = wire.raw(head(wire, "Transfer-Encoding: chunked") + b"0\r\n" + b"x: y\r\n" * 1_100)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert wire.collector.requests() == []


@pytest.mark.parametrize("expect", [[], ["Expect: 100-continue"]])
def test_a_target_that_is_no_url_is_a_400(wire, expect):
    content = head(wire, "Content-Length: 0", *expect).replace(wire.path.encode(), b"http://[x")

    assert wire.raw(content).startswith(b"HTTP/1.1 400 ")


def test_a_silent_connection_is_ended(wire, monkeypatch):
    monkeypatch.setattr(_Handler, "timeout", 0.05)

    assert wire.raw(head(wire, "Content-Length: 10") + b"{") == b""


def test_a_preflight_allows_what_a_browser_asks_for(wire):
    asked = "apikey,client-version,upload-time"

    answer = wire.request(
        "OPTIONS",
        wire.path,
        headers={"Access-Control-Request-Headers": asked, "Origin": "http://a"},
    )

    assert answer.status == 200
    assert answer.headers["access-control-allow-headers"] == asked
    assert answer.headers["access-control-allow-origin"] == "http://a"
    assert answer.headers["vary"] == "Origin"


def test_a_page_that_sends_credentials_may_read_the_answer(wire):
    """As every page with 1DS does; a browser takes no * then (Fetch standard, CORS check)."""
    headers = wire.post(Origin="https://shop.example").headers

    assert headers["access-control-allow-origin"] == "https://shop.example"
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["vary"] == "Origin"


def test_an_origin_that_no_header_may_hold_is_not_repeated(wire):
    content = head(wire, "Content-Length: 0", "Origin: http://a\x01b")

    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in wire.raw(content)


def test_parallel_clients_lose_nothing(wire):
    def send():
        for _ in range(20):
            assert wire.post().status == 200

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(wire.collector.accepted()) == 160
    numbers = [request.number for request in wire.collector.requests()]
    assert numbers == list(range(1, 161))


def test_closing_ends_idle_connections():
    collector = Collector()
    collector.start()
    connection = socket.create_connection(("127.0.0.1", collector.port), 30)
    connection.sendall(b"GET /api/counts HTTP/1.1\r\nHost: localhost\r\n\r\n")
    first = connection.recv(65_536)

    collector.close()

    assert json.loads(first.partition(b"\r\n\r\n")[2])["requests"] == 0
    assert connection.recv(1) == b""
    connection.close()


def test_a_collector_that_never_started_can_be_closed():
    Collector().close()


def test_a_port_in_use_is_an_error(wire):
    with pytest.raises(OSError, match="in use"):
        Collector(port=wire.collector.port)


def test_an_ipv6_address_has_a_url():
    try:
        collector = Collector(host="::1")
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with collector:
        assert collector.url == f"http://[::1]:{collector.port}/OneCollector/1.0/"
