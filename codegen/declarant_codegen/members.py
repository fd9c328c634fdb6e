"""What a schema says of an object's members, as encoder, types and documentation need it.

Owns the reading of types and of required keys; it writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant_codegen.compiler.expressions import value_type

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SINGLE_KIND", "Member", "kinds_of", "object_members"]

SINGLE_KIND = {
    kind: frozenset((kind,))
    for kind in ("null", "boolean", "string", "integer", "number", "array", "object")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One key of an object, as the encoder sees it.

    Attributes:
        name: Name on the wire.
        schema: Its resolved schema.
        required: Whether it is always there.
    """

    name: str
    schema: Mapping[str, Any]
    required: bool


def object_members(schema: Mapping[str, Any]) -> tuple[Member, ...]:
    """Return an object schema's members, required ones first."""
    required = schema.get("required", ())
    members = [
        Member(name=name, schema=child, required=name in required)
        for name, child in schema.get("properties", {}).items()
    ]
    return tuple(sorted(members, key=lambda member: not member.required))


def kinds_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the JSON types that a schema's valid values can have."""
    declared = schema.get("type")
    if type(declared) is str and "enum" not in schema and "const" not in schema:
        return SINGLE_KIND[declared]
    kinds = None if declared is None else {declared} if isinstance(declared, str) else set(declared)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is not None:
        present = {value_type(value) for value in values}
        if kinds is None:
            return frozenset(present)
        wide = "number" in kinds
        kept = {"number" if wide and kind == "integer" else kind for kind in present}
        return frozenset(kept & kinds)
    return frozenset(kinds or ())
