"""The sentences about a product's telemetry that hold for every product.

Owns what the privacy page, the notice and the README's section say of the runtime: where values
come from, where events wait, how a user stays in charge. Each sentence is true of the runtime that
ships with this generator; what it does not do yet is not said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.field_rows import carried_fields, ext_row, field_rows
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.model import Catalogue

__all__ = [
    "CLASSES",
    "DEVICE_ID_FILE",
    "LEVELS",
    "SOURCES",
    "STORE_DAYS",
    "STORE_MEBIBYTES",
    "endpoint_variable",
    "identifier_places",
    "pseudonymity",
    "reset_words",
    "store_places",
]

SOURCES = {
    "app_version": "the program's own version",
    "architecture": "the operating system",
    "device_id": "drawn at random once and kept on this machine",
    "device_id_status": "how the random identifier was had",
    "epoch": "drawn at random for each process",
    "os_name": "the operating system",
    "os_version": "the operating system",
    "sdk_version": "the event library's name and version",
    "sequence": "counted by the event library",
    "session_id": "drawn at random for each run",
}
"""Runtime value to where it comes from; one for each of ``declarant.gencode.SOURCES``."""

CLASSES = {
    "low": "a choice from a list, yes or no, or a number within bounds",
    "middle": "text of a fixed form, such as a name or a version",
    "identifier": "a value by which events are linked to each other",
    "free text": "text of no fixed form; it passes a scrubber before it is stored",
}
"""Sensitivity, in words, to what it means, from the least to the most sensitive."""

LEVELS = {"required": "required diagnostic data", "optional": "optional diagnostic data"}

STORE_MEBIBYTES, STORE_DAYS = 64, 14
"""What a store holds at most. Source: declarant._limits STORE_BYTES, STORE_AGE_S; tested equal."""

DEVICE_ID_FILE = "device-id.txt"
"""Where the runtime keeps the device id. Source: declarant._device; tested equal."""

_SPANS = {"device_id": "one installation", "session_id": "one run", "epoch": "one process"}


def pseudonymity(catalogue: Catalogue) -> str:
    """Return whether data is pseudonymous, and what its identifiers link."""
    sources = {
        field.source
        for field in carried_fields(catalogue)
        if ext_row(field).sensitivity == "identifier"
    }
    spans = [f"the events of {words}" for source, words in _SPANS.items() if source in sources]
    if any(_event_identifiers(catalogue)):
        spans.append("events with the same identifier among their own values")
    if not spans:
        return "No value that is collected identifies an installation or a run."
    return f"The data is pseudonymous: identifiers link {listing(spans, last='and')}."


def identifier_places(catalogue: Catalogue) -> tuple[tuple[str, str, str], ...]:
    """Return (place, meaning, how to reset it) of each identifier that any event has."""
    context = [
        (f"ext.{row.place}", row.description, reset_words(field.source))
        for field in carried_fields(catalogue)
        if (row := ext_row(field)).sensitivity == "identifier"
    ]
    own = "It stands in the events named; the program gives it."
    return (*context, *((place, text, own) for place, text in _event_identifiers(catalogue)))


def _event_identifiers(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for event in catalogue.events:
        for field in event.fields:
            # What is inside a field never has a higher class than the field.
            if field.sensitivity in ("identifier", "free_text"):
                for row in field_rows(field):
                    if row.sensitivity == "identifier":
                        yield f"{event.name}.{row.place}", row.description


def reset_words(source: str) -> str:
    """Return how a user gets another value of an identifier of the runtime."""
    if source == "device_id":
        return f"Delete {DEVICE_ID_FILE} where events wait: the next run draws a new one."
    if source in ("session_id", "epoch"):
        return "Nothing to do: a new one is drawn each time."
    return "It cannot be reset by itself."


def store_places(product: str) -> tuple[tuple[str, str], ...]:
    """Return (system, folder) for each system on which events wait.

    Source: declarant._paths.store_folder; tested equal for the running system.
    """
    return (
        ("Linux", f"$XDG_STATE_HOME/{product}/telemetry, or ~/.local/state/{product}/telemetry"),
        ("macOS", f"~/Library/Application Support/{product}/telemetry"),
        ("Windows", f"%LOCALAPPDATA%\\{product}\\telemetry"),
    )


def endpoint_variable(product: str) -> str:
    """Return the variable that may name a collector on this machine.

    Source: declarant._settings.endpoint_variable; tested equal.
    """
    name = "".join(c if c.isalnum() and c.isascii() else "_" for c in product)
    return f"{name.upper()}_TELEMETRY_ENDPOINT"
