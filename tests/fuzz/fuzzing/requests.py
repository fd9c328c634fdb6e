"""What comes over a connection: a request to the collector, the collector's answer to a sender."""

from __future__ import annotations

import atexit
import io
import json
import socket
from functools import cache
from typing import TYPE_CHECKING, Any

from declarant._answers import interpret
from declarant._directives import kill_order, retry_after_s, time_delta
from declarant_collector import Collector
from declarant_collector._log import LiveLog
from declarant_collector._server import CollectorServer, _Handler

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from random import Random

TOKEN = "abcdef0123456789abcdef0123456789"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
_EVENT = {
    "ver": "4.0",
    "name": "ModelKitAction",
    "time": "2026-11-22T01:12:10.362Z",
    "iKey": f"o:{TOKEN}",
    "ext": {"os": {"name": "x"}, "device": {"localId": "c:1"}, "sdk": {"seq": 1, "epoch": "1"}},
    "data": {"baseType": "x", "baseData": {}, "a": [1, None]},
}
_HEADERS = [
    b"Host: localhost", b"Content-Length: 5", b"Content-Length: -1", b"Transfer-Encoding: chunked",
    b"Expect: 100-continue", b"Content-Encoding: gzip", b"Content-Encoding: deflate", b"5",
    b"Content-Type: application/x-json-stream", b"apikey: " + KEY.encode(), b"NoResponseBody: true",
    b"Origin: http://x", b"upload-time: 1", b"time-delta-to-apply-millis: use-collector-delta",
    b"kill-tokens: " + TOKEN.encode() + b":all", b"kill-duration: 10", b"Retry-After: 5",
    b"Date: Fri, 27 Nov 2026 00:00:00 GMT", b"HTTP/1.1 400 x", b"ffffffff", b"0\r\n",
]  # fmt: skip
_PARTS = [
    *(b"%b\r\n" % header for header in _HEADERS),
    b"\r\n", b"\n", b" ", b":", b"?", b"&", b"=", b"%", b"//[", b"http://[", b"/OneCollector/1.0/",
    b"/api/events?limit=", b"/api/", b"POST ", b"GET ", b"OPTIONS ", b"HEAD ", b" HTTP/1.1",
    b" HTTP/9.9", b"{", b"}", b"[", b"]", b'"', b"\\ud800", b"NaN", b"1e999", b"9" * 40, b"\xff",
    b"\x00", b"\x85", b"\x1b[31m", b'"ext":{"os":{"release":"1"}},', b"this-request-only", b'"all"',
    b'"efi":{"x":[0,1]}', b'"rej":1,',
]  # fmt: skip
_SENT = 3


def seeds() -> Iterable[bytes]:
    """Return requests that the collector takes, and some for its other paths."""
    event = json.dumps(_EVENT).encode()
    for body in (event, event + b"\n" + event.replace(b"4.0", b"3.0"), b"", b"[1]"):
        yield _request(b"POST /OneCollector/1.0/", body)
        yield _request(b"POST /OneCollector/1.0?NoResponseBody=true&upload-time=1", body)
    yield (
        _request(b"POST /OneCollector/1.0/", event).replace(
            b"Content-Length: %d\r\n\r\n" % len(event),
            b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(event),
        )
        + b"\r\n0\r\n\r\n"
    )
    yield b"GET /api/events?limit=3 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    asked = b"Origin: http://x\r\nAccess-Control-Request-Headers: a"
    yield b"OPTIONS /OneCollector/1.0/ HTTP/1.1\r\n%b\r\n\r\n" % asked
    yield b"DELETE /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _request(line: bytes, body: bytes) -> bytes:
    head = (
        line + b" HTTP/1.1",
        b"Host: localhost",
        b"Content-Type: application/x-json-stream",
        b"apikey: " + KEY.encode(),
        b"Content-Length: %d" % len(body),
    )
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def answers() -> Iterable[bytes]:
    """Return answers of the collector, as they come."""
    for status, body in (
        (200, b'{"acc":3}'),
        (200, b'{"acc":1,"rej":2,"efi":{"InvalidEvent":[0,2]}}'),
        (400, b'{"acc":0,"rej":3,"efi":{"InvalidEventFormat":"all"}}'),
        (503, b""),
    ):
        yield (
            b"HTTP/1.1 %d x\r\nCollector-Error: x\r\nRetry-After: 5\r\nkill-tokens: o:%b:all\r\n"
            b"kill-duration: 86400\r\ntime-delta-millis: 1500\r\n\r\n%b"
        ) % (status, TOKEN.encode(), body)


def change(random: Random, data: bytes) -> bytes:
    """Put a part of a request or an answer somewhere, and mostly make the length right again."""
    for _ in range(random.choice([1, 1, 2, 4])):
        at = random.randint(0, len(data))
        part = random.choice([random.choice(_PARTS), data[at : at + random.randint(1, 40)]])
        data = data[:at] + part + data[at + random.choice([0, 0, 1, len(part)]) :]
    head, end, body = data.partition(b"\r\n\r\n")
    if end and random.random() < 0.6:
        lines = [
            line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")
        ]
        head = b"\r\n".join([*lines, b"Content-Length: %d" % len(body)])
        data = head + end + body
    return data


class _OverPipe(_Handler):
    """The handler as it is, on a pair of sockets that know no TCP."""

    disable_nagle_algorithm = False


@cache
def _server() -> tuple[CollectorServer, io.StringIO]:
    shown = io.StringIO()
    collector = Collector(log=LiveLog(shown))
    atexit.register(collector.close)
    return collector._server, shown


def check(data: bytes, _scratch: Path) -> None:
    """Hold that a connection gets whole answers whose numbers add up, and that all can be shown."""
    server, shown = _server()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for end in (ours, theirs):
            end.settimeout(60)
        ours.sendall(data)
        ours.shutdown(socket.SHUT_WR)
        _OverPipe(theirs, ("127.0.0.1", 1), server)
        theirs.shutdown(socket.SHUT_RDWR)
        said = b"".join(iter(lambda: ours.recv(1 << 16), b""))
    _check_answers(said)
    assert KEY not in shown.getvalue()
    assert all(line.isprintable() for line in shown.getvalue().split("\n"))
    shown.seek(0)
    shown.truncate()
    api = server.api.answer("GET", "/api/events")
    assert KEY.encode() not in api.body
    json.loads(api.body)
    server.intake.reset()


def _check_answers(said: bytes) -> None:
    """Read answers one after the other; none but the last may be without an end."""
    while said:
        head, end, said = said.partition(b"\r\n\r\n")
        status, _, _ = head.partition(b" ")[2].partition(b" ")
        if not head.startswith(b"HTTP/"):
            assert b"Error" in head  # the answer to HTTP/0.9, which has no head
            return
        assert end
        assert status.isdigit()
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(lines.get(b"Content-Length", b"0"))
        if said.startswith(b"HTTP/1.1 ") and length:
            continue  # the answer to HEAD
        body, said = said[:length], said[length:]
        assert len(body) == length or not body
        if body.startswith(b'{"acc"'):
            _check_counts(json.loads(body))


def _check_counts(answer: Any) -> None:
    if "rej" in answer and isinstance(answer.get("efi"), dict):
        listed = [
            index for indices in answer["efi"].values() if indices != "all" for index in indices
        ]
        assert "all" in answer["efi"].values() or answer["rej"] == len(set(listed)) == len(listed)


def check_answer(data: bytes, _scratch: Path) -> None:
    """Hold that a sender makes one outcome of any answer, of indices and numbers in bounds."""
    head, _, body = data.decode("latin-1").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    status = first.split(" ")[1] if " " in first else ""
    code = int(status) % 600 if status.isascii() and status.isdigit() and len(status) < 9 else 200
    named: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        named.setdefault(name.lower(), []).append(value.strip())
    error = ", ".join(named.get("collector-error", ()))
    for sent in (1, _SENT):
        outcome = interpret(code, body.encode("latin-1").decode("utf-8", "replace"), sent, error)
        assert set(outcome.rejected) <= set(range(sent))
        assert 0 <= outcome.unnamed <= sent - len(outcome.rejected)
    durations = named.get("kill-duration", []) + named.get("kill-duration-seconds", [])
    order = kill_order(named.get("kill-tokens", []), durations, KEY)
    if order is not None:
        assert 0 <= order.seconds <= 7 * 86400
        assert order.events
    wait = retry_after_s(named.get("retry-after", []), "".join(named.get("date", [])[:1]))
    assert wait is None or 0 < wait <= 86400
    delta = time_delta(named.get("time-delta-millis", []))
    assert delta is None or abs(int(delta)) < 10**12
