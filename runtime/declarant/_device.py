"""The device id: one random UUID per user and product, in a file that explains itself.

On the wire it is `ext.device.localId` in the scoped form `r:<uuid>` ("r:" = random; onecollector
facts 3.9). Nothing about the machine or the user goes into it.
"""

from __future__ import annotations

import os

from declarant._ext import random_uuid
from declarant._segments import NEW_SUFFIX, make_folder, unlink_quietly, write_whole

NEW, EXISTING, FAILED = "NEW", "EXISTING", "FAILED"

_FILE = "device-id.txt"
_NOTE = """
This random id lets usage data of one installation be counted once.
It says nothing about you or this machine. Deleting this file makes a new one.
"""


def load_device_id(folder: str) -> tuple[str, str]:
    """Return the wire form of the device id kept in *folder*, and its status.

    Args:
        folder: The offline store's folder; made if missing.

    Returns:
        "r:<uuid>", and NEW, EXISTING, or FAILED when nothing can be stored: then the id is a random
        one for this process.
    """
    path = os.path.join(folder, _FILE)
    stored = _read(path)
    if stored is not None:
        return f"r:{stored}", EXISTING
    mine = random_uuid()
    try:
        make_folder(folder)
        agreed = _publish(path, mine)
    except OSError:
        return f"r:{mine}", FAILED
    return f"r:{agreed}", NEW if agreed == mine else EXISTING


def _publish(path: str, mine: str) -> str:
    """Store *mine*, unless another process was first; return the id that stands."""
    hidden = f"{path}.{os.getpid()}.{mine[:8]}{NEW_SUFFIX}"
    fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            write_whole(fd, f"{mine}\n{_NOTE}".encode("ascii"))
        finally:
            os.close(fd)
        return _place(hidden, path) or mine
    finally:
        unlink_quietly(hidden)


def _place(hidden: str, path: str) -> str | None:
    """Give the file *hidden* its name; return the id that then stands there."""
    try:
        # link, unlike rename, does not replace the file of a faster process.
        os.link(hidden, path)
    except FileExistsError:
        standing = _read(path)
        if standing is not None:
            return standing
        # A damaged file holds no id that another process could be using.
        os.replace(hidden, path)
    except OSError:
        # No hard links here (some network and Windows file systems): the last writer wins.
        os.replace(hidden, path)
    return _read(path)


def _read(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            stored = file.read(36).decode("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    parts = stored.split("-")
    shaped = [len(part) for part in parts] == [8, 4, 4, 4, 12]
    return stored if shaped and not "".join(parts).strip("0123456789abcdef") else None
