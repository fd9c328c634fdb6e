"""The closed sets of words that the runtime answers with.

Owns what an emit call returns and why an event was dropped. Plain classes, not `enum`: importing
`enum` alone costs a third of the start-up budget (docs/decisions/0002-import-budget.md).
"""

from __future__ import annotations


class DropReason(str):
    """Why an event was not delivered; every drop is counted under exactly one of these."""

    __slots__ = ()

    NOT_CONFIGURED: DropReason
    CONSENT_OFF: DropReason
    NO_KEY: DropReason
    LEVEL_OFF: DropReason
    SWITCHED_OFF: DropReason
    UNDECLARED: DropReason
    INVALID_EVENT: DropReason
    SIZE_LIMIT_EXCEEDED: DropReason
    STORE_FAILED: DropReason
    PACKAGE_DAMAGED: DropReason
    INTERNAL: DropReason
    STORE_FULL: DropReason
    TOO_OLD: DropReason
    PURGED: DropReason
    CORRUPT: DropReason
    WITHDRAWN: DropReason
    KEY_CHANGED: DropReason
    DRAFT: DropReason
    KILL_SWITCH: DropReason
    REJECTED: DropReason
    NON_RETRYABLE_STATUS: DropReason

    ALL: tuple[DropReason, ...]

    def __repr__(self) -> str:
        """Name the member, as an enum would."""
        return f"DropReason.{self}"


#: Meaning of each reason, as `declarant show` prints it.
DROP_MEANINGS = {
    "NOT_CONFIGURED": "emitted before the host called configure()",
    "CONSENT_OFF": "the user has not agreed",
    "NO_KEY": "no instrumentation key: this build cannot send",
    "LEVEL_OFF": "optional diagnostic data is off",
    "SWITCHED_OFF": "telemetry is switched off in the product's source",
    "UNDECLARED": "the catalogue declares no such event",
    "INVALID_EVENT": "the event does not fit its schema",
    "SIZE_LIMIT_EXCEEDED": "the event alone exceeds what the collector takes",
    "STORE_FAILED": "the offline store could not be written",
    "PACKAGE_DAMAGED": "the generated package is damaged, or mixed from two generations",
    "INTERNAL": "a defect of the SDK, or a machine that ran out of something",
    "STORE_FULL": "the offline store was full; the oldest events went first",
    "TOO_OLD": "waited longer than the store keeps events",
    "PURGED": "deleted by the user",
    "CORRUPT": "a stored line was damaged",
    "WITHDRAWN": "no longer declared by the installed generation",
    "KEY_CHANGED": "stored for another tenant",
    "DRAFT": "made by a draft, of which a release build sends nothing",
    "KILL_SWITCH": "the collector ordered silence",
    "REJECTED": "the collector refused this event",
    "NON_RETRYABLE_STATUS": "the collector refused the request for good",
}


def _fill_drop_reasons() -> None:
    members = tuple(DropReason(name) for name in DROP_MEANINGS)
    for member in members:
        setattr(DropReason, str(member), member)
    DropReason.ALL = members


_fill_drop_reasons()


class Outcome:
    """What became of one emit call: stored on disk, or dropped for a reason.

    True in a boolean context exactly when the event is stored.
    """

    __slots__ = ("drop_reason",)

    STORED: Outcome

    #: None when the event is stored.
    drop_reason: DropReason | None

    def __init__(self, drop_reason: DropReason | None) -> None:
        """Wrap *drop_reason*; use `Outcome.STORED` and `Outcome.dropped` instead."""
        self.drop_reason = drop_reason

    @staticmethod
    def dropped(reason: DropReason) -> Outcome:
        """Return the one outcome object of *reason*."""
        return _DROPPED[reason]

    def __bool__(self) -> bool:
        """Tell whether the event is stored."""
        return self.drop_reason is None

    def __repr__(self) -> str:
        """Name the outcome for logs and test failures."""
        return f"Outcome({self.drop_reason or 'STORED'})"


Outcome.STORED = Outcome(None)
_DROPPED = {reason: Outcome(reason) for reason in DropReason.ALL}
