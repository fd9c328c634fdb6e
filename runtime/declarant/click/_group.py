"""`ActionGroup`, and how the commands below it come to report what they do.

Click asks a group for a command by `resolve_command`, whatever the command is and whenever it is
loaded. There the command's object is given a class that adds the reporting to its own class, so it
stays the same object of the same kind. Outside a run of an `ActionGroup` that class changes
nothing.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import click

from declarant._guard import contained
from declarant.click._flag import heed_arguments, heed_hosts_own, with_flag
from declarant.click._run import join_run, run_of
from declarant.click._user_group import telemetry_group

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant.click._telemetry import Telemetry

    _Group = click.Group
else:
    # In Click 8.1 not everything that has commands is a `click.Group`.
    _Group = click.Command


class Reporting(click.Command):
    """A command that reports to the run that it is part of."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Add the flag to the command's own parameters."""
        params = super().get_params(ctx)
        if run_of(ctx) is None:
            return params
        return with_flag(ctx, params, shown=isinstance(self, ActionGroup))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Heed the flag where the host deals with it itself."""
        heed_arguments(ctx, args)
        # Click takes words from the list that it is given.
        given = list(args)
        rest = super().parse_args(ctx, args)
        heed_hosts_own(ctx, given)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command, and report it."""
        run = run_of(ctx)
        if run is None or ctx.resilient_parsing:
            return super().invoke(ctx)
        return run.follow(ctx, super().invoke, is_body=self._is_body(ctx))

    def _is_body(self, ctx: click.Context) -> bool:
        """Tell whether invoking runs a body of the command's own."""
        del ctx
        return True


class ReportingGroup(Reporting, _Group):
    """A group that has the commands below it report."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, and have it report."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not ctx.resilient_parsing and run_of(ctx) is not None:
            _have_report(command)
        return name, command, rest

    def _is_body(self, ctx: click.Context) -> bool:
        # In its instance's dictionary alone: reading the older name elsewhere warns.
        held = vars(ctx)
        rest = (held.get("_protected_args"), held.get("protected_args"), ctx.args)
        return self.invoke_without_command and not any(rest)


class ActionGroup(ReportingGroup, click.Group):
    """A group whose commands are reported: those of groups below it and lazily loaded ones, too.

    Just before the body of the first command the user is asked, if that is due, and the heartbeat
    is emitted; afterwards an exception that nobody handled, and the action. `--help`, `--version`,
    completion, and what is wrongly used, never get there.

    Every command takes `--disable-telemetry`.
    """

    def __init__(
        self,
        *args: Any,
        telemetry: Telemetry[...] | None = None,
        telemetry_commands: str | None = "telemetry",
        **attributes: Any,
    ) -> None:
        """Make the group.

        Args:
            *args: As for `click.Group`.
            telemetry: What to report to. A group below another `ActionGroup` needs none: the outer
                one reports.
            telemetry_commands: Name of the group of commands by which users see, switch and delete;
                None for none. A command that the host registers by that name takes its place. A
                chain holds no groups, and gets none.
            **attributes: As for `click.Group`.
        """
        super().__init__(*args, **attributes)
        self.telemetry = telemetry
        if telemetry is not None and telemetry_commands is not None and not self.chain:
            self.add_command(telemetry_group(telemetry, telemetry_commands))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Begin to look out for a run."""
        if self.telemetry is not None:
            join_run(ctx, self.telemetry)
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command; for a `click.CommandCollection`, which asks for nothing else."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and self.telemetry is not None and not ctx.resilient_parsing:
            join_run(ctx, self.telemetry)
            _have_report(command)
        return command


#: A command's class to the one that reports.
_kinds: dict[type, type] = {}


def _have_report(command: click.Command) -> None:
    """Have *command* report, unless its class objects.

    One may allow none below it, or its objects no other class, and say so by whatever it raises:
    its commands stay as they are, and go unreported.
    """
    contained(lambda: _change_kind(command), lambda: None)


def _change_kind(command: click.Command) -> None:
    kind = type(command)
    if issubclass(kind, Reporting):
        return
    made = _kinds.get(kind)
    if made is None:
        base = ReportingGroup if hasattr(kind, "resolve_command") else Reporting
        made = types.new_class(kind.__name__, (base, kind), exec_body=_like(kind))
        _kinds[kind] = made
    command.__class__ = made


def _like(kind: type) -> Callable[[dict[str, object]], None]:
    names = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "__slots__": (),
    }

    def fill(namespace: dict[str, object]) -> None:
        namespace.update(names)

    return fill
