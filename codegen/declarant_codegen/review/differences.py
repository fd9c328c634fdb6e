"""From what was approved to what is declared: the changes of a subject and of the notice's scope.

Owns what is compared with what; the privacy diff judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.consent_scope import ConsentComparison, compare_receivers, compare_scopes
from declarant_codegen.privacy_diff import Change, Compatibility, Judgement, Privacy, Verdict
from declarant_codegen.privacy_diff.catalogue_rules import compare_rules
from declarant_codegen.privacy_diff.changes import SAME_CALL, SAME_EVENTS
from declarant_codegen.privacy_diff.subjects import compare_events, compare_slots
from declarant_codegen.review.declared import SCOPE
from declarant_codegen.review.log import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from declarant_codegen.projection import Projection

__all__ = ["changes_since", "compare_consent", "without_scope"]

_SHOWN = 5
"""Differences of scope that are named; each stands where it is declared, too."""


def changes_since(
    before: Projection | None, after: Projection, slots: Mapping[str, Projection], *, day: str
) -> Iterator[Change]:
    """Yield every change of a subject.

    Args:
        before: What was approved; None for nothing.
        after: What is approved or declared later.
        slots: The projections of all permitted ext slots, which events may carry.
        day: The ISO date on which it is approved or declared.
    """
    name, kind = after.get("name", ""), after["kind"]
    if kind == "event":
        yield from compare_events({} if before is None else {name: before}, {name: after}, slots)
    elif kind == "ext":
        yield from compare_slots({} if before is None else {name: before}, {name: after})
    elif before is None:
        yield _new_rules(after)
    else:
        yield from compare_rules(without_scope(before), without_scope(after))
        yield from _widened_scope(before, after, day)


def without_scope(rules: Projection) -> Projection:
    """Return the rules of a catalogue without what its notice covers."""
    return {key: value for key, value in rules.items() if key != SCOPE}


def _new_rules(rules: Projection) -> Change:
    words = f"the rules of {rules['product']}, with consent version {rules['consent_version']}"
    return Change(
        subject=CATALOGUE,
        path="",
        kind="rules_added",
        before="none",
        after=words,
        privacy=Verdict(Privacy.WIDENING, "where events go and what users are asked is new"),
        callers=Judgement(Compatibility.COMPATIBLE, "there are no calls so far"),
        readers=Judgement(Compatibility.COMPATIBLE, "there are no events so far"),
    )


def _widened_scope(before: Projection, after: Projection, day: str) -> Iterator[Change]:
    widened = compare_consent(before, after, day=day).widened
    if widened:
        yield Change(
            subject=CATALOGUE,
            path="consent.scope",
            kind="scope_widened",
            before=f"what users were told in version {before['consent_version']}",
            after=f"{'; '.join(map(str, widened[:_SHOWN]))}{_more(widened)}",
            privacy=Verdict(Privacy.WIDENING, "the notice covers more than users were told"),
            callers=SAME_CALL,
            readers=SAME_EVENTS,
        )


def _more(widened: Sequence[object]) -> str:
    more = len(widened) - _SHOWN
    return f" and {more} more" if more > 0 else ""


def compare_consent(before: Projection, after: Projection, *, day: str) -> ConsentComparison:
    """Compare what users were asked under two projections of the catalogue's rules.

    Args:
        before: What they agreed to.
        after: What shall replace it.
        day: The ISO date on which it does.
    """
    return ConsentComparison(
        before_version=before["consent_version"],
        after_version=after["consent_version"],
        changes=(
            *compare_scopes(before[SCOPE], after[SCOPE], day=day),
            *compare_receivers(before["endpoint"], after["endpoint"]),
        ),
    )
