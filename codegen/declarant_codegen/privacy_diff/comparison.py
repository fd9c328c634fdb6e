"""From two catalogues to their classified changes.

Owns what need not be compared: an event whose file and resolved schema are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.privacy_diff.catalogue_rules import compare_rules
from declarant_codegen.privacy_diff.subjects import compare_events, compare_slots
from declarant_codegen.projection import project_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.model import Catalogue
    from declarant_codegen.privacy_diff.changes import Change
    from declarant_codegen.projection import CatalogueProjection

__all__ = ["diff", "diff_projections"]


def diff(
    before: Catalogue, after: Catalogue, *, scrubbers: Mapping[str, str] | None = None
) -> tuple[Change, ...]:
    """Compare two catalogues.

    Args:
        before: The catalogue that was approved, released or committed.
        after: The catalogue that shall replace it.
        scrubbers: Scrubber to its version, of the runtime that ships with both catalogues. To
            compare runtimes, compare projections.

    Returns:
        Every change: the catalogue's own rules, ext slots, then events, each by name.

    Raises:
        UnknownKeywordError: A schema holds a keyword of which nobody decided whether it takes part.
    """
    versions = scrubbers or {}
    same = _same_events(before, after)
    return diff_projections(
        project_catalogue(before, versions, skip=same),
        project_catalogue(after, versions, skip=same),
    )


def diff_projections(before: CatalogueProjection, after: CatalogueProjection) -> tuple[Change, ...]:
    """Compare what takes part of two catalogues, such as what was sealed with what is there."""
    return (
        *compare_rules(before.rules, after.rules),
        *compare_slots(before.slots, after.slots),
        *compare_events(before.events, after.events, after.slots),
    )


def _same_events(before: Catalogue, after: Catalogue) -> frozenset[str]:
    """Return the names of events that did not change."""
    old = {event.name: event for event in before.events}
    return frozenset(
        event.name
        for event in after.events
        if (known := old.get(event.name)) is not None
        and known.digest == event.digest
        # The file is the same; a definition of another file that it refers to may not be.
        and known.schema == event.schema
    )
