"""Command lines bound to events, right and wrong; for type checkers only, never run."""

from __future__ import annotations

import click

import modelkit_events
from declarant.click import ActionGroup, Invocation, Telemetry, telemetry_group
from modelkit_events import CATALOGUE


def report(call: Invocation, *, device: str | None = None, ep: str | None = None) -> None:
    modelkit_events.emit_model_kit_action(
        invoked_from="Interactive" if call.is_interactive else "Script",
        action_name=call.name,
        device=device,
        ep=ep,
        duration_ms=call.duration_ms,
        success=call.success,
    )


# Right.

TELEMETRY = Telemetry(
    CATALOGUE,
    app_version="1.0",
    heartbeat=modelkit_events.emit_model_kit_heartbeat,
    action=report,
    error=modelkit_events.emit_model_kit_error_from,
)


@click.group(cls=ActionGroup, telemetry=TELEMETRY)
def main() -> None: ...


@main.command()
def build() -> None:
    TELEMETRY.record(device="npu")
    TELEMETRY.record(device=None, ep="CPUExecutionProvider")


main.add_command(telemetry_group(TELEMETRY, "usage-data"))
GROUP: click.Group = ActionGroup("main", telemetry=TELEMETRY, telemetry_commands=None)

# Wrong: what the action does not take cannot be recorded.

TELEMETRY.record(colour="red")  # error: call-arg, reportCallIssue
TELEMETRY.record(device=3)  # error: arg-type, reportArgumentType
TELEMETRY.record("npu")  # error: call-arg, reportCallIssue

# Wrong: an emitter that does not fit.

Telemetry(CATALOGUE, app_version="1.0", heartbeat=report)  # error: arg-type, reportArgumentType
Telemetry(CATALOGUE, app_version="1.0", error="ValueError")  # error: arg-type, reportArgumentType
Telemetry(CATALOGUE, app_version=1)  # error: arg-type, reportArgumentType
Telemetry(CATALOGUE, app_version="1.0", consent="yes")  # error: arg-type, reportArgumentType
Telemetry(modelkit_events, app_version="1.0")  # error: arg-type, reportArgumentType
ActionGroup("main", telemetry=report)  # error: arg-type, reportArgumentType
