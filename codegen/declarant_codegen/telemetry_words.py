"""The sentences about a product's telemetry that hold for every product.

Owns what the privacy page, the notice and the README's section say of the runtime: where values
come from, where events wait, how a user stays in charge. Each sentence is true of the runtime that
ships with this generator; what it does not do yet is not said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.field_rows import carried_fields, ext_row, field_rows
from declarant_codegen.python_text import Code
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.model import Catalogue

__all__ = [
    "CI_VARIABLES",
    "CLASSES",
    "DEVICE_ID_FILE",
    "LEVELS",
    "OFF_VARIABLE",
    "SOURCES",
    "STORE_DAYS",
    "STORE_MEBIBYTES",
    "answer_file",
    "answer_places",
    "device_id_key",
    "endpoint_variable",
    "identifier_places",
    "off_lines",
    "off_variables",
    "policy_places",
    "pseudonymity",
    "reset_words",
    "store_places",
]

SOURCES = {
    "app_version": "the program's own version",
    "architecture": "the operating system",
    "device_id": "made from a random value that is drawn once and never leaves this machine",
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

_OFF_LINE = "Switched off in this version: nothing is stored or sent, and what waited is deleted."

OFF_VARIABLE = "DO_NOT_TRACK"
"""What switches every such program off. Source: declarant._consent; tested there."""

CI_VARIABLES = ("CI", "TF_BUILD", "GITHUB_ACTIONS")
"""Some by which continuous integration is known. Source: declarant._ci; tested to be in it."""

_SPANS = {"device_id": "one installation", "session_id": "one run", "epoch": "one process"}


def off_lines(catalogue: Catalogue) -> tuple[Code, ...]:
    """Return what is said at the top of pages while the master switch is off; nothing otherwise."""
    return (Code(_OFF_LINE),) if catalogue.off else ()


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
        (f"ext.{row.place}", row.description, reset_words(field.source, catalogue.package))
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


def reset_words(source: str, package: str) -> str:
    """Return how a user gets another value of an identifier of the runtime."""
    if source == "device_id":
        return f"Run declarant reset-id {package}: the next run draws a new one."
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


def answer_file(catalogue: Catalogue) -> str:
    """Return words for the file of the user's answer, on any system."""
    if catalogue.consent_file:
        return f"~/{catalogue.consent_file}"
    return f"telemetry.json in the folder of {catalogue.product}'s settings"


def answer_places(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return (system, file) for each system on which the user's answer is kept.

    Source: declarant._paths.consent_file; tested equal for the running system.
    """
    product, file = catalogue.product, catalogue.consent_file
    if file:
        windows = file.replace("/", "\\")
        return (("Linux, macOS", f"~/{file}"), ("Windows", f"%USERPROFILE%\\{windows}"))
    name = "telemetry.json"
    return (
        ("Linux", f"$XDG_CONFIG_HOME/{product}/{name}, or ~/.config/{product}/{name}"),
        ("macOS", f"~/Library/Application Support/{product}/{name}"),
        ("Windows", f"%LOCALAPPDATA%\\{product}\\{name}"),
    )


def policy_places(product: str) -> tuple[tuple[str, str], ...]:
    """Return (system, file) by which an administrator switches telemetry off for all users.

    Source: declarant._paths.policy_file; tested equal for the running system.
    """
    name = "telemetry-policy.json"
    return (
        ("Linux", f"/etc/{product}/{name}"),
        ("macOS", f"/Library/Application Support/{product}/{name}"),
        ("Windows", f"%ProgramData%\\{product}\\{name}"),
    )


def off_variables(product: str) -> tuple[str, ...]:
    """Return settings of the environment that switch telemetry off while they are there.

    Source: declarant._consent; tested there.
    """
    own = _variable(product)
    return (f"{OFF_VARIABLE}=1", f"{own}=0", f"{own}_OPTOUT=1")


def device_id_key(product: str) -> str:
    """Return where Windows' registry keeps the device id. Source: declarant._device_registry."""
    return f"HKEY_CURRENT_USER\\Software\\Declarant\\{product}"


def endpoint_variable(product: str) -> str:
    """Return the variable that may name a collector on this machine.

    Source: declarant._settings.endpoint_variable; tested equal.
    """
    return f"{_variable(product)}_ENDPOINT"


def _variable(product: str) -> str:
    name = "".join(c if c.isalnum() and c.isascii() else "_" for c in product)
    return f"{name.upper()}_TELEMETRY"
