"""What users may have agreed to, by the approvals, against what they are asked now.

Owns which approved states count, and the day by which each is judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from declarant_codegen.projection import projection_digest as digest_of
from declarant_codegen.review.differences import compare_consent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from declarant_codegen.consent_scope import ConsentComparison
    from declarant_codegen.projection import Projection
    from declarant_codegen.review.log import Approval
    from declarant_codegen.review.standing import Standing

__all__ = ["agreed_since", "consent_since", "day_of"]


def consent_since(standing: Standing) -> ConsentComparison | None:
    """Compare what users are asked with what was approved; None if nothing was.

    It is compared with what was approved last, and with what was approved first under the version
    that this has, which users may have agreed to: a series of small steps may not lead further than
    one large one.

    Args:
        standing: That of the catalogue's own rules.
    """
    if not standing.complete:
        return None
    declared = standing.subject.projection
    contents = [round_[0].projection for round_ in standing.complete]
    if standing.complete[-1][0].digest == digest_of(declared):
        # How it compares with earlier ones was seen when it was approved.
        return compare_consent(contents[-1], declared, day=standing.day)
    return agreed_since(contents, declared, standing.day)


def agreed_since(rounds: Sequence[Projection], after: Projection, day: str) -> ConsentComparison:
    """Compare what users are asked with every earlier state that may be what they agreed to.

    Args:
        rounds: What was approved, oldest first; at least one.
        after: What was approved next, or is declared.
        day: The ISO date of that.
    """
    last = first = rounds[-1]
    for earlier in reversed(rounds):
        if earlier["consent_version"] != last["consent_version"]:
            break
        first = earlier
    found = compare_consent(last, after, day=day)
    if first is last:
        return found
    known = {change.place for change in found.widened}
    widened = compare_consent(first, after, day=day).widened
    more = [change for change in widened if change.place not in known]
    return replace(found, changes=(*found.changes, *more))


def day_of(round_: Sequence[Approval], day: str) -> str:
    """Return the ISO date on which a content was approved, and none to come after *day*."""
    return min(round_[-1].date, day)
