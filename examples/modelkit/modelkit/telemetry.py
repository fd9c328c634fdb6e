"""What a host does with Declarant: its set-up, and which of its events says what."""

from __future__ import annotations

import modelkit_events
from declarant.click import Invocation, Telemetry
from modelkit import __version__

#: Where `declarant collector --port 8765` listens. The variable MODELKIT_TELEMETRY_ENDPOINT may
#: name another collector, on a loopback address only: this example can reach nothing else.
ENDPOINT = "http://127.0.0.1:8765/OneCollector/1.0/"


def report(command: Invocation, *, device: str | None = None, ep: str | None = None) -> None:
    """Report what came of a command.

    Args:
        command: Its name, duration and end.
        device: Kind of processor asked for, or None.
        ep: Execution provider, or None.
    """
    modelkit_events.emit_model_kit_action(
        invoked_from="Interactive" if command.is_interactive else "Script",
        action_name=command.name,
        device=device,
        ep=ep,
        duration_ms=command.duration_ms,
        success=command.success,
    )


#: Delivery is left to a process of its own, so that no command ever waits for a network.
TELEMETRY = Telemetry(
    modelkit_events.CATALOGUE,
    app_version=__version__,
    heartbeat=modelkit_events.emit_model_kit_heartbeat,
    action=report,
    error=modelkit_events.emit_model_kit_error_from,
    ikey_ref="modelkit.demo_key:IKEY",
    endpoint=ENDPOINT,
    sender_interval_s=1.0,
)
