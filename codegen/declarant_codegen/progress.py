"""Progress of long runs: on standard error, and only where a person watches a terminal.

Owns the look of it. A run that ends within a second shows nothing.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rich.progress import Progress, TaskID

    Report = Callable[[str, int, int], None]

__all__ = ["progress"]

_QUIET_S = 1.0


@contextmanager
def progress() -> Generator[Report]:
    """Give a function that is told (phase, done, total), and tidy up after it."""
    if not sys.stderr.isatty():
        yield _silence
        return
    bar = _Bar()
    try:
        yield bar.report
    finally:
        bar.close()


def _silence(phase: str, done: int, total: int) -> None:
    """Show nothing."""


class _Bar:
    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def report(self, phase: str, done: int, total: int) -> None:
        if self._progress is None:
            if time.monotonic() - self._begun < _QUIET_S:
                return
            # Late: short runs never need it.
            from rich.console import Console
            from rich.progress import Progress

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
        if phase not in self._tasks:
            self._tasks[phase] = self._progress.add_task(phase, total=total)
        self._progress.update(self._tasks[phase], completed=done, total=total)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()
