"""Laying the dialect's files into a catalogue, for editors."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from declarant_codegen.meta_files import meta_files

__all__ = ["lay_meta"]


def lay_meta(schemas: Path) -> tuple[Path, ...]:
    """Write the dialect's files that are missing or not codegen's own; return them."""
    laid: list[Path] = []
    for name, text in meta_files().items():
        place = schemas / name
        content = text.encode()
        if _holds(place, content):
            continue
        place.parent.mkdir(exist_ok=True)
        # Replaced, not written into: through a link it would change a file elsewhere.
        handle, staged = tempfile.mkstemp(prefix=".", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(staged).chmod(0o644)
            Path(staged).replace(place)
        except BaseException:
            Path(staged).unlink(missing_ok=True)
            raise
        laid.append(place)
    return tuple(laid)


def _holds(place: Path, content: bytes) -> bool:
    is_plain = not place.is_symlink() and place.is_file()
    return is_plain and place.read_bytes().replace(b"\r\n", b"\n") == content
