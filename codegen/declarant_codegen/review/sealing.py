"""Writing an approval down: who, and exactly what.

Owns what an approval records. Whether it may be given is judged before, by the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.review.log import appended, write_log
from declarant_codegen.review.told import change_words, content_words

if TYPE_CHECKING:
    from pathlib import Path

    from declarant_codegen.review.standing import Standing

__all__ = ["seal"]


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
    """Add an approval of what is declared to a subject's log.

    Args:
        schemas: The catalogue's folder.
        standing: Where the subject stands.
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
    projection = standing.subject.projection
    changed = change_words(standing.changes) if standing.base is not None else ()
    approval = {
        "by": by,
        "role": role,
        "date": date,
        "reference": reference,
        "needed": list(standing.needed),
        "self_approved": is_own,
        "approved": [*changed, *content_words(projection)],
    }
    return write_log(schemas, appended(standing.log, approval, projection))
