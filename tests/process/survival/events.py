"""Numbered events: what is emitted under a number, and what has to arrive of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import modelkit_events

if TYPE_CHECKING:
    from declarant import Client, Outcome

TOKEN = "0123456789abcdef0123456789abcdef"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"

#: Every so many events one is several kilobytes long, more than a page of memory.
LONG_EVERY = 23


def emit_number(number: int, client: Client | None = None) -> Outcome:
    """Emit the event of *number*, and return its outcome."""
    if number % LONG_EVERY:
        return modelkit_events.emit_model_kit_action(**action(number), client=client)
    return modelkit_events.emit_model_kit_error(**error(number), client=client)


def action(number: int) -> dict:
    return {
        "invoked_from": "Script",
        "action_name": "build",
        "device": None,
        "ep": None,
        "duration_ms": number,
        "success": number % 2 == 0,
    }


def error(number: int) -> dict:
    frame = {"file": "a" * 200 + ".py", "line": number, "function": f"f{number}"}
    return {
        "exception_type": f"E{number}",
        "exception_message": "it failed",
        "exception_stack": [frame] * 32,
    }


def expected(number: int) -> tuple[str, dict]:
    """Return name and data of the event of *number*, as they have to arrive."""
    if number % LONG_EVERY:
        return "ModelKitAction", action(number)
    return "ModelKitError", error(number)


def number_of(envelope: dict) -> int:
    """Return the number of an event that arrived.

    Raises:
        KeyError, IndexError, TypeError: It is none of ours.
    """
    data = envelope["data"]
    if envelope["name"] == "ModelKitAction":
        return data["duration_ms"]
    return data["exception_stack"][0]["line"]
