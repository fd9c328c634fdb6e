"""What stands below an output folder: which of it is generated, and what is in the way.

Owns how a generated file is known, which folders are looked into, and which generated files nothing
makes any more. Links are never followed. Folders of tools and of other catalogues' output are not
looked into.
"""

from __future__ import annotations

# A check of thousands of files in half a second has no time for Path objects.
# ruff: noqa: PTH118
import os
from typing import TYPE_CHECKING

from declarant_codegen.digests import text_digest
from declarant_codegen.manifest import MANIFEST, ManifestUnreadable, read_manifest
from declarant_codegen.own_digest import MARK_WITHIN, has_mark
from declarant_codegen.reading import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["OutputTree", "is_marked"]

_KINDS = (".py", ".json", ".md", ".toml")
"""Ends of the names of files that bear the mark."""

_UNMARKED = ("NOTICE.txt", "py.typed")
"""Generated files without a mark, as users or tools read them."""

_OF_TOOLS = frozenset({"__pycache__", "build", "dist", "node_modules"})
"""Folders of what other tools make, of copies of the package, too; hidden ones apart."""

_PROJECT, _ENVIRONMENT = "pyproject.toml", "pyvenv.cfg"
_PRODUCT = b'\n  "product": '
_PRODUCT_WITHIN = 2_000
"""Bytes from a manifest's start in which its product stands."""


class OutputTree:
    """Everything below an output folder, each folder listed once.

    Attributes:
        files: Paths (POSIX) of regular files.
        folders: Paths of folders.
        others: Path of anything else to its state, ``linked`` or ``blocked``; of a folder that
            cannot be listed, too.
    """

    def __init__(self, out: Path, package: str, manifest: bytes) -> None:
        """List the folder; a *manifest* of the package tells whose other packages are."""
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.others: dict[str, str] = {}
        self._out = str(out)
        self._package = package
        self._ways: dict[str, tuple[str, str] | None] = {"": None}
        self._product = _product(manifest)
        waiting = [""]
        while waiting:
            waiting += self._list(waiting.pop())

    def obstacle(self, path: str) -> tuple[str, str] | None:
        """Return what stands where a generated file belongs, and its state; None if nothing does.

        It is a link, a folder, or what no file is; or it stands in the place of a folder above.
        """
        if path in self.others:
            return path, self.others[path]
        if path in self.folders:
            return path, "blocked"
        folder = path.rpartition("/")[0]
        if folder not in self._ways:
            above = self.obstacle(folder) if folder not in self.folders else None
            is_file = above is None and folder in self.files
            self._ways[folder] = (folder, "blocked") if is_file else above
        return self._ways[folder]

    def orphans(self, ours: Iterable[str]) -> set[str]:
        """Return the generated files that are not *ours*."""
        left = self.files.difference(ours)
        found = {path for path in left if path.endswith(_KINDS) and self._is_marked(path)}
        for manifest in [path for path in found if path.rpartition("/")[2] == MANIFEST]:
            found |= left & self._listed_beside(manifest)
        return found

    def foreign(self, ours: Iterable[str]) -> set[str]:
        """Return what stands in the package and is not *ours*.

        Hidden files belong to tools, as no name imports them.
        """
        within = f"{self._package}/"
        strange = self.files.union(self.others).difference(ours)
        return {
            path
            for path in strange
            if path.startswith(within) and not path.rpartition("/")[2].startswith(".")
        }

    def _list(self, folder: str) -> Iterator[str]:
        """Note what a folder holds, and yield the folders in it that are to be looked into."""
        start = f"{folder}/" if folder else ""
        try:
            with os.scandir(self._place(folder)) as entries:
                listed = list(entries)
        except OSError:
            if folder:
                self.others[folder] = "blocked"
            return
        if folder and not self._is_of_package(folder) and self._is_anothers(folder, listed):
            return
        for entry in listed:
            path = start + entry.name
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                is_file = not is_folder and entry.is_file(follow_symlinks=False)
                is_link = not is_folder and not is_file and entry.is_symlink()
            except OSError:
                is_folder = is_file = is_link = False
            if is_file:
                self.files.add(path)
            elif not is_folder:
                self.others[path] = "linked" if is_link else "blocked"
            elif not self._is_of_tools(path, entry.name):
                self.folders.add(path)
                yield path

    def _is_of_package(self, folder: str) -> bool:
        return folder == self._package or folder.startswith(f"{self._package}/")

    def _is_of_tools(self, path: str, name: str) -> bool:
        if path == self._package:
            return False
        if self._is_of_package(path):
            # What is built is built elsewhere.
            return name.startswith(".") or name == "__pycache__"
        return (
            name.startswith(".") or name in _OF_TOOLS or name.endswith((".egg-info", ".dist-info"))
        )

    def _is_anothers(self, folder: str, listed: list[os.DirEntry[str]]) -> bool:
        """Tell a virtual environment, and another catalogue's output or package."""
        names = {entry.name for entry in listed}
        if _ENVIRONMENT in names:
            return True
        manifest = f"{folder}/{MANIFEST}"
        if MANIFEST not in names or not self._is_marked(manifest):
            return False
        return _PROJECT in names or self._is_of_another_product(manifest)

    def _is_of_another_product(self, manifest: str) -> bool:
        try:
            found = _product(read_regular(self._place(manifest), _PRODUCT_WITHIN))
        except OSError:
            return True
        return self._product is not None and found != self._product

    def _listed_beside(self, manifest: str) -> set[str]:
        """Return the files without a mark that a package's own manifest lists, as it lists them."""
        folder = manifest.rpartition("/")[0]
        found: set[str] = set()
        try:
            listing = read_manifest(read_regular(self._place(manifest)))
            for item in listing["outputs"]:
                package, _, name = item["path"].rpartition("/")
                path = f"{folder}/{name}" if folder else name
                if package != listing["package"] or name not in _UNMARKED:
                    continue
                if (
                    path in self.files
                    and text_digest(read_regular(self._place(path))) == item["sha256"]
                ):
                    found.add(path)
        except (ManifestUnreadable, ValueError, OSError):
            return set()
        return found

    def _is_marked(self, path: str) -> bool:
        """Tell whether a file says that it is generated; what cannot be read says nothing."""
        try:
            return is_marked(self._place(path))
        except OSError:
            return False

    def _place(self, path: str) -> str:
        return os.path.join(self._out, path)


def is_marked(place: str) -> bool:
    """Return whether a file says that it is generated.

    Raises:
        OSError: It cannot be read, or it is no regular file.
    """
    return has_mark(read_regular(place, MARK_WITHIN))


def _product(manifest: bytes) -> bytes | None:
    """Return a manifest's product as it is written there; None if there is none to be read."""
    _, found, rest = manifest[:_PRODUCT_WITHIN].partition(_PRODUCT)
    return rest.partition(b"\n")[0].rstrip(b"\r") if found else None
