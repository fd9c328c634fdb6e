"""The HTTP side: a threading server with quick keep-alive, and what a fault script does to sockets.

Owns connections. Policy stands in `_intake` and below; the API's in `_api`.
"""

from __future__ import annotations

import os
import select
import socket
import socketserver
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from declarant_collector._answer import Answer, plain
from declarant_collector._api import is_local_host, problem
from declarant_collector._body import FramingError, content_length, read_body
from declarant_collector._request import IngestRequest
from declarant_collector._script import Connection, Drip

if TYPE_CHECKING:
    from typing import Any

    from declarant_collector._api import Api
    from declarant_collector._intake import Intake
    from declarant_collector._script import ScriptRule

__all__ = ["INGEST_PATH", "CollectorServer"]

INGEST_PATH = "/OneCollector/1.0"
"""Path of the ingest endpoint; a trailing slash is taken too. Source: onecollector.md 1.1 (A45)."""

READ_TIMEOUT_S = 60.0
"""Seconds a connection may be silent."""

# Recorded live (onecollector.md 2.3); Expose-Headers lets a page's script read the protocol's own.
_CORS = (
    ("Access-Control-Allow-Headers", "Collector-Error"),
    ("Access-Control-Allow-Methods", "POST"),
    ("Access-Control-Allow-Credentials", "true"),
    (
        "Access-Control-Expose-Headers",
        "Collector-Error, kill-tokens, kill-duration, kill-duration-seconds, time-delta-millis",
    ),
)


class CollectorServer(ThreadingHTTPServer):
    """Listens, and ends every connection when it is closed."""

    daemon_threads = True
    request_queue_size = 128
    # On Windows the option lets another process take over a port in use.
    allow_reuse_address = os.name == "posix"

    def __init__(self, address: tuple[str, int], *, intake: Intake, api: Api) -> None:
        """Bind the address.

        Raises:
            OSError: The address cannot be bound.
        """
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self.intake = intake
        self.api = api
        self.host = address[0]
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the base class's look-up of our own name, which may ask the network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = self.host
        self.server_port = int(self.server_address[1])

    # socketserver's own signatures say Any.
    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection and hand it to a thread."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection and forget it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._open.discard(request)
                self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong in a thread, unless a client merely went away."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening, end all connections and wait for their threads."""
        self.stopping.set()
        super().server_close()
        with self._changed:
            for connection in self._open:
                _shut(connection)
            self._changed.wait_for(lambda: not self._open, timeout=10)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It ended by itself; nothing is lost.
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "declarant-collector"
    sys_version = ""
    timeout = READ_TIMEOUT_S
    # Head and body leave in one segment; without both, delayed acknowledgement costs 40 ms each
    # (ecosystem.md 1.9).
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def _owner(self) -> CollectorServer:
        assert isinstance(self.server, CollectorServer)
        return self.server

    def do_GET(self) -> None:
        self._route()

    do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Stay quiet: the live log shows events, not requests."""

    def handle_expect_100(self) -> bool:
        """Ask for the body, unless its length alone refuses it (A46)."""
        try:
            length = content_length(self.headers) or 0
            is_ingest = self._is_ingest()
        except FramingError as error:
            self.close_connection = True
            self._send(plain(error.status))
            return False
        if length > self._owner.intake.judge.max_request_bytes:
            self.close_connection = True
            if is_ingest:
                self._take(b"", length)
            else:
                self._send(plain(413))
            return False
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()
        return True

    def _is_ingest(self) -> bool:
        return self._url_path().rstrip("/") == INGEST_PATH

    def _url_path(self) -> str:
        try:
            return urlsplit(self.path).path
        except ValueError:
            raise FramingError(400) from None

    def _route(self) -> None:
        try:
            self._answer()
        except FramingError as error:
            self.close_connection = True
            self._send(plain(error.status))

    def _answer(self) -> None:
        if self._is_ingest():
            self._ingest()
            return
        self._discard_body()
        if self._url_path().startswith("/api/"):
            self._send(self._api_answer())
        else:
            self._send(plain(404))

    def _discard_body(self) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            body = read_body(self.rfile, content_length(self.headers), max_bytes=0)
            self.close_connection |= not body.is_complete

    def _api_answer(self) -> Answer:
        host = self.headers.get("Host")
        if not is_local_host(host, self._owner.host):
            return problem(403, "Host: expected an address of this machine or localhost")
        origin = self.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != host:
            return problem(403, "Origin: expected none or the collector's own")
        return self._owner.api.answer(self.command, self.path)

    def _ingest(self) -> None:
        if self.command == "OPTIONS":
            self._discard_body()
            self._send(self._preflight(), cors=True)
            return
        if self.command != "POST":
            self._discard_body()
            self._send(plain(405).with_headers(("Allow", "POST, OPTIONS")), cors=True)
            return
        limit = self._owner.intake.judge.max_request_bytes
        body = read_body(self.rfile, content_length(self.headers), max_bytes=limit)
        self.close_connection |= not body.is_complete
        self._take(body.kept, body.unread_bytes)

    def _preflight(self) -> Answer:
        # A browser asks for apikey, client-version and others; all are the client's business.
        asked = self._repeatable("Access-Control-Request-Headers")
        headers = (("Access-Control-Allow-Headers", asked),) if asked else ()
        return plain(200).with_headers(*headers, ("Access-Control-Max-Age", "86400"))

    def _repeatable(self, name: str) -> str:
        """Return a header's value if it can stand in an answer, else nothing."""
        value = self.headers.get(name, "")
        return value if value.isprintable() and value.isascii() else ""

    def _cors(self) -> tuple[tuple[str, str], ...]:
        # The recorded answer, to a program, says *. A browser takes no * for a request with
        # credentials, and 1DS on a page always sends them, so a page's origin is said back.
        origin = self._repeatable("Origin")
        if not origin:
            return (("Access-Control-Allow-Origin", "*"), *_CORS)
        return (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"), *_CORS)

    def _take(self, body: bytes, unread_bytes: int) -> None:
        request = IngestRequest(
            method=self.command,
            target=self.path,
            headers=tuple(self.headers.items()),
            body=body,
            unread_bytes=unread_bytes,
        )
        taken = self._owner.intake.take(request)
        if taken.rule is None:
            self._send(taken.answer, cors=True)
        else:
            self._send_as_scripted(taken.answer, taken.rule)

    def _send_as_scripted(self, answer: Answer, rule: ScriptRule) -> None:
        if rule.delay_ms:
            self._owner.stopping.wait(rule.delay_ms / 1000)
        connection = rule.connection
        if connection is None:
            self._send(answer, cors=True)
            return
        self.close_connection = True
        if connection is Connection.BLACK_HOLE:
            self._hold()
        elif connection is Connection.RESET:
            self._reset()
        else:
            self._send_badly(self._bytes(answer, cors=True), connection)

    def _send_badly(self, content: bytes, connection: Connection | Drip) -> None:
        if isinstance(connection, Drip):
            for start in range(0, len(content), connection.bytes):
                self.wfile.write(content[start : start + connection.bytes])
                self.wfile.flush()
                if self._owner.stopping.wait(connection.every_ms / 1000):
                    return
        else:
            end = len(content) // 2 if connection is Connection.HALF else len(content)
            self.wfile.write(content[:end])
            self.wfile.flush()

    def _hold(self) -> None:
        """Keep the line open and silent until the client or the collector gives up."""
        while not self._owner.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.1)
            if readable and not self.connection.recv(65_536, socket.MSG_PEEK):
                return
            if readable:
                # A client that pipelines: leave its bytes, do not spin on them.
                self._owner.stopping.wait(0.1)

    def _reset(self) -> None:
        """Close so that the client's side sees RST, not an orderly end."""
        # Windows declares the two members as short.
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        # Detached, so that the server's own orderly shutdown finds nothing to shut.
        socket.close(self.connection.detach())

    def _send(self, answer: Answer, *, cors: bool = False) -> None:
        self.wfile.write(self._bytes(answer, cors=cors))
        self.wfile.flush()

    def _bytes(self, answer: Answer, *, cors: bool) -> bytes:
        lines = [
            f"HTTP/1.1 {answer.status} {answer.reason}",
            f"Server: {self.server_version}",
            f"Date: {self.date_time_string()}",
        ]
        named = {name.lower() for name, _ in answer.headers}
        if "connection" in named:
            self.close_connection |= answer.header("Connection").lower() == "close"
        elif self.close_connection:
            lines.append("Connection: close")
        if answer.status != 204 and "content-length" not in named:
            lines.append(f"Content-Length: {len(answer.body)}")
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if cors:
            lines += [
                f"{name}: {value}" for name, value in self._cors() if name.lower() not in named
            ]
        head = "\r\n".join(lines).encode("latin-1", "replace")
        body = b"" if self.command == "HEAD" or answer.status == 204 else answer.body
        return b"%b\r\n\r\n%b" % (head, body)
