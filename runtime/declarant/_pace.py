"""Whether a request can be expected to end within the time that is left.

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


class Pace:
    """What a process's requests to its collector took; one for all its passes.

    Attributes:
        answered: Whether any request was answered at all.
    """

    __slots__ = ("_events", "_request_s", "answered")

    def __init__(self) -> None:
        """Know nothing."""
        self.answered = False
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
