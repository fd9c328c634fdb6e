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

        def lines(self) -> Iterator[tuple[bytes, int]]:
            """Yield each whole line, newline excluded, with the offset behind it."""
            ...


_LINE_START = b'{"ver":"4.0","name":"'


class Batch:
    """Lines of one segment that go into one request.

    Attributes:
        lines: Whole envelopes, maybe none.
        offsets: The offset behind each line.
        end: Everything before it is done once the lines are.
    """

    __slots__ = ("end", "lines", "offsets")

    def __init__(self, lines: list[bytes], offsets: list[int], end: int) -> None:
        """Hold *lines*."""
        self.lines = lines
        self.offsets = offsets
        self.end = end

    def halves(self) -> tuple[Batch, Batch]:
        """Return the two halves of a batch of at least two lines."""
        middle = len(self.lines) // 2
        first = Batch(self.lines[:middle], self.offsets[:middle], self.offsets[middle - 1])
        return first, Batch(self.lines[middle:], self.offsets[middle:], self.end)

    def without(self, places: Container[int]) -> Batch:
        """Return the batch without the lines at *places*, counted from 0."""
        kept = [index for index in range(len(self.lines)) if index not in places]
        lines = [self.lines[index] for index in kept]
        return Batch(lines, [self.offsets[index] for index in kept], self.end)


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
        lines: list[bytes] = []
        offsets: list[int] = []
        size = 0
        for line, offset in self._sendable():
            full = len(lines) >= most or size + len(line) + 1 > MAX_BATCH_BYTES
            if lines and full:
                yield Batch(lines, offsets, offsets[-1])
                lines, offsets, size = [], [], 0
                most = max_events()
            lines.append(line)
            offsets.append(offset)
            size += len(line) + 1
        yield Batch(lines, offsets, self._lease.end)

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

    def _sendable(self) -> Iterator[tuple[bytes, int]]:
        for line, offset in self._lease.lines():
            if line.startswith(RECORD_STARTS):
                losses = Losses()
                read_record(line, losses)
                self._lost.append((offset, losses, ""))
            elif line:
                reason = self._doubt(line)
                if reason is None:
                    yield line, offset
                else:
                    self.drop(offset, reason)
        if self._lease.is_torn:
            self.drop(self._lease.end, DropReason.CORRUPT)

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
        # A line that this generation wrote is whole exactly if it ends as the encoder ends it.
        if self._trusted and line.startswith(_LINE_START) and line.endswith(b"}}"):
            return None if self._mine in line else DropReason.KEY_CHANGED
        if len(line) > MAX_EVENT_BYTES:
            return DropReason.CORRUPT
        return line_doubt(line, self._catalogue, self._tenant)


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
