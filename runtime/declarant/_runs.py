"""Runs: whole lines of a segment, taken together.

What sends most events looks at none of them by itself, and a sender that lives in a host's process
holds the interpreter while it looks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Run:
    """Whole lines of one segment, in its order.

    Attributes:
        content: Their bytes, each line with its newline.
        count: How many lines.
    """

    __slots__ = ("_begin", "_ends", "_lines", "content", "count")

    def __init__(self, content: bytes, begin: int) -> None:
        """Hold lines that follow one another from the offset *begin* on."""
        self.content = content
        self.count = content.count(b"\n")
        self._begin = begin
        self._lines: list[bytes] | None = None
        self._ends: list[int] | None = None

    @classmethod
    def picked(cls, lines: list[bytes], ends: list[int]) -> Run:
        """Hold *lines*, which may have others between them, and the offset behind each."""
        run = cls(b"".join([line + b"\n" for line in lines]), 0)
        run._lines, run._ends = lines, ends
        return run

    @property
    def lines(self) -> list[bytes]:
        """Each line, newline excluded."""
        if self._lines is None:
            self._lines = self.content.split(b"\n")
            # What follows the last newline: nothing.
            self._lines.pop()
        return self._lines

    @property
    def ends(self) -> list[int]:
        """The offset in the segment behind each line."""
        if self._ends is None:
            end = self._begin
            self._ends = [end := end + len(line) + 1 for line in self.lines]
        return self._ends

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Yield each line with the offset behind it."""
        return zip(self.lines, self.ends)  # noqa: B905  as long by construction

    def fitting(self, most: int, size: int) -> int:
        """Return how many lines from the first on are at most *most* and *size* bytes."""
        for number, line in enumerate(self.lines[:most]):
            size -= len(line) + 1
            if size < 0:
                return number
        return min(most, self.count)

    def cut(self, count: int) -> tuple[Run, Run]:
        """Return the first *count* lines and the others."""
        lines, ends = self.lines, self.ends
        return Run.picked(lines[:count], ends[:count]), Run.picked(lines[count:], ends[count:])
