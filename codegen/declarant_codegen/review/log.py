"""The logs of approvals: one file per event, per ext slot, and for the catalogue's own rules.

Owns their form, their digests and their growth. A log shows that it was tampered with; it does not
show who wrote it: whoever can write the file can write a whole new one. That the log only grew is
seen against an earlier revision, and who may change it is the repository's matter.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.canonical import canonical_digest
from declarant_codegen.documents import Documents, read_document
from declarant_codegen.findings import make_finding
from declarant_codegen.json_text import json_text
from declarant_codegen.manifest import text_digest
from declarant_codegen.names import snake_case
from declarant_codegen.projection import (
    projection_digest,
    projection_text,
    unwrap_projection,
    wrap_projection,
)
from declarant_codegen.words import counted, quote, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from declarant_codegen.documents import Document
    from declarant_codegen.findings import Finding
    from declarant_codegen.projection import Projection

__all__ = [
    "CATALOGUE",
    "FOLDER",
    "Approval",
    "Log",
    "Logs",
    "appended",
    "log_name",
    "read_logs",
    "shrunk",
    "write_log",
]

FOLDER = "reviews"

CATALOGUE = "catalogue"
"""The subject of approvals of the catalogue's own rules."""

MAX_BYTES = 64 << 20
"""Largest log that is read, in bytes. One entry for the rules of 1,000 events has about 500,000."""

_RESTORE = "restore the file from version control; approvals are only added, by `declarant approve`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One entry of a log.

    Attributes:
        projection: What was approved.
        digest: SHA-256 (hex) of its canonical JSON.
        previous: The seal of the entry before it; None for the first.
        by: Who approved.
        role: In which role.
        date: ISO date.
        reference: Where the decision is written down.
        needed: Roles that had to approve when it was written; any one if empty.
        self_approved: Whether the approver owns what is approved, or wrote it.
        words: What was approved, in words.
        seal: SHA-256 (hex) of all of the above.
    """

    projection: Projection
    digest: str
    previous: str | None
    by: str
    role: str
    date: str
    reference: str
    needed: tuple[str, ...]
    self_approved: bool
    words: tuple[str, ...]
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Every approval of one subject.

    Attributes:
        subject: An event's name, ``ext.`` and a slot, or `CATALOGUE`.
        approvals: Oldest first.
        is_sound: Whether every digest in it is right; what is not sound approves nothing.
    """

    subject: str
    approvals: tuple[Approval, ...] = ()
    is_sound: bool = True

    @property
    def rounds(self) -> Iterator[tuple[Approval, ...]]:
        """Yield the approvals in runs that approve the same content."""
        start = 0
        for index, approval in enumerate(self.approvals):
            if approval.digest != self.approvals[start].digest:
                yield self.approvals[start:index]
                start = index
        if self.approvals:
            yield self.approvals[start:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Every log of a catalogue.

    Attributes:
        by_subject: Subject to its log.
        findings: What is wrong with the files.
        inputs: Every file read, as (path as the output names it, digest of its text).
    """

    by_subject: Mapping[str, Log] = field(default_factory=dict[str, Log])
    findings: tuple[Finding, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()

    def of(self, subject: str) -> Log:
        """Return a subject's log, an empty one if there is none."""
        return self.by_subject.get(subject) or Log(subject=subject)


def log_name(subject: str) -> str:
    """Return the name of a subject's file, such as ``product_action.json`` or ``ext.os.json``."""
    is_event = subject != CATALOGUE and not subject.startswith("ext.")
    return f"{snake_case(subject) if is_event else subject}.json"


def read_logs(schemas: Path) -> Logs:
    """Read every log of the catalogue in *schemas*."""
    documents = Documents()
    typed = shown(schemas.resolve().name)
    by_subject: dict[str, Log] = {}
    inputs: list[tuple[str, str]] = []
    for entry in _entries(schemas / FOLDER, f"{typed}/{FOLDER}", documents.findings):
        key = f"{FOLDER}/{entry.name}"
        path = f"{typed}/{FOLDER}/{shown(entry.name)}"
        read_document(key, path, "review", entry, documents, limit=MAX_BYTES)
        document = documents.by_key.get(key)
        if document is None:
            continue
        inputs.append((document.logical, text_digest(document.text.encode())))
        log = _log(document, documents.findings)
        if log is not None:
            by_subject[log.subject] = log
    return Logs(
        by_subject=by_subject, findings=tuple(sorted(documents.findings)), inputs=tuple(inputs)
    )


def appended(log: Log, approval: Mapping[str, Any], projection: Projection) -> Log:
    """Return a log with one approval more.

    Args:
        log: The log so far.
        approval: The members ``by`` to ``approved`` as the file has them.
        projection: What is approved.
    """
    previous = log.approvals[-1].seal if log.approvals else None
    members = {"previous": previous, **approval, "sha256": projection_digest(projection)}
    members["projection"] = wrap_projection(projection)
    members["seal"] = _seal(members)
    return Log(subject=log.subject, approvals=(*log.approvals, _approval(members)))


def write_log(schemas: Path, log: Log) -> Path:
    """Write a log whole, or leave the file as it was.

    Returns:
        The file.

    Raises:
        OSError: It cannot be written.
    """
    folder = schemas / FOLDER
    folder.mkdir(exist_ok=True)
    place = folder / log_name(log.subject)
    descriptor, name = tempfile.mkstemp(prefix=".declarant-", dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(_text(log))
        os.chmod(name, 0o666 & ~_umask())  # noqa: PTH101  as a file that a person makes
        os.replace(name, place)  # noqa: PTH105
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise
    return place


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _text(log: Log) -> str:
    return json_text(
        {
            "$schema": "../meta/review.v1.json",
            "subject": log.subject,
            "approvals": [_members(approval) for approval in log.approvals],
        }
    )


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
        "sha256": approval.digest,
        # In the order of its canonical form, so that equal content reads the same everywhere.
        "projection": json.loads(projection_text(approval.projection)),
        "seal": approval.seal,
    }


def _approval(members: Mapping[str, Any]) -> Approval:
    return Approval(
        projection=unwrap_projection(members["projection"]),
        digest=members["sha256"],
        previous=members["previous"],
        by=members["by"],
        role=members["role"],
        date=members["date"],
        reference=members["reference"],
        needed=tuple(members["needed"]),
        self_approved=members["self_approved"],
        words=tuple(members["approved"]),
        seal=members["seal"],
    )


def _seal(members: Mapping[str, Any]) -> str:
    # The projection takes part by its own digest, so that it is digested once.
    return canonical_digest(
        {name: value for name, value in members.items() if name not in ("projection", "seal")}
    )


def _log(document: Document, findings: list[Finding]) -> Log | None:
    """Return what a file holds, or None if it says too little; its problems go to *findings*."""
    if document.malformed:
        return None
    subject: str = document.value["subject"]
    name = document.key.rpartition("/")[2]
    if name != log_name(subject):
        found = f"expected the approvals of {quote(subject)} in {quote(log_name(subject))}"
        message = f"{found}, found them in {quote(name)}; rename the file"
        findings.append(document.finding("FILE_NAME", "/subject", message))
        return None
    approvals: Sequence[Mapping[str, Any]] = document.value["approvals"]
    problems = list(_broken(document, subject, approvals))
    findings += problems
    if problems:
        return Log(subject=subject, is_sound=False)
    return Log(subject=subject, approvals=tuple(map(_approval, approvals)))


def _broken(
    document: Document, subject: str, approvals: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    previous: str | None = None
    for index, members in enumerate(approvals):
        place = f"/approvals/{index}"
        for member, expected, found in (
            ("sha256", canonical_digest(members["projection"]), members["sha256"]),
            ("seal", _seal(members), members["seal"]),
            ("previous", previous, members["previous"]),
        ):
            if expected != found:
                words = f"expected {_DIGEST_OF[member]}, found another; {_RESTORE}"
                yield document.finding("SEAL_BROKEN", f"{place}/{member}", words)
        if _subject_of(members["projection"]) != subject:
            words = f"expected an approval of {quote(subject)}, found one of something else"
            yield document.finding("SEAL_BROKEN", f"{place}/projection", f"{words}; {_RESTORE}")
        previous = members["seal"]


_DIGEST_OF = {
    "sha256": "the digest of the approved content",
    "seal": "the digest of the approval's own members",
    "previous": "the seal of the approval before it",
}


def _subject_of(projection: Mapping[str, Any]) -> str:
    kind, name = projection.get("kind"), projection.get("name", "")
    return CATALOGUE if kind == "catalogue" else f"ext.{name}" if kind == "ext" else str(name)


def _entries(folder: Path, typed: str, findings: list[Finding]) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            listed = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError:
        message = "expected a readable folder of approvals, found another thing; mend or remove it"
        findings.append(make_finding("FILE_UNREADABLE", typed, 1, message))
        return
    for entry in listed:
        if entry.name.startswith(".") or entry.name.endswith((".md", "~")):
            continue
        path = f"{typed}/{shown(entry.name)}"
        if entry.is_symlink():
            message = "expected a regular file, found a symbolic link; put the file itself here"
            findings.append(make_finding("FILE_LINK", path, 1, message))
        elif not entry.name.endswith(".json"):
            message = f"expected approvals in *.json, found {quote(entry.name)}; remove it"
            findings.append(make_finding("FILE_UNEXPECTED", path, 1, message))
        else:
            yield entry


def shrunk(before: Log, after: Log) -> str | None:
    """Return what an earlier revision's log has that a later one lacks, or None if it only grew."""
    kept = [approval.seal for approval in after.approvals]
    was = [approval.seal for approval in before.approvals]
    if kept[: len(was)] == was:
        return None
    lost = len(set(was) - set(kept))
    if not lost:
        return f"its {counted(len(was), 'approval')} in another order"
    return f"{counted(lost, 'approval')} fewer or changed"
