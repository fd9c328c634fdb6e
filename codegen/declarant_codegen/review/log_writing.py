"""The writing of logs: all that one run approves, or nothing.

Owns their layout in a file, and what a file can hold.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.dialect import check_dialect
from declarant_codegen.errors import CodegenError
from declarant_codegen.json_text import json_text
from declarant_codegen.projection import projection_text
from declarant_codegen.review.log import FOLDER, MAX_BYTES, log_name
from declarant_codegen.swap import swap

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from declarant_codegen.review.log import Approval, Log

__all__ = ["LogTooLarge", "write_logs"]


class LogTooLarge(CodegenError):  # noqa: N818  it names what happened
    """A log would hold more than is read again; nothing was written."""


def write_logs(schemas: Path, logs: Iterable[Log]) -> dict[str, Path]:
    """Write logs whole, or leave every file as it was.

    Args:
        schemas: The catalogue's folder; no other run writes approvals into it meanwhile.
        logs: Sound ones, each with one approval more than its file.

    Returns:
        Subject to its file.

    Raises:
        LogTooLarge: A file would not be read again.
        Stopped: A signal came before the first file was written.
        OSError: A file cannot be written.
        NotRestored: And what had been written by then could not all be put back.
    """
    places: dict[str, Path] = {}
    texts: dict[Path, bytes | None] = {}
    for log in logs:
        place = places[log.subject] = schemas / FOLDER / log_name(log.subject)
        texts[place] = _text(log)
    swap(schemas, texts)
    return places


def _text(log: Log) -> bytes:
    value = {
        "$schema": "../meta/review.v1.json",
        "subject": log.subject,
        "approvals": [_members(approval) for approval in log.approvals],
    }
    text = json_text(value).encode()
    if len(text) > MAX_BYTES or check_dialect("review", value):
        raise LogTooLarge(
            f"{log_name(log.subject)}: expected a log that can be read again, found one that would "
            "be too long; split what is approved"
        )
    return text


def _members(approval: Approval) -> dict[str, Any]:
    return {
        "previous": approval.previous,
        "by": approval.by,
        "role": approval.role,
        "date": approval.date,
        "reference": approval.reference,
        "needed": list(approval.needed),
        "self_approved": approval.self_approved,
        "approved": list(approval.words),
        **({} if approval.wording is None else {"wording": approval.wording}),
        "sha256": approval.digest,
        # In the order of its canonical form, so that equal content reads the same everywhere.
        "projection": json.loads(projection_text(approval.projection)),
        "seal": approval.seal,
    }
