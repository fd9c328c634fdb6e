"""The catalogue as it was approved last, to compare what is declared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.own_words import compare_words
from declarant_codegen.projection import CatalogueProjection
from declarant_codegen.review.differences import without_scope
from declarant_codegen.review.log import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.own_words import WordsChange
    from declarant_codegen.projection import Projection
    from declarant_codegen.review.standing import Standing
    from declarant_codegen.review.verdict import Review

__all__ = ["SEALS", "reworded", "sealed_projection"]

SEALS = "seals"
"""What names the approvals where a folder or a revision could stand."""


def sealed_projection(review: Review) -> CatalogueProjection:
    """Return what was approved last, of every subject that ever was; nothing for damaged logs."""
    events: dict[str, Projection] = {}
    slots: dict[str, Projection] = {}
    rules: Projection = {}
    for name, projection in _approved(review):
        if name == CATALOGUE:
            rules = without_scope(projection)
        elif projection["kind"] == "ext":
            slots[projection["name"]] = projection
        else:
            events[name] = projection
    return CatalogueProjection(events=events, slots=slots, rules=rules)


def reworded(standing: Standing) -> tuple[WordsChange, ...] | None:
    """Return what became of a subject's words since it was approved last.

    An approval has the words of its own day, so they are those that the last of them has.

    Returns:
        Every change of words; None if nothing was approved, or the approval holds no words.
    """
    then = standing.complete[-1][-1].wording if standing.complete else None
    if then is None:
        return None
    return tuple(compare_words(standing.subject.name, then, standing.subject.words))


def _approved(review: Review) -> Iterator[tuple[str, Projection]]:
    known = {standing.subject.name for standing in review.standings}
    for standing in review.standings:
        if standing.base is not None:
            yield standing.subject.name, standing.base
    # What is not declared any more has no standing; its last approval tells what it was.
    for name, log in review.logs.by_subject.items():
        if name not in known and log.approvals:
            yield name, log.approvals[-1].projection
