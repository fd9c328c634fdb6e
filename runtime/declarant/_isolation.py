"""Finding the events that spoil a request, so that they do not cost their neighbours.

A refused request is cut in two until what is refused stands alone. One poisoned event among n costs
about 2 * log2(n) requests; this module owns how many a pass may spend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant._limits import ISOLATION_REFUSALS, ISOLATION_REQUESTS
from declarant._outcome import DropReason

if TYPE_CHECKING:
    from declarant._report import Report
    from declarant._transport import SendOutcome

#: What refusals are counted under when the collector does not say which events it means.
UNNAMED = "unnamed"
#: Reason of a "later" that is our own: the rest of a refused request waits for the next pass.
UNFINISHED = "refused events are still being found"


class Isolation:
    """The requests that one pass may spend on finding poisoned events."""

    def __init__(self) -> None:
        """Start a pass."""
        self._spent = 0
        self._refused_in_a_row = 0

    def note(self, outcome: SendOutcome) -> None:
        """Learn from a request."""
        if outcome.kind == "accepted":
            self._refused_in_a_row = 0
        elif outcome.kind in ("poisoned", "too_large", "rejected"):
            self._refused_in_a_row += 1
            self._spent += 1

    @property
    def is_hopeless(self) -> bool:
        """Whether so much was refused that nothing is cut further for now."""
        return self._refused_in_a_row >= ISOLATION_REFUSALS

    @property
    def is_spent(self) -> bool:
        """Whether the next pass has to go on with it."""
        return self._spent >= ISOLATION_REQUESTS


def take_outcome(outcome: SendOutcome, sent: int, done: Report) -> None:
    """Count in *done* what became of *sent* events by a final *outcome*."""
    for words in outcome.rejected.values():
        done.drop(DropReason.REJECTED)
        done.refuse(words)
    left = sent - len(outcome.rejected)
    if outcome.kind == "accepted":
        done.accepted = left - outcome.unnamed
        reason, words, left = DropReason.REJECTED, UNNAMED, outcome.unnamed
    elif outcome.kind == "too_large":
        reason, words = DropReason.SIZE_LIMIT_EXCEEDED, outcome.reason
    else:
        reason, words = DropReason.NON_RETRYABLE_STATUS, outcome.reason
    if left:
        done.drop(reason, left)
        done.refuse(words, left)
