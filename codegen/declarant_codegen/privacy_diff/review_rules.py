"""What a change of the rules of review means for privacy: who approves, and what is excepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.privacy_diff.changes import NARROWING, WIDENING, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["review_verdict", "suppressions_verdict"]


def review_verdict(old: Any, new: Any) -> Verdict:
    """Judge a change of who approves; a rule that is gone asks for any one role."""
    before: Mapping[str, Any] = old or {"approvers": {}, "self_approval": False}
    after: Mapping[str, Any] = new or {"approvers": {}, "self_approval": False}
    if after["self_approval"] and not before["self_approval"]:
        return Verdict(WIDENING, "those who make a change may now approve it themselves")
    for name, roles in before["approvers"].items():
        if not set(roles) <= set(after["approvers"].get(name, ())):
            words = f"a role that had to approve what widens class {name} no longer has to"
            return Verdict(WIDENING, words)
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
