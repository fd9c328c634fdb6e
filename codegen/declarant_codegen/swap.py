"""Replacing many files at once: all of them, or none.

Owns the staging folder inside the output folder, the order of the moves, the way back, and what
keeps two runs or a signal from mixing two generations. Only a death that nothing can hold back
(SIGKILL, loss of power) can leave a mixture; the files' digests tell it then.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.errors import CodegenError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

__all__ = ["NotRestored", "Stopped", "alone", "clear_staging", "swap"]

_PREFIX = ".declarant-"
_STAGED = re.compile(r"[0-9]+\.(?:new|old|copy)")
_HELD = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that ask a process to end; Windows lacks the last."""


class Stopped(Exception):  # noqa: N818  it names what happened
    """A signal came before the first file was replaced."""


class NotRestored(CodegenError):  # noqa: N818  it names what happened
    """A failure in the midst of the moves could not be undone whole."""


@contextlib.contextmanager
def alone(out: Path) -> Generator[bool]:
    """Wait until no other run writes into *out*; give whether that is certain.

    The lock is the kernel's, so it ends with its process. Some network file systems and Windows
    have none: then nothing is certain.
    """
    try:
        # Late: Windows lacks it.
        import fcntl

        handle = os.open(out, os.O_RDONLY)
    except (ImportError, OSError):
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            is_locked = True
        except OSError:
            is_locked = False
        yield is_locked
    finally:
        os.close(handle)


def clear_staging(out: Path) -> None:
    """Remove staging folders of runs that died; call it alone, when no living run can have one."""
    with os.scandir(out) as entries:
        found = [entry for entry in entries if entry.name.startswith(_PREFIX)]
    for entry in found:
        if not entry.is_dir(follow_symlinks=False):
            continue
        # Somebody's own folder of such a name holds something else.
        if all(_STAGED.fullmatch(name) for name in os.listdir(entry.path)):  # noqa: PTH208
            shutil.rmtree(entry.path, ignore_errors=True)


def swap(out: Path, new: Mapping[Path, bytes | None]) -> None:
    """Put files in place in the order given, or leave everything as it was.

    Signals that ask the process to end are held back, and delivered once the folder is whole: as
    it was if they came before the first move, else as it should be.

    Args:
        out: The folder that holds all of them; it exists.
        new: Place to content; None for a file to remove.

    Raises:
        Stopped: A signal came in time, and its handler returned.
        OSError: A file could not be written or moved.
        NotRestored: And what had been replaced by then could not all be put back.
    """
    with _signals_held() as arrived:
        staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=out))
        made: list[Path] = []
        try:
            moves = _staged(staging, new, arrived)
            for folder in {place.parent for place, content in new.items() if content is not None}:
                _make_folder(folder, made)
            _move(moves)
        except BaseException:
            for folder in reversed(made):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        for place in (place for place, content in new.items() if content is None):
            # A folder that stays behind empty is no failure.
            with contextlib.suppress(OSError):
                _prune(place.parent, out)


@contextlib.contextmanager
def _signals_held() -> Generator[list[int]]:
    """Collect signals instead of obeying them, and obey them at the end."""
    arrived: list[int] = []
    former: dict[int, object] = {}
    if threading.current_thread() is threading.main_thread():
        for name in _HELD:
            number = getattr(signal, name, None)
            # An ignored signal stays ignored; a handler that Python did not set cannot be put back.
            if number is not None and signal.getsignal(number) not in (None, signal.SIG_IGN):
                former[number] = signal.signal(number, lambda number, _: arrived.append(number))
    try:
        yield arrived
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for number in dict.fromkeys(arrived):
            signal.raise_signal(number)


_Move = tuple["Path | None", "Path", "Path"]
"""The new file or None, its place, and where the old one is kept meanwhile."""


def _staged(staging: Path, new: Mapping[Path, bytes | None], arrived: list[int]) -> list[_Move]:
    moves: list[_Move] = []
    for index, (place, content) in enumerate(new.items()):
        if arrived:
            raise Stopped("stopped by a signal; nothing was written")
        staged = None
        if content is not None:
            staged = staging / f"{index}.new"
            staged.write_bytes(content)
        moves.append((staged, place, staging / f"{index}.old"))
    return moves


def _move(moves: list[_Move]) -> None:
    begun: list[tuple[Path, Path, bool]] = []
    try:
        for staged, place, old in moves:
            # Noted before anything happens, so that no moment is without a way back.
            begun.append((place, old, place.exists()))
            if staged is None:
                _take_away(place, old)
            else:
                _keep(place, old)
                staged.replace(place)
    except BaseException:
        _restore(begun)
        raise


def _keep(place: Path, old: Path) -> None:
    """Give the file at *place*, if any, a second name, so that it is never missing."""
    try:
        os.link(place, old)
    except FileNotFoundError:
        return
    except OSError:
        # A file system without links. A copy that breaks off must not be taken for the old file.
        copied = old.with_suffix(".copy")
        shutil.copy2(place, copied)
        copied.replace(old)


def _take_away(place: Path, old: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        place.replace(old)


def _restore(begun: list[tuple[Path, Path, bool]]) -> None:
    """Put every file back; one that cannot be does not keep the others away."""
    failed: list[Path] = []
    for place, old, was_there in reversed(begun):
        try:
            if old.exists():
                old.replace(place)
            elif not was_there:
                place.unlink(missing_ok=True)
        except OSError:  # noqa: PERF203  each file has its own fate
            failed.append(place)
    if failed:
        raise NotRestored(
            f"{failed[0]}: could not be put back after a failure, nor could {len(failed) - 1} "
            "other files; run `declarant generate` once you may write there"
        )


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and note each."""
    if folder.is_dir():
        return
    _make_folder(folder.parent, made)
    folder.mkdir()
    made.append(folder)


def _prune(folder: Path, out: Path) -> None:
    """Remove folders that a removal left empty, never *out* itself."""
    while folder != out and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
