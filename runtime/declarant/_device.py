"""The device id: one random UUID per user and product, and what is sent in its place.

The random value is kept on this machine and never leaves it. On the wire stands a digest of it and
of the product's name, `ext.device.localId` in the scoped form `r:<uuid>` ("r:" = random;
onecollector facts 3.9): who sees it learns neither the stored value nor what another product sends.
Nothing about the machine or the user goes into either.
"""

from __future__ import annotations

import os
import sys

from declarant import _clocks, _locks
from declarant._ext import as_uuid, random_uuid
from declarant._limits import DEVICE_ID_TURN_S
from declarant._segments import make_folder, open_regular, unlink_quietly, write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from declarant._catalogue import Catalogue

    class _Digest(Protocol):
        def digest(self) -> bytes: ...

    sha256: Callable[[bytes], _Digest]

    class IdPlace(Protocol):
        """Where the random value is kept."""

        @property
        def turn_path(self) -> str:
            """A file whose lock is held while a value is made."""
            ...

        def read(self) -> str | None:
            """Return the value, or None if there is none of the right form."""
            ...

        def write(self, value: str, turn: int) -> None:
            """Keep *value*; *turn* is the locked file. An OSError if that is not possible."""
            ...

        def delete(self) -> None:
            """Forget the value. An OSError if that is not possible."""
            ...

else:
    # Not hashlib: that loads OpenSSL, 3 ms (docs/decisions/0002-import-budget.md).
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256
    except ImportError:
        from hashlib import sha256


class DeviceIdStatus(str):
    """How the device id of this process came to be; a plain class, as `DropReason` is."""

    __slots__ = ()

    NEW: DeviceIdStatus
    EXISTING: DeviceIdStatus
    FAILED: DeviceIdStatus

    def __repr__(self) -> str:
        """Name the member, as an enum would."""
        return f"DeviceIdStatus.{self}"


DeviceIdStatus.NEW = DeviceIdStatus("NEW")
DeviceIdStatus.EXISTING = DeviceIdStatus("EXISTING")
DeviceIdStatus.FAILED = DeviceIdStatus("FAILED")

FILE = "device-id.txt"
_NOTE = """
This random id is never sent. What is sent is a digest of it and of the product's name, so that
usage data of one installation can be counted once. It says nothing about you or this machine.
Deleting this file makes a new one.
"""
_CONTEXT = "declarant device id, version 1"
_HEX = "0123456789abcdef"
_TURN_PAUSE_S = 0.005


def load_device_id(place: IdPlace, product: str) -> tuple[str, DeviceIdStatus]:
    """Return the wire form of the device id, and its status.

    Args:
        place: Where the random value is kept; it is made there if there is none.
        product: The product's machine name.

    Returns:
        "r:<uuid>", and NEW, EXISTING, or FAILED when nothing can be stored: then the id is a random
        one for this process.
    """
    stored = place.read()
    if stored is not None:
        return wire_id(product, stored), DeviceIdStatus.EXISTING
    mine = random_uuid()
    try:
        agreed = _agree(place, mine)
    except OSError:
        return wire_id(product, mine), DeviceIdStatus.FAILED
    status = DeviceIdStatus.NEW if agreed == mine else DeviceIdStatus.EXISTING
    return wire_id(product, agreed), status


def wire_id(product: str, stored: str) -> str:
    """Return what is sent for the random value *stored*.

    Half of a SHA-256, in the form of a version 4 UUID: that version says random or pseudo-random,
    and it alone is known to be accepted (docs/decisions/0007-consent.md).
    """
    digest = sha256(f"{_CONTEXT}\0{product}\0{stored}".encode()).digest()
    return f"r:{as_uuid(digest[:16])}"


def id_place(catalogue: Catalogue, folder: str) -> IdPlace:
    """Return where the id of the store *folder* is kept: in the store, or in Windows' registry.

    A store that the host named keeps its own id, on Windows as well.
    """
    if sys.platform == "win32":
        import winreg

        from declarant._device_registry import RegistryPlace
        from declarant._drafts import store_place
        from declarant._paths import store_folder

        if folder == store_place(catalogue, store_folder(catalogue.product)):
            return RegistryPlace(winreg, catalogue.product, folder, draft=catalogue.draft)
    return FilePlace(folder)


class FilePlace:
    """A file in the store that explains itself, for its owner alone."""

    __slots__ = ("turn_path",)

    def __init__(self, folder: str) -> None:
        """Keep the value below *folder*; nothing touches the disk yet."""
        self.turn_path = os.path.join(folder, FILE)

    def read(self) -> str | None:
        """Return the value, and take back what others were allowed."""
        try:
            fd = open_regular(self.turn_path)
        except (OSError, ValueError):
            return None
        try:
            content = os.read(fd, 37)
            if os.name == "posix" and os.fstat(fd).st_mode & 0o077:
                os.fchmod(fd, 0o600)
        except OSError:
            return None
        finally:
            os.close(fd)
        value = content[:36].decode("ascii", "replace")
        return value if is_random_uuid(value) and content[36:] in (b"", b"\n", b"\r") else None

    def write(self, value: str, turn: int) -> None:
        """Write the value into the locked file, which is its own."""
        try:
            # Empty first: a reader may see a part of the new text, and no mixture.
            os.ftruncate(turn, 0)
            os.lseek(turn, 0, os.SEEK_SET)
            write_whole(turn, f"{value}\n{_NOTE}".encode("ascii"))
        except OSError:
            unlink_quietly(self.turn_path)
            raise

    def delete(self) -> None:
        """Delete the file."""
        try:
            os.unlink(self.turn_path)
        except (FileNotFoundError, NotADirectoryError):
            return


def is_random_uuid(text: str) -> bool:
    """Tell whether *text* is a UUID as `random_uuid` makes them; no constant one passes."""
    parts = text.split("-")
    if [len(part) for part in parts] != [8, 4, 4, 4, 12] or "".join(parts).strip(_HEX):
        return False
    return parts[2][0] == "4" and parts[3][0] in "89ab"


def _agree(place: IdPlace, mine: str) -> str:
    """Keep *mine*, unless another process was first; return the value that stands.

    Raises:
        OSError: Nothing can be kept.
    """
    turn = _take_turn(place.turn_path)
    try:
        standing = place.read()
        if standing is None:
            place.write(mine, turn)
            standing = mine
        return standing
    finally:
        _locks.free(turn)


def _take_turn(path: str) -> int:
    """Return the locked file at *path*, made if it is not there.

    Where the file system has no locks, the last writer wins.

    Raises:
        OSError: It cannot be had.
    """
    make_folder(os.path.dirname(path))
    end = _clocks.monotonic() + DEVICE_ID_TURN_S
    while True:
        fd = _open_turn(path)
        try:
            is_had = _locks.try_lock(fd) != _locks.HELD and _is_at(fd, path)
        except OSError:
            # Deleted between our open and our lock.
            is_had = False
        if is_had:
            return fd
        _locks.free(fd)
        if _clocks.monotonic() > end:
            raise TimeoutError("another process is making the device id")
        _clocks.sleep(_TURN_PAUSE_S)


def _open_turn(path: str) -> int:
    try:
        return open_regular(path, os.O_RDWR | os.O_CREAT)
    except OSError:
        if os.path.isfile(path) and not os.path.islink(path):
            raise
    # A link, a FIFO or the like holds no id that another process could be using.
    os.unlink(path)
    return open_regular(path, os.O_RDWR | os.O_CREAT)


def _is_at(fd: int, path: str) -> bool:
    mine, there = os.fstat(fd), os.stat(path)
    return (mine.st_ino, mine.st_dev) == (there.st_ino, there.st_dev)
