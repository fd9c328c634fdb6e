"""TLS and proxies over real sockets: only a collector that proves who it is gets the key."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from declarant import _onecollector
from declarant._onecollector import OneCollectorTransport
from declarant._transport import Payload

CERTIFICATES = Path(__file__).parents[1] / "data" / "tls"
LINE = (
    b'{"ver":"4.0","name":"ModelKitHeartbeat","time":"2026-01-01T00:00:00.000Z",'
    b'"iKey":"o:0123456789abcdef0123456789abcdef","ext":{},"data":{}}'
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b'{"acc":1}'


def secured(certificate):
    """Speak TLS with a certificate, or no TLS at all; what is heard is decrypted, or as it came."""
    if certificate is None:

        def speak(server, connection):
            server.heard.append(connection.recv(65_536))
            connection.sendall(OK)

        return speak

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")

    def speak_tls(server, connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            server.hear(secure)
            secure.sendall(OK)

    return speak_tls


def tunnel(target, answer):
    """Answer CONNECT, and then pass on to a port what comes, which cannot be read."""

    def speak(server, connection):
        asked = b""
        while b"\r\n\r\n" not in asked and (piece := connection.recv(65_536)):
            asked += piece
        server.heard.append(asked)
        connection.sendall(answer)
        if b" 200 " not in answer:
            return
        with socket.create_connection(("127.0.0.1", target)) as onward:
            back = threading.Thread(target=pass_on, args=(onward, connection), daemon=True)
            back.start()
            pass_on(connection, onward, server.heard)
            back.join(60)

    return speak


def pass_on(source: socket.socket, target: socket.socket, heard: list[bytes] | None = None) -> None:
    """Pass on what comes from *source* until it ends."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            if heard is not None:
                heard.append(piece)
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    """Let collector.test be this machine, and trust the tests' authority as a company's own."""
    resolve = socket.getaddrinfo

    def lookup(host, *rest, **options):
        name = host.decode() if isinstance(host, bytes) else host
        return resolve("127.0.0.1" if name == "collector.test" else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    # No busy machine shall be taken for a collector that does not answer.
    monkeypatch.setattr(_onecollector, "CONNECT_TIMEOUT_S", 60)
    monkeypatch.setattr(_onecollector, "READ_TIMEOUT_S", 60)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)


@pytest.fixture
def send(key):
    """Send one line to the collector at a port, and return the outcome."""

    def once(port):
        end = time.monotonic() + 60
        transport = OneCollectorTransport(
            key,
            f"https://collector.test:{port}/OneCollector/1.0/",
            seconds_left=lambda: end - time.monotonic(),
        )
        try:
            return transport.send(Payload(LINE, 1))
        finally:
            transport.close()

    return once


def test_a_collector_that_proves_who_it_is_gets_the_events(listen, send, key):
    """What the others refuse would work."""
    server = listen(secured("good"))

    assert send(server.port).kind == "accepted"
    (request,) = server.heard
    assert request.endswith(LINE)
    assert key.encode() in request


@pytest.mark.parametrize("certificate", ["self_signed", "wrong_host", "expired", None])
def test_anybody_else_gets_neither_key_nor_events(listen, send, certificate):
    """Self-signed, of another host, out of date, or no TLS at all: later, and nothing was told."""
    server = listen(secured(certificate))

    outcome = send(server.port)

    assert (outcome.kind, outcome.status) == ("retry", 0)
    server.close()
    assert server.connections
    for heard in server.heard:
        assert b"0123456789abcdef" not in heard
        assert b"ModelKit" not in heard


def test_a_proxy_sees_where_to_and_nothing_else(listen, send, key, monkeypatch):
    """The key goes through its tunnel, in TLS that ends at the collector."""
    server = listen(secured("good"))
    proxy = listen(tunnel(server.port, b"HTTP/1.1 200 Connection established\r\n\r\n"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}/")

    assert send(server.port).kind == "accepted"

    proxy.close()
    asked, *passed = proxy.heard
    assert asked.startswith(f"CONNECT collector.test:{server.port} HTTP/1.".encode())
    assert key.encode() in server.heard[0]
    for heard in (asked, b"".join(passed)):
        assert b"0123456789abcdef" not in heard
        assert b"ModelKit" not in heard
        assert b"uthorization" not in heard


def test_a_proxy_that_pretends_to_be_the_collector_gets_nothing(listen, send, monkeypatch):
    """As one that opens TLS does without its authority being trusted."""
    impostor = listen(secured("self_signed"))
    proxy = listen(tunnel(impostor.port, b"HTTP/1.1 200 Connection established\r\n\r\n"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}/")

    assert send(impostor.port).kind == "retry"

    impostor.close()
    assert proxy.heard
    assert impostor.connections
    assert impostor.heard == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n" + b'{"acc":1}',
        b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"garbage\r\n\r\n",
        b"",
    ],
)
def test_what_a_proxy_refuses_is_no_answer_of_the_collector(listen, send, monkeypatch, answer):
    """A captive portal's 403 must not cost the events: they are for later."""
    proxy = listen(tunnel(9, answer))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}/")

    outcome = send(443)

    assert (outcome.kind, outcome.status) == ("retry", 0)
    proxy.close()
    assert proxy.heard
    assert b"0123456789abcdef" not in b"".join(proxy.heard)
