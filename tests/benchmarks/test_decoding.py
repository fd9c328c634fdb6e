"""What the benchmarks' sink reads out of bodies, and when two events are the same."""

from __future__ import annotations

import gzip
import json

import decoding
import pytest

JSON_STREAM = "application/x-json-stream; charset=utf-8"


def test_envelopes_are_read_with_their_own_identity(envelope):
    """A OneCollector body is one envelope a line; blank lines are none."""
    body = envelope(1, 1) + b"\n" + envelope(2, 2)

    assert decoding.lines(body) == 2
    assert decoding.events("/OneCollector/1.0/", JSON_STREAM, body) == [
        ("action", 1, "build", "e 1"),
        ("action", 2, "build", "e 2"),
    ]


def test_bodies_are_read_without_their_coding():
    """The one coding that the measured SDKs use, and none."""
    assert decoding.plain("gzip", gzip.compress(b"a")) == b"a"
    assert decoding.plain("", b"a") == b"a"


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def test_otlp_records_are_read():
    """ResourceLogs, ScopeLogs, LogRecord, its body and its attributes; ints are varints."""

    def attribute(key: bytes, value: bytes) -> bytes:
        return field(6, field(1, key) + field(2, value))

    record = (
        b"\x09"
        + bytes(8)  # time_unix_nano, a fixed64
        + field(5, field(1, b"ModelKitAction"))
        + attribute(b"action_name", field(1, b"build"))
        + attribute(b"duration_ms", b"\x18\xe1\x21")
        + attribute(b"success", b"\x10\x01")
    )
    body = field(1, field(2, field(2, record)))

    found = decoding.events("/v1/logs", "application/x-protobuf", body)

    assert found == [("action", 4321, "build", None)]


def test_other_peers_are_read():
    """A PostHog batch; a Glean ping of events; Glean's own pings hold none."""
    batch = {"batch": [{"event": "ModelKitError", "properties": {"exception_message": "x"}}]}
    ping = {"events": [{"name": "heartbeat"}, {"name": "action", "extra": {"duration_ms": "7"}}]}

    def read(path: str, value: object) -> list:
        return decoding.events(path, "application/json", json.dumps(value).encode())

    assert read("/batch/", batch) == [("error", None, "x", None)]
    assert [event[:2] for event in read("/submit/a/b/1/c", ping)] == [
        ("heartbeat", None),
        ("action", 7),
    ]
    assert read("/submit/a/health/1/c", {"metrics": {}}) == []


@pytest.mark.parametrize("body", [b"", b"no JSON", b"{}", b'{"batch":[{}]}'])
def test_what_nobody_sends_is_told(body):
    """An unknown body must not be counted as nothing."""
    with pytest.raises(decoding.DecodingError):
        decoding.events("/elsewhere", "application/json", body)


def test_duplicates_are_told_by_what_they_are_and_explained_by_the_sdks_identity(envelope):
    """The same event twice counts once; without an identity nobody could tell that it is one."""
    once = decoding.events("/", JSON_STREAM, envelope(1, 1) + envelope(2, 2))
    again = decoding.events("/", JSON_STREAM, envelope(1, 1))
    as_new = decoding.events("/", JSON_STREAM, envelope(2, 2, epoch="another"))

    assert len(decoding.distinct([*once, *again, *as_new])) == 2
    assert decoding.unexplained([*once, *again]) == 0
    assert decoding.unexplained([*once, *again, *as_new]) == 1
    assert decoding.unexplained([("action", 1, "build", None)] * 3) == 2
