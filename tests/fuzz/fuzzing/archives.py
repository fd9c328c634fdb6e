"""The files of a catalogue as one input, which a person can read and a fuzzer can cut up.

Each file is a line ``=== path`` and what stands below it. A path has one or two names; what would
lie anywhere else is left out.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HEAD = re.compile(rb"^=== (.*)\n", re.MULTILINE)
_LONGEST_NAME = 100


def joined(files: Mapping[str, bytes]) -> bytes:
    """Write files as one input."""
    return b"".join(
        b"=== %b\n%b\n" % (name.encode("utf-8", "surrogateescape"), content)
        for name, content in files.items()
    )


def parted(data: bytes) -> dict[str, bytes]:
    """Read the files of an input; of equal paths the last counts."""
    _, *found = _HEAD.split(data)
    named = zip(found[::2], found[1::2], strict=True)
    files = {
        name.decode("utf-8", "surrogateescape"): content.removesuffix(b"\n")
        for name, content in named
    }
    return {name: content for name, content in files.items() if _is_inside(name)}


def _is_inside(path: str) -> bool:
    names = path.split("/")
    return len(names) <= 2 and all(map(_is_name, names))


def _is_name(name: str) -> bool:
    length = len(name.encode("utf-8", "surrogateescape"))
    return name not in ("", ".", "..") and "\0" not in name and length <= _LONGEST_NAME


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Make *folder* hold just *files*, and return it; one where a folder must be is left out."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in sorted(files, key=lambda name: (-name.count("/"), name)):
        place = folder / name
        if not place.is_dir():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(files[name])
    return folder
