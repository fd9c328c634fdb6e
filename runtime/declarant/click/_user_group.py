"""The group `telemetry`, whose commands are made when one of them is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from declarant.click._run import run_of

if TYPE_CHECKING:
    from declarant.click._telemetry import Telemetry


def telemetry_group(telemetry: Telemetry[...], name: str = "telemetry") -> click.Group:
    """Return a group of commands by which users see, switch and delete.

    `status`, `enable`, `disable`, `preview`, `show`, `purge`, `reset-id` and `schema`. They are not
    reported, and ask nothing. An `ActionGroup` brings the group by itself.

    Args:
        telemetry: The program's.
        name: The group's.
    """
    return _TelemetryGroup(telemetry, name=name, help="See and switch what is collected.")


class _TelemetryGroup(click.Group):
    def __init__(self, telemetry: Telemetry[...], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._telemetry = telemetry

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._fill()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._fill()
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        run = run_of(ctx)
        if run is not None:
            run.is_quiet = True
        return super().invoke(ctx)

    def _fill(self) -> None:
        if not self.commands:
            # Late on purpose: other commands have no use for what these import.
            from declarant.click._commands import telemetry_commands

            for command in telemetry_commands(self._telemetry):
                self.add_command(command)
