"""What a process learns of its collector: how long requests take, and how far its clock is off.

A request that the sender's own deadline cuts may have arrived, and is sent again later: while time
is short, none is started that its forerunners would not have finished, and the first are small.
"""

from __future__ import annotations

from declarant._limits import (
    FIRST_BATCH_EVENTS,
    MAX_BATCH_EVENTS,
    SHORT_OF_TIME_S,
    SHORTEST_REQUEST_S,
)

#: A request may take this many times as long as the one before it.
_MARGIN = 1.5
#: While time is short each answer allows a batch this many times as large.
_GROWTH = 4


class ClockDelta:
    """The `time-delta-to-apply-millis` of one process's requests.

    The collector corrects event times by it. At first it is asked to find out by itself, from
    `upload-time`; what it finds first is sent back from then on; if it finds nothing, the header is
    left out until it does. Source: onecollector facts 2.6, B42, B43.

    Attributes:
        header: Value of the header, "" to leave it out.
    """

    __slots__ = ("_is_known", "header")

    def __init__(self) -> None:
        """Ask the collector."""
        self.header = "use-collector-delta"
        self._is_known = False

    def note(self, milliseconds: str | None) -> None:
        """Learn from an answer, which told *milliseconds* or nothing."""
        if not self._is_known:
            self._is_known = milliseconds is not None
            self.header = milliseconds or ""


class Pace:
    """What a process's requests to its collector took; one for all its passes.

    Attributes:
        answered: Whether any request was answered at all.
        delta: What the next request says of this machine's clock.
    """

    __slots__ = ("_events", "_request_s", "answered", "delta")

    def __init__(self) -> None:
        """Know nothing."""
        self.answered = False
        self.delta = ClockDelta()
        self._request_s = 0.0
        self._events = FIRST_BATCH_EVENTS

    def batch_events(self, seconds_left: float) -> int:
        """Return how many events the next request may hold."""
        return self._events if seconds_left < SHORT_OF_TIME_S else MAX_BATCH_EVENTS

    def allows(self, seconds_left: float) -> bool:
        """Tell whether a request may start now."""
        if seconds_left >= max(SHORTEST_REQUEST_S, self._request_s * _MARGIN):
            return True
        # One slow request must not end for ever what always has little time.
        self._request_s /= 2
        return False

    def note_answer(self, seconds: float) -> None:
        """Learn from a request that was answered after *seconds*."""
        self.answered = True
        self._request_s = seconds
        self._events = min(self._events * _GROWTH, MAX_BATCH_EVENTS)

    def note_cut(self, seconds: float) -> None:
        """Learn from a request that the deadline cut after *seconds*: it takes longer than that."""
        self._request_s = max(self._request_s, seconds)
        self._events = FIRST_BATCH_EVENTS
