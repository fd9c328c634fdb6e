"""Putting a new catalogue in place: beside whatever is there, and never over it.

Owns what stands in the way, what is left alone, and what is added to. All of it is placed or
nothing, also if the run is interrupted.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.errors import CodegenError
from declarant_codegen.output import made_folder
from declarant_codegen.reading import read_regular
from declarant_codegen.scaffold.companions import ATTRIBUTES, ATTRIBUTES_FILE, companions
from declarant_codegen.scaffold.making import GENERATED, SCHEMAS
from declarant_codegen.swap import Stopped, alone, clear_staging, swap
from declarant_codegen.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["InTheWay", "Placed", "look", "put_in_place"]

_OTHER_OWNERS = ("CODEOWNERS", "docs/CODEOWNERS")
"""Other places of the file; the platform reads one of them only."""


class InTheWay(CodegenError):  # noqa: N818  it names what happened
    """Something is there that would be written over; the message has a line for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of the folder, as POSIX paths below it.

    Attributes:
        written: Files that are new.
        added_to: Files that were there and have more lines now.
        kept: Path to text of the files that were not written, because something is there.
    """

    written: tuple[str, ...]
    added_to: tuple[str, ...]
    kept: Mapping[str, str]


def look(folder: Path) -> None:
    """Find out whether a catalogue can be placed, before much is done for it.

    Raises:
        InTheWay: Something would be written over.
        OSError: Nothing can be written there.
    """
    _refuse_obstacles(folder)
    with tempfile.TemporaryDirectory(prefix=".declarant-", dir=_above(folder)):
        pass


def _refuse_obstacles(folder: Path) -> None:
    found = list(_obstacles(folder))
    if found:
        raise InTheWay("\n".join(found))


def _above(folder: Path) -> Path:
    """Return the folder itself or, where it is still to be made, the nearest thing above it."""
    return next((place for place in (folder, *folder.parents) if _is_there(place)), folder)


def _obstacles(folder: Path) -> Iterator[str]:
    above = _above(folder)
    if not above.is_dir():
        yield _words(above, "a folder", "move it away, or name another folder")
        return
    for name in (SCHEMAS, GENERATED):
        place = folder / name
        if _is_there(place):
            yield _words(place, "nothing", "move it away, or name another folder")
    place = folder / ATTRIBUTES_FILE
    if _is_there(place) and (place.is_symlink() or not place.is_file()):
        yield _words(place, "a file to add lines to", "move it away")


def _words(place: Path, expected: str, mend: str) -> str:
    kinds = (
        (place.is_symlink(), "a symbolic link"),
        (place.is_dir(), "a folder"),
        (place.is_file(), "a file"),
    )
    found = next((words for is_so, words in kinds if is_so), "something else")
    return f"{shown(str(place))}: expected {expected}, found {found}; {mend}"


def put_in_place(folder: Path, files: Mapping[str, bytes]) -> Placed:
    """Put a catalogue and its companions in place.

    Args:
        folder: Where; made if missing.
        files: POSIX path below *folder* to content.

    Raises:
        InTheWay: Something would be written over.
        CodegenError: A signal came in time; or a failure in the midst could not be undone whole.
        OSError: The system refused something; everything is as it was.
    """
    _refuse_obstacles(folder)
    with made_folder(folder), alone(folder) as is_alone:
        if is_alone:
            clear_staging(folder)
        # Again, for another run may have been waited for.
        _refuse_obstacles(folder)
        beside = {path: text for path, text in companions().items() if _is_free(folder, path)}
        new = {**files, **{path: text.encode() for path, text in beside.items()}}
        before = _attributes(folder)
        after = _with_ours(before or b"")
        changed = {} if after == before else {ATTRIBUTES_FILE: after}
        content = {**new, **changed}
        try:
            swap(folder, {folder / path: text for path, text in content.items()})
        except Stopped as stopped:
            raise CodegenError(str(stopped)) from None
    return Placed(
        written=tuple(sorted(new if before is not None else content)),
        added_to=tuple(changed) if before is not None else (),
        kept={path: text for path, text in companions().items() if path not in beside},
    )


def _is_free(folder: Path, path: str) -> bool:
    """Tell whether nothing stands where a companion goes, nor anything but a folder above it."""
    place = folder / path
    if place.name == "CODEOWNERS" and any(_is_there(folder / other) for other in _OTHER_OWNERS):
        return False
    above = place.parent
    is_open = above == folder or not _is_there(above) or (above.is_dir() and not above.is_symlink())
    return is_open and not _is_there(place)


def _is_there(place: Path) -> bool:
    return place.is_symlink() or place.exists()


def _attributes(folder: Path) -> bytes | None:
    try:
        return read_regular(str(folder / ATTRIBUTES_FILE))
    except FileNotFoundError:
        return None


def _with_ours(there: bytes) -> bytes:
    """Return the lines that are there with ours after them, unless they hold ours already."""
    ours = ATTRIBUTES.encode()
    if ours in there.replace(b"\r\n", b"\n"):
        return there
    gap = b"\n" if there and not there.endswith(b"\n") else b""
    return there + gap + ours
