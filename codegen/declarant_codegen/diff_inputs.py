"""The two catalogues that a diff compares, loaded without the events that are the same in both.

Loading checks every file, which for a thousand events takes a second; a change touches a few.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from declarant_codegen.documents import CATALOGUE_FILE, FOLDERS, MAX_BYTES, SUFFIX
from declarant_codegen.errors import CodegenError
from declarant_codegen.loader import load_catalogue
from declarant_codegen.revisions import files_at
from declarant_codegen.rules import MENDED_BY_GENERATE

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from declarant_codegen.findings import Finding
    from declarant_codegen.model import Catalogue

__all__ = ["FaultyCatalogueError", "base_folder", "load_base", "load_both"]

# A reference to another file than one in common/; an escape could spell one otherwise.
_AFAR = re.compile(rb'\\u|"\$ref"\s*:\s*"(?!#|\.\./common/)')
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
    current = _regular_files(schemas)
    with tempfile.TemporaryDirectory(prefix="declarant-diff-") as scratch:
        if Path(base).is_dir():
            folder, files = Path(base), _regular_files(Path(base))
        else:
            files = files_at(base, schemas)
            folder = _written(files, Path(scratch, "revision"), schemas)
        quick = _load_reduced(files, current, Path(scratch), schemas)
        return quick or (_loaded("base", folder), _loaded("current", schemas))


@contextmanager
def base_folder(base: str, schemas: Path) -> Generator[Path]:
    """Give a folder that holds what *base* names, approvals too, for as long as it is needed.

    Raises:
        RevisionError: *base* is no folder, and its files cannot be had from git.
    """
    if Path(base).is_dir():
        yield Path(base)
        return
    with tempfile.TemporaryDirectory(prefix="declarant-base-") as scratch:
        yield _written(files_at(base, schemas), Path(scratch), schemas)


def load_base(folder: Path) -> Catalogue:
    """Load a catalogue that is only compared with; rules of judgement do not stop it.

    Raises:
        FaultyCatalogueError: It has errors that leave unsaid what it declares.
    """
    return _loaded("base", folder)


def _load_reduced(
    base: _Files | None, current: _Files | None, scratch: Path, schemas: Path
) -> tuple[Catalogue, Catalogue] | None:
    """Load both without the events that are the same; None if that may change the answer."""
    if base is None or current is None or not _stand_alone(base, current):
        return None
    same = {key for key, data in base.items() if _is_event(key) and current.get(key) == data}
    if not same:
        return None
    loaded: list[Catalogue] = []
    for side, files in (("base", base), ("current", current)):
        kept = {key: data for key, data in files.items() if key not in same}
        catalogue = load_catalogue(_written(kept, scratch / side, schemas)).catalogue
        if catalogue is None:
            return None  # the whole catalogue tells better what is wrong
        loaded.append(catalogue)
    return loaded[0], loaded[1]


def _stand_alone(base: _Files, current: _Files) -> bool:
    """Return whether the meaning of an event depends on its own file alone."""
    if any(
        base.get(key) != current.get(key)
        for key in {*base, *current}
        if not _is_event(key) and key != CATALOGUE_FILE and not key.startswith("ext/")
    ):
        return False
    return not any(_AFAR.search(data) for files in (base, current) for data in files.values())


def _is_event(key: str) -> bool:
    return key.startswith("events/")


def _regular_files(folder: Path) -> _Files | None:
    """Return what the loader reads, by its key; None if there is anything that it would refuse."""
    found: _Files = {}
    for entry in os.scandir(folder):
        if entry.name == CATALOGUE_FILE and entry.is_file(follow_symlinks=False):
            found[entry.name] = Path(entry.path).read_bytes()
        elif entry.name in FOLDERS and entry.is_dir(follow_symlinks=False):
            for inner in os.scandir(entry.path):
                if not _is_schema(inner):
                    return None
                found[f"{entry.name}/{inner.name}"] = Path(inner.path).read_bytes()
        elif entry.name not in ("meta", "reviews"):
            return None
    return found


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
