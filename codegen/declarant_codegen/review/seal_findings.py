"""What is wrong with approvals, and with the consent version, as findings.

Owns the words and the places. Without these findings a catalogue is approved as it is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from declarant_codegen.consent_scope import ConsentVerdict
from declarant_codegen.places import field_pointer
from declarant_codegen.review.agreement import agreed_since, consent_since, day_of
from declarant_codegen.review.log import CATALOGUE, FOLDER, log_name
from declarant_codegen.review.people import wanting
from declarant_codegen.review.standing import State, signatures
from declarant_codegen.words import listing, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from declarant_codegen.consent_scope import ConsentComparison
    from declarant_codegen.findings import Finding
    from declarant_codegen.model import Catalogue
    from declarant_codegen.places import Places
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.review.standing import Standing

__all__ = [
    "CONSENT_VERSION",
    "DRAFTABLE",
    "change_pointer",
    "consent_findings",
    "seal_findings",
    "standing_findings",
]

DRAFTABLE = frozenset({"SEAL_MISSING", "SEAL_MISMATCH", "SEAL_INCOMPLETE", "CONSENT_VERSION_LOW"})
"""Errors that ``generate --draft`` passes over: what is not approved yet."""

CONSENT_VERSION = "/consent/version"
"""JSON pointer of the consent version in ``catalogue.json``."""

_SCOPE_SHOWN = 5


def seal_findings(
    catalogue: Catalogue, standings: Iterable[Standing], places: Places
) -> Iterator[Finding]:
    """Yield every finding about the approvals of a catalogue."""
    for standing in standings:
        yield from standing_findings(standing, places)
        if not catalogue.review.self_approval:
            yield from _self_approved(standing, places)
        if standing.subject.name == CATALOGUE:
            yield from _consent(standing, places)


def consent_findings(
    comparison: ConsentComparison, places: Places, since: str
) -> Iterator[Finding]:
    """Yield whether the consent version fits what changed in the notice's scope.

    Args:
        comparison: Of what users agreed to and what they shall agree to.
        places: Where findings are made.
        since: Words for the first of the two.
    """
    was, now = comparison.before_version, comparison.after_version
    pointer = CONSENT_VERSION
    verdict = comparison.verdict
    if verdict is ConsentVerdict.MUST_RISE:
        listed = [str(change) for change in comparison.widened]
        more = f" and {len(listed) - _SCOPE_SHOWN} more" if len(listed) > _SCOPE_SHOWN else ""
        found = f"expected a consent version above {was}, as the notice covers more {since}"
        message = f"{found} ({'; '.join(listed[:_SCOPE_SHOWN])}{more}), found {now}; raise it"
        yield places.finding("CONSENT_VERSION_LOW", "catalogue.json", pointer, message)
    elif verdict is ConsentVerdict.FELL:
        found = f"expected a consent version of at least {was}, found {now}"
        message = f"{found}; users who agreed to {was} would count as asked; raise it"
        yield places.finding("CONSENT_VERSION_LOW", "catalogue.json", pointer, message)
    elif verdict is ConsentVerdict.NEED_NOT_RISE:
        found = f"expected consent version {was}, as the notice covers no more {since}"
        message = f"{found}, found {now}; put it back, or users are asked again without need"
        yield places.finding("CONSENT_VERSION_NEEDLESS", "catalogue.json", pointer, message)


def _consent(standing: Standing, places: Places) -> Iterator[Finding]:
    """Yield whether users are asked again whenever they must be, now and as it was approved."""
    told = list(_consent_in_log(standing, places))
    yield from told
    comparison = consent_since(standing)
    if comparison is None:
        return
    # A version that rises to make good what was approved is not needless.
    if not told or comparison.verdict is not ConsentVerdict.NEED_NOT_RISE:
        yield from consent_findings(comparison, places, "since it was approved")


def _consent_in_log(standing: Standing, places: Places) -> Iterator[Finding]:
    """Yield approvals of a wider scope under the version that users had agreed to before."""
    contents = [round_[0].projection for round_ in standing.complete]
    for position, (old, new) in enumerate(pairwise(contents), 1):
        if new["consent_version"] > old["consent_version"]:
            continue
        if contents[-1]["consent_version"] > new["consent_version"]:
            continue  # made good since: users are asked again
        round_ = standing.complete[position]
        if agreed_since(contents[:position], new, day_of(round_, standing.day)).widened:
            index = standing.log.approvals.index(round_[0])
            found = f"expected a consent version above {old['consent_version']} with a wider notice"
            message = f"{found}, found {new['consent_version']} approved; raise it and approve anew"
            key = f"{FOLDER}/{log_name(CATALOGUE)}"
            pointer = f"/approvals/{index}/projection/consent_version"
            yield places.finding("CONSENT_VERSION_LOW", key, pointer, message)


def standing_findings(standing: Standing, places: Places) -> Iterator[Finding]:
    """Yield what is not approved of one subject, nothing if all is."""
    subject, state = standing.subject, standing.state
    name = _named(standing)
    mend = f"see `declarant review {subject.name}`, then `declarant approve {subject.name}`"
    if state is State.MISSING:
        message = f"expected an approval of {name}, found none; {mend}"
        yield places.finding("SEAL_MISSING", subject.key, _title(standing), message)
    elif state is State.INCOMPLETE:
        roles = dict.fromkeys(item.role for item in standing.approvals)
        given = listing(map(quote, roles), last="and")
        missing = [quote(role) for role in standing.missing] or ["any role, under today's rules,"]
        asked = listing(missing, last="and")
        found = f"expected an approval of {name} by {asked} too, found that by {given} alone"
        if not standing.may_repeat and _is_by_one(standing):
            found = (
                f"expected an approval of {name} by different people as {asked}, found one person "
                "in several roles; let somebody else approve in one of them"
            )
        yield places.finding("SEAL_INCOMPLETE", subject.key, _title(standing), f"{found}; {mend}")
    elif state is State.WIDER:
        for change in standing.widening:
            found = (
                f"expected what was approved at {change.place}, found a change that widens it: "
                f"{change.privacy.reason}"
            )
            pointer = change_pointer(change) or _title(standing)
            yield places.finding("SEAL_MISMATCH", subject.key, pointer, f"{found}; {mend}")


def _is_by_one(standing: Standing) -> bool:
    """Tell whether every role that is needed approved, but not each by somebody of its own."""
    given = signatures(standing.approvals)
    is_by_all = {role for _, role in given} >= set(standing.needed)
    return is_by_all and bool(wanting(standing.needed, given))


def _self_approved(standing: Standing, places: Places) -> Iterator[Finding]:
    for approval in standing.self_approved:
        index = standing.log.approvals.index(approval)
        found = (
            f"expected an approval by a role that neither owns nor wrote {_named(standing)}, "
            f"found {quote(approval.role)}"
        )
        message = f"{found}; let another role approve, or allow it in review.self_approval"
        key = f"{FOLDER}/{log_name(standing.log.subject)}"
        pointer = f"/approvals/{index}/role"
        yield places.finding("SEAL_SELF_APPROVED", key, pointer, message)


def _named(standing: Standing) -> str:
    name = standing.subject.name
    return "the catalogue's own rules" if name == CATALOGUE else name


def _title(standing: Standing) -> str:
    return "" if standing.subject.name == CATALOGUE else "/title"


_KEYWORDS = {
    "level_changed": "/x-level",
    "retention_days_changed": "/x-retention-days",
    "expires_changed": "/x-expires",
    "is_exception_changed": "/x-exception",
    "slot_added": "/x-ext",
}
_RULES = {
    "consent_version": "/consent/version",
    "consent_default": "/consent/default",
    "consent.scope": "/consent/notice",
    "notice": "/consent/notice",
    "never": "/consent/never",
}


def change_pointer(change: Change) -> str:
    """Return where a change stands in the file that declares its subject."""
    if change.kind in _KEYWORDS:
        return _KEYWORDS[change.kind]
    if change.kind == "sentence_changed":
        return f"/{change.path.replace('.', '/')}"  # keys are of a-z, 0-9 and "_"
    if change.subject == CATALOGUE:
        return _RULES.get(change.path, f"/{change.path}" if change.path else "")
    return field_pointer(change.path)
