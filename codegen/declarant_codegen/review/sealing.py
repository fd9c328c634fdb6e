"""Adding an approval to a log: who, and exactly what.

Owns what an approval records. Whether it may be given is judged before, by the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.review.log import appended
from declarant_codegen.review.log_writing import write_logs
from declarant_codegen.review.told import approved_words

if TYPE_CHECKING:
    from pathlib import Path

    from declarant_codegen.review.log import Log
    from declarant_codegen.review.standing import Standing

__all__ = ["seal", "with_approval"]


def with_approval(
    standing: Standing, *, by: str, role: str, date: str, reference: str, is_own: bool
) -> Log:
    """Return a subject's log with one approval more of what is declared.

    Args:
        standing: Where the subject stands.
        by: Who approves.
        role: In which role.
        date: ISO date.
        reference: Where the decision is written down.
        is_own: Whether the approver owns what is approved, or wrote it.
    """
    approval = {
        "by": by,
        "role": role,
        "date": date,
        "reference": reference,
        "needed": list(standing.needed),
        "self_approved": is_own,
        "approved": approved_words(standing),
        "wording": standing.subject.words,
    }
    return appended(standing.log, approval, standing.subject.projection)


def seal(
    schemas: Path,
    standing: Standing,
    *,
    by: str,
    role: str,
    date: str,
    reference: str,
    is_own: bool,
) -> Path:
    """Add an approval of what is declared to a subject's log, and write it.

    Args:
        schemas: The catalogue's folder; no other run writes approvals into it meanwhile.
        standing: As in `with_approval`, as are the others.
        by: Who approves.
        role: In which role.
        date: ISO date.
        reference: Where the decision is written down.
        is_own: Whether the approver owns what is approved, or wrote it.

    Returns:
        The log's file.

    Raises:
        OSError: It cannot be written.
    """
    log = with_approval(standing, by=by, role=role, date=date, reference=reference, is_own=is_own)
    return write_logs(schemas, [log])[standing.subject.name]
