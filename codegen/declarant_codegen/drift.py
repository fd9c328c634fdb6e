"""Drift: whether the generated files are those of the schemas, and if not, what befell each.

Owns the states of a file and the quick answer by digests, which imports neither the generator's
libraries nor the loader. Whatever it cannot answer (a schema changed, another generator version)
is left to a comparison with a new generation.

A file has the first of these states that holds:

1. linked or blocked: something else stands in its place, which `generate` does not touch;
2. missing: nothing is there;
3. current: it is what the schemas make;
4. merged: it holds the marks of a conflict, or both sides' headers;
5. stale, or other generator: it is the one that the manifest beside it lists, made of other schemas
   or by another version;
6. merged: its own digest is right, so it is whole, and of another generation than the manifest;
7. edited: somebody changed it, and be it by resolving a conflict. Only where the manifest bears the
   marks of a merge is it merged.

Other files below the output folder are orphaned if they say that they are generated, and foreign if
they do not and stand in the package, with which they would ship.

A manifest is merged, too, if a file beside it is whole or current and not the one that it lists.
Where no manifest can be read, whole files count as listed. The notice, which users read, has no
digest of its own: not as listed, it is merged if the privacy page beside it is. The manifest of a
draft is told as one, whatever else is wrong with it.
"""

from __future__ import annotations

# A check of thousands of files in half a second has no time for Path objects.
# ruff: noqa: PTH118
import os
from typing import TYPE_CHECKING, Any

from declarant._version import __version__
from declarant.scrub import SCRUBBERS
from declarant_codegen.digests import text_digest
from declarant_codegen.inputs import input_digests
from declarant_codegen.manifest import (
    MANIFEST,
    ManifestUnreadable,
    is_manifest_whole,
    read_manifest,
)
from declarant_codegen.output_tree import OutputTree
from declarant_codegen.own_digest import has_merge_signs, is_whole
from declarant_codegen.ownership import is_replaceable
from declarant_codegen.reading import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from declarant_codegen.findings import Finding

__all__ = [
    "STATES",
    "Drift",
    "compare",
    "drift_findings",
    "is_draft",
    "mending",
    "quick_drift",
]

STATES = {
    "linked": "a symbolic link stands in its place",
    "blocked": "something that is not generated stands in its place",
    "missing": "it is not there",
    "stale": "its schemas changed since it was generated",
    "edited": "it was edited by hand",
    "merged": "it comes from a merge of two generations",
    "orphaned": "no schema declares it any more",
    "foreign": "it is not generated, and would ship with what is",
    "other generator": "another generator version made it",
    "draft": "it is a draft, in which something lacks its approval",
}
"""State of a file that is not current, and what that means."""

Drift = dict[str, str]
"""Path below the output folder (POSIX) to a key of `STATES`; current files are left out."""

_RULES = {
    "linked": ("DRIFT_BLOCKED", "a symbolic link in its place"),
    "blocked": ("DRIFT_BLOCKED", "something that is not generated in its place"),
    "missing": ("DRIFT_MISSING", "none"),
    "stale": ("DRIFT_STALE", "one made before its schemas changed"),
    "edited": ("DRIFT_EDITED", "one edited by hand"),
    "merged": ("DRIFT_MERGED", "one from a merge of two generations"),
    "orphaned": ("DRIFT_ORPHANED", "one that no schema declares any more"),
    "foreign": ("DRIFT_FOREIGN", "one that is not generated, and would ship with what is"),
    "other generator": ("DRIFT_OTHER_GENERATOR", "one of another generator version"),
    "draft": ("DRIFT_DRAFT", "that of a draft, in which something lacks its approval"),
}
"""State to its rule and to words for what was found."""

_EXPECTED = {
    "orphaned": "no file",
    "foreign": "no file",
    "draft": "the file that approved schemas make",
}
"""State to words for what was expected, where that is not the file that the schemas make."""

_MENDING = {
    "linked": "remove the link, then run `{}`",
    "blocked": "move that away, then run `{}`",
    "foreign": "move it out of the package",
    "draft": "run `declarant approve` for what lacks its approval, then `{}`",
}
"""State to what mends it, where that is not the command alone."""


def quick_drift(schemas: Path, out: Path) -> tuple[Drift, dict[str, Any]] | None:
    """Answer by digests.

    Returns:
        The drift, and the manifest of what was generated; None when only a new generation can
        answer.

    Raises:
        NotADirectoryError: *schemas* is not a folder.
    """
    listing = _Listing(out)
    manifest = listing.manifest
    if manifest is None or manifest["generator"] != __version__:
        return None
    if manifest.get("scrubbers") != SCRUBBERS:
        # What was approved under other ones has to be judged anew.
        return None
    known = {item["path"]: item["text_sha256"] for item in manifest["inputs"]}
    if input_digests(schemas) != known:
        return None
    package = manifest["package"]
    tree = OutputTree(out, package, listing.raw)
    drift: Drift = {}
    # What was made of the same schemas by the same version is what they make.
    for path, digest in listing.made.items():
        raw = _read(out, path, tree, drift)
        if raw is not None and text_digest(raw) != digest:
            drift[path] = listing.state(path, raw)
    _tell_notices(drift)
    _tell_others(drift, tree, set(listing.made))
    drift.update(_draft(manifest))
    return drift, manifest


def compare(out: Path, files: Mapping[str, bytes], package: str) -> Drift:
    """Compare the output folder with a new generation, byte for byte but for line endings."""
    listing = _Listing(out)
    tree = OutputTree(out, package, files.get(MANIFEST, b""))
    drift: Drift = {}
    is_mixed = False
    for path, content in files.items():
        raw = _read(out, path, tree, drift)
        if raw is None:
            continue
        is_current = text_digest(raw) == text_digest(content)
        if not is_current:
            is_ours = path in listing.made or is_replaceable(out, path, package)
            drift[path] = listing.state(path, raw) if is_ours else "blocked"
        is_mixed = is_mixed or listing.lacks(path, raw, is_current=is_current)
    for path in (MANIFEST, f"{package}/{MANIFEST}"):
        if is_mixed and drift.get(path) in ("stale", "other generator"):
            drift[path] = "merged"
    _tell_notices(drift)
    gone = tree.files.intersection(listing.made).difference(files)
    drift.update(dict.fromkeys(gone, "orphaned"))
    _tell_others(drift, tree, {*files, *gone})
    drift.update(_draft(listing.manifest))
    return drift


def is_draft(out: Path) -> bool:
    """Tell whether what was generated into *out* is a draft."""
    return bool(_draft(_Listing(out).manifest))


def mending(state: str, mend: str) -> str:
    """Return what to run about a file in *state*, where *mend* makes all files anew."""
    return _MENDING.get(state, "run `{}`").format(mend)


def drift_findings(out: Path, drift: Drift, mend: str) -> Iterator[tuple[str, Finding]]:
    """Yield each file that drifted and its finding, sorted.

    Args:
        out: The output folder.
        drift: The files that are not current.
        mend: The command that mends them.
    """
    # Late: most checks find no drift.
    from declarant_codegen.findings import make_finding
    from declarant_codegen.words import shown

    for path, state in sorted(drift.items()):
        rule_id, found = _RULES[state]
        expected = _EXPECTED.get(state, "the file that the schemas make")
        message = f"expected {expected}, found {found}; {mending(state, shown(mend))}"
        yield path, make_finding(rule_id, shown((out / path).as_posix()), 1, message)


class _Listing:
    """The manifest in an output folder, and what it says of the files beside it.

    Attributes:
        manifest: None if none can be read.
        made: Path to digest of what it lists, and of itself and its copy.
        raw: The manifest as it is there; nothing if nothing can be read.
    """

    def __init__(self, out: Path) -> None:
        self.raw = raw = _manifest(out)
        self.manifest: dict[str, Any] | None = None
        self.made: dict[str, str] = {}
        self._is_of_merge = False
        try:
            self.manifest = read_manifest(raw)
        except (ManifestUnreadable, ValueError):
            self._is_of_merge = has_merge_signs(raw)
            # Whole all the same, it is of another format.
            self._is_other = is_manifest_whole(raw)
        else:
            self._is_other = self.manifest["generator"] != __version__
            self.made = {item["path"]: item["sha256"] for item in self.manifest["outputs"]}
            copy = f"{self.manifest['package']}/{MANIFEST}"
            self.made[MANIFEST] = self.made[copy] = text_digest(raw)

    def state(self, path: str, raw: bytes) -> str:
        """Return the state of a file that is there and not current."""
        if has_merge_signs(raw):
            return "merged"
        is_unlisted = self.manifest is None and not self._is_of_merge
        is_listed = text_digest(raw) == self.made.get(path)
        if is_listed or (is_unlisted and _is_whole(path, raw)):
            return "other generator" if self._is_other else "stale"
        return "merged" if self._is_of_merge or _is_whole(path, raw) else "edited"

    def lacks(self, path: str, raw: bytes, *, is_current: bool) -> bool:
        """Tell whether a file is a generation's, but not of the one that the manifest lists."""
        if self.manifest is None or text_digest(raw) == self.made.get(path):
            return False
        return is_current or _is_whole(path, raw)


def _is_whole(path: str, raw: bytes) -> bool:
    """Tell whether a file is as some generation wrote it."""
    is_manifest = path.rpartition("/")[2] == MANIFEST
    return is_manifest_whole(raw) if is_manifest else is_whole(raw)


def _tell_notices(drift: Drift) -> None:
    """Have each notice share the fate of the page beside it: it has no digest of its own."""
    for path, state in drift.items():
        folder, slash, name = path.rpartition("/")
        is_open = name == "NOTICE.txt" and state == "edited"
        if is_open and drift.get(f"{folder}{slash}PRIVACY.md") == "merged":
            drift[path] = "merged"


def _draft(manifest: Mapping[str, Any] | None) -> Drift:
    """Say of a draft that it is one, at the file that says so; whatever else is wrong there."""
    return {MANIFEST: "draft"} if manifest is not None and manifest.get("draft") else {}


def _read(out: Path, path: str, tree: OutputTree, drift: Drift) -> bytes | None:
    """Return what a generated file holds; None if there is none, which is noted."""
    obstacle = tree.obstacle(path)
    if obstacle is not None:
        drift[obstacle[0]] = obstacle[1]
        return None
    try:
        return read_regular(os.path.join(out, path))
    except FileNotFoundError:
        drift[path] = "missing"
    except OSError:
        drift[path] = "blocked"
    return None


def _manifest(out: Path) -> bytes:
    try:
        return read_regular(os.path.join(out, MANIFEST))
    except OSError:
        return b""


def _tell_others(drift: Drift, tree: OutputTree, ours: set[str]) -> None:
    """Note what stands beside the files that are *ours*."""
    orphans = tree.orphans(ours)
    drift.update(dict.fromkeys(orphans, "orphaned"))
    # What stands in a file's place is told as that, with all it holds.
    told = tuple(f"{path}/" for path, state in drift.items() if state in ("linked", "blocked"))
    for path in tree.foreign({*ours, *orphans, *drift}):
        if not path.startswith(told):
            drift[path] = "foreign"
