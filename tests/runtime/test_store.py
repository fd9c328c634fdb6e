"""Leases, bounds, merging and purging of the offline store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from declarant import DropReason, _locks, _merge
from declarant._counts import store_counts
from declarant._lease import Lease, event_lines, read_head
from declarant._ledger import Ledger
from declarant._losses import drop_record
from declarant._merge import merge_small
from declarant._segments import header, new_name, open_segment
from declarant._store import OfflineStore

HEAD = header("aa", "bb")


@pytest.fixture
def put(folder):
    """Write an abandoned segment and return its name."""
    stamps = iter(range(1_700_000_000_000, 1_800_000_000_000, 1000))

    def write(*lines: bytes, head: bytes = HEAD, stamp_ms: int | None = None, suffix=None) -> str:
        folder.mkdir(exist_ok=True)
        name = new_name(stamp_ms=next(stamps) if stamp_ms is None else stamp_ms)
        fd = open_segment(str(folder), name, head + b"".join(lines))
        _locks.free(fd)
        return name

    return write


def all_lines(store):
    return [
        line
        for name in store.segments()
        for line in event_lines(Path(store.path(name)).read_bytes())
    ]


def as_merged(store, name):
    renamed = name.replace(".ndjson", ".merged.ndjson")
    Path(store.path(name)).rename(store.path(renamed))
    return renamed


def test_a_missing_folder_is_an_empty_store(store):
    """Nothing is made by looking."""
    assert store.segments() == []
    assert list(store.leases()) == []
    assert store.purge() == 0
    assert not Path(store.folder).exists()


def test_a_segment_is_leased_once(store, put):
    """Whoever comes second gets nothing."""
    name = put(b"1\n")
    first = store.lease(name)

    assert first is not None
    assert store.lease(name) is None
    first.release()
    again = store.lease(name)
    assert again is not None
    again.release()


def test_settled_lines_are_not_seen_again(store, put):
    """The offset survives the lease, and the segment's age is not touched."""
    name = put(b"1\n", b"2\n", b"3\n")
    os.utime(store.path(name), (1_700_000_000, 1_700_000_000))
    lease = store.lease(name)
    (_, first_end), *_ = lease.lines()
    lease.settle(first_end)
    lease.release()

    again = store.lease(name)
    assert [line for line, _ in again.lines()] == [b"2", b"3"]
    assert again.written_at == 1_700_000_000
    again.release()


def test_a_finished_segment_is_gone(store, put):
    """Deleting comes before unlocking."""
    lease = store.lease(put(b"1\n"))
    lease.finish()

    assert store.segments() == []


def test_a_torn_last_line_is_no_line(store, put):
    """Its emit call never returned True."""
    lease = store.lease(put(b"1\n", b"2"))

    assert [line for line, _ in lease.lines()] == [b"1"]
    assert lease.is_torn
    lease.release()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\0" * 50,
        b'{"declarant_segment":1,"settled":"',
        HEAD[:-1],
        HEAD.replace(b"0000000000", b"9999999999"),
        HEAD.replace(b"0000000000", b"-000000001"),
        header("aa", "bb", ("../../../etc/passwd",)),
    ],
)
def test_damaged_segments_are_read_without_harm(store, folder, content):
    """Whatever a file holds, leasing neither raises nor reaches outside the store."""
    folder.mkdir()
    (folder / "0000000000001-1-x.ndjson").write_bytes(content)

    for lease in store.leases():
        list(lease.lines())
        assert "/" not in "".join(lease.head.merged)
        lease.release()


def test_settling_a_damaged_segment_overwrites_nothing(store, put):
    """Where there is no header, the digits would fall into a line."""
    line = b'{"ver":"4.0","name":"X","time":"2026-01-01T00:00:00.000Z"}\n'
    lease = store.lease(put(line, line, head=b""))
    lease.settle(len(line))
    lease.release()

    assert all_lines(store) == [line[:-1]] * 2


def test_the_oldest_go_first_when_the_store_is_full(store, folder, put):
    """STORE_FULL counts each event that was dropped, drop records keep their own reason."""
    names = [put(b"x" * 1000 + b"\n", drop_record("INTERNAL", "X", 2)) for _ in range(5)]
    small = OfflineStore(str(folder), max_bytes=2 * (1000 + 250))
    dropped = []

    small.enforce_bounds(lambda *both: dropped.append([losses.dropped for losses in both]))

    assert store.segments() == names[3:]
    assert dropped == [[{DropReason.STORE_FULL: 1}, {DropReason.INTERNAL: 2}]] * 3


def test_a_torn_line_that_goes_with_its_segment_is_counted(folder, put):
    """As CORRUPT: it was never said to be stored, so it is none of the events that are dropped."""
    put(b"x" * 1000 + b"\n", b"torn")
    dropped = []

    OfflineStore(str(folder), max_bytes=500).enforce_bounds(
        lambda lost, _: dropped.extend(lost.dropped.items())
    )

    assert sorted(dropped) == [(DropReason.CORRUPT, 1), (DropReason.STORE_FULL, 1)]


def test_room_for_the_segment_to_come_is_kept(store, folder, put):
    """The bound holds while the next segment grows."""
    put(b"x" * 1000 + b"\n")
    dropped = []

    OfflineStore(str(folder), max_bytes=5000).enforce_bounds(
        lambda lost, _: dropped.extend(lost.dropped.items()), room=4500
    )

    assert dropped == [(DropReason.STORE_FULL, 1)]


def test_old_segments_are_dropped_and_counted(store, put):
    """TOO_OLD counts from a segment's last line."""
    old, young = put(b"1\n", b"2\n"), put(b"3\n")
    os.utime(store.path(old), (1, 1))
    dropped = []

    store.enforce_bounds(lambda lost, _: dropped.extend(lost.dropped.items()))

    assert store.segments() == [young]
    assert dropped == [(DropReason.TOO_OLD, 2)]


def test_a_clock_that_was_set_back_drops_nothing(store, put):
    """A segment from the future is no reason to lose it."""
    name = put(b"1\n")
    later = time.time() + 10 * 86_400
    os.utime(store.path(name), (later, later))

    store.enforce_bounds(lambda *_: pytest.fail("dropped"))

    assert store.segments() == [name]


def test_the_bounds_leave_living_segments_alone(store, folder, put):
    """What a process is writing is not another's to drop."""
    name = put(b"1\n")
    writing = store.lease(name)

    OfflineStore(str(folder), max_bytes=1).enforce_bounds(lambda *_: pytest.fail("it did"))

    assert store.segments() == [name]
    writing.release()


def test_merging_keeps_every_line_in_order(store, put):
    """Many small segments become one."""
    for number in range(10):
        put(b"%d\n" % number)

    merge_small(store)

    assert len(store.segments()) == 1
    assert all_lines(store) == [b"%d" % number for number in range(10)]


def test_what_a_dead_sender_counted_is_not_merged(store, put):
    """It died between counting and settling: in a merged segment it would be counted once more."""
    name = put(b"a\n", b"b\n")
    put(b"c\n")
    Ledger(store.folder).record({"accepted": {"events": 1}}, name, len(HEAD) + 2)
    before = store_counts(store)

    merge_small(store)

    assert all_lines(store) == [b"b", b"c"]
    assert store_counts(store) == before
    assert (before["accepted"], before["waiting"]) == ({"events": 1}, {"events": 2})


def test_the_number_of_files_is_bounded(store, put):
    """More small segments than the bound are merged by whoever opens the next."""
    for number in range(70):
        put(b"%d\n" % number)

    store.enforce_bounds(lambda *_: pytest.fail("dropped"))

    assert len(store.segments()) <= 2
    assert len(all_lines(store)) == 70


def test_merging_keeps_the_age(store, put):
    """A merged segment is as old as its youngest source; merging keeps nothing for ever."""
    for age in (5000, 9000):
        name = put(b"1\n")
        os.utime(store.path(name), (1_700_000_000 + age, 1_700_000_000 + age))

    merge_small(store)

    (name,) = store.segments()
    assert Path(store.path(name)).stat().st_mtime == 1_700_009_000


def test_generations_tenants_and_days_stay_apart(store, put):
    """Only lines that may be judged alike share a segment, however they are interleaved."""
    for _ in range(3):
        put(b"1\n", head=header("g1", "bb"))
        put(b"1\n", head=header("g2", "bb"))
        put(b"1\n", head=header("g1", "cc"))
        put(b"1\n", head=header("g1", "bb"), stamp_ms=1_600_000_000_000)

    merge_small(store)

    heads = [read_head(store.path(name)) for name in store.segments()]
    assert sorted((head.generation, head.tenant) for head in heads) == [
        ("g1", "bb"),
        ("g1", "bb"),
        ("g1", "cc"),
        ("g2", "bb"),
    ]


def test_settled_lines_are_not_merged(store, put):
    """A line that was sent does not come back."""
    lease = store.lease(put(b"1\n", b"2\n"))
    (_, end), *_ = lease.lines()
    lease.settle(end)
    lease.release()
    put(b"3\n")

    merge_small(store)

    assert all_lines(store) == [b"2", b"3"]


def test_a_torn_line_is_counted_by_the_merge(store, put):
    """It turns into a drop record."""
    put(b"1\n", b"tor")
    put(b"2\n")

    merge_small(store)

    assert store_counts(store)["dropped"] == {"CORRUPT": 1}
    assert all_lines(store) == [b"1", b"2"]


class KilledError(Exception):
    """Stands for the death of the merging process."""


def test_a_merge_killed_after_publishing_doubles_nothing(store, put, monkeypatch):
    """Sources that a merged segment names are done with, whoever looks next."""
    for number in range(4):
        put(b"%d\n" % number)
    original = Lease.finish
    finished = []

    def dies(self):
        if len(finished) == 1:
            raise KilledError
        finished.append(self.name)
        original(self)

    monkeypatch.setattr(Lease, "finish", dies)
    with pytest.raises(KilledError):
        merge_small(store)
    monkeypatch.setattr(Lease, "finish", original)

    seen = []
    for lease in store.leases():
        seen += [line for line, _ in lease.lines()]
        lease.finish()
    assert sorted(seen) == [b"0", b"1", b"2", b"3"]
    assert store.segments() == []


def test_a_merged_segment_waits_for_its_sources(store, put):
    """While somebody holds a source, the merged lines are not sent: the source might be."""
    source = put(b"1\n")
    put(b"1\n", head=header("aa", "bb", (source,)))
    merged = store.segments()[-1]
    merged = as_merged(store, merged)
    held = store._lock(source)

    assert store.lease(merged) is None
    held.release()
    assert store.lease(source) is None
    lease = store.lease(merged)
    assert [line for line, _ in lease.lines()] == [b"1"]
    lease.release()


def test_counts_see_a_line_once_in_the_middle_of_a_merge(store, put):
    """Two files may hold one line; it counts once."""
    source = put(b"1\n")
    merged = put(b"1\n", head=header("aa", "bb", (source,)))
    as_merged(store, merged)

    assert store_counts(store)["waiting"] == {"events": 1}


def test_a_disk_that_refuses_a_merge_loses_nothing(store, put, monkeypatch):
    """Merging needs space; without it everything stays as it was."""
    names = [put(b"%d\n" % number) for number in range(3)]

    def full(*arguments):
        raise OSError(28, "no space")

    monkeypatch.setattr(_merge, "open_segment", full)
    merge_small(store)

    assert store.segments() == names
    for name in names:
        lease = store.lease(name)
        assert lease is not None
        lease.release()


def test_leftovers_of_dead_processes_go(store, folder, put):
    """A half-made file is removed once it is old."""
    put(b"1\n")
    old, young = folder / "a.ndjson.new", folder / "b.ndjson.new"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))

    store.enforce_bounds(lambda *_: None)

    assert not old.exists()
    assert young.exists()


def test_purge_deletes_events_wherever_they_are(store, folder, put):
    """Half-made files hold events, too."""
    put(b"1\n", b"2\n", drop_record("INTERNAL", "X", 1))
    (folder / "c.ndjson.new").write_bytes(HEAD + b"1\n")

    assert store.purge() == 2
    assert list(folder.iterdir()) == []


def test_purge_leaves_a_segment_to_its_writer(make_client, emit, stored, store, folder):
    """What a living process emits after a purge is on disk, as its outcome says."""
    client = make_client()
    emit(client, duration_ms=1)
    (segment,) = folder.glob("*.ndjson")

    assert store.purge() == 1
    assert stored() == []
    assert emit(client, duration_ms=2)

    assert [e["data"]["duration_ms"] for e in stored()] == [2]
    assert list(folder.glob("*.ndjson")) == [segment]


def test_purge_takes_the_lines_of_a_segment_that_is_being_sent(store, put):
    """Its sender comes to the end of the file, and settles no other."""
    name = put(b"1\n", b"2\n")
    lease = store.lease(name)

    assert store.purge() == 2

    assert list(lease.lines()) == []
    lease.settle(lease.end)
    lease.release()
    again = store.lease(name)
    assert list(again.lines()) == []
    again.finish()


def test_purge_cuts_a_damaged_segment_in_use_to_nothing(store, folder):
    """Without a header no byte of it is known to be none of an event."""
    folder.mkdir()
    held = open_segment(str(folder), "1.ndjson", b"no header\n")

    store.purge()

    assert (folder / "1.ndjson").read_bytes() == b""
    _locks.free(held)


def test_purge_leaves_a_segment_that_is_just_being_made(store, folder):
    """Its maker has not locked it yet; there is nothing in it."""
    folder.mkdir()
    (folder / "1.ndjson.new").touch()

    assert store.purge() == 0
    assert (folder / "1.ndjson.new").exists()


@pytest.fixture
def odd_entries(folder, tmp_path):
    """Put what is no regular file into the store, under the names of segments."""
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere.ndjson"
    elsewhere.write_bytes(HEAD + b"1\n")
    os.mkfifo(folder / "0.fifo.ndjson")
    (folder / "0.folder.ndjson").mkdir()
    (folder / "0.link.ndjson").symlink_to(elsewhere)
    os.mkfifo(folder / "0.fifo.ndjson.new")
    return elsewhere


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes of POSIX")
@pytest.mark.timeout(30)
def test_what_is_no_regular_file_is_no_segment(make_client, emit, store, odd_entries, collector):
    """It neither hangs a sender nor hides what waits beside it."""
    client = make_client(endpoint=collector.url)
    emit(client)

    assert len(store.segments()) == len(store.stats()) == 1
    assert client.counts()["waiting"] == {"events": 1}
    assert client.flush(20)
    assert len(collector.accepted()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes of POSIX")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("odd", ["fifo", "link"])
@pytest.mark.parametrize("name", ["hold-until", "counts", "kill-switch"])
def test_what_takes_the_place_of_a_senders_note_stops_nobody(
    make_client, emit, folder, collector, tmp_path, name, odd
):
    """A host looks at them when it ends; a pipe would keep it for ever."""
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("untouched")
    if odd == "fifo":
        os.mkfifo(folder / name)
    else:
        (folder / name).symlink_to(elsewhere)
    client = make_client(endpoint=collector.url)
    emit(client)

    assert Ledger(str(folder)).held_s() == 0
    assert client.flush(60)
    assert len(collector.accepted()) == 1
    assert elsewhere.read_text() == "untouched"


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes of POSIX")
def test_a_link_in_the_place_of_the_senders_lock_leads_nowhere(folder, tmp_path):
    """Neither is a file made where it leads, nor is one there marked as a sender's start."""
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere"
    (folder / "sender.lock").symlink_to(elsewhere)
    ledger = Ledger(str(folder))

    ledger.mark_start()
    assert not ledger.lock()
    assert not elsewhere.exists()

    elsewhere.touch()
    os.utime(elsewhere, (1, 1))
    ledger.mark_start()
    assert elsewhere.stat().st_mtime == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes of POSIX")
@pytest.mark.timeout(30)
def test_an_odd_file_that_takes_a_segments_place_is_not_read(store, odd_entries):
    """Between listing and opening somebody may replace a file."""
    for name in ("0.fifo.ndjson", "0.folder.ndjson", "0.link.ndjson"):
        assert store.lease(name) is None
        assert read_head(store.path(name)).generation == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes of POSIX")
@pytest.mark.timeout(30)
def test_purge_removes_links_and_fifos_and_nothing_behind_them(store, folder, odd_entries):
    """Folders are not ours to delete."""
    assert store.purge() == 0

    assert [path.name for path in folder.iterdir()] == ["0.folder.ndjson"]
    assert odd_entries.read_bytes() == HEAD + b"1\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
@pytest.mark.timeout(60)
def test_a_child_that_lives_on_keeps_no_lock_of_its_dead_parent(store, key):
    """Or what the parent stored would wait for the end of a worker that may run for days."""
    program = """
import os, signal, sys
import modelkit_events
modelkit_events.configure(
    app_version="1", consent="granted", delivery="manual", ikey=sys.argv[1],
    store_folder=sys.argv[2],
)
assert modelkit_events.emit_model_kit_heartbeat()
if os.fork() == 0:
    os.write(1, b"x")
    os.read(0, 1)
    os._exit(0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, key, store.folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout.read(1) == b"x"
        parent.wait()
        # The child ends when its standard input does, behind this block.
        (lease,) = store.leases()
        lease.release()


def test_a_segment_that_vanishes_is_no_lease(store, put, monkeypatch):
    """Between our open and our lock another sender may finish it."""
    name = put(b"1\n")
    try_lock = _locks.try_lock

    def late(fd):
        answer = try_lock(fd)
        Path(store.path(name)).unlink()
        return answer

    monkeypatch.setattr(_locks, "try_lock", late)

    assert store.lease(name) is None


def test_a_segment_that_is_replaced_is_no_lease(store, put, folder, monkeypatch):
    """Between our open and our lock, even if the old file still has a name elsewhere."""
    name = put(b"1\n")
    os.link(store.path(name), folder.parent / "elsewhere")
    other = folder.parent / "other"
    other.write_bytes(HEAD + b"2\n")
    try_lock = _locks.try_lock

    def late(fd):
        answer = try_lock(fd)
        other.replace(store.path(name))
        return answer

    monkeypatch.setattr(_locks, "try_lock", late)

    assert store.lease(name) is None


def test_a_finished_segment_is_gone_before_it_is_given_back(store, put, monkeypatch):
    """Between the two another sender could lease it, and send it again."""
    lease = store.lease(put(b"1\n"))
    seen = []
    free = _locks.free

    def look(fd):
        seen.append(Path(lease.path).exists())
        free(fd)

    monkeypatch.setattr(_locks, "free", look)
    lease.finish()

    assert seen == [False]


def test_without_locks_only_idle_segments_are_abandoned(store, put, monkeypatch):
    """A file system without locks leaves the age as the only sign."""
    idle, fresh = put(b"1\n"), put(b"2\n")
    os.utime(store.path(idle), (time.time() - 7200,) * 2)
    monkeypatch.setattr(_locks, "try_lock", lambda fd: _locks.UNSUPPORTED)

    lease = store.lease(idle)
    assert lease is not None
    lease.release()
    assert store.lease(fresh) is None
