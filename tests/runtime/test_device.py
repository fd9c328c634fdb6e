"""The device id: kept, derived, healed, agreed on, forgotten."""

# ruff: noqa: N802  names of winreg

from __future__ import annotations

import hashlib
import os
import re
import stat
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant import _device, _locks, device
from declarant._device import DeviceIdStatus, FilePlace, load_device_id, wire_id
from declarant._device_registry import RegistryPlace
from modelkit_events import CATALOGUE

NEW, EXISTING, FAILED = DeviceIdStatus.NEW, DeviceIdStatus.EXISTING, DeviceIdStatus.FAILED
UUID4 = re.compile("r:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
STORED = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"


def load(folder, product="modelkit"):
    return load_device_id(FilePlace(str(folder)), product)


def kept_in(folder):
    return (folder / "device-id.txt").read_text().splitlines()[0]


def test_an_id_is_new_once(folder):
    """The second start finds the first one's."""
    first, status = load(folder)

    assert status == NEW
    assert UUID4.fullmatch(first)
    assert load(folder) == (first, EXISTING)
    assert [path.name for path in folder.iterdir()] == ["device-id.txt"]


def test_a_status_is_a_text():
    """It goes to the wire as it is, and shows itself as an enum's member would."""
    assert NEW == "NEW"
    assert isinstance(FAILED, str)
    assert repr(EXISTING) == "DeviceIdStatus.EXISTING"
    assert type(str(NEW)) is str


def test_hosts_see_the_status_as_an_enum(make_client, folder, tmp_path):
    """The words are the runtime's; a client that is off has none."""
    off = make_client(consent="denied")
    assert device.status(off) is None

    assert device.status(make_client()) is device.DeviceIdStatus.NEW
    assert device.status(make_client()) is device.DeviceIdStatus.EXISTING
    (tmp_path / "file").write_text("")
    nowhere = make_client(store_folder=str(tmp_path / "file"))
    assert device.status(nowhere) is device.DeviceIdStatus.FAILED

    assert [str(member) for member in device.DeviceIdStatus] == ["NEW", "EXISTING", "FAILED"]
    for member in device.DeviceIdStatus:
        assert member == getattr(DeviceIdStatus, member.name)


def test_the_stored_value_never_leaves(make_client, emit, stored, folder):
    """What is on the wire is a digest of it and of the product's name."""
    client = make_client()
    assert emit(client)
    client.close()

    device = stored()[0]["ext"]["device"]
    kept = kept_in(folder)
    digest = hashlib.sha256(f"declarant device id, version 1\0modelkit\0{kept}".encode()).digest()
    assert device["localId"] == f"r:{uuid.UUID(bytes=digest[:16], version=4)}"
    assert device["authId"] == "NEW"
    assert kept not in (next(folder.glob("*.ndjson"))).read_text()


@given(st.uuids(version=4), st.text(max_size=20), st.text(max_size=20))
def test_products_cannot_be_linked(value, one, other):
    """The same stored value gives each product another id, and the same product the same one."""
    ids = {wire_id(one, str(value)), wire_id(other, str(value))}

    assert all(UUID4.fullmatch(item) for item in ids)
    assert len(ids) == (1 if one == other else 2)
    assert all(str(value) not in item for item in ids)
    assert wire_id(one, str(value)) in ids


def test_ids_of_wire_are_the_same_for_ever():
    """A later version that derives otherwise would make each device another one."""
    assert wire_id("modelkit", STORED) == "r:" + WIRE


WIRE = "57c3eb13-5a83-4038-9b96-c71e2e7e6979"


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"x" * 36, b"-" * 36, b"12345678-1234-1234-1234-12345678901", b"\0", b"\xff" * 40),
        # Of the right form, and not random.
        *(b"00000000-0000-0000-0000-000000000000", b"6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        # One more digit, and capitals: nobody wrote these here.
        *(STORED.encode() + b"9", STORED.upper().encode()),
    ],
)
def test_a_damaged_value_heals(folder, content):
    """A new one takes its place, once."""
    folder.mkdir()
    (folder / "device-id.txt").write_bytes(content)

    first, status = load(folder)

    assert status == NEW
    assert UUID4.fullmatch(first)
    assert load(folder) == (first, EXISTING)
    assert _device.is_random_uuid(kept_in(folder))


@pytest.mark.parametrize("content", [STORED, f"{STORED}\n", f"{STORED}\r\nnote\r\n"])
def test_a_value_with_any_line_end_counts(folder, content):
    """Editors of all systems may save the file."""
    folder.mkdir()
    (folder / "device-id.txt").write_bytes(content.encode())

    assert load(folder) == (wire_id("modelkit", STORED), EXISTING)


def test_without_a_place_the_id_is_this_processs_own(tmp_path):
    """FAILED, and another one each time."""
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "below"

    first, second = load(folder), load(folder)

    assert first[1] == second[1] == FAILED
    assert first[0] != second[0]
    assert UUID4.fullmatch(first[0])


def test_a_full_disk_leaves_no_torn_id(folder, monkeypatch):
    """Half an id is none."""
    monkeypatch.setattr(_device, "write_whole", lambda fd, content: (_ for _ in ()).throw(OSError))

    assert load(folder)[1] == FAILED
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["link", "dangling", "fifo", "folder"])
def test_what_is_no_file_is_replaced_if_it_can_be(folder, tmp_path, kind):
    """Nothing is written through a link, and nobody waits for a FIFO."""
    folder.mkdir()
    path = folder / "device-id.txt"
    target = tmp_path / "target"
    if kind == "link":
        target.write_text(STORED)
    if kind in ("link", "dangling"):
        path.symlink_to(target)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()

    first, status = load(folder)

    assert status == (FAILED if kind == "folder" else NEW)
    assert first != wire_id("modelkit", STORED)
    assert (target.read_text() if target.exists() else STORED) == STORED
    if kind != "folder":
        assert path.is_file()
        assert not path.is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX modes")
def test_only_the_owner_can_read_it(folder):
    """A file that was opened to others is closed again."""
    old = os.umask(0)
    try:
        load(folder)
    finally:
        os.umask(old)
    path = folder / "device-id.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    path.chmod(0o644)
    assert load(folder)[1] == EXISTING
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_file_systems_without_locks_work(folder, monkeypatch):
    """There the last writer wins."""
    monkeypatch.setattr(_locks, "try_lock", lambda fd: _locks.UNSUPPORTED)

    first, status = load(folder)

    assert status == NEW
    assert load(folder) == (first, EXISTING)


def test_a_lock_that_nobody_gives_back_is_not_waited_for_for_ever(folder, monkeypatch):
    """The id is this process's own then."""
    monkeypatch.setattr(_device, "DEVICE_ID_TURN_S", 0.01)
    folder.mkdir()
    fd = os.open(folder / "device-id.txt", os.O_RDWR | os.O_CREAT)
    assert _locks.try_lock(fd) == _locks.ACQUIRED
    try:
        assert load(folder)[1] == FAILED
    finally:
        _locks.free(fd)
    assert load(folder)[1] == NEW


RACER = """
import sys
from declarant._device import FilePlace, load_device_id
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
print(*load_device_id(FilePlace(sys.argv[1]), "modelkit"))
"""


@pytest.mark.parametrize("content", [None, "damaged", ""])
def test_processes_that_start_together_agree(folder, content):
    """On one id, which one of them made; where there was none and where there was a damaged one."""
    for turn in range(4):
        place = folder / str(turn)
        if content is not None:
            place.mkdir(parents=True)
            (place / "device-id.txt").write_text(content)
        racers = [
            subprocess.Popen(
                [sys.executable, "-c", RACER, str(place)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(6)
        ]
        for racer in racers:
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        answers = [racer.communicate(timeout=60)[0].split() for racer in racers]

        assert len({wire for wire, _ in answers}) == 1
        assert sorted(status for _, status in answers) == ["EXISTING"] * 5 + ["NEW"]


def test_a_reset_makes_a_new_one(folder, make_client, capsys):
    """`declarant reset-id` forgets it; the next start draws another."""
    from declarant.cli import main

    first, _ = load(folder)

    assert main(["reset-id", "modelkit_events", "--store", str(folder)]) == 0
    assert capsys.readouterr().out == "the next run draws a new device id\n"
    assert not (folder / "device-id.txt").exists()
    second, status = load(folder)
    assert status == NEW
    assert second != first
    # Where there is none, there is nothing to forget.
    assert main(["reset-id", "modelkit_events", "--store", str(folder / "none")]) == 0


class Key:
    """An open key of the registry below."""

    def __init__(self, values):
        self.values = values

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class Registry:
    """Windows' registry as `winreg` shows it, for one user."""

    HKEY_CURRENT_USER, KEY_READ, KEY_WRITE, REG_SZ, REG_DWORD = 1, 2, 4, 1, 4

    def __init__(self):
        self.keys = {}
        self.refuses = False

    def OpenKey(self, key, sub_key, reserved, access):
        assert (key, reserved) == (self.HKEY_CURRENT_USER, 0)
        if self.refuses:
            raise PermissionError
        if sub_key not in self.keys:
            raise FileNotFoundError
        return Key(self.keys[sub_key])

    def CreateKeyEx(self, key, sub_key, reserved, access):
        self.keys.setdefault(sub_key, {})
        return self.OpenKey(key, sub_key, reserved, access)

    def QueryValueEx(self, key, name):
        if name not in key.values:
            raise FileNotFoundError
        return key.values[name]

    def SetValueEx(self, key, name, reserved, kind, value):
        key.values[name] = (value, kind)

    def DeleteValue(self, key, name):
        if name not in key.values:
            raise FileNotFoundError
        del key.values[name]


def test_the_registry_keeps_an_id(folder):
    """Below the user's own key, under the product's name; a draft's apart."""
    registry = Registry()
    place = RegistryPlace(registry, "modelkit", str(folder), draft=False)
    drafts = RegistryPlace(registry, "modelkit", str(folder), draft=True)

    first, status = load_device_id(place, "modelkit")
    other, _ = load_device_id(drafts, "modelkit")

    assert status == NEW
    assert first != other
    assert load_device_id(place, "modelkit") == (first, EXISTING)
    (key,) = registry.keys
    assert key == "Software\\Declarant\\modelkit"
    assert sorted(registry.keys[key]) == ["DeviceId", "DraftDeviceId"]
    place.delete()
    place.delete()
    assert list(registry.keys[key]) == ["DraftDeviceId"]
    assert load_device_id(place, "modelkit")[1] == NEW


@pytest.mark.parametrize("damage", [("x", 1), (STORED, 4), (7, 4), (STORED.upper(), 1)])
def test_a_damaged_value_in_the_registry_heals(folder, damage):
    """A value of another type or form is none."""
    registry = Registry()
    registry.keys["Software\\Declarant\\modelkit"] = {"DeviceId": damage}
    place = RegistryPlace(registry, "modelkit", str(folder), draft=False)

    first, status = load_device_id(place, "modelkit")

    assert status == NEW
    assert load_device_id(place, "modelkit") == (first, EXISTING)


def test_a_registry_that_refuses_is_survived(folder):
    """FAILED, and no word about it."""
    registry = Registry()
    registry.refuses = True

    place = RegistryPlace(registry, "modelkit", str(folder), draft=False)

    assert load_device_id(place, "modelkit")[1] == FAILED


def test_this_systems_place_is_in_the_store(folder):
    """On all systems but Windows it is a file."""
    place = _device.id_place(CATALOGUE, str(folder))

    assert Path(place.turn_path) == folder / "device-id.txt"
