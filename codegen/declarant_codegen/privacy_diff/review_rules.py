"""What a change of the rules of review means for privacy: who approves, and what is excepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.privacy_diff.changes import NARROWING, WIDENING, Verdict
from declarant_codegen.rule_words import NO_REVIEW
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["review_verdict", "suppressions_verdict"]


def review_verdict(old: Any, new: Any) -> Verdict:
    """Judge a change of who approves; a rule that is gone asks for any one role."""
    before: Mapping[str, Any] = old or NO_REVIEW
    after: Mapping[str, Any] = new or NO_REVIEW
    reasons: list[str] = []
    if after["self_approval"] and not before["self_approval"]:
        reasons.append("those who make a change may now approve it themselves")
    lost = [
        name
        for name, roles in before["approvers"].items()
        if not set(roles) <= set(after["approvers"].get(name, ()))
    ]
    if lost:
        what = listing(sorted(lost), last="and")
        reasons.append(f"a role that had to approve what widens {what} no longer has to")
    if reasons:
        return Verdict(WIDENING, ", and ".join(reasons))
    return Verdict(NARROWING, "more is asked before a change is approved")


def suppressions_verdict(old: Any, new: Any) -> Verdict:
    """Judge a change of the findings that are accepted."""
    ends: dict[tuple[str, str], str] = {}
    for item in old or ():
        # A place may be listed twice; the later end counts.
        place = (item["rule"], item["place"])
        ends[place] = max(item["until"], ends.get(place, ""))
    for item in new or ():
        if ends.get((item["rule"], item["place"]), "") < item["until"]:
            words = f"a finding of {item['rule']} is accepted that was not, or for longer"
            return Verdict(WIDENING, words)
    return Verdict(NARROWING, "fewer findings are accepted")
