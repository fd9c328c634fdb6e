"""Digests of a catalogue's files as they stand on disk.

Owns the cheap question whether anything changed since a generation, and the names that inputs
have in the output; it parses nothing.
"""

from __future__ import annotations

# A check of thousands of files in half a second has no time for Path objects.
# ruff: noqa: PTH118, PTH208
import os
from pathlib import Path

from declarant_codegen.digests import text_digest
from declarant_codegen.reading import read_regular
from declarant_codegen.words import shown

__all__ = ["LOGICAL_FOLDER", "input_digests", "is_meta_current"]

LOGICAL_FOLDER = "schemas"
"""What the output calls the catalogue's folder, so that no name of a machine's reaches it."""

_NOT_READ = frozenset(("meta",))
_META = Path(__file__).with_name("meta")


def input_digests(schemas: Path) -> dict[str, str]:
    """Return path (as the output writes it) to text digest of everything the loader looks at.

    A link, a folder or any other thing that the loader would refuse has an entry too, with a digest
    that no file has: it changes the answer.

    Raises:
        NotADirectoryError: *schemas* is not a folder.
    """
    if not schemas.is_dir():
        raise NotADirectoryError(f"{schemas}: expected a folder of schemas, found none")
    found: dict[str, str] = {}
    _walk(str(schemas), LOGICAL_FOLDER, found, depth=0)
    return found


def is_meta_current(schemas: Path) -> bool:
    """Tell whether the dialect's files in a catalogue are codegen's own."""
    return all(
        _text(os.path.join(schemas, "meta", name)) == _text(os.path.join(_META, name))
        for name in os.listdir(_META)
        if name.endswith(".json")
    )


def _text(path: str) -> bytes | None:
    try:
        return read_regular(path).replace(b"\r\n", b"\n")
    except OSError:
        return None


def _digest(entry: os.DirEntry[str]) -> str:
    try:
        return text_digest(read_regular(entry.path))
    except OSError:
        return "not readable"


def _walk(folder: str, logical: str, found: dict[str, str], *, depth: int) -> None:
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        if not depth:
            raise
        found[logical] = "not readable"
        return
    for entry in listed:
        path = f"{logical}/{shown(entry.name)}"
        if entry.name.startswith(".") or (depth == 0 and entry.name in _NOT_READ):
            continue
        if depth and entry.name.endswith((".md", "~")):
            continue
        if entry.is_symlink() or (depth and entry.is_dir()):
            found[path] = "not a regular file"
        elif entry.is_dir():
            _walk(entry.path, path, found, depth=depth + 1)
        elif depth or entry.name.endswith(".json"):
            found[path] = _digest(entry)
