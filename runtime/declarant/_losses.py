"""Losses: dropped events and ext fields that events went without, and the lines that record them.

A record stands in a segment among the events:

    {"declarant_drop":"INVALID_EVENT","event":"X","count":1}
    {"declarant_left_out":"device.localId","count":1}
"""

from __future__ import annotations

from declarant._outcome import DropReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_DROP_START = b'{"declarant_drop":"'
_LEFT_OUT_START = b'{"declarant_left_out":"'
#: A line that begins so is no event.
RECORD_STARTS = (_DROP_START, _LEFT_OUT_START)
#: In every record of a loss, and hardly in an event.
_RECORD = b'{"declarant_'
#: No path of an ext field is longer.
_MAX_PATH = 200


class Losses:
    """Dropped events by reason, and events that went without an ext field by its path."""

    __slots__ = ("dropped", "left_out")

    def __init__(self) -> None:
        """Start from nothing."""
        self.dropped: dict[DropReason, int] = {}
        self.left_out: dict[str, int] = {}

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Add *count* dropped events."""
        self.dropped[reason] = self.dropped.get(reason, 0) + count

    def leave_out(self, path: str, count: int = 1) -> None:
        """Add *count* events without the ext field at *path*."""
        self.left_out[path] = self.left_out.get(path, 0) + count

    def add(self, other: Losses) -> None:
        """Add what *other* counted."""
        for reason, count in other.dropped.items():
            self.drop(reason, count)
        for path, count in other.left_out.items():
            self.leave_out(path, count)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the counts in the ledger's form."""
        dropped = {str(reason): count for reason, count in self.dropped.items()}
        return {"dropped": dropped, "left_out": dict(self.left_out)}

    def copy(self) -> Losses:
        """Return the same counts, to be changed apart from these."""
        copied = Losses()
        copied.add(self)
        return copied


def drop_record(reason: str, event: str, count: int) -> bytes:
    """Return the line that records *count* dropped events, newline included."""
    return _DROP_START + f'{reason}","event":"{event}","count":{count}}}\n'.encode("ascii")


def left_out_record(path: str, count: int) -> bytes:
    """Return the line that records *count* events without the ext field at *path*."""
    return _LEFT_OUT_START + f'{path}","count":{count}}}\n'.encode("ascii")


def read_record(line: bytes, losses: Losses) -> None:
    """Add to *losses* what a record of losses says; a damaged one is a line lost."""
    # Late on purpose: an emitting process has no use for it.
    import json

    try:
        record = json.loads(line)
        count = _count(record["count"])
        if line.startswith(_LEFT_OUT_START):
            losses.leave_out(_path(record["declarant_left_out"]), count)
        else:
            losses.drop(_reason(record["declarant_drop"]), count)
    except (KeyError, TypeError, ValueError, RecursionError):
        losses.drop(DropReason.CORRUPT)


def _count(number: object) -> int:
    if type(number) is not int or number < 1:
        raise ValueError("not a count")
    return number


def _reason(word: object) -> DropReason:
    for reason in DropReason.ALL:
        if word == reason:
            return reason
    raise ValueError("not a reason of this version")


def _path(text: object) -> str:
    if not isinstance(text, str) or not text.replace(".", "").isalnum() or len(text) > _MAX_PATH:
        raise ValueError("not the path of an ext field")
    return text


def tally(pieces: Iterable[bytes]) -> tuple[int, Losses]:
    """Return how many of the whole lines in *pieces* are events, and what records of losses say."""
    events = 0
    losses = Losses()
    for piece in pieces:
        events += piece.count(b"\n")
        # A full store drops whole segments in the emitting process: this has to be quick.
        for line in piece.split(b"\n") if _RECORD in piece else ():
            if line.startswith(RECORD_STARTS):
                events -= 1
                read_record(line, losses)
    return events, losses
