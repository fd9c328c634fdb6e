"""Which files of an output folder a generation may write over.

Owns the judgement of a single file that no manifest lists, by its mark or that of a neighbour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.manifest import MANIFEST
from declarant_codegen.output_tree import is_marked

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_replaceable"]


def is_replaceable(out: Path, path: str, package: str) -> bool:
    """Tell whether a file is generated, or empty, so that nothing is lost with it.

    Args:
        out: The output folder.
        path: The file's path below it (POSIX).
        package: Folder of the generated package below *out*.
    """
    place = out / path
    try:
        if not place.stat().st_size:
            return True
    except OSError:
        return False
    return any(map(_is_marked, _marked_for(place, out / package)))


def _marked_for(place: Path, folder: Path) -> tuple[Path, ...]:
    """Return the files whose mark counts for *place*, in the package's *folder* or beside it.

    The notice, shown to users, has no mark of its own. A manifest may have lost it, to a merge that
    left its marks behind; the package around it tells whose it was.
    """
    if place.name == "NOTICE.txt":
        return (place.with_name("PRIVACY.md"),)
    if place.name == MANIFEST:
        return (place, folder / "_catalogue.py")
    return (place,)


def _is_marked(place: Path) -> bool:
    try:
        return is_marked(str(place))
    except OSError:
        return False
