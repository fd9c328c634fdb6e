"""The two catalogues that a diff compares, loaded without the events that are the same in both.

Loading checks every file, which for a thousand events takes a second; a change touches a few.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from declarant_codegen.documents import (
    CATALOGUE_FILE,
    FOLDERS,
    MAX_BYTES,
    SUFFIX,
    is_passed_over,
)
from declarant_codegen.errors import CodegenError
from declarant_codegen.loader import load_catalogue
from declarant_codegen.reading import read_regular
from declarant_codegen.revisions import files_at
from declarant_codegen.rules import MENDED_BY_GENERATE

if TYPE_CHECKING:
    from collections.abc import Container, Generator, Mapping

    from declarant_codegen.findings import Finding
    from declarant_codegen.model import Catalogue

__all__ = ["FaultyCatalogueError", "base_folder", "load_base", "load_both", "load_current"]

# A reference to another file than one in common/; an escape could spell one otherwise.
_AFAR = re.compile(rb'"\$ref"\s*:\s*"(?!#|\.\./common/)')
_NOT_READ = ("meta", "reviews")
_Files = dict[str, bytes]


class FaultyCatalogueError(CodegenError):
    """A catalogue that cannot be compared.

    Attributes:
        side: ``base`` or ``current``.
        findings: What is wrong with it.
    """

    def __init__(self, side: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"the {side} catalogue has errors")
        self.side = side
        self.findings = findings


def load_both(base: str, schemas: Path) -> tuple[Catalogue, Catalogue]:
    """Load what *base* names, a folder or a git revision, and *schemas*.

    Events whose files are the same in both may be missing from both.

    Raises:
        NotADirectoryError: *schemas* is not a folder.
        RevisionError: *base* is no folder, and its files cannot be had from git.
        FaultyCatalogueError: One of the two has errors.
    """
    if not schemas.is_dir():
        raise NotADirectoryError(f"{schemas}: expected a folder of schemas, found none")
    with _side(base, schemas) as side:
        same = _unchanged(side.files(), _regular_files(schemas))
        if same:
            before = load_catalogue(side.folder(same), lenient=True, skip=same).catalogue
            after = load_catalogue(schemas, skip=same).catalogue
            if before is not None and after is not None:
                return before, after
        # The whole catalogues tell better what is wrong.
        return _loaded("base", side.folder(())), _loaded("current", schemas)


class _Folder:
    """A base that is a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def files(self) -> _Files | None:
        return _regular_files(self._path)

    def folder(self, left_out: Container[str]) -> Path:
        """Return where the files are, except perhaps those *left_out*."""
        del left_out
        return self._path


class _Revision:
    """A base that git holds; its files are written where the loader can read them."""

    def __init__(self, revision: str, schemas: Path, scratch: Path) -> None:
        held = files_at(revision, schemas, skip=_NOT_READ)
        self._files = {key: data for key, data in held.items() if not _is_passed_over(key)}
        self._schemas = schemas
        self._scratch = scratch
        self._written = 0

    def files(self) -> _Files:
        return self._files

    def folder(self, left_out: Container[str]) -> Path:
        """Write the files except those *left_out* and return where they are."""
        kept = {key: data for key, data in self._files.items() if key not in left_out}
        self._written += 1
        return _written(kept, self._scratch / str(self._written), self._schemas)


def _is_passed_over(key: str) -> bool:
    *folders, name = key.split("/")
    return is_passed_over(name) or any(folder.startswith(".") for folder in folders)


@contextmanager
def _side(base: str, schemas: Path) -> Generator[_Folder | _Revision]:
    if Path(base).is_dir():
        yield _Folder(Path(base))
        return
    import tempfile  # start-up: a folder needs none

    with tempfile.TemporaryDirectory(prefix="declarant-diff-") as scratch:
        yield _Revision(base, schemas, Path(scratch))


@contextmanager
def base_folder(base: str, schemas: Path) -> Generator[Path]:
    """Give a folder that holds what *base* names, approvals too, for as long as it is needed.

    Raises:
        RevisionError: *base* is no folder, and its files cannot be had from git.
    """
    if Path(base).is_dir():
        yield Path(base)
        return
    import tempfile  # start-up: the same

    with tempfile.TemporaryDirectory(prefix="declarant-base-") as scratch:
        yield _written(files_at(base, schemas), Path(scratch), schemas)


def load_base(folder: Path) -> Catalogue:
    """Load a catalogue that is only compared with; rules of judgement do not stop it.

    Raises:
        FaultyCatalogueError: It has errors that leave unsaid what it declares.
    """
    return _loaded("base", folder)


def load_current(schemas: Path) -> Catalogue:
    """Load the catalogue that is compared with something else.

    Raises:
        NotADirectoryError: *schemas* is not a folder.
        FaultyCatalogueError: It has errors.
    """
    return _loaded("current", schemas)


def _unchanged(base: _Files | None, current: _Files | None) -> frozenset[str]:
    """Return the events that need not be loaded; none if that may change the answer."""
    if base is None or current is None or not _stand_alone(base, current):
        return frozenset()
    events = {key for key in (*base, *current) if _is_event(key)}
    same = {key for key in events if base.get(key) == current.get(key)}
    # A catalogue has at least one event.
    return frozenset(same - {min(same)} if same == events and same else same)


def _stand_alone(base: _Files, current: _Files) -> bool:
    """Return whether the meaning of an event depends on its own file alone."""
    if any(
        base.get(key) != current.get(key)
        for key in {*base, *current}
        if not _is_event(key) and key != CATALOGUE_FILE and not key.startswith("ext/")
    ):
        return False
    return not any(map(_refers_afar, {*base.values(), *current.values()}))


def _refers_afar(data: bytes) -> bool:
    """Return whether a file may refer to another one than in ``common/``."""
    return b"\\u" in data or (b"$ref" in data and _AFAR.search(data) is not None)


def _is_event(key: str) -> bool:
    return key.startswith("events/")


def _regular_files(folder: Path) -> _Files | None:
    """Return what the loader reads, by its key; None if there is anything that it would refuse."""
    found: _Files = {}
    for entry in _listed(folder):
        if entry.name == CATALOGUE_FILE and entry.is_file(follow_symlinks=False):
            found[entry.name] = read_regular(entry.path)
        elif entry.name in FOLDERS and entry.is_dir(follow_symlinks=False):
            for inner in _listed(entry.path):
                if is_passed_over(inner.name):
                    continue
                if not _is_schema(inner):
                    return None
                found[f"{entry.name}/{inner.name}"] = read_regular(inner.path)
        elif entry.name not in _NOT_READ and not is_passed_over(entry.name):
            return None
    return found


def _listed(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _is_schema(entry: os.DirEntry[str]) -> bool:
    return (
        entry.name.endswith(SUFFIX)
        and entry.is_file(follow_symlinks=False)
        and entry.stat().st_size <= MAX_BYTES
    )


def _written(files: Mapping[str, bytes], parent: Path, schemas: Path) -> Path:
    """Write files into a new folder that has the name of *schemas*, which findings show."""
    folder = parent / schemas.resolve().name
    folder.mkdir(parents=True)
    for key, data in files.items():
        parts = PurePosixPath(key).parts
        if ".." in parts or any("\\" in part or ":" in part for part in parts):
            continue  # no name that the loader reads, and none that every system takes
        place = folder.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def _loaded(side: str, folder: Path) -> Catalogue:
    result = load_catalogue(folder, lenient=side == "base")
    if result.catalogue is None:
        faults = [item for item in result.findings if item.rule_id not in MENDED_BY_GENERATE]
        raise FaultyCatalogueError(side, tuple(faults))
    return result.catalogue
