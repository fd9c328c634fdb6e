"""From what was approved of one subject to what is declared of it.

Owns which comparison is made for which kind of subject; what a change means is judged by the
privacy diff.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.consent_scope import ConsentComparison, compare_scopes
from declarant_codegen.privacy_diff import Change, Compatibility, Judgement, Privacy, Verdict
from declarant_codegen.privacy_diff.subjects import compare_events, compare_rules, compare_slots
from declarant_codegen.review.log import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.projection import Projection

__all__ = ["SCOPE", "changes_since", "consent_between", "without_scope"]

SCOPE = "scope"
"""Member of the projected rules that holds what the notice covers."""

_SAME = Judgement(Compatibility.COMPATIBLE, "events keep their form")


def changes_since(
    before: Projection | None, after: Projection, slots: Mapping[str, Projection]
) -> Iterator[Change]:
    """Yield each change of one subject; all of it, if nothing was approved.

    Args:
        before: What was approved; None for nothing.
        after: What is declared.
        slots: The projections of all permitted ext slots, which events may carry.
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
        yield from _widened_scope(before, after)


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


def _widened_scope(before: Projection, after: Projection) -> Iterator[Change]:
    widened = consent_between(before, after).widened
    if widened:
        yield Change(
            subject=CATALOGUE,
            path="consent.scope",
            kind="scope_widened",
            before=f"what users were told in version {before['consent_version']}",
            after="; ".join(map(str, widened)),
            privacy=Verdict(Privacy.WIDENING, "the notice covers more than users were told"),
            callers=Judgement(Compatibility.COMPATIBLE, "emitters take the same arguments"),
            readers=_SAME,
        )


def consent_between(before: Projection, after: Projection) -> ConsentComparison:
    """Compare what users are asked under two states of the catalogue's rules."""
    return ConsentComparison(
        before_version=before["consent_version"],
        after_version=after["consent_version"],
        changes=compare_scopes(before[SCOPE], after[SCOPE]),
    )
