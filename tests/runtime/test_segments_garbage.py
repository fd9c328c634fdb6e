"""Segments that were cut off or overwritten: what is whole arrives, and nothing else."""

from __future__ import annotations

import random

import pytest

from declarant._pass import run_pass
from declarant._segments import new_name
from declarant._store import OfflineStore, event_lines

pytestmark = pytest.mark.once

#: No JSON text holds one of these.
GARBAGE = bytes((0, 1, 0x80, 0xBF, 0xC0, 0xF5, 0xFF))


@pytest.fixture
def content(make_client, emit, folder):
    """A segment of ten events, and nothing of it left."""
    client = make_client()
    for number in range(10):
        assert emit(client, duration_ms=number)
    client.close()
    (path,) = folder.glob("*.ndjson")
    found = path.read_bytes()
    path.unlink()
    return found


@pytest.fixture
def arrived_of(make_client, folder, collector):
    """Send a segment of some content; return what arrived of it, as bytes."""
    client = make_client(endpoint=collector.url)
    store = OfflineStore(str(folder))

    def send(damaged):
        collector.reset()
        # The ledger knows the names of those before.
        (folder / new_name()).write_bytes(damaged)
        report = run_pass(client.catalogue, client.settings, store, 60, ignore_backoff=True)
        assert report.complete
        assert store.segments() == []
        return [event.text.encode() for event in collector.accepted()]

    return send


def test_a_segment_cut_anywhere(content, arrived_of):
    """As after a loss of power: lines that are whole arrive."""
    before_newlines = [end for end in range(len(content)) if content[end : end + 1] == b"\n"]
    for end in (*range(0, 250, 7), *range(250, len(content), 131), *before_newlines):
        kept = content[: content.rfind(b"\n", 0, end) + 1]
        expected = list(event_lines(kept)) if b"\n" in kept else []

        assert arrived_of(content[:end]) == expected, end


@pytest.mark.parametrize("seed", range(3))
def test_a_segment_with_garbage_anywhere(content, arrived_of, seed):
    """Overwritten, put in between, or in the place of something: the lines beside it arrive."""
    chance = random.Random(seed)
    lines = list(event_lines(content))
    for _ in range(25):
        start = chance.randrange(len(content))
        end = min(len(content), start + chance.choice((0, 1, 5, 300, 2_000)))
        garbage = bytes(chance.choices(GARBAGE, k=chance.choice((1, 8, 700))))

        arrived = arrived_of(content[:start] + garbage + content[end:])

        before = content[:start].rpartition(b"\n")[0].split(b"\n")
        after = content[end:].partition(b"\n")[2].split(b"\n")
        whole = [line for line in lines if line in before or line in after]
        assert arrived == whole, (seed, start, end, garbage)
