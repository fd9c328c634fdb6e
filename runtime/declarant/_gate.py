"""Why a client takes no event at all, or not this one: what stands before any check of arguments.

The reasons come in the order in which they are asked about; the first that holds is counted.
"""

from __future__ import annotations

from declarant._outcome import DropReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._catalogue import Catalogue, EventType
    from declarant._kill_switch import KillSwitch
    from declarant._settings import Settings


def why_off(catalogue: Catalogue, settings: Settings) -> DropReason | None:
    """Return why a client with these *settings* is off whatever the user says, or None."""
    if catalogue.off:
        return DropReason.SWITCHED_OFF
    if settings.consent == "denied":
        return DropReason.CONSENT_OFF
    if settings.ikey is None:
        # Nobody is asked for what could not be sent.
        return DropReason.NO_KEY
    if not settings.store_folder:
        return DropReason.STORE_FAILED
    return None if catalogue.events else DropReason.PACKAGE_DAMAGED


def why_not(
    event: EventType, catalogue: Catalogue, settings: Settings, kills: KillSwitch | None
) -> DropReason | None:
    """Return why a client of *catalogue* that is on does not take *event*, or None."""
    if catalogue.damage or event.catalogue.damage:
        return DropReason.PACKAGE_DAMAGED
    if event.catalogue.off:
        return DropReason.SWITCHED_OFF
    if event.catalogue.draft and not catalogue.draft:
        return DropReason.DRAFT
    if event.level != "required" and settings.level != "optional":
        return DropReason.LEVEL_OFF
    if kills is not None and kills.silences(event.name):
        return DropReason.KILL_SWITCH
    return None if event.catalogue.has(event) else DropReason.PACKAGE_DAMAGED
