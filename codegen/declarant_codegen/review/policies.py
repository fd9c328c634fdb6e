"""What rules ask of an approval: which roles, of which changes.

Owns the reading of a catalogue's ``review``, declared or approved, and of the classes of its slots.
Which of several rules an approval is judged by is `standing`'s matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.review.roles import (
    RULES,
    class_of_change,
    class_of_content,
    highest_class,
    roles_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.model import Catalogue
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.projection import Projection
    from declarant_codegen.review.declared import Subject

__all__ = ["Rules", "allows_own", "asked_by_rules", "asked_of", "declared_rules", "policy_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What approvals of events and slots are judged by.

    Attributes:
        policies: Who approves (``review`` of catalogue.json); an approval must satisfy one of them.
        slots: The class of each slot, the lowest that it had.
    """

    policies: list[Mapping[str, Any]]
    slots: Mapping[str, str] = field(default_factory=dict[str, str])


def asked_of(
    base: Projection | None,
    content: Projection,
    widening: tuple[Change, ...],
    policy: Mapping[str, Any],
    slots: Mapping[str, str],
) -> set[str]:
    """Return the roles that *policy* asks for; where nothing widens, as if all was new."""
    classes = {class_of_change(item, base, content, slots) for item in widening}
    approvers = policy.get("approvers", {})
    return set(roles_for(classes or {class_of_content(content, slots)}, approvers))


def declared_rules(catalogue: Catalogue, subjects: Iterable[Subject]) -> Rules:
    """Return what a catalogue declares, whether or not anybody approved it."""
    slots = {
        subject.projection["name"]: highest_class(subject.projection["data"])
        for subject in subjects
        if subject.projection["kind"] == "ext"
    }
    review = catalogue.review
    policy = {"approvers": review.approvers, "self_approval": review.self_approval}
    return Rules(policies=[policy], slots=slots)


def policy_of(rules: Projection) -> Mapping[str, Any]:
    """Return who approves, by a projection of the catalogue's own rules."""
    review: Mapping[str, Any] = rules.get("review", {})
    return review


def allows_own(policy: Mapping[str, Any]) -> bool:
    """Return whether those who own or wrote a change may approve it, one in several roles, too."""
    return bool(policy.get("self_approval", False))


def asked_by_rules(base: Projection | None, content: Projection) -> set[str]:
    """Return the roles that approve new rules: those that the new ones name, and the old ones."""
    rules = [content, *([] if base is None else [base])]
    policies = map(policy_of, rules)
    return {role for one in policies for role in roles_for([RULES], one.get("approvers", {}))}
