"""Cutting a leased segment into requests within the collector's limits.

Owns which stored lines may be sent at all, and what settling a part of a segment counts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from declarant._envelopes import line_doubt
from declarant._lease import Head
from declarant._limits import MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES
from declarant._losses import RECORD_STARTS, Losses, read_record
from declarant._outcome import DropReason
from declarant._runs import Run
from declarant._segments import HEADER_START
from declarant._shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from typing import Protocol

    from declarant._catalogue import Catalogue
    from declarant._report import Report

    class Waiting(Protocol):
        """A segment's lines that wait: a `Lease`, or a look at them without one."""

        @property
        def head(self) -> Head:
            """What the first line says."""
            ...

        @property
        def end(self) -> int:
            """The segment's size in bytes."""
            ...

        @property
        def is_torn(self) -> bool:
            """Whether its last line was never finished."""
            ...

        def runs(self) -> Iterator[Run]:
            """Yield the whole lines, some at a time."""
            ...


_LINE_START = b'{"ver":"4.0","name":"'
_LINE_END = b"}}"
#: What stands between two whole lines.
_BORDER = _LINE_END + b"\n" + _LINE_START


class Batch:
    """Lines of one segment that go into one request.

    Attributes:
        count: How many there are, maybe none.
        end: Everything before it is done once the lines are.
    """

    __slots__ = ("_runs", "count", "end")

    def __init__(self, runs: list[Run], end: int) -> None:
        """Hold the lines of *runs*."""
        self._runs = runs
        self.count = sum([run.count for run in runs])
        self.end = end

    @property
    def lines(self) -> list[bytes]:
        """The whole envelopes."""
        return [line for run in self._runs for line in run.lines]

    @property
    def offsets(self) -> list[int]:
        """The offset behind each line."""
        return [end for run in self._runs for end in run.ends]

    def body(self) -> bytes:
        """Return the lines as one NDJSON body, without a trailing newline."""
        return b"".join([run.content for run in self._runs])[:-1]

    def halves(self) -> tuple[Batch, Batch]:
        """Return the two halves of a batch of at least two lines."""
        first, second = Run.picked(self.lines, self.offsets).cut(self.count // 2)
        return Batch([first], first.ends[-1]), Batch([second], self.end)

    def without(self, places: Container[int]) -> Batch:
        """Return the batch without the lines at *places*, counted from 0."""
        lines, offsets = self.lines, self.offsets
        kept = [index for index in range(self.count) if index not in places]
        run = Run.picked([lines[index] for index in kept], [offsets[index] for index in kept])
        return Batch([run], self.end)


class SegmentReader:
    """Reads what may be sent of one lease, and remembers what may not."""

    def __init__(self, lease: Waiting, catalogue: Catalogue, tenant: str) -> None:
        """Read *lease* for a sender whose key has the token *tenant*."""
        self._lease = lease
        self._catalogue = catalogue
        self._mine = f'","iKey":"o:{tenant}",'.encode("ascii")
        self._tenant = tenant
        #: Place, loss, and the collector's words if it refused the event.
        self._lost: list[tuple[int, Losses, str]] = []
        self._enter(lease.head)

    def batches(self, max_events: Callable[[], int] = lambda: MAX_BATCH_EVENTS) -> Iterator[Batch]:
        """Yield batches within the limits, counted in encoded bytes; the last ends the segment.

        Args:
            max_events: Asked anew for each batch how many events it may hold.
        """
        most = max_events()
        runs: list[Run] = []
        count = size = 0
        for waiting in self._sendable():
            run = waiting
            while count + run.count > most or size + len(run.content) > MAX_BATCH_BYTES:
                # One line by itself goes, whatever its size.
                taken = run.fitting(most - count, MAX_BATCH_BYTES - size) or int(not runs)
                if taken:
                    first, run = run.cut(taken)
                    runs.append(first)
                yield Batch(runs, runs[-1].ends[-1])
                runs, count, size = [], 0, 0
                most = max_events()
            if run.count:
                runs.append(run)
                count += run.count
                size += len(run.content)
        yield Batch(runs, self._lease.end)

    def drop(self, offset: int, reason: DropReason, words: str = "") -> None:
        """Note that the line that ends at *offset* is not to be sent (again).

        A drop is counted when its place is settled: until then another pass will see it again.

        Args:
            offset: The offset behind the line.
            reason: Why.
            words: The collector's, if it refused the event.
        """
        losses = Losses()
        losses.drop(reason)
        self._lost.append((offset, losses, words))

    def take_dropped(self, end: int, done: Report) -> None:
        """Count in *done* what was dropped before the offset *end*, and once only."""
        for offset, losses, words in self._lost:
            if offset <= end:
                done.losses.add(losses)
                if words:
                    done.refuse(words)
        self._lost = [lost for lost in self._lost if lost[0] > end]

    def _sendable(self) -> Iterator[Run]:
        """Yield the lines that may be sent, some at a time."""
        for run in self._lease.runs():
            sendable = run if self._is_plain(run) else self._picked(run)
            if sendable.count:
                yield sendable
        if self._lease.is_torn:
            self.drop(self._lease.end, DropReason.CORRUPT)

    def _is_plain(self, run: Run) -> bool:
        """Tell whether `_doubt` would find nothing in any line of *run*, with a look at all."""
        content, count = run.content, run.count
        return (
            self._trusted
            and not self._refused
            and content.startswith(_LINE_START)
            and content.endswith(_LINE_END + b"\n")
            and content.count(_BORDER) == count - 1
            and _is_text(content)
            # Quotes in values are escaped, so that each line has one such member at the most.
            and content.count(self._mine) == count
        )

    def _picked(self, run: Run) -> Run:
        """Return the lines of *run* that may be sent, and note the others."""
        lines: list[bytes] = []
        ends: list[int] = []
        for line, end in run:
            if line.startswith(RECORD_STARTS):
                losses = Losses()
                read_record(line, losses)
                self._lost.append((end, losses, ""))
            elif line:
                reason = self._doubt(line)
                if reason is None:
                    lines.append(line)
                    ends.append(end)
                else:
                    self.drop(end, reason)
        return Run.picked(lines, ends)

    def _enter(self, head: Head) -> None:
        """Read what follows as lines of a segment with this *head*."""
        self._trusted = head.generation == self._catalogue.generation
        self._refused = head.draft and not self._catalogue.draft

    def _doubt(self, line: bytes) -> DropReason | None:
        """Return why *line* must not be sent, or None."""
        if line.startswith(HEADER_START):
            # Two segments were joined by hand. What follows is no better than where it comes from.
            self._enter(Head(line + b"\n"))
            return DropReason.CORRUPT
        if self._refused:
            return DropReason.DRAFT
        # A line that this generation wrote is whole if it ends as the encoder ends it, and no disk
        # lost a part in its middle.
        is_whole = line.startswith(_LINE_START) and line.endswith(_LINE_END)
        if self._trusted and is_whole and _is_text(line):
            return None if self._mine in line else DropReason.KEY_CHANGED
        if len(line) > MAX_EVENT_BYTES:
            return DropReason.CORRUPT
        return line_doubt(line, self._catalogue, self._tenant)


def _is_text(content: bytes) -> bool:
    """Tell whether *content* is UTF-8 without the zeros that a disk puts where it lost a block."""
    if b"\0" in content:
        return False
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def name_and_time(line: bytes) -> tuple[str, str]:
    """Return the event's name and time as the envelope in *line* has them; "" for what it lacks."""
    if line.startswith(_LINE_START):
        # Every line that this SDK encodes; names hold nothing that JSON would escape.
        name, middle, rest = line[len(_LINE_START) :].partition(b'","time":"')
        time, end, _ = rest.partition(b'"')
        if middle and end:
            return name.decode("utf-8", "replace"), time.decode("utf-8", "replace")
    try:
        envelope: object = json.loads(line)
    except (ValueError, RecursionError):
        return "", ""
    members = envelope if is_object(envelope) else {}
    return str(members.get("name", "")), str(members.get("time", ""))
