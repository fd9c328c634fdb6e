"""The dates that approvals state, as far as a log can contradict them.

Owns what a date may be. Nothing shows on which day somebody approved; but an approval is neither
older than the one before it in its log, nor of a day that is still to come. The consent scope is
judged by these dates, so that one of long ago would stretch what may follow without a question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.review.log import FOLDER, log_name
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.findings import Finding
    from declarant_codegen.places import Places
    from declarant_codegen.review.log import Log, Logs

__all__ = ["ahead_findings", "latest_date", "order_findings"]

_MEND = "restore the log as it was before that approval, and approve anew"


def latest_date(log: Log) -> str:
    """Return the latest ISO date in a log, before which no later approval may be; empty if none."""
    return max((approval.date for approval in log.approvals), default="")


def order_findings(logs: Logs, places: Places) -> Iterator[Finding]:
    """Yield each approval that is dated before one that it follows."""
    for log in logs.by_subject.values():
        latest = ""
        for index, approval in enumerate(log.approvals):
            if approval.date < latest:  # ISO dates sort as text
                found = f"expected a date of {latest} or later, as an approval before it has"
                message = f"{found}, found {quote(approval.date)}; {_MEND}"
                yield _finding(places, log, index, "SEAL_DATE_ORDER", message)
            latest = max(latest, approval.date)


def ahead_findings(logs: Logs, day: str, places: Places) -> Iterator[Finding]:
    """Yield each approval that is dated after *day*, the ISO date of today."""
    for log in logs.by_subject.values():
        for index, approval in enumerate(log.approvals):
            if approval.date > day:
                found = f"expected a date up to {day}, found {quote(approval.date)}"
                yield _finding(places, log, index, "SEAL_DATE_AHEAD", f"{found}; {_MEND}")


def _finding(places: Places, log: Log, index: int, rule_id: str, message: str) -> Finding:
    pointer = f"/approvals/{index}/date"
    return places.finding(rule_id, f"{FOLDER}/{log_name(log.subject)}", pointer, message)
