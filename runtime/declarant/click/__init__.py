"""Telemetry for command lines made with Click 8.1 or later; needs the extra "click".

`ActionGroup` reports every command that runs below it, `Telemetry` binds it to the events of a
generated package, and `telemetry_group` is a ready group of commands for the user. Of the runtime
this package alone imports Click.

    telemetry = Telemetry(
        modelkit_events.CATALOGUE,
        app_version="1.2.3",
        heartbeat=modelkit_events.emit_model_kit_heartbeat,
        action=report_action,
        error=modelkit_events.emit_model_kit_error_from,
    )

    @click.group(cls=ActionGroup, telemetry=telemetry)
    def main() -> None: ...
"""

from __future__ import annotations

from declarant.click._group import ActionGroup
from declarant.click._telemetry import Invocation, Telemetry
from declarant.click._user_group import telemetry_group

__all__ = ["ActionGroup", "Invocation", "Telemetry", "telemetry_group"]
