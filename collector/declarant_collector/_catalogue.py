"""Events against a catalogue: declared event, fitting data, permitted ext fields.

Owns local rules only: the real collector knows no catalogue. Loaded late, with codegen's compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen import compile_validator, load_catalogue
from declarant_collector._rules import violation
from declarant_collector._values import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from declarant_codegen.compiler import Validator
    from declarant_codegen.model import Catalogue
    from declarant_collector._rules import Violation

__all__ = ["CatalogueCheck", "CatalogueError", "load_catalogue_check"]


class CatalogueError(ValueError):
    """A catalogue that has errors; the message holds its findings, one a line."""


class CatalogueCheck:
    """Checks events against a catalogue, every schema compiled once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._data = {
            event.name: compile_validator(event.schema, root="data") for event in catalogue.events
        }
        self._slots = {event.name: event.slots for event in catalogue.events}
        self._ext = {
            slot: {
                field.name: compile_validator(field.schema, root=f"ext.{slot}.{field.name}")
                for field in fields
            }
            for slot, fields in catalogue.ext.items()
        }

    def violations(self, envelope: Mapping[str, object]) -> Sequence[Violation]:
        """Return what the catalogue does not allow in one event."""
        name = envelope.get("name")
        validator = self._data.get(name) if isinstance(name, str) else None
        if validator is None:
            message = "the catalogue declares no event of that name; add its schema"
            return [violation("CATALOGUE_EVENT", "name", message)]
        found = list(_breaches(validator, "CATALOGUE_DATA", envelope.get("data", {})))
        ext = envelope.get("ext", {})
        if is_object(ext):
            for slot, fields in ext.items():
                found += self._slot_violations(str(name), slot, fields)
        return found

    def _slot_violations(self, event: str, slot: str, fields: object) -> Iterator[Violation]:
        if slot not in self._slots[event]:
            message = "the event's schema does not name the slot in x-ext; remove it"
            yield violation("CATALOGUE_EXT", f"ext.{slot}", message)
            return
        permitted = self._ext.get(slot, {})
        for field, value in fields.items() if is_object(fields) else ():
            validator = permitted.get(field)
            if validator is None:
                message = f"the catalogue permits {', '.join(permitted)} only; remove the field"
                yield violation("CATALOGUE_EXT", f"ext.{slot}.{field}", message)
            else:
                yield from _breaches(validator, "CATALOGUE_EXT", value)


def _breaches(validator: Validator, rule_id: str, value: object) -> Iterator[Violation]:
    for each in validator.violations(value):
        message = f"{each.keyword}: expected {each.expected}, found {each.found}"
        yield violation(rule_id, each.path, message)


def load_catalogue_check(folder: Path) -> CatalogueCheck:
    """Load a catalogue and compile its schemas.

    Args:
        folder: The catalogue's folder.

    Raises:
        CatalogueError: There is no such folder, or the catalogue has errors.
    """
    try:
        result = load_catalogue(folder)
    except OSError as error:
        raise CatalogueError(str(error)) from error
    if result.catalogue is None:
        raise CatalogueError("\n".join(str(each) for each in result.findings))
    return CatalogueCheck(result.catalogue)
