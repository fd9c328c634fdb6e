"""One classified change, and the directions in which it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "BREAKING",
    "CALLERS",
    "COMPATIBLE",
    "NARROWING",
    "NEUTRAL",
    "READERS",
    "SAME_CALL",
    "SAME_EVENTS",
    "WIDENING",
    "Change",
    "Compatibility",
    "Judgement",
    "Privacy",
    "Verdict",
]


class Privacy(Enum):
    """What a change means for the people whose data it is.

    Only what is proven is neutral or narrowing.
    """

    WIDENING = "widening"
    NEUTRAL = "neutral"
    NARROWING = "narrowing"


class Compatibility(Enum):
    """Whether those who rely on the old schema can go on; only what is proven is compatible."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"


WIDENING, NEUTRAL, NARROWING = Privacy
BREAKING, COMPATIBLE = Compatibility

CALLERS = "old calls, new emitters"
"""The direction for callers: code written for the old emitters calls the new ones."""

READERS = "old queries, new events"
"""The direction for readers: queries written for the old events meet the new ones.

They take fields by name, so a field that they do not know changes nothing for them.
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How callers or readers fare.

    Attributes:
        verdict: Breaking or compatible.
        reason: Why, as a sentence without its full stop.
    """

    verdict: Compatibility
    reason: str


SAME_CALL = Judgement(COMPATIBLE, "emitters take the same arguments")
"""What callers are told of a change that no argument shows."""

SAME_EVENTS = Judgement(COMPATIBLE, "events keep their form")
"""What readers are told of a change that no event shows."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How privacy fares.

    Attributes:
        verdict: Widening, neutral or narrowing.
        reason: Why, as a sentence without its full stop.
    """

    verdict: Privacy
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two catalogues.

    Attributes:
        subject: Event name, ``ext.`` and a slot, or ``catalogue``.
        path: Where in it, such as ``exception_stack[].file``; empty for the subject itself.
        kind: What changed, such as ``field_added``; see `KINDS`.
        keywords: Schema keywords whose values differ, sorted; empty for whole things.
        before: What it was, in plain words.
        after: What it is, in plain words.
        privacy: What it means for privacy.
        callers: What it means in the direction `CALLERS`.
        readers: What it means in the direction `READERS`.
        hint: A likely reading of the change, which no verdict relies on; empty for none.
    """

    subject: str
    path: str
    kind: str
    keywords: tuple[str, ...] = ()
    before: str
    after: str
    privacy: Verdict
    callers: Judgement
    readers: Judgement
    hint: str = ""

    @property
    def place(self) -> str:
        """Subject and path together, such as ``ModelKitAction.device``."""
        return f"{self.subject}.{self.path}" if self.path else self.subject

    @property
    def is_widening(self) -> bool:
        """Whether the change needs a privacy approval."""
        return self.privacy.verdict is Privacy.WIDENING

    @property
    def is_breaking(self) -> bool:
        """Whether the change breaks callers or readers."""
        return Compatibility.BREAKING in (self.callers.verdict, self.readers.verdict)
