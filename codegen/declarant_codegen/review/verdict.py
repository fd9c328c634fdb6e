"""The approvals of a whole catalogue, judged in one go.

Owns the order: logs are read, every subject is compared, findings are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.expiry import today
from declarant_codegen.places import Places
from declarant_codegen.review.log import read_logs
from declarant_codegen.review.seal_dates import order_findings
from declarant_codegen.review.seal_findings import seal_findings
from declarant_codegen.review.standing import seals_of, standings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from declarant_codegen.findings import Finding
    from declarant_codegen.model import Catalogue
    from declarant_codegen.review.log import Logs
    from declarant_codegen.review.standing import Seal, Standing

__all__ = ["Review", "review_catalogue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the approvals of a catalogue say.

    Attributes:
        logs: The approvals.
        standings: Where every subject stands.
        findings: Every problem, sorted.
    """

    logs: Logs
    standings: tuple[Standing, ...]
    findings: tuple[Finding, ...]

    @property
    def seals(self) -> Mapping[str, Seal]:
        """What a build says of each subject's approval."""
        return seals_of(self.standings)


def review_catalogue(schemas: Path, catalogue: Catalogue, *, day: str | None = None) -> Review:
    """Judge the approvals of a checked catalogue.

    Args:
        schemas: Its folder.
        catalogue: What it declares.
        day: The ISO date of today; by default that of the clock, in UTC.
    """
    logs = read_logs(schemas)
    found = standings(catalogue, logs, day=day or today())
    places = Places(schemas)
    findings = {
        *logs.findings,
        *order_findings(logs, places),
        *seal_findings(catalogue, found, places),
    }
    return Review(logs=logs, standings=found, findings=tuple(sorted(findings)))
