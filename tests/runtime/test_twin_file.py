"""A file of two copies: whatever becomes of one, the other holds what was written before."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from declarant._twin_file import Twin


@pytest.fixture
def path(tmp_path):
    return tmp_path / "twin"


def write(path, content: str) -> None:
    assert Twin(str(path)).write(content)


def content(path) -> str:
    return Twin(str(path)).content


def test_what_was_written_last_is_read(path):
    """And the file keeps its size."""
    assert content(path) == ""
    for number in range(25):
        write(path, f"content {number} " + "x" * number + ".")
        assert content(path) == f"content {number} " + "x" * number + "."
        assert path.stat().st_size == 2 * 2048
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("length", [2020, 2040, 2048, 5000, 50_000])
def test_a_long_content_gets_room(path, length):
    """Both copies do, and short ones keep it."""
    write(path, "short")
    write(path, "x" * length)
    assert content(path) == "x" * length
    size = path.stat().st_size
    write(path, "short again")
    assert content(path) == "short again"
    write(path, "y" * length)
    assert content(path) == "y" * length
    assert path.stat().st_size == size


@pytest.mark.parametrize("before", [1, 2])
def test_a_write_that_was_cut_anywhere_leaves_one_whole(path, before):
    """Whoever dies in the midst of it, or whose power fails, has the old content or the new."""
    for number in range(before):
        write(path, f"old {number}")
    old = path.read_bytes()
    write(path, "new")
    new = path.read_bytes()
    assert len(old) == len(new)

    # Elsewhere a cut makes no other file.
    places = [at for at in range(len(new)) if old[at] != new[at]]
    seen = set()
    for cut in [*places, places[-1] + 1]:
        for torn in (new[:cut] + old[cut:], old[:cut] + new[cut:]):
            path.write_bytes(torn)
            seen.add(content(path))
            assert content(path) in (f"old {before - 1}", "new")
    assert len(seen) == 2


def test_a_damaged_copy_is_not_believed(path):
    """Neither a digit of it nor its end may be another."""
    write(path, '{"accepted":{"events":11}}')
    write(path, '{"accepted":{"events":12}}')
    whole = path.read_bytes()
    newest = whole.index(b"12}")
    for place in (newest, newest + 1, newest - 20, whole.rindex(b"}")):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert content(path) == '{"accepted":{"events":11}}'
        write(path, "next")
        assert content(path) == "next"


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\n\n",
        b"\n" * 5000,
        b"0" * 4096,
        b"00000000 1 x\n" * 2,
        b"\xff" * 2047 + b"\n" + b"\0" * 2047 + b"\n",
        b"0 " + b"9" * 5000 + b" x\n",
    ],
)
def test_anything_else_is_written_anew(path, stored):
    """What is no such file holds nothing, and is none of our copies' place."""
    path.write_bytes(stored)
    assert content(path) == ""
    write(path, "first")
    assert content(path) == "first"
    write(path, "second")
    assert content(path) == "second"


def test_a_link_is_not_followed(path, tmp_path):
    """Whoever can write to the store must not lead us to another file."""
    other = tmp_path / "other"
    write(other, "theirs")
    kept = other.read_bytes()
    path.symlink_to(other)
    assert content(path) == ""
    write(path, "ours")
    assert other.read_bytes() == kept
    assert content(path) == "ours"


def test_a_file_that_went_away_is_a_refusal(path):
    """The next writer makes it."""
    write(path, "old")
    twin = Twin(str(path))
    path.unlink()
    assert twin.write("new") is False
    write(path, "newer")
    assert content(path) == "newer"


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of resources there")
def test_a_full_disk_takes_what_has_its_place(path):
    """Only the first copies need room."""
    write(path, "0")
    code = """
import resource, sys
from declarant._twin_file import Twin
size = int(sys.argv[2])
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
for number in range(1, 6):
    assert Twin(sys.argv[1]).write(str(number))
assert not Twin(sys.argv[1]).write("x" * size)
"""
    size = path.stat().st_size
    subprocess.run([sys.executable, "-c", code, str(path), str(size)], check=True)
    assert content(path) == "5"
    assert list(path.parent.iterdir()) == [path]


def test_readers_beside_a_writer_see_whole_contents(path):
    """Never half of one, and never none."""
    write(path, "0 " + "a" * 1500)
    stop = threading.Event()
    wrong = []

    def read() -> None:
        while not stop.is_set():
            number, _, rest = content(path).partition(" ")
            if not number.isdigit() or rest != "a" * 1500:
                wrong.append((number, len(rest)))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 1500):
        write(path, f"{number} " + "a" * 1500)
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong
