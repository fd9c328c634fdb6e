"""The catalogue's rules of review: who approves, and findings and breaks accepted for a time.

Owns which finding a suppression covers, and what is wrong with a suppression itself. The clock is
not asked here, so that one catalogue gives the same output on every day: ``expiry`` says what has
run out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant_codegen.documents import CATALOGUE_FILE
from declarant_codegen.model import AcceptedBreak, ReviewPolicy, Suppression
from declarant_codegen.rules import SUPPRESSIBLE
from declarant_codegen.words import counted, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from declarant_codegen.documents import Document, Documents
    from declarant_codegen.findings import Finding

__all__ = ["apply_suppressions", "read_accepted_breaks", "read_review", "read_suppressions"]


def read_suppressions(catalogue: Mapping[str, Any]) -> tuple[Suppression, ...]:
    """Return the suppressions of a catalogue that passed the dialect."""
    return tuple(
        Suppression(
            rule_id=item["rule"],
            place=item["place"],
            reason=item["reason"],
            owner=item["owner"],
            until=item["until"],
        )
        for item in catalogue.get("suppressions", ())
    )


def read_accepted_breaks(catalogue: Mapping[str, Any]) -> tuple[AcceptedBreak, ...]:
    """Return the accepted breaks of a catalogue that passed the dialect."""
    return tuple(
        AcceptedBreak(
            place=item["place"], reason=item["reason"], owner=item["owner"], until=item["until"]
        )
        for item in catalogue.get("accepted_breaks", ())
    )


def read_review(catalogue: Mapping[str, Any]) -> ReviewPolicy:
    """Return who approves, of a catalogue that passed the dialect."""
    review = catalogue.get("review")
    if review is None:
        return ReviewPolicy()
    approvers = {name: tuple(roles) for name, roles in review["approvers"].items()}
    return ReviewPolicy(approvers=approvers, self_approval=review["self_approval"])


def apply_suppressions(
    documents: Documents, findings: Iterable[Finding]
) -> tuple[set[Finding], set[Finding]]:
    """Take away the findings that the catalogue accepts.

    Returns:
        What is left, with the findings about suppressions themselves; and what was taken away.
    """
    kept = set(findings)
    catalogue = documents.by_key.get(CATALOGUE_FILE)
    if catalogue is None or catalogue.is_faulty("/suppressions"):
        return kept, set()
    suppressed: set[Finding] = set()
    told: list[Finding] = []
    for index, item in enumerate(read_suppressions(catalogue.value)):
        place = f"/suppressions/{index}"
        if item.rule_id not in SUPPRESSIBLE:
            told.append(_refused(catalogue, place, item.rule_id))
            continue
        below = set(_below(documents, item, kept | suppressed))
        pointer = item.place.partition("#")[2]
        # A place around others would cover what is added to it later, which nobody accepted.
        covered = {one for one in below if pointer in (one.pointer, _field_of(one.pointer))}
        if below and not covered:
            told.append(_too_wide(catalogue, place, item, below))
            continue
        suppressed |= covered
        kept -= covered
        # What is not read may hold the finding.
        if not covered and len(documents.by_key) == len(documents.seen):
            found = f"expected a finding of {item.rule_id} at {quote(item.place)}, found none"
            message = f"{found}; remove the suppression"
            told.append(catalogue.finding("SUPPRESSION_UNUSED", place, message))
    return kept.union(told), suppressed


def _below(
    documents: Documents, item: Suppression, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield the findings of a suppression's rule at its place and inside it."""
    key, _, pointer = item.place.partition("#")
    document = documents.by_key.get(key)
    if document is None:
        return
    for finding in findings:
        is_there = finding.rule_id == item.rule_id and finding.path == document.path
        if is_there and f"{finding.pointer}/".startswith(f"{pointer}/"):
            yield finding


def _field_of(pointer: str) -> str:
    """Return the place of the field whose keyword *pointer* is; another pointer as it is."""
    above, _, _ = pointer.rpartition("/")
    return above if above and _is_field(above) and not _is_field(pointer) else pointer


def _is_field(pointer: str) -> bool:
    """Return whether a pointer leads from a whole schema to a field, a definition or items."""
    is_holder = False
    is_schema = True
    for step in pointer.split("/")[1:]:
        is_schema = is_holder or step == "items"
        is_holder = not is_schema and step in ("properties", "$defs")
        if not is_schema and not is_holder:
            return False
    return is_schema


def _too_wide(
    catalogue: Document, place: str, item: Suppression, below: Iterable[Finding]
) -> Finding:
    key = item.place.partition("#")[0]
    places = sorted({_field_of(one.pointer) for one in below})
    exact = [json.dumps(f"{key}#{pointer}") for pointer in places]  # whole, to be copied
    more = "" if len(exact) == 1 else f" (and {counted(len(exact) - 1, 'other')}, each its own)"
    message = (
        f"expected the very place of a finding of {item.rule_id}, found {json.dumps(item.place)}, "
        f"which would hide later ones inside it too; write {exact[0]}{more}"
    )
    return catalogue.finding("SUPPRESSION_TOO_WIDE", f"{place}/place", message)


def _refused(catalogue: Document, place: str, rule_id: str) -> Finding:
    known = ", ".join(sorted(SUPPRESSIBLE))
    found = f"expected a rule that may be suppressed, found {quote(rule_id)}"
    message = f"{found}; mend what it finds (may be suppressed: {known})"
    return catalogue.finding("SUPPRESSION_NOT_ALLOWED", f"{place}/rule", message)
