"""What the catalogue accepts for a time, as far as it touches one subject.

Owns which suppressions and accepted breaks a reviewer of an event, a slot or the rules is shown,
and whether anybody is known by the role that answers for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.documents import CATALOGUE_FILE
from declarant_codegen.review.roles import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from declarant_codegen.model import AcceptedBreak, Catalogue, Suppression

__all__ = ["Accepted", "accepted_for", "owner_questions"]

_SUBJECTS = ("events/", "ext/", CATALOGUE_FILE)
"""What declares a subject; all else is shared, and an exception there may touch any of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One finding or breaking change that is accepted.

    Attributes:
        what: The rule, or ``breaking change``.
        place: Where, as the catalogue names it.
        reason: Why.
        owner: The role that answers for it.
        until: Last day, ``YYYY-MM-DD``.
        is_owner_known: Whether that role approves or owns anything in the catalogue.
    """

    what: str
    place: str
    reason: str
    owner: str
    until: str
    is_owner_known: bool

    def __str__(self) -> str:
        unknown = "" if self.is_owner_known else ", a role that neither approves nor owns anything"
        return (
            f"{self.what} at {self.place}, until {self.until}: {self.reason} "
            f"(answered for by {self.owner}{unknown})"
        )


def accepted_for(catalogue: Catalogue, name: str, key: str) -> tuple[Accepted, ...]:
    """Return what is accepted that touches a subject, in the catalogue's order.

    Args:
        catalogue: What is declared.
        name: The subject; the catalogue's own rules are shown all.
        key: Its file below the schemas folder.
    """
    known = {
        folded(role)
        for roles in (
            *catalogue.review.approvers.values(),
            *(event.owners for event in catalogue.events),
        )
        for role in roles
    }

    def told(what: str, item: AcceptedBreak | Suppression) -> Accepted:
        return Accepted(
            what=what,
            place=item.place,
            reason=item.reason,
            owner=item.owner,
            until=item.until,
            is_owner_known=folded(item.owner) in known,
        )

    def chosen() -> Iterator[Accepted]:
        for one in catalogue.suppressions:
            if key == CATALOGUE_FILE or one.place.partition("#")[0] == key or _is_shared(one):
                yield told(one.rule_id, one)
        for other in catalogue.accepted_breaks:
            if key == CATALOGUE_FILE or f"{other.place}.".startswith(f"{name}."):
                yield told("breaking change", other)

    return tuple(chosen())


def owner_questions(accepted: Iterable[Accepted]) -> Iterator[str]:
    """Yield what a reviewer is asked about each role that nothing else names."""
    unknown = dict.fromkeys(item.owner for item in accepted if not item.is_owner_known)
    for owner in unknown:
        yield (
            f'Who is "{owner}"? The role answers for what is accepted for a time, and neither '
            "approves nor owns anything here."
        )


def _is_shared(item: Suppression) -> bool:
    return not item.place.startswith(_SUBJECTS)
