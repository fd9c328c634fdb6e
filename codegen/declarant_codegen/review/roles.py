"""Which roles must approve a change: by the highest class of what it widens.

Owns the way from a classified change to the roles that the catalogue's rules name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_object
from declarant_codegen.model import SENSITIVITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.projection import Projection

__all__ = ["RULES", "class_of_change", "highest_class", "roles_for"]

RULES = "rules"
"""Stands for a class where a change is one of the catalogue's own rules."""

_LOWEST = str(SENSITIVITIES[0])


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
    change: Change, before: Projection | None, after: Projection, slots: Mapping[str, Projection]
) -> str:
    """Return the class of what a change of an event or a slot touches, the highest of its parts.

    Args:
        change: The change.
        before: What was approved; None for nothing.
        after: What is declared.
        slots: The projections of all permitted slots.
    """
    if change.path.startswith("ext."):
        slot = slots.get(change.path.removeprefix("ext."))
        return highest_class(slot["data"]) if slot is not None else _LOWEST
    found = [
        _class_at(projection["data"], change.path)
        for projection in (before, after)
        if projection is not None
    ]
    return max(found, key=_rank)


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
    return [str(item) for item in SENSITIVITIES].index(name)
