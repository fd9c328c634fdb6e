"""The one sink that every SDK sends to: takes, keeps and counts, and does nothing else.

HTTP/1.1 with keep-alive on a loopback port. Bodies are kept as they came and read only when asked
about, so that the sink takes next to no time from what is measured. Orders come as JSON lines on
standard input and are answered on standard output; the first line there is the port.

    {"do": "reset", "mode": MODE, "delay_s": SECONDS}    forget everything, and behave like MODE
    {"do": "count"}                                      totals of what came, in bytes and events
    {"do": "list"}                                       every event, as `decoding.Event`

MODE is "healthy"; "503"; "silent", which takes requests and never answers; or "slow", which takes
them and answers after a while. What came is kept in "healthy" and "slow" alone.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from typing import NamedTuple

import decoding


class Request(NamedTuple):
    """One request that was taken."""

    path: str
    content_type: str
    coding: str
    head_bytes: int
    body: bytes


class Sink:
    """What came, and how the next request is answered."""

    def __init__(self) -> None:
        self.reset("healthy", 0.0)

    def reset(self, mode: str, delay_s: float) -> None:
        """Forget what came."""
        self.mode = mode
        self.delay_s = delay_s
        self.requests: list[Request] = []
        self.refused = 0

    def count(self) -> dict[str, object]:
        """Return the totals."""
        arrived, undecoded, plain_bytes = self._read()
        return {
            "requests": len(self.requests),
            "refused": self.refused,
            "head_bytes": sum(request.head_bytes for request in self.requests),
            "body_bytes": sum(len(request.body) for request in self.requests),
            "plain_bytes": plain_bytes,
            "codings": sorted({request.coding or "none" for request in self.requests}),
            "events": len(arrived),
            "distinct": len(decoding.distinct(arrived)),
            "undecoded": undecoded,
        }

    def list(self) -> list[decoding.Event]:
        """Return every event that came, in the order of arrival."""
        return self._read()[0]

    def _read(self) -> tuple[list[decoding.Event], int, int]:
        arrived: list[decoding.Event] = []
        undecoded = plain_bytes = 0
        for request in self.requests:
            body = decoding.plain(request.coding, request.body)
            plain_bytes += len(body)
            try:
                arrived += decoding.events(request.path, request.content_type, body)
            except decoding.DecodingError as error:
                undecoded += 1
                print(f"sink: {request.path}: {error}", file=sys.stderr)
        return arrived, undecoded, plain_bytes


def answer(status: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._take_request():
            continue

    def _take_request(self) -> bool:
        end = self._received.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        first, *rest = self._received[:end].decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in rest if line)
        }
        size = int(headers.get("content-length", 0))
        if len(self._received) < end + size:
            return False
        body = bytes(self._received[end : end + size])
        del self._received[: end + size]
        kind, coding = headers.get("content-type", ""), headers.get("content-encoding", "")
        self._answer(Request(first.split(" ")[1], kind, coding, end, body))
        return True

    def _answer(self, request: Request) -> None:
        sink = self._sink
        if sink.mode in ("silent", "503"):
            sink.refused += 1
            if sink.mode == "503":
                self._write(answer("503 Service Unavailable", "application/json", b"{}"))
            return
        sink.requests.append(request)
        if "protobuf" in request.content_type:
            content = answer("200 OK", "application/x-protobuf", b"")
        else:
            # OneCollector counts; the others want their own word for "taken".
            taken = decoding.lines(decoding.plain(request.coding, request.body))
            words = f'{{"acc":{taken},"status":1}}'.encode()
            content = answer("200 OK", "application/json", words)
        if sink.mode == "slow":
            asyncio.get_running_loop().call_later(sink.delay_s, self._write, content)
        else:
            self._write(content)

    def _write(self, content: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(content)


async def serve() -> None:
    loop = asyncio.get_running_loop()
    sink = Sink()
    server = await loop.create_server(lambda: Connection(sink), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        if order["do"] == "reset":
            sink.reset(order["mode"], order["delay_s"])
            said: object = True
        else:
            said = sink.count() if order["do"] == "count" else sink.list()
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
