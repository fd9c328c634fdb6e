"""Findings: problems in a schema author's files, as values.

Owns their form and order. The table of rules stands in ``rules``; who finds a problem decides
its words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from declarant_codegen.rules import RULES, Rule, Severity

__all__ = ["RULES", "Finding", "Rule", "Severity", "make_finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem at one place.

    Attributes:
        path: The file, POSIX, as its author would type it.
        line: Line in the file, from 1.
        severity: Whether it stops generation.
        rule_id: Permanent id of the rule, a key of `RULES`.
        message: What was expected, what was found; how to mend it. One line.
        pointer: JSON pointer of the place in the file; empty for the file itself.
    """

    path: str
    line: int
    severity: Severity
    rule_id: str
    message: str
    pointer: str = field(default="", compare=False)

    @property
    def sort_key(self) -> tuple[str, int, str, str]:
        """Order of a report: by place, then rule, then words."""
        return (self.path, self.line, self.rule_id, self.message)

    def __lt__(self, other: Finding) -> bool:
        return self.sort_key < other.sort_key

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity.value} {self.rule_id}: {self.message}"


def make_finding(rule_id: str, path: str, line: int, message: str, *, pointer: str = "") -> Finding:
    """Return a finding with its rule's severity.

    Raises:
        KeyError: *rule_id* is not in the table.
    """
    severity = RULES[rule_id].severity
    return Finding(
        path=path,
        line=line,
        severity=severity,
        rule_id=rule_id,
        message=message,
        pointer=pointer,
    )
