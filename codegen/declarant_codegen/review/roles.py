"""Which roles must approve a change: by the highest class of what it widens.

Owns the way from a classified change to the roles that the catalogue's rules name, and when two
names are the same.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_object
from declarant_codegen.sensitivity import SENSITIVITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.projection import Projection

__all__ = [
    "RULES",
    "class_of_change",
    "class_of_content",
    "folded",
    "highest_class",
    "lowest",
    "roles_for",
]

RULES = "rules"
"""Stands for a class where a change is one of the catalogue's own rules."""

_LOWEST = str(SENSITIVITIES[0])
_RANKS = {str(name): rank for rank, name in enumerate(SENSITIVITIES)}


def roles_for(classes: Iterable[str], approvers: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the roles that must all approve what widens values of *classes*, sorted.

    Args:
        classes: Classes, or `RULES`; none of them if nothing widens.
        approvers: Class to roles; empty where any one role may approve.
    """
    asked = set(classes)
    roles: set[str] = set()
    if RULES in asked:
        roles.update(approvers.get(RULES, ()))
    ranked = [name for name in SENSITIVITIES if name in asked]
    if ranked:
        roles.update(approvers.get(ranked[-1], ()))
    return tuple(sorted(roles))


def class_of_change(
    change: Change, before: Projection | None, after: Projection, slots: Mapping[str, str]
) -> str:
    """Return the class of what a change of an event or a slot touches, the highest of its parts.

    Args:
        change: The change.
        before: What was approved; None for nothing.
        after: What is declared.
        slots: The highest class of each permitted slot.
    """
    if change.path.startswith("ext."):
        return slots.get(change.path.removeprefix("ext."), _LOWEST)
    projections = [projection for projection in (before, after) if projection is not None]
    found = [_class_at(projection["data"], change.path) for projection in projections]
    if not change.path:
        # The context is part of an event: it is sent, kept and sent for longer with it.
        carried = [slot for projection in projections for slot in projection.get("slots", ())]
        found += [slots.get(slot, _LOWEST) for slot in carried]
    return max(found, key=_rank)


def class_of_content(projection: Projection, slots: Mapping[str, str]) -> str:
    """Return the highest class of an event, with the context it carries, or of a slot."""
    carried = [slots.get(slot, _LOWEST) for slot in projection.get("slots", ())]
    return max([highest_class(projection["data"]), *carried], key=_rank)


def highest_class(schema: Mapping[str, Any], outer: str = _LOWEST) -> str:
    """Return the highest class of a projected schema and all inside it.

    Args:
        schema: The schema.
        outer: Class of the value around it, which holds where none is declared.
    """
    own = str(schema.get("x-class", outer))
    inner: list[Any] = [*schema.get("properties", {}).values(), schema.get("items")]
    found = [own, *(highest_class(part, own) for part in inner if is_object(part))]
    return max(found, key=_rank)


def lowest(classes: Iterable[str]) -> str:
    """Return the lowest of some classes, at least one."""
    return min(classes, key=_rank)


def folded(name: str) -> str:
    """Return a role's or a person's name as names are compared: without white space and case."""
    # Twice: folding case may leave letters that are not in their normal form any more.
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def _class_at(schema: Mapping[str, Any], path: str) -> str:
    outer = _LOWEST
    for part in filter(None, path.split(".")):
        inner = schema.get("properties", {}).get(part.rstrip("[]"))
        for _ in range(part.count("[]")):
            outer = str(inner.get("x-class", outer)) if is_object(inner) else outer
            inner = inner.get("items") if is_object(inner) else None
        if not is_object(inner):
            return outer
        outer, schema = str(inner.get("x-class", outer)), inner
    return highest_class(schema, outer)


def _rank(name: str) -> int:
    return _RANKS[name]
