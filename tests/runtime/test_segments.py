"""The writer: what append answers when the disk says no, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from declarant import _locks, _segments
from declarant._lease import Head, cut_to_header, event_lines
from declarant._limits import SEGMENT_BYTES
from declarant._losses import drop_record, left_out_record
from declarant._segments import SegmentWriter, header, new_name, open_segment

LINE = b'{"ver":"4.0","name":"X","data":{}}\n'


@pytest.fixture
def writer(folder):
    made = SegmentWriter(
        str(folder),
        generation="aa",
        tenant="bb",
        before_open=lambda: None,
        after_open=lambda: None,
    )
    yield made
    made.close()


def contents(folder):
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def test_nothing_touches_the_disk_before_the_first_line(writer, folder):
    """A process that emits nothing leaves nothing."""
    assert not folder.exists()
    assert not writer.seal()


def test_folder_and_segment_are_the_owners_alone(writer, folder):
    """Nobody else on the machine may read what waits."""
    writer.append(LINE)

    (segment,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert segment.stat().st_mode & 0o777 == 0o600


def test_a_segment_starts_with_its_header(writer, folder):
    """The header names generation and tenant and has nothing settled."""
    writer.append(LINE)

    (content,) = contents(folder)
    head = Head(content)
    assert (head.generation, head.tenant, head.merged) == ("aa", "bb", ())
    assert content == header("aa", "bb") + LINE


def test_a_full_segment_is_followed_by_another(writer, folder):
    """No segment outgrows its bound, and no line is lost in between."""
    big = b"x" * 262_000 + b"\n"
    for _ in range(40):
        assert writer.append(big)

    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert len(sizes) == 3
    assert max(sizes) <= SEGMENT_BYTES
    assert sum(content.count(big) for content in contents(folder)) == 40


def test_a_segment_is_locked_until_it_is_sealed(writer, store):
    """Sealing hands the segment over."""
    writer.append(LINE)
    (name,) = store.segments()

    assert store.lease(name) is None
    assert writer.seal()
    lease = store.lease(name)
    assert lease is not None
    lease.release()


def test_a_closed_writer_takes_nothing(writer):
    """After close no new segment appears."""
    writer.append(LINE)
    writer.close()

    assert not writer.append(LINE)


def test_a_torn_write_is_taken_back(writer, folder, monkeypatch):
    """A line of which the disk took half goes whole into the next segment."""
    writer.append(LINE)
    write = os.write
    short = [True]

    def torn(fd, data):
        if short and data == LINE:
            short.clear()
            return write(fd, data[:10])
        return write(fd, data)

    monkeypatch.setattr(_segments.os, "write", torn)

    assert writer.append(LINE)
    assert contents(folder) == [header("aa", "bb") + LINE] * 2


def test_a_torn_write_that_cannot_be_taken_back_ends_the_segment(writer, folder, monkeypatch):
    """The torn line stays at the end of its segment; later lines go elsewhere."""
    writer.append(LINE)
    write = os.write
    short = [True]

    def torn(fd, data):
        if short and data == LINE:
            short.clear()
            return write(fd, data[:10])
        return write(fd, data)

    def refused(fd, size):
        raise OSError("no")

    monkeypatch.setattr(_segments.os, "write", torn)
    monkeypatch.setattr(_segments.os, "ftruncate", refused)

    assert writer.append(LINE)
    # Both may have been made within one millisecond, by which names are sorted.
    whole, torn_one = sorted(contents(folder), key=len)
    assert torn_one == header("aa", "bb") + LINE + LINE[:10]
    assert whole == header("aa", "bb") + LINE


def test_a_purge_below_a_torn_write_keeps_the_header(writer, folder, monkeypatch):
    """The torn line went with the purge: taking it back must not cut the header."""
    writer.append(LINE)
    (segment,) = folder.iterdir()
    write = os.write
    short = [True]

    def torn(fd, data):
        if short and data == LINE:
            short.clear()
            written = write(fd, data[:10])
            cut_to_header(str(segment))
            return written
        return write(fd, data)

    monkeypatch.setattr(_segments.os, "write", torn)

    assert writer.append(LINE)
    kept = [content for content in contents(folder) if content != header("aa", "bb")]
    assert kept == [header("aa", "bb") + LINE]


def test_a_writer_fills_the_room_that_a_purge_made(writer, folder, store):
    """It looks at the file once a second; the segment's bound is that of the file."""
    big = b"x" * 262_000 + b"\n"
    for _ in range(12):
        writer.append(big)
    store.purge()
    writer.check_place()
    for _ in range(12):
        assert writer.append(big)

    (content,) = contents(folder)
    assert content == header("aa", "bb") + big * 12


def test_an_emptied_segment_is_left(writer, folder):
    """A file without its header is no segment any more."""
    writer.append(LINE)
    (segment,) = folder.iterdir()
    segment.write_bytes(b"")
    writer.check_place()
    writer.append(LINE)

    assert sorted(contents(folder)) == [b"", header("aa", "bb") + LINE]


def test_a_dead_disk_leaves_no_heap_of_files(writer, folder, monkeypatch):
    """When nothing can be written, no empty segment stays behind, and the disk is left alone."""
    write = os.write
    tries = []

    def full(fd, data):
        if data == LINE:
            tries.append(1)
            raise OSError(28, "no space")
        return write(fd, data)

    monkeypatch.setattr(_segments.os, "write", full)

    assert not any(writer.append(LINE) for _ in range(100))
    assert contents(folder) == []
    assert len(tries) == 1


LIMITED = """
import resource, sys
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from declarant._segments import SegmentWriter
writer = SegmentWriter(sys.argv[1], generation="aa", tenant="bb",
                       before_open=lambda: None, after_open=lambda: None)
line = b"y" * 300 + b"\\n"
print(sum(writer.append(line) for _ in range(1000)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits of a file's size")
def test_a_limit_of_the_file_size_only_means_more_files(folder):
    """SIGXFSZ does not kill, the partial line is taken back, and each line is stored once."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.strip() == "1000"
    lines = [line for content in contents(folder) for line in event_lines(content)]
    assert lines == [b"y" * 300] * 1000


def test_names_sort_by_time_and_differ():
    """No two processes pick one name, and the oldest comes first."""
    assert new_name(stamp_ms=1) < new_name(stamp_ms=2)
    assert len({new_name(stamp_ms=1) for _ in range(100)}) == 100


def test_a_clock_before_1970_names_segments_well(monkeypatch):
    """A negative stamp would not sort."""
    monkeypatch.setattr("declarant._clocks.now", lambda: -5.0)

    assert new_name().startswith("0000000000000-")


def test_nobody_sees_a_half_made_segment(folder, store, monkeypatch):
    """A segment that cannot be filled never gets its name."""
    folder.mkdir()

    def full(fd, data):
        raise OSError(28, "no space")

    monkeypatch.setattr(_segments.os, "write", full)
    with pytest.raises(OSError, match="no space"):
        open_segment(str(folder), new_name(), b"x")

    assert list(folder.iterdir()) == []


def test_a_forked_childs_copies_do_not_keep_a_lock(tmp_path):
    """Freeing a lock frees it although a child inherited the open file."""
    path = tmp_path / "file"
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    assert _locks.try_lock(fd) == _locks.ACQUIRED
    # What a fork does: a second descriptor of the same open file.
    copy = os.dup(fd)
    other = os.open(path, os.O_RDWR)
    assert _locks.try_lock(other) == _locks.HELD

    _locks.free(fd)

    assert _locks.try_lock(other) == _locks.ACQUIRED
    _locks.free(other)
    os.close(copy)


def test_drop_records_hold_reason_event_and_count():
    """A person can read them."""
    record = drop_record("INVALID_EVENT", "X", 2)
    assert record == b'{"declarant_drop":"INVALID_EVENT","event":"X","count":2}\n'


def test_records_of_fields_left_out_hold_path_and_count():
    """A person can read them, too."""
    assert left_out_record("app.ver", 2) == b'{"declarant_left_out":"app.ver","count":2}\n'
