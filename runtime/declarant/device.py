"""The device id's status, for hosts that show it.

    from declarant import device
    from modelkit_events import CATALOGUE

    device.status(CATALOGUE.client)

What the id is made of, and where it is kept, is `_device`'s.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from declarant._client import Client

__all__ = ["DeviceIdStatus", "status"]


class DeviceIdStatus(str, Enum):
    """How the device id of a process came to be; each member equals what is sent for it.

    Emitting must not import enum (docs/decisions/0002-import-budget.md), so the runtime itself has
    a plain class of the same words; a test holds the two equal.
    """

    #: Made in this run.
    NEW = "NEW"
    #: Made in an earlier run, or by another process of this moment.
    EXISTING = "EXISTING"
    #: Nothing can be stored: a random id for this process alone.
    FAILED = "FAILED"

    __str__ = str.__str__


def status(client: Client) -> DeviceIdStatus | None:
    """Return how *client*'s device id came to be; None while the client is off and has none."""
    word = client._values.get("device_id_status")
    return DeviceIdStatus(word) if client._writer is not None else None
