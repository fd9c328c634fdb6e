"""The logs of approvals: one file per event, per ext slot, and for the catalogue's own rules.

Owns their digests, their reading and their growth. A log shows that it was tampered with; it does
not show who wrote it: whoever can write the file can write a whole new one. That the log only grew
is seen against an earlier revision, and who may change it is the repository's matter.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.canonical import (
    NotCanonicalError,
    canonical_digest,
    parsed_json,
    sha256_of,
)
from declarant_codegen.digests import text_digest
from declarant_codegen.documents import Documents, read_document
from declarant_codegen.findings import make_finding
from declarant_codegen.names import snake_case
from declarant_codegen.projection import projection_digest, read_projection
from declarant_codegen.projection_form import is_projection
from declarant_codegen.reading import unreadable
from declarant_codegen.words import counted, quote, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from declarant_codegen.documents import Document
    from declarant_codegen.findings import Finding
    from declarant_codegen.own_words import OwnWords
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
]

FOLDER = "reviews"

CATALOGUE = "catalogue"
"""The subject of approvals of the catalogue's own rules."""

MAX_BYTES = 64 << 20
"""Largest log that is read, in bytes. One entry for the rules of 1,000 events has about 500,000."""

_RESTORE = "restore the file from version control; approvals are only added, by `declarant approve`"
_LINK = "expected a regular file or folder, found a symbolic link; put the thing itself here"


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
        wording: The catalogue's own words for it, as they were then; None if not recorded.
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
    wording: OwnWords | None = None
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
        by_subject: Subject to its log; of sound ones alone.
        damaged: Names of the other files.
        is_readable: Whether the folder could be listed, or is not there at all.
        findings: What is wrong with the files.
        inputs: Every file read, as (path as the output names it, digest of its text).
    """

    by_subject: Mapping[str, Log] = field(default_factory=dict[str, Log])
    damaged: frozenset[str] = frozenset()
    is_readable: bool = True
    findings: tuple[Finding, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()

    def of(self, subject: str) -> Log:
        """Return a subject's log, an empty one if there is none."""
        is_sound = self.is_readable and log_name(subject) not in self.damaged
        return self.by_subject.get(subject) or Log(subject=subject, is_sound=is_sound)


def log_name(subject: str) -> str:
    """Return the name of a subject's file, such as ``product_action.json`` or ``ext.os.json``."""
    if subject == CATALOGUE or subject.startswith("ext."):
        return f"{subject}.json"
    name = snake_case(subject)
    # An event may be called like the catalogue's own rules.
    return f"event.{name}.json" if name == CATALOGUE else f"{name}.json"


def read_logs(schemas: Path) -> Logs:
    """Read every log of the catalogue in *schemas*.

    A log with any finding at all is damaged: it approves nothing, and nothing is added to it.
    """
    documents = Documents()
    findings = documents.findings
    typed = f"{shown(schemas.resolve().name)}/{FOLDER}"
    entries = _entries(schemas / FOLDER, typed, findings)
    by_subject: dict[str, Log] = {}
    damaged: set[str] = set()
    inputs: list[tuple[str, str]] = []
    for entry in entries or ():
        known = len(findings)
        log = _read_log(entry, f"{typed}/{shown(entry.name)}", documents, inputs)
        if log is None or len(findings) > known:
            damaged.add(entry.name)
        else:
            by_subject[log.subject] = log
    return Logs(
        by_subject=by_subject,
        damaged=frozenset(damaged),
        is_readable=entries is not None,
        findings=tuple(sorted(findings)),
        inputs=tuple(inputs),
    )


def _read_log(
    entry: os.DirEntry[str], path: str, documents: Documents, inputs: list[tuple[str, str]]
) -> Log | None:
    """Return the log in a file, or None if it says too little; its problems go to *documents*."""
    refusal = _refusal(entry)
    if refusal is not None:
        documents.findings.append(make_finding(refusal[0], path, 1, refusal[1]))
        return None
    key = f"{FOLDER}/{entry.name}"
    read_document(key, path, "review", entry, documents, limit=MAX_BYTES)
    # Not kept: what is read of thousands of logs takes a hundred times the room of the approvals.
    document = documents.by_key.pop(key, None)
    if document is None:
        return None
    inputs.append((document.logical, text_digest(document.text.encode())))
    return _log(document, documents.findings)


def appended(log: Log, approval: Mapping[str, Any], projection: Projection) -> Log:
    """Return a log with one approval more.

    Args:
        log: The log so far.
        approval: The members ``by`` to ``wording`` as the file has them.
        projection: What is approved.
    """
    previous = log.approvals[-1].seal if log.approvals else None
    members = {"previous": previous, **approval, "sha256": projection_digest(projection)}
    members["seal"] = canonical_digest(_sealed(members))
    return Log(subject=log.subject, approvals=(*log.approvals, _approval(members, projection)))


def _approval(members: Mapping[str, Any], projection: Projection) -> Approval:
    return Approval(
        projection=projection,
        digest=members["sha256"],
        previous=members["previous"],
        by=members["by"],
        role=members["role"],
        date=members["date"],
        reference=members["reference"],
        needed=tuple(members["needed"]),
        self_approved=members["self_approved"],
        words=tuple(members["approved"]),
        wording=members.get("wording"),
        seal=members["seal"],
    )


def _sealed(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a seal is the digest of."""
    # The projection takes part by its own digest, so that it is digested once.
    return {name: value for name, value in members.items() if name not in ("projection", "seal")}


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
    previous: str | None = None
    approvals: list[Approval] = []
    members: Mapping[str, Any]
    contents: dict[str, _Content] = {}
    for index, members in enumerate(document.value["approvals"]):
        problems, approval = _checked(members, subject, previous, contents)
        for member, words in problems:
            pointer = f"/approvals/{index}/{member}"
            findings.append(document.finding("SEAL_BROKEN", pointer, f"{words}; {_RESTORE}"))
        approvals += [approval] if approval is not None else []
        previous = members["seal"]
    return Log(subject=subject, approvals=tuple(approvals))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What an approval approves.

    Attributes:
        digest: SHA-256 (hex) of its canonical JSON.
        projection: The same in the form in which projections are made.
        problem: What is wrong with it, or None.
    """

    digest: str
    projection: Projection
    problem: str | None


def _content(text: str, subject: str) -> _Content:
    """Read what was approved from its canonical text."""
    # Read from its canonical text, so that 1.0 is a whole number here as it is there.
    projection = read_projection(text)
    problem: str | None = None
    if not is_projection(projection):
        words = "expected approved content in the form of a version that is known here"
        problem = f"{words}, found another"
    elif _subject_of(projection) != subject:
        problem = f"expected an approval of {quote(subject)}, found one of something else"
    return _Content(digest=sha256_of(text), projection=projection, problem=problem)


def _checked(
    members: Mapping[str, Any],
    subject: str,
    previous: str | None,
    contents: dict[str, _Content],
) -> tuple[list[tuple[str, str]], Approval | None]:
    """Return (member, what is wrong with it) of an approval; and what it says, if it is sound.

    *contents* holds what was read of the approvals before it, by canonical text: several roles
    approve the same content, one after the other.
    """
    try:
        text = parsed_json(members["projection"])
    except NotCanonicalError:
        return [("projection", "expected numbers that a double holds, found another")], None
    if text not in contents:
        contents[text] = _content(text, subject)
    content = contents[text]
    problems = [
        (member, f"expected {_DIGEST_OF[member]}, found another")
        for member, expected in (
            ("sha256", content.digest),
            ("seal", sha256_of(parsed_json(_sealed(members)))),
            ("previous", previous),
        )
        if members[member] != expected
    ]
    if content.problem is not None:
        problems.append(("projection", content.problem))
    return problems, None if problems else _approval(members, content.projection)


_DIGEST_OF = {
    "sha256": "the digest of the approved content",
    "seal": "the digest of the approval's own members",
    "previous": "the seal of the approval before it",
}


def _subject_of(projection: Projection) -> str:
    kind, name = projection["kind"], projection.get("name")
    return CATALOGUE if kind == "catalogue" else f"ext.{name}" if kind == "ext" else f"{name}"


def _entries(folder: Path, typed: str, findings: list[Finding]) -> list[os.DirEntry[str]] | None:
    """Return the files in the folder of approvals, sorted; None if it cannot be told."""
    if folder.is_symlink():
        findings.append(make_finding("FILE_LINK", typed, 1, _LINK))
        return None
    try:
        with os.scandir(folder) as found:
            listed = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        message = unreadable(error, noun="folder")
        findings.append(make_finding("FILE_UNREADABLE", typed, 1, message))
        return None
    return [
        entry
        for entry in listed
        if not entry.name.startswith(".") and not entry.name.endswith((".md", "~"))
    ]


def _refusal(entry: os.DirEntry[str]) -> tuple[str, str] | None:
    """Return the rule that a file breaks before it is read, and the message; None for none."""
    if entry.is_symlink():
        return "FILE_LINK", _LINK
    if not entry.name.endswith(".json"):
        found = f"expected approvals in *.json, found {quote(entry.name)}"
        return "FILE_UNEXPECTED", f"{found}; remove it"
    return None


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
