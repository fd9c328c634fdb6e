"""Who stands behind approvals: whether different people fill the roles that must approve.

Owns when two approvers are one person, as far as what they call themselves can tell, and which
roles still want somebody of their own.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from declarant_codegen.review.roles import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Signature", "filled", "names_of", "wanting"]

Signature = tuple[str, str]
"""Who approved, and in which role."""

_NOBODY = "\0"
"""Stands for somebody who has not approved; no approver's name holds it."""


def names_of(approver: str) -> set[str]:
    """Return what *approver*, ``Name``, ``mail`` or ``Name <mail>``, may be known by, folded."""
    name, _, rest = approver.partition("<")
    parts = (approver, name, rest.rstrip("> "))
    return {spelling for part in parts for spelling in _spellings(part)}


def _spellings(part: str) -> Iterator[str]:
    """Yield what a name or an address is compared by.

    A name is its words, in whatever order and with whatever signs between them: "R. Viewer",
    "Viewer, R" and "R.Viewer" are one. Run together they are compared too, as in "RViewer".
    """
    plain = folded(part)
    words = "".join(sign if _is_of_word(sign) else " " for sign in plain).split()
    if "@" in plain or not words:
        yield from filter(None, (plain,))
        return
    yield " ".join(sorted(words))
    yield "".join(words)


def _is_of_word(sign: str) -> bool:
    # Marks belong to the letters before them; without them other names would be the same.
    return unicodedata.category(sign)[0] in "LMN"


def wanting(roles: Iterable[str], signatures: Sequence[Signature]) -> tuple[str, ...]:
    """Return the roles in which somebody else must approve, sorted; none if nobody must.

    Where one person approved in two roles, either of them is named: another person may take it.

    Args:
        roles: The roles that must all approve, each by somebody of its own.
        signatures: The approvals of one content.
    """
    asked = sorted(set(roles))
    most = filled(asked, signatures)
    if most == len(asked):
        return ()
    return tuple(role for role in asked if filled(asked, [*signatures, (_NOBODY, role)]) > most)


def filled(roles: Iterable[str], signatures: Sequence[Signature]) -> int:
    """Return how many of the roles different people can fill at once."""
    people = _people(signatures)
    taken: dict[int, str] = {}

    def fill(role: str, tried: set[int]) -> bool:
        for index, (_, own) in enumerate(people):
            if role in own and index not in tried:
                tried.add(index)
                # Whoever fills another role may give it up to a third person.
                if index not in taken or fill(taken[index], tried):
                    taken[index] = role
                    return True
        return False

    return sum(fill(role, set()) for role in roles)


def _people(signatures: Iterable[Signature]) -> list[tuple[set[str], set[str]]]:
    """Return each person's names and roles; names that one approval joins are one person's."""
    people: list[tuple[set[str], set[str]]] = []
    for by, role in signatures:
        names, roles = names_of(by), {role}
        others: list[tuple[set[str], set[str]]] = []
        for person in people:
            if person[0] & names:
                names, roles = names | person[0], roles | person[1]
            else:
                others.append(person)
        people = [*others, (names, roles)]
    return people
