"""Python types of arguments, and the imports that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.members import kinds_of
from declarant_codegen.python_text import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.datamodel import TypeNames

__all__ = ["Annotations"]

_SCALARS = (("boolean", "bool"), ("string", "str"), ("integer", "int"), ("number", "float"))


class Annotations:
    """Types of arguments, and the imports they need."""

    def __init__(self, names: TypeNames, event: str) -> None:
        self._names = names
        self._event = event
        self.typing: set[str] = set()
        self.abc: set[str] = set()
        self.types: set[str] = set()

    def of(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> str:
        """Return the annotation of a value."""
        kinds = kinds_of(schema)
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        terms: list[str] = []
        if values is not None and not any(isinstance(value, float) for value in values):
            given = [literal(value) for value in values if value is not None]
            if given:
                self.typing.add("Literal")
                terms.append(f"Literal[{', '.join(given)}]")
        else:
            terms += [word for kind, word in _SCALARS if kind in kinds]
            if "array" in kinds:
                self.abc.add("Sequence")
                terms.append(f"Sequence[{self.of(schema['items'], (*path, 'item'))}]")
            if "object" in kinds:
                name = self._names.of(self._event, path)
                self.types.add(name)
                terms.append(name)
        if "null" in kinds:
            terms.append("None")
        return " | ".join(terms)
