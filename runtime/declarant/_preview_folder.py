"""Where the events of a command under preview are kept, and what a killed one left there.

No code runs where a signal ends a process. The folder holds a file that its process keeps locked,
so that whoever looks later knows what is left over.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from declarant import _clocks, _locks
from declarant._limits import UNLOCKED_AGE_S
from declarant._segments import open_regular

if TYPE_CHECKING:
    from collections.abc import Generator

_PREFIX = "declarant-preview-"
_MARK = "in-use"


@contextmanager
def preview_folder() -> Generator[str]:
    """Hold a new folder, which is deleted by the process that made it.

    Raises:
        OSError: None can be made.
    """
    remove_leftovers()
    folder = tempfile.mkdtemp(prefix=_PREFIX)
    maker = os.getpid()
    mark = open_regular(os.path.join(folder, _MARK), os.O_RDWR | os.O_CREAT)
    _locks.try_lock(mark)
    # Empty, it may be one that is not locked yet.
    os.write(mark, b"a command under preview runs\n")
    try:
        yield folder
    finally:
        if os.getpid() == maker:
            _locks.free(mark)
            shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Delete this user's folders of previews whose process is gone."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and _is_left(entry):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_left(entry: os.DirEntry[str]) -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
        is_own = os.name != "posix" or found.st_uid == os.getuid()
        if not is_own or not entry.is_dir(follow_symlinks=False):
            return False
        state = _state(os.path.join(entry.path, _MARK))
    except (OSError, ValueError):
        return False
    is_old = _clocks.now() - found.st_mtime > UNLOCKED_AGE_S
    return state == _locks.ACQUIRED or (state == _locks.UNSUPPORTED and is_old)


def _state(mark: str) -> str:
    """Return whether the file *mark* is locked; UNSUPPORTED where that says nothing."""
    try:
        fd = open_regular(mark, os.O_RDWR)
    except FileNotFoundError:
        return _locks.UNSUPPORTED
    try:
        state = _locks.try_lock(fd)
        is_ready = os.fstat(fd).st_size > 0
    finally:
        _locks.free(fd)
    return state if is_ready else _locks.UNSUPPORTED
