"""New events that take the place of old ones, and so ask nothing new of users.

Owns when an event does: it holds no more, reaches no more people, and the old one has gone or ends
soon. Until then both are sent, which users did not agree to; so that time is bounded.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OVERLAP_DAYS", "Replacement", "is_for_more", "last_day", "replacements"]

OVERLAP_DAYS = 100
"""Days for which an event may be sent beside the one that takes its place.

A quarter has at most 92, and programs that are released once in it still send the old event; the
rest is for the review, which begins before the release."""


class Replacement(NamedTuple):
    """The old event that a new one stands for.

    Attributes:
        name: The old event.
        ends: ISO date after which it is not sent; None if it is gone.
        is_in_time: Whether it is gone, or ends within `OVERLAP_DAYS`.
    """

    name: str
    ends: str | None
    is_in_time: bool


def last_day(day: str) -> str:
    """Return the ISO date up to which an event may be sent beside the one that replaces it."""
    begin = datetime.date.fromisoformat(day)
    return str(begin + min(datetime.timedelta(days=OVERLAP_DAYS), datetime.date.max - begin))


def replacements(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    values: tuple[Mapping[str, Mapping[str, Any]], Mapping[str, Mapping[str, Any]]],
    day: str,
) -> dict[str, Replacement]:
    """Return each new event that stands for an old one, which no other stands for.

    Args:
        before: Event to its ``expires`` and ``level``, as they were.
        after: As they are.
        values: Event to what it holds, by place; before and after.
        day: The ISO date on which they change.
    """
    until = last_day(day)
    old, new = values
    free: dict[str, Replacement] = {}
    for name, event in sorted(before.items()):
        ends = after[name]["expires"] if name in after else None
        # ISO dates sort as text.
        is_in_time = ends is None or ends <= until
        if is_in_time or ends < event["expires"]:
            free[name] = Replacement(name, ends, is_in_time)
    found: dict[str, Replacement] = {}
    for name in sorted(new.keys() - old.keys()):
        fitting = [
            item
            for item in free.values()
            if new[name].items() <= old[item.name].items()
            and not is_for_more(before[item.name], after[name])
        ]
        if fitting:
            # Those that end in time first, so that none is wasted on an event that does not count.
            found[name] = min(fitting, key=lambda item: not item.is_in_time)
            del free[found[name].name]
    return found


def is_for_more(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether an event reaches users who keep optional data off, and did not before.

    What was approved before approvals told the level is not known to have reached them.
    """
    return after.get("level") == "required" and before.get("level") != "required"
