"""Formatting of generated Python: one run of ``ruff format`` for all files.

Owns the formatter's settings, which are its own defaults: anybody's ``ruff format --isolated``
changes nothing. No settings file of the machine, the user or the working directory has a say.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

# The wheel ships its executable with an untyped module that only finds it.
from ruff import find_ruff_bin  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]

from declarant_codegen.errors import CodegenError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RUFF_ARGUMENTS", "FormattingFailed", "format_python"]

RUFF_ARGUMENTS = ("format", "--isolated", "--no-cache", "--quiet")


_MEMORY = "/dev/shm"  # noqa: S108  names in it are random and the folder is the user's alone
_AMPLE = 8
"""Times the sources' size; characters may take four bytes, and the formatter adds some."""


class FormattingFailed(CodegenError):  # noqa: N818  it names what happened
    """The formatter refused a file, which means that it is not Python."""


def format_python(sources: Mapping[str, str]) -> dict[str, str]:
    """Format Python files.

    Args:
        sources: POSIX path to text; the same paths come back.

    Raises:
        FormattingFailed: A text is not Python, or the formatter could not run.
    """
    size = sum(map(len, sources.values()))
    with tempfile.TemporaryDirectory(prefix="declarant-", dir=_memory_folder(size)) as folder:
        root = Path(folder)
        # Flat and numbered: a path in a message or a deep folder helps nobody here.
        places = {path: root / f"{index}.py" for index, path in enumerate(sources)}
        for path, place in places.items():
            place.write_bytes(sources[path].encode())
        _run(root)
        return {path: place.read_bytes().decode() for path, place in places.items()}


def _memory_folder(size: int) -> str | None:
    """Return a folder kept in memory with ample room, or None for the usual temporary place.

    A thousand files that live for a second cost most of that second on a disk.
    """
    try:
        found = os.statvfs(_MEMORY)
    except (AttributeError, OSError):
        return None
    has_room = found.f_bavail * found.f_frsize > _AMPLE * size
    return _MEMORY if has_room and os.access(_MEMORY, os.W_OK | os.X_OK) else None


def _run(root: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own executable, our own arguments
        [find_ruff_bin(), *RUFF_ARGUMENTS, "."],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise FormattingFailed(f"ruff format: {done.stderr.strip()}; report this as a bug")
