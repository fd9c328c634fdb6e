"""What one sending pass did, in counts."""

from __future__ import annotations

from declarant._losses import Losses

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
        refusals: Events the collector refused, by its own words.
        losses: Events given up, and what events went without.
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
        self.losses = Losses()
        self.refusals: dict[str, int] = {}
        self.retry: SendOutcome | None = None
        self.withheld = 0
        self.off: Signal | None = None

    @property
    def dropped(self) -> dict[DropReason, int]:
        """Events given up, by reason."""
        return self.losses.dropped

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Count *count* dropped events."""
        self.losses.drop(reason, count)

    def refuse(self, words: str, count: int = 1) -> None:
        """Count *count* events that the collector refused with *words*."""
        self.refusals[words] = self.refusals.get(words, 0) + count

    def add(self, other: Report) -> None:
        """Add the counts of *other*."""
        self.accepted += other.accepted
        self.losses.add(other.losses)
        for words, count in other.refusals.items():
            self.refuse(words, count)

    def counts(self) -> Counts:
        """Return the counts in the ledger's form."""
        return {
            "accepted": {"events": self.accepted} if self.accepted else {},
            "refused": dict(self.refusals),
            **self.losses.counts(),
        }
