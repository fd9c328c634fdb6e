"""Writing the generated files: all of them or none.

Owns the output folder: which files in it are ours, and which old ones go. A file that is not ours
is never written, moved or removed. How files are replaced is `swap`'s matter.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from declarant_codegen.digests import text_digest
from declarant_codegen.errors import CodegenError
from declarant_codegen.manifest import MANIFEST, ManifestUnreadable, read_manifest
from declarant_codegen.output_tree import OutputTree
from declarant_codegen.ownership import is_replaceable
from declarant_codegen.swap import Stopped, alone, clear_staging, swap

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

__all__ = ["Changes", "OutputRefused", "made_folder", "write_files"]


class OutputRefused(CodegenError):  # noqa: N818  it names what happened
    """The output folder cannot or must not be changed; nothing was written."""


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
        OutputRefused: A path leads outside, through a symbolic link, or to a file that is not
            ours; or the system refused something. Whatever was replaced is as it was before.
    """
    try:
        with made_folder(out), alone(out) as is_alone:
            if is_alone:
                clear_staging(out)
            return _write(out, files, package)
    except Stopped as stopped:
        raise OutputRefused(f"{out}: {stopped}") from None
    except OSError as error:
        raise OutputRefused(_words(out, error)) from error


def _write(out: Path, files: Mapping[str, bytes], package: str) -> Changes:
    listed = set(_listed(out / MANIFEST))
    where = _Places(out)
    places = {path: where.of(path) for path in sorted(files)}
    written: list[str] = []
    unchanged: list[str] = []
    for path, place in places.items():
        if path in where.missing:
            written.append(path)
        elif text_digest(place.read_bytes()) == text_digest(files[path]):
            # Also when a checkout gave it other line endings: it is not drift.
            unchanged.append(path)
        elif path in listed or is_replaceable(out, path, package):
            written.append(path)
        else:
            raise OutputRefused(
                f"{place}: expected a generated file, found one that is not; move it away"
            )
    removed = sorted(_left_behind(out, files, listed, package))
    if written or removed:
        new: dict[Path, bytes | None] = {places[path]: files[path] for path in written}
        new |= dict.fromkeys(out / path for path in removed)
        # The list of all files comes last: until it is there, the folder counts as it was.
        if (listing := out / MANIFEST) in new:
            new[listing] = new.pop(listing)
        swap(out, new)
    return Changes(written=tuple(written), unchanged=tuple(unchanged), removed=tuple(removed))


def _left_behind(out: Path, files: Mapping[str, bytes], listed: set[str], package: str) -> set[str]:
    """Return the files of earlier generations that are none of *files*, by manifest or mark."""
    tree = OutputTree(out, package, files.get(MANIFEST, b""))
    return tree.files.intersection(listed).difference(files) | tree.orphans(files)


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


class _Places:
    """Where paths are, each folder on the way looked at once; links and ways out are refused.

    Attributes:
        missing: Those of the paths asked for at which nothing stands.
    """

    def __init__(self, out: Path) -> None:
        self.missing: set[str] = set()
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
        try:
            mode = os.lstat(place).st_mode
        except (FileNotFoundError, NotADirectoryError):
            self.missing.add(path)
            return place
        if stat.S_ISLNK(mode):
            raise _link(place)
        if stat.S_ISDIR(mode):
            raise OutputRefused(f"{place}: expected a file, found a folder; move it away")
        return place

    def _folder(self, path: str) -> Path:
        if path not in self._known:
            above, _, name = path.rpartition("/")
            place = self._folder(above) / name
            if place.is_symlink():
                raise _link(place)
            if place.exists() and not place.is_dir():
                raise OutputRefused(f"{place}: expected a folder, found a file; move it away")
            self._known[path] = place
        return self._known[path]


def _link(place: Path) -> OutputRefused:
    return OutputRefused(f"{place}: expected a file or folder, found a symbolic link; remove it")


@contextmanager
def made_folder(out: Path) -> Generator[None]:
    """Make the output folder, and take it away again when nothing comes into it."""
    made: list[Path] = []
    place = out
    while not place.exists():
        made.append(place)
        place = place.parent
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


_NO_ROOM = frozenset(
    number
    for name in ("ENOSPC", "EDQUOT", "EFBIG")
    if (number := getattr(errno, name, None)) is not None
)


def _words(out: Path, error: OSError) -> str:
    """Say what the system refused, and where, in the words of the one who named the folder."""
    mend = "see that you may write there, or name another folder with --out"
    if error.errno in _NO_ROOM:
        mend = "make room there, or name another folder with --out"
    reason = os.strerror(error.errno) if error.errno is not None else str(error)
    return (
        f"{out}: expected a folder that can be written to, found: {reason}; "
        f"nothing was changed; {mend}"
    )
