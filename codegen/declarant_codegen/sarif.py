"""Findings as a SARIF 2.1.0 log.

Owns the log's content. URIs are relative to the working directory of the run, which in CI is the
root of the checkout.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from declarant import __version__
from declarant_codegen.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from declarant_codegen.findings import Finding

__all__ = ["SCHEMA_URI", "sarif_log"]

SCHEMA_URI = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

FINGERPRINT = "declarant/v1"
"""Not GitHub's own ``primaryLocationLineHash``, which its upload computes from the file's text."""

_LINE = re.compile(r"\bline [0-9]+")


def sarif_log(findings: Sequence[Finding], *, failure: str | None = None) -> dict[str, Any]:
    """Return the log of one run.

    Args:
        findings: With paths relative to the working directory.
        failure: Why the command could not run, if so.
    """
    ids = sorted({finding.rule_id for finding in findings})
    invocation: dict[str, Any] = {"executionSuccessful": failure is None}
    if failure is not None:
        notice = {"level": "error", "message": {"text": _text(failure)}}
        invocation["toolExecutionNotifications"] = [notice]
    driver = {
        "name": "declarant",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule_id) for rule_id in ids],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": list(_results(findings, ids)),
    }
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}


def _rule(rule_id: str) -> dict[str, Any]:
    rule = RULES[rule_id]
    return {
        "id": rule.id,
        "shortDescription": {"text": _text(rule.purpose)},
        "help": {"text": f"Run `declarant explain {rule.id}` for an example."},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _results(findings: Iterable[Finding], ids: list[str]) -> Iterable[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in findings:
        digest = _digest(finding)
        seen[digest] += 1
        yield {
            "ruleId": finding.rule_id,
            "ruleIndex": ids.index(finding.rule_id),
            "level": finding.severity.value,
            "message": {"text": _text(finding.message)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": quote(finding.path),
                            "uriBaseId": "%SRCROOT%",
                        },
                        "region": {"startLine": finding.line},
                    }
                }
            ],
            "partialFingerprints": {FINGERPRINT: f"{digest}:{seen[digest]}"},
        }


def _digest(finding: Finding) -> str:
    """Return what stays the same while lines above the finding come and go."""
    words = _LINE.sub("line", finding.message)
    parts = "\0".join((finding.rule_id, finding.path, words))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _text(message: str) -> str:
    """Return a plain text message; a brace would open a placeholder (SARIF 2.1.0, 3.11.5)."""
    return message.replace("{", "{{").replace("}", "}}")
