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


class Server:
    """Speaks TLS with one certificate; remembers what it heard, decrypted or as it came."""

    def __init__(self, certificate: str | None) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(60)
            # A client that hangs up in the handshake is what such a test is about.
            with connection, contextlib.suppress(OSError):
                self._speak(connection)

    def _speak(self, connection: socket.socket) -> None:
        if self._context is None:
            self.heard.append(connection.recv(65_536))
            connection.sendall(OK)
            return
        with self._context.wrap_socket(connection, server_side=True) as secure:
            self.heard.append(read_request(secure))
            secure.sendall(OK)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)


class Proxy(Server):
    """Answers CONNECT, and then passes on what comes, which it cannot read."""

    def __init__(self, target: int, answer: bytes) -> None:
        self._target = target
        self._answer = answer
        super().__init__(None)

    def _speak(self, connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += connection.recv(65_536)
        self.heard.append(asked)
        connection.sendall(self._answer)
        if b" 200 " not in self._answer:
            return
        with socket.create_connection(("127.0.0.1", self._target)) as onward:
            back = threading.Thread(target=pass_on, args=(onward, connection), daemon=True)
            back.start()
            pass_on(connection, onward, self.heard)
            back.join(60)


def pass_on(source: socket.socket, target: socket.socket, heard: list[bytes] | None = None) -> None:
    """Pass on what comes from *source* until it ends."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            if heard is not None:
                heard.append(piece)
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


def read_request(connection: socket.socket) -> bytes:
    """Read one whole request."""
    content = b""
    while b"\r\n\r\n" not in content:
        content += connection.recv(65_536)
    head, _, body = content.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def serve():
    """Start servers that are closed again."""
    with contextlib.ExitStack() as started:

        def start(made):
            started.callback(made.close)
            return made

        yield start


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
            return transport.send(Payload([LINE]))
        finally:
            transport.close()

    return once


def test_a_collector_that_proves_who_it_is_gets_the_events(serve, send, key):
    """What the others refuse would work."""
    server = serve(Server("good"))

    assert send(server.port).kind == "accepted"
    (request,) = server.heard
    assert request.endswith(LINE)
    assert key.encode() in request


@pytest.mark.parametrize("certificate", ["self_signed", "wrong_host", "expired", None])
def test_anybody_else_gets_neither_key_nor_events(serve, send, certificate):
    """Self-signed, of another host, out of date, or no TLS at all: later, and nothing was told."""
    server = serve(Server(certificate))

    outcome = send(server.port)

    assert (outcome.kind, outcome.status) == ("retry", 0)
    server.close()
    assert server.connections
    for heard in server.heard:
        assert b"0123456789abcdef" not in heard
        assert b"ModelKit" not in heard


def test_a_proxy_sees_where_to_and_nothing_else(serve, send, key, monkeypatch):
    """The key goes through its tunnel, in TLS that ends at the collector."""
    server = serve(Server("good"))
    proxy = serve(Proxy(server.port, b"HTTP/1.1 200 Connection established\r\n\r\n"))
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


def test_a_proxy_that_pretends_to_be_the_collector_gets_nothing(serve, send, monkeypatch):
    """As one that opens TLS does without its authority being trusted."""
    impostor = serve(Server("self_signed"))
    proxy = serve(Proxy(impostor.port, b"HTTP/1.1 200 Connection established\r\n\r\n"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}/")

    assert send(impostor.port).kind == "retry"

    impostor.close()
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
def test_what_a_proxy_refuses_is_no_answer_of_the_collector(serve, send, monkeypatch, answer):
    """A captive portal's 403 must not cost the events: they are for later."""
    proxy = serve(Proxy(9, answer))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}/")

    outcome = send(443)

    assert (outcome.kind, outcome.status) == ("retry", 0)
    proxy.close()
    assert b"0123456789abcdef" not in b"".join(proxy.heard)
