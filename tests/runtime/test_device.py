"""The device id."""

from __future__ import annotations

import re

import pytest

from declarant import _device
from declarant._device import EXISTING, FAILED, NEW, load_device_id

UUID4 = re.compile("r:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_an_id_is_new_once(folder):
    """The second start finds the first one's."""
    first, status = load_device_id(str(folder))

    assert status == NEW
    assert UUID4.fullmatch(first)
    assert load_device_id(str(folder)) == (first, EXISTING)
    assert [path.name for path in folder.iterdir()] == ["device-id.txt"]


@pytest.mark.parametrize(
    "content", ["", "x" * 36, "-" * 36, "12345678-1234-1234-1234-12345678901", "\0"]
)
def test_a_damaged_file_is_replaced(folder, content):
    """No content of it stops anything."""
    folder.mkdir()
    (folder / "device-id.txt").write_text(content)

    first, status = load_device_id(str(folder))

    assert status == NEW
    assert load_device_id(str(folder)) == (first, EXISTING)


def test_without_a_place_the_id_is_this_processs_own(tmp_path):
    """FAILED, and another one each time."""
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "below")

    first, second = load_device_id(folder), load_device_id(folder)

    assert first[1] == second[1] == FAILED
    assert first[0] != second[0]


def test_a_full_disk_publishes_no_torn_id(folder, monkeypatch):
    """Half an id is none."""
    monkeypatch.setattr(_device, "write_whole", lambda fd, content: (_ for _ in ()).throw(OSError))

    assert load_device_id(str(folder))[1] == FAILED
    assert list(folder.iterdir()) == []


def test_file_systems_without_links_work(folder, monkeypatch):
    """There the last writer wins."""

    def refused(old, new):
        raise PermissionError

    monkeypatch.setattr("os.link", refused)

    first, status = load_device_id(str(folder))
    assert status == NEW
    assert load_device_id(str(folder)) == (first, EXISTING)


def test_a_faster_process_wins(folder, monkeypatch):
    """Its file appears between our look and our write; both processes use its id."""
    theirs, _ = load_device_id(str(folder))
    read = _device._read
    early = [True]

    def too_early(path):
        if early:
            early.clear()
            return None
        return read(path)

    monkeypatch.setattr(_device, "_read", too_early)

    assert load_device_id(str(folder)) == (theirs, EXISTING)
    assert load_device_id(str(folder)) == (theirs, EXISTING)
