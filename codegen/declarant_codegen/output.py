"""Writing the generated files: all of them or none.

Owns the output folder: which files in it are ours, how they are replaced, and which old ones go. A
file that is not ours is never written, moved or removed.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from declarant_codegen.bundle import GENERATED
from declarant_codegen.manifest import MANIFEST, ManifestUnreadable, read_manifest, text_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Changes", "OutputRefused", "owned_files", "write_files"]

_MARK = GENERATED.encode()
_MARK_WITHIN = 200
"""Bytes from a file's start in which its mark stands."""


class OutputRefused(Exception):  # noqa: N818  it names what happened
    """The output folder holds something that must not be touched; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a run did to the output folder, as POSIX paths below it.

    Attributes:
        written: New or changed files.
        unchanged: Files that were right already and kept their times.
        removed: Files of an earlier generation.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def write_files(out: Path, files: Mapping[str, bytes], *, package: str) -> Changes:
    """Make the output folder hold *files*, and no file of an earlier generation beside them.

    Args:
        out: The output folder; made if missing.
        files: POSIX path below *out* to content.
        package: Folder of the generated package below *out*.

    Raises:
        OutputRefused: A path leads outside, through a symbolic link, or to a file that is not ours.
        OSError: A file could not be read or written; whatever was replaced is as it was before.
    """
    owned = owned_files(out, package)
    where = _Places(out)
    places = {path: where.of(path) for path in sorted(files)}
    written: list[str] = []
    unchanged: list[str] = []
    for path, place in places.items():
        if not place.exists():
            written.append(path)
        elif text_digest(place.read_bytes()) == text_digest(files[path]):
            # Also when a checkout gave it other line endings: it is not drift.
            unchanged.append(path)
        elif path in owned or _is_marked(_marked_for(place)):
            written.append(path)
        else:
            raise OutputRefused(
                f"{place}: expected a generated file, found one that is not; move it away"
            )
    removed = [path for path in sorted(owned - set(files)) if where.of(path).is_file()]
    if written or removed:
        new = {places[path]: files[path] for path in written}
        _swap(out, new, [where.of(path) for path in removed])
    return Changes(written=tuple(written), unchanged=tuple(unchanged), removed=tuple(removed))


def owned_files(out: Path, package: str) -> set[str]:
    """Return the files below *out* that a generation made, by manifest or by their mark."""
    owned = set(_listed(out / MANIFEST))
    folder = out / package
    for below in (folder, folder / "schemas"):
        if below.is_symlink() or not below.is_dir():
            continue
        for entry in below.iterdir():
            if entry.suffix in (".py", ".json") and _is_marked(entry):
                owned.add(entry.relative_to(out).as_posix())
    return owned


def _listed(path: Path) -> Iterable[str]:
    """Return the outputs an earlier manifest lists, as far as they are plain paths below it."""
    try:
        manifest: dict[str, Any] = read_manifest(path.read_bytes())
    except (OSError, ManifestUnreadable, ValueError):
        return []
    paths: list[str] = [item["path"] for item in manifest["outputs"]]
    paths += [MANIFEST, f"{manifest['package']}/{MANIFEST}"]
    return [path for path in paths if _is_plain(path)]


def _is_plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path


def _is_marked(place: Path) -> bool:
    """Tell whether a file says of itself that it is generated; an empty one says it has nothing."""
    if place.is_symlink() or not place.is_file():
        return False
    with place.open("rb") as file:
        start = file.read(_MARK_WITHIN)
    return _MARK in start or not start


def _marked_for(place: Path) -> Path:
    """Return the file whose mark counts for *place*; the notice, shown to users, has none."""
    return place.with_name("PRIVACY.md") if place.name == "NOTICE.txt" else place


class _Places:
    """Where paths are, each folder on the way looked at once; links and ways out are refused."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._known = {"": out}

    def of(self, path: str) -> Path:
        """Return the place of a file.

        Raises:
            OutputRefused: Something other than a file stands there, or a link on the way.
        """
        if not _is_plain(path):
            raise OutputRefused(f"{path}: expected a path below the output folder, found another")
        folder, _, name = path.rpartition("/")
        place = self._folder(folder) / name
        if place.is_symlink():
            raise _link(place)
        if place.is_dir():
            raise OutputRefused(f"{place}: expected a file, found a folder; move it away")
        return place

    def _folder(self, path: str) -> Path:
        if path not in self._known:
            above, _, name = path.rpartition("/")
            place = self._folder(above) / name
            if place.is_symlink():
                raise _link(place)
            self._known[path] = place
        return self._known[path]


def _link(place: Path) -> OutputRefused:
    return OutputRefused(f"{place}: expected a file or folder, found a symbolic link; remove it")


def _swap(out: Path, files: Mapping[Path, bytes], removed: list[Path]) -> None:
    """Put *files* in place and take *removed* away, or leave everything as it was."""
    out.mkdir(parents=True, exist_ok=True)
    # Beside the output folder, so that both are on one file system.
    staging = Path(tempfile.mkdtemp(prefix=f".{out.resolve().name}.", dir=out.resolve().parent))
    try:
        staged = [(staging / f"{index}.new", place) for index, place in enumerate(files)]
        for (new, _), content in zip(staged, files.values(), strict=True):
            new.write_bytes(content)
        for folder in {place.parent for place in files}:
            folder.mkdir(parents=True, exist_ok=True)
        _move(staging, staged, removed)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    for folder in {place.parent for place in removed}:
        _prune(folder, out)


def _move(staging: Path, staged: list[tuple[Path, Path]], removed: list[Path]) -> None:
    undo: list[tuple[Path | None, Path]] = []
    try:
        for index, (new, place) in enumerate(staged):
            undo.append((_keep(place, staging / f"{index}.old"), place))
            new.replace(place)
        for index, place in enumerate(removed, len(staged)):
            undo.append((_keep(place, staging / f"{index}.old"), place))
    except BaseException:
        _restore(undo)
        raise


def _keep(place: Path, old: Path) -> Path | None:
    """Move what is at *place* aside; return where it went, or None if nothing was there."""
    try:
        place.replace(old)
    except FileNotFoundError:
        return None
    return old


def _restore(undo: list[tuple[Path | None, Path]]) -> None:
    for old, place in reversed(undo):
        if old is not None:
            old.replace(place)
        else:
            place.unlink(missing_ok=True)


def _prune(folder: Path, out: Path) -> None:
    """Remove folders that a removal left empty, never *out* itself."""
    while folder != out and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
