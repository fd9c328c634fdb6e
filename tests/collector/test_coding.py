"""Content codings: decompression is bounded, broken streams are parse failures."""

import gzip
import random
import tracemalloc
import types
import zlib

import pytest

from declarant_collector import _coding
from declarant_collector._coding import decompress
from declarant_collector._rules import Policy

LIMIT = 3_145_728


def raw_deflate(body):
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", raw_deflate)])
def test_a_bomb_is_a_413(wire, coding, pack):
    answer = wire.post(body=pack(b" " * (40 * LIMIT)), Content_Encoding=coding)

    assert (answer.status, answer.local_rules) == (413, "DECODED_TOO_LARGE")


def test_a_bomb_is_a_413_without_local_rules_too(make_wire):
    wire = make_wire(strict=False)

    assert wire.post(body=gzip.compress(b" " * (17 * LIMIT)), Content_Encoding="gzip").status == 413


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", raw_deflate)])
def test_of_a_bomb_little_more_than_the_limit_is_unpacked(coding, pack):
    """The 413 alone would come as well if all of it had been in memory."""
    body = pack(b" " * (40 * LIMIT))

    tracemalloc.start()
    try:
        _, problem = decompress(body, coding, max_bytes=LIMIT, policy=Policy())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert problem is not None
    assert problem.rule.id == "DECODED_TOO_LARGE"
    assert peak < 3 * LIMIT


def test_a_bomb_of_many_members_is_counted_together():
    body = gzip.compress(b"x" * 600) * 2

    _, problem = decompress(body, "gzip", max_bytes=1000, policy=Policy())

    assert problem is not None
    assert problem.rule.id == "DECODED_TOO_LARGE"


def test_twice_the_members_take_twice_the_work(monkeypatch):
    """Each member must not copy all that stands behind it: minutes for a request of 3 MB."""
    fed = []

    class Counting:
        def __init__(self, window_bits):
            self._inflater = zlib.decompressobj(window_bits)

        def __getattr__(self, name):
            return getattr(self._inflater, name)

        def decompress(self, content, most):
            fed.append(len(content))
            return self._inflater.decompress(content, most)

    counting = types.SimpleNamespace(decompressobj=Counting, error=zlib.error)
    monkeypatch.setattr(_coding, "zlib", counting)
    member = gzip.compress(b"", mtime=0)

    def work(count):
        fed.clear()
        assert decompress(member * count, "gzip", max_bytes=9, policy=Policy()) == (b"", None)
        return sum(fed)

    assert work(8_000) < 2.5 * work(4_000)


def test_members_of_any_length_are_read_over_the_borders_of_pieces():
    parts = [random.Random(seed).randbytes(seed * 1_000) for seed in range(20)]
    body = b"".join(map(gzip.compress, parts))

    assert decompress(body, "gzip", max_bytes=LIMIT, policy=Policy()) == (b"".join(parts), None)


def test_what_follows_raw_deflate_is_seen_in_a_later_piece_too():
    packed = raw_deflate(random.Random(1).randbytes(_coding._PIECE))
    short = _coding._PIECE * 2 - len(packed)
    padded = packed + b"x" * short

    _, problem = decompress(padded + b"x", "deflate", max_bytes=LIMIT, policy=Policy())

    assert problem is not None
    assert problem.rule.id == "CODING_BROKEN"


def test_several_gzip_members_are_one_body():
    body = gzip.compress(b"one") + gzip.compress(b"two")

    assert decompress(body, "gzip", max_bytes=6, policy=Policy()) == (b"onetwo", None)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"plain"),
        ("gzip", b""),
        ("gzip", gzip.compress(b"{}")[:-4]),
        ("gzip", gzip.compress(b"{}") + b"rest"),
        ("deflate", b"\xff\xff"),
        ("deflate", raw_deflate(b"{}") + b"rest"),
        ("deflate", zlib.compress(b"{}")[:-2]),
    ],
    ids=["plain", "empty", "cut", "rest", "deflate", "deflate-rest", "zlib-cut"],
)
def test_a_broken_stream_is_a_parse_failure(wire, coding, body):
    answer = wire.post(body=body, Content_Encoding=coding)

    assert (answer.status, answer.body) == (400, wire.parse_body)
    assert answer.local_rules == ""
    (request,) = wire.collector.requests()
    assert [each.rule for each in request.violations] == ["CODING_BROKEN"]


def test_identity_is_no_coding(wire):
    assert wire.post(Content_Encoding="identity").status == 200
