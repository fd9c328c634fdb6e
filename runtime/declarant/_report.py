"""What one sending pass did, in counts."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._consent import Signal
    from declarant._counts import Counts
    from declarant._outcome import DropReason
    from declarant._transport import SendOutcome


class Report:
    """What one pass did.

    Attributes:
        busy: Another sender was at work, nothing was done.
        held_s: Seconds until the next try is allowed, 0 if it was now.
        asked_s: Seconds the collector asked to wait when it answered, 0 if it did not.
        silent_s: Seconds for which the collector ordered silence of everything, 0 if it did not.
        complete: Every segment that could be leased is done.
        accepted: Events the collector took.
        dropped: Events given up, by reason.
        refusals: Events the collector refused, by its own words.
        retry: The outcome that ended the pass early, or None.
        withheld: Segments that wait for the user's answer.
        off: The signal by which nothing was or is sent, or None.
    """

    def __init__(self) -> None:
        """Start from nothing."""
        self.busy = False
        self.held_s = 0.0
        self.asked_s = 0.0
        self.silent_s = 0.0
        self.complete = False
        self.accepted = 0
        self.dropped: dict[DropReason, int] = {}
        self.refusals: dict[str, int] = {}
        self.retry: SendOutcome | None = None
        self.withheld = 0
        self.off: Signal | None = None

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Count *count* dropped events."""
        self.dropped[reason] = self.dropped.get(reason, 0) + count

    def refuse(self, words: str, count: int = 1) -> None:
        """Count *count* events that the collector refused with *words*."""
        self.refusals[words] = self.refusals.get(words, 0) + count

    def add(self, other: Report) -> None:
        """Add the counts of *other*."""
        self.accepted += other.accepted
        for reason, count in other.dropped.items():
            self.drop(reason, count)
        for words, count in other.refusals.items():
            self.refuse(words, count)

    def counts(self) -> Counts:
        """Return the counts in the ledger's form."""
        return {
            "accepted": {"events": self.accepted} if self.accepted else {},
            "dropped": {str(reason): count for reason, count in self.dropped.items()},
            "refused": dict(self.refusals),
        }
