"""Real sockets to a real collector: fixtures that start one and speak HTTP to it."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from declarant_collector import Collector

TOKEN = "abcdef0123456789abcdef0123456789"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
OTHER_TOKEN = "0123456789abcdef0123456789abcdef"
OTHER_KEY = f"{OTHER_TOKEN}-11111111-2222-3333-4444-555555555555-7000"
PATH = "/OneCollector/1.0/"
STREAM = "application/x-json-stream; charset=utf-8"
PARSE_FAILURE = "All events rejected due to parsing failure."
PARSE_BODY = b'{"acc":0,"efi":{"InvalidEventFormat":"all"}}'


@dataclass(frozen=True)
class Response:
    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    @property
    def local_rules(self):
        return self.headers.get("declarant-local-rules", "")

    def json(self):
        return json.loads(self.body)


class Wire:
    """Speaks to one collector and knows how a minimal event looks."""

    key, token, other_key, other_token = KEY, TOKEN, OTHER_KEY, OTHER_TOKEN
    path, stream = PATH, STREAM
    parse_failure, parse_body = PARSE_FAILURE, PARSE_BODY

    def __init__(self, collector):
        self.collector = collector

    @staticmethod
    def event(**fields):
        envelope = {
            "ver": "4.0",
            "name": "ModelKitAction",
            "time": "2026-11-22T01:12:10.362Z",
            "iKey": f"o:{TOKEN}",
            "data": {},
        } | fields
        return {name: value for name, value in envelope.items() if value is not ...}

    @staticmethod
    def body(*events):
        texts = [json.dumps(event, separators=(",", ":"), ensure_ascii=False) for event in events]
        return "\n".join(texts).encode("utf-8", "surrogatepass")

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.collector.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, answer.reason, named, answer.read())
        finally:
            connection.close()

    def post(self, *events, body=None, path=PATH, key=KEY, **headers):
        """POST events, or a body as it is; header names are written with underscores."""
        named = {"Content-Type": STREAM, "x-apikey": key}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = self.body(*(events or (self.event(),))) if body is None else body
        chosen = {name: value for name, value in named.items() if value is not None}
        return self.request("POST", path, sent, chosen)

    def raw(self, content, *, timeout=30):
        """Send bytes on a fresh connection and return everything until the server closes it."""
        with socket.create_connection(("127.0.0.1", self.collector.port), timeout) as connection:
            connection.sendall(content)
            parts = []
            while part := connection.recv(65_536):
                parts.append(part)
            return b"".join(parts)

    def rejected_rules(self):
        return [
            [violation.rule for violation in event.violations]
            for event in self.collector.rejected()
        ]


@pytest.fixture
def make_wire():
    """Start collectors with given options; all are closed at the end."""
    with ExitStack() as stack:

        def make(**options):
            return Wire(stack.enter_context(Collector(**options)))

        yield make


@pytest.fixture
def wire(make_wire):
    """A collector as it is by default: strict, any well-formed key, no script."""
    return make_wire()
