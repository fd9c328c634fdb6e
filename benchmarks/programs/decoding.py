"""What arrived at the sink: each SDK's bodies, read back to the events that they hold.

An event is what identifies it, whoever sent it: (kind, number, tag, identity). *kind* is "action",
"error" or "heartbeat"; *number* the `duration_ms` that a program counted up, None where the event
has none; *tag* the word by which a run marks its own; *identity* what the SDK itself would know a
duplicate by, as Declarant's epoch and sequence number, or None.
"""

from __future__ import annotations

import gzip
import json
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Event = tuple[str, int | None, str, str | None]

KINDS = ("action", "error", "heartbeat")


class DecodingError(Exception):
    """A body that none of the measured SDKs sends."""


def plain(coding: str, body: bytes) -> bytes:
    """Return *body* without its content coding."""
    return gzip.decompress(body) if coding == "gzip" else body


def lines(body: bytes) -> int:
    """Return how many lines a body without coding has, as a OneCollector counts events."""
    return sum(1 for line in body.split(b"\n") if line.strip())


def events(path: str, content_type: str, body: bytes) -> list[Event]:
    """Return the events that a body without coding holds; what an SDK tells of itself is left out.

    Raises:
        DecodingError: It has none of the known forms.
    """
    try:
        if "protobuf" in content_type:
            found = list(_otlp(memoryview(body)))
        elif "x-json-stream" in content_type:
            found = [_envelope(json.loads(line)) for line in body.split(b"\n") if line.strip()]
        else:
            found = _batch(path, json.loads(body))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        raise DecodingError(f"{content_type}: {type(error).__name__}") from None
    return [event for event in found if event[0] in KINDS]


def distinct(arrived: list[Event]) -> set[tuple[str, int | None, str]]:
    """Return the different events among *arrived*, however often each came."""
    return {event[:3] for event in arrived}


def unexplained(arrived: list[Event]) -> int:
    """Return how many of *arrived* came again and cannot be told by the SDK's own identity."""
    identities: dict[tuple[str, int | None, str], str | None] = {}
    found = 0
    for event in arrived:
        key, identity = event[:3], event[3]
        if key in identities:
            found += identity is None or identity != identities[key]
        identities[key] = identity
    return found


def _event(name: object, fields: dict, identity: str | None = None) -> Event:
    kind = next((kind for kind in KINDS if kind in str(name).lower()), str(name))
    number = fields.get("duration_ms")
    tag = fields.get("action_name") or fields.get("exception_message") or ""
    return kind, None if number is None else int(number), str(tag), identity


def _envelope(envelope: dict) -> Event:
    sdk = envelope.get("ext", {}).get("sdk", {})
    identity = f"{sdk['epoch']} {sdk['seq']}" if "seq" in sdk else None
    return _event(envelope["name"], envelope.get("data", {}), identity)


def _batch(path: str, document: dict) -> list[Event]:
    if "/submit/" in path:  # Glean: a ping
        return [
            _event(event["name"], event.get("extra", {})) for event in document.get("events", ())
        ]
    return [  # PostHog
        _event(event["event"], event["properties"], event.get("uuid"))
        for event in document["batch"]
    ]


def _otlp(message: memoryview) -> Iterator[Event]:
    """Yield the records of an OTLP ExportLogsServiceRequest.

    Source: opentelemetry/proto/logs/v1/logs.proto; the fields are ResourceLogs 1, ScopeLogs 2 in
    it, LogRecord 2 in that, and of a record its body 5 and attributes 6.
    """
    for resource in _parts(message, 1):
        for scope in _parts(resource, 2):
            for record in _parts(scope, 2):
                name = next((_value(body) for body in _parts(record, 5)), None)
                pairs = {}
                for pair in _parts(record, 6):
                    (key,) = _parts(pair, 1)
                    pairs[bytes(key).decode()] = next(map(_value, _parts(pair, 2)), None)
                yield _event(name, pairs)


def _value(message: memoryview) -> object:
    """Return an AnyValue: string 1, bool 2, int 3, double 4."""
    for number, found in _fields(message):
        if number == 1:
            return bytes(found).decode()
        return struct.unpack("<d", found)[0] if number == 4 else found
    return None


def _parts(message: memoryview, wanted: int) -> Iterator[memoryview]:
    return (found for number, found in _fields(message) if number == wanted)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            found, place = _varint(message, place)
        elif kind in (1, 2, 5):
            size = {1: 8, 5: 4}.get(kind, 0)
            if kind == 2:
                size, place = _varint(message, place)
            found, place = message[place : place + size], place + size
        else:
            raise ValueError("a wire type that proto3 does not have")
        yield key >> 3, found


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
