"""What may not have changed since a base: a git revision, or a folder.

Owns the questions that one state of a catalogue cannot answer: whether approvals are gone, whether
something breaks that nobody accepted, whether users must be asked again, and who wrote what they
approved.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from declarant.scrub import SCRUBBERS
from declarant_codegen.consent_scope import compare_consent
from declarant_codegen.diff_inputs import base_folder, load_base
from declarant_codegen.places import Places
from declarant_codegen.privacy_diff import Compatibility, diff
from declarant_codegen.privacy_diff.changes import CALLERS, READERS
from declarant_codegen.review.authors import authors_since, is_author
from declarant_codegen.review.log import FOLDER, log_name, read_logs, shrunk
from declarant_codegen.review.seal_findings import (
    change_pointer,
    consent_findings,
    standing_findings,
)
from declarant_codegen.review.standing import standings
from declarant_codegen.words import quote, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from declarant_codegen.findings import Finding
    from declarant_codegen.model import Catalogue
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.review.log import Approval, Logs
    from declarant_codegen.review.standing import Standing
    from declarant_codegen.review.verdict import Review

__all__ = ["against_findings"]


def against_findings(
    base: str, schemas: Path, catalogue: Catalogue, review: Review, *, day: str
) -> list[Finding]:
    """Return every finding that only a comparison with *base* shows.

    Args:
        base: A folder or a git revision.
        schemas: The catalogue's folder.
        catalogue: What it declares.
        review: The approvals of that.
        day: The ISO date of today.

    Raises:
        RevisionError: *base* is no folder, and its files cannot be had from git.
        FaultyCatalogueError: The base cannot be read as a catalogue.
    """
    places = Places(schemas)
    shown_base = shown(base)
    with base_folder(base, schemas) as folder:
        before, old_logs = load_base(folder), read_logs(folder)
    changes = diff(before, catalogue, scrubbers=SCRUBBERS)
    findings = [
        *_shrunk(old_logs, review.logs, places, shown_base),
        *_breaks(changes, catalogue, places),
        *consent_findings(
            compare_consent(before, catalogue, day=day), places, f"since {shown_base}"
        ),
    ]
    findings += _by_older_rules((before, old_logs), catalogue, review, places, day)
    if not Path(base).is_dir():
        findings += _wrote(base, schemas, catalogue, old_logs, review, places)
    return findings


def _by_older_rules(
    before: tuple[Catalogue, Logs],
    catalogue: Catalogue,
    review: Review,
    places: Places,
    day: str,
) -> Iterator[Finding]:
    """Yield what holds only by rules of approval that had been given up before."""
    strict = standings(catalogue, review.logs, day=day, before=before)
    for was, now in zip(review.standings, strict, strict=True):
        if was.state.holds and not now.state.holds:
            yield from standing_findings(now, places)


def _shrunk(before: Logs, after: Logs, places: Places, base: str) -> Iterator[Finding]:
    for subject, log in before.by_subject.items():
        now = after.of(subject)
        lost = shrunk(log, now) if log.is_sound and now.is_sound else None
        if lost is not None:
            found = f"expected every approval of {subject} that {base} has, found {lost}"
            message = f"{found}; restore them, and add to them with `declarant approve`"
            key = f"{FOLDER}/{log_name(subject)}"
            yield places.finding("SEAL_SHRUNK", key, "/approvals", message)


def _breaks(changes: Iterable[Change], after: Catalogue, places: Places) -> Iterator[Finding]:
    accepted = {item.place for item in after.accepted_breaks}
    used: set[str] = set()
    keys = {
        **{f"ext.{slot}": f"ext/{slot}.schema.json" for slot in after.ext},
        **{event.name: event.path.partition("/")[2] for event in after.events},
    }
    for change in changes:
        if not change.is_breaking:
            continue
        if change.place in accepted:
            used.add(change.place)
            continue
        key = keys.get(change.subject, "catalogue.json")
        # What is gone has no file; its change is of the whole, which points at no line.
        yield places.finding("BREAKING_CHANGE", key, change_pointer(change), _break_words(change))
    for index, item in enumerate(after.accepted_breaks):
        if item.place not in used:
            found = f"expected a breaking change at {quote(item.place)}, found none"
            pointer = f"/accepted_breaks/{index}"
            message = f"{found}; remove it from accepted_breaks"
            yield places.finding("ACCEPTED_BREAK_UNUSED", "catalogue.json", pointer, message)


def _break_words(change: Change) -> str:
    broken = " and ".join(
        f"{who} ({direction}: {judgement.reason})"
        for who, direction, judgement in (
            ("callers", CALLERS, change.callers),
            ("readers", READERS, change.readers),
        )
        if judgement.verdict is Compatibility.BREAKING
    )
    kind = change.kind.replace("_", " ")
    found = f"expected {change.place} to serve those who rely on it, found a change ({kind})"
    mend = 'add beside it instead of changing it, or list the place in "accepted_breaks"'
    return f"{found} that breaks {broken}; {mend}"


def _wrote(
    base: str,
    schemas: Path,
    catalogue: Catalogue,
    before: Logs,
    review: Review,
    places: Places,
) -> Iterator[Finding]:
    """Yield approvals since *base* by those who wrote what they approve, and that do not say so.

    Those that say so are judged with all others: where they stand.
    """
    added = {standing.subject.name: _added(standing, before) for standing in review.standings}
    grown = [standing for standing in review.standings if added[standing.subject.name]]
    authors = authors_since(base, schemas, grown) if grown else {}
    for standing in grown:
        name = standing.subject.name
        for index, approval in added[name]:
            if any(is_author(approval.by, author) for author in authors[name]):
                key = f"{FOLDER}/{log_name(name)}"
                message = _own_words(name, base, is_allowed=catalogue.review.self_approval)
                yield places.finding("SEAL_SELF_APPROVED", key, f"/approvals/{index}/by", message)


def _added(standing: Standing, before: Logs) -> list[tuple[int, Approval]]:
    """Return the new approvals, with where they stand, that may not be by an author."""
    known = {approval.seal for approval in before.of(standing.subject.name).approvals}
    return [
        (index, approval)
        for index, approval in enumerate(standing.log.approvals)
        if approval.seal not in known and not approval.self_approved
    ]


def _own_words(name: str, base: str, *, is_allowed: bool) -> str:
    back = f"put the approvals back as {shown(base)} has them"
    if is_allowed:
        found = f"expected an approval of {name} by its author to say so, found one that does not"
        return f"{found}; {back}, and approve anew"
    found = f"expected an approver of {name} who did not write it, found its author"
    return f"{found}; {back}, and let somebody else approve"
