"""The differences of files that drifted, as lines for people.

Owns how much of them is shown. It is loaded only once there is drift.
"""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from declarant_codegen.manifest import MANIFEST
from declarant_codegen.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from declarant_codegen.drift import Drift

__all__ = ["Differences"]

_TOLD = ("edited", "merged")
"""States whose reason stands nowhere but in the file."""
_MOST_LINES = 24
"""Of one file: about what a changed bound takes, with the header and the docstring."""
_MOST_FILES = 12
_HEADER = 2
"""Lines at the start of a difference that name its file."""


class Differences:
    """Unified diffs from what was found to what is generated.

    A file that is missing, or ought to be, has none: its state says it all. Unless every line is
    wanted, only what hands and merges did to a file is shown, of so many files and lines: what a
    schema's change does to a stale file is no news to who changed it. The manifests come last,
    which repeat what others show.

    Attributes:
        hidden: Number of files that had something to show, were there not too many of them.
    """

    def __init__(
        self, out: Path, drift: Drift, files: Mapping[str, bytes], *, is_whole: bool
    ) -> None:
        self._out = out
        self._files = files
        self._is_whole = is_whole
        wanted = [
            path
            for path, state in drift.items()
            if path in files and (state in _TOLD or (is_whole and state != "missing"))
        ]
        wanted.sort(key=lambda path: (path.rpartition("/")[2] == MANIFEST, path))
        self._shown = set(wanted if is_whole else wanted[:_MOST_FILES])
        self.hidden = len(wanted) - len(self._shown)
        self._told: dict[tuple[str, ...], str] = {}

    def lines(self, path: str) -> Iterator[str]:
        """Yield the lines of one file's difference, none if it is not to be shown."""
        if path not in self._shown:
            return
        lines = tuple(self._all_lines(path))
        # Some files are copies of others, and differ as those do.
        first = self._told.setdefault(lines[_HEADER:], path)
        if lines and first != path:
            yield f"... the same differs as in {shown((self._out / first).as_posix())}"
            return
        most = len(lines) if self._is_whole else _MOST_LINES
        yield from map(shown, lines[:most])
        if left := len(lines[most:]):
            yield f"... {left} more lines; --full shows them"

    def _all_lines(self, path: str) -> Iterator[str]:
        place = self._out / path
        try:
            raw = place.read_bytes().replace(b"\r\n", b"\n")
        except OSError:
            # It went away meanwhile.
            return
        found = _split(raw.decode("utf-8", "backslashreplace"))
        expected = _split(self._files[path].decode())
        name = place.as_posix()
        yield from unified_diff(found, expected, name, f"{name} (generated)", lineterm="")


def _split(text: str) -> list[str]:
    *lines, rest = text.split("\n")
    return [*lines, rest, "\\ no line break at the end"] if rest else lines
