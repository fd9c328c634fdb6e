"""The live log: one line per event, green or red, the reason behind.

Owns the line's form. Plain text unless the stream is a terminal and rich is there. Whatever clients
send, no line steers a terminal or holds a command to a CI runner.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TextIO

from declarant._runner_commands import inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from declarant_collector._judge import JudgedEvent
    from declarant_collector._rows import Record
    from declarant_collector._rules import Violation

__all__ = ["LiveLog"]

_STYLES = {"accepted": "green", "rejected": "bold red", "discarded": "yellow", "unsettled": "cyan"}
_REFUSED = "refused"


class LiveLog:
    """Writes records to a stream as they come. Safe to share between threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._paint = _painter(stream)

    def __call__(self, record: Record, /) -> None:
        """Show one record."""
        with self._lock:
            for word, rest in _lines(record):
                self._paint(record.time[11:23], word, inert(printable(rest)))


def _painter(stream: TextIO) -> Callable[[str, str, str], None]:
    if stream.isatty():
        try:
            # Late: rich takes longer to import than the rest of the collector together.
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            return _plain(stream)
        console = Console(file=stream, highlight=False, soft_wrap=True)

        def paint(moment: str, word: str, rest: str) -> None:
            line = Text.assemble((moment, "dim"), " ", (f"{word:<9}", _style(word)), " ", rest)
            console.print(line)

        return paint
    return _plain(stream)


def _plain(stream: TextIO) -> Callable[[str, str, str], None]:
    def write(moment: str, word: str, rest: str) -> None:
        stream.write(f"{moment} {word:<9} {rest}\n")
        stream.flush()

    return write


def _style(word: str) -> str:
    return _STYLES.get(word, "bold red")


def _lines(record: Record) -> Iterator[tuple[str, str]]:
    verdict = record.verdict
    where = f"#{record.number}"
    status = verdict.answer.status
    for problem in _told(verdict.violations):
        yield _REFUSED, f"{where} {status} {problem}"
    culprits = [event.index for event in verdict.events if event.violations]
    for event in verdict.events:
        yield event.outcome.value, f"{where}.{event.index} {status} {_describe(event, culprits)}"


def _describe(event: JudgedEvent, culprits: Sequence[int]) -> str:
    name = event.name or "(no name)"
    if event.violations:
        return f"{name}: {'; '.join(_told(event.violations))}"
    if event.outcome.value == "rejected" and culprits:
        return f"{name}: refused with its batch, see event {culprits[0]}"
    return name


def _told(violations: Sequence[Violation]) -> list[str]:
    return [
        f"{each.rule.id}{f' {each.field}' if each.field else ''}: {each.message}"
        for each in violations
    ]


def printable(text: str) -> str:
    """Return *text* with whatever could steer a terminal written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )
