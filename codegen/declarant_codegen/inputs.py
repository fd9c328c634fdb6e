"""Digests of a catalogue's files as they stand on disk.

Owns the cheap question whether anything changed; it parses nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from declarant_codegen.manifest import text_digest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["input_digests"]


def input_digests(schemas: Path) -> dict[str, str]:
    """Return path (as findings write it) to text digest for every JSON file below a folder.

    Every JSON file counts, also one that the loader would refuse: a new one changes the answer.

    Raises:
        NotADirectoryError: *schemas* is not a folder.
    """
    if not schemas.is_dir():
        raise NotADirectoryError(f"{schemas}: expected a folder of schemas, found none")
    found: dict[str, str] = {}
    _walk(str(schemas), schemas.resolve().name, found)
    return found


def _walk(folder: str, typed: str, found: dict[str, str]) -> None:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = f"{typed}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            _walk(entry.path, path, found)
        elif entry.name.endswith(".json"):
            with open(entry.path, "rb") as file:
                found[path] = text_digest(file.read())
