"""What of a schema can be judged when the dialect found part of it wrong.

Owns one rule: a broken part hides only what depends on it, so that one run tells every problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.meta_schemas import meta_schema
from declarant_codegen.references import ANNOTATIONS

if TYPE_CHECKING:
    from declarant_codegen.documents import Document
    from declarant_codegen.references import Resolver, Site

_PARTS = frozenset({"properties", "items"})
_SHAPING = frozenset({"type", "enum", "const", "pattern", "format", *_PARTS})


@dataclass(slots=True, kw_only=True, eq=False)
class Subject:
    """One schema, as far as it can be judged.

    Attributes:
        schema: The resolved schema without its broken keywords. Of properties with something
            broken inside only the names are left.
        broken: Keywords that are stated but whose value is not known.
    """

    schema: dict[str, Any]
    broken: frozenset[str] = frozenset()

    @property
    def has_shape(self) -> bool:
        """Whether everything is known that decides what kind of values the schema admits."""
        return self.broken.isdisjoint(_SHAPING)

    @property
    def is_bounded(self) -> bool:
        """Whether everything is known that decides which values are valid."""
        return self.broken.isdisjoint(_validating())


@cache
def _validating() -> frozenset[str]:
    return frozenset(meta_schema("event")["$defs"]["value"]["properties"]) - ANNOTATIONS


def subject_of(document: Document, resolver: Resolver, site: Site) -> Subject | None:
    """Return what of a schema can be judged, or None if it hangs on a reference that is wrong."""
    own, broken = site.schema, document.broken(site.pointer)
    if not broken:
        resolved = resolver.resolve(document, own)
        if resolved is not None:
            return Subject(schema=resolved)
        # A reference is wrong, here or inside.
        return None if "$ref" in own else _without_parts(own, broken)
    if "$ref" in broken:
        return None
    own = {
        name: value
        for name, value in own.items()
        if name not in broken or _is_legible(document, f"{site.pointer}/{name}", name, value)
    }
    if broken.isdisjoint(_PARTS):
        resolved = resolver.resolve(document, own)
        if resolved is not None:
            return Subject(schema=resolved, broken=broken)
    return None if "$ref" in own else _without_parts(own, broken)


def _is_legible(document: Document, pointer: str, name: str, value: Any) -> bool:
    """Return whether a keyword is broken only inside, so that names in it are still known."""
    if name == "required":
        return is_array(value)
    return name in _PARTS and pointer not in document.malformed and is_object(value)


def _without_parts(own: dict[str, Any], broken: frozenset[str]) -> Subject:
    schema = {name: value for name, value in own.items() if name != "items"}
    if "properties" in own:
        schema["properties"] = {name: {} for name in own["properties"]}
    return Subject(schema=schema, broken=broken | (own.keys() & _PARTS))
