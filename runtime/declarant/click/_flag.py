"""`--disable-telemetry`, on every level, without the host's doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from declarant.click._run import run_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FLAG = "--disable-telemetry"

#: No parameter of a host has this name.
_NAME = "declarant_disable_telemetry"


class _Flag(click.Option):
    def __init__(self, *, hidden: bool) -> None:
        super().__init__(
            [FLAG, _NAME],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            hidden=hidden,
            allow_from_autoenv=False,
            callback=_take,
            help="Collect and send no usage data of this run.",
        )


def _take(context: click.Context, _: click.Parameter, value: object) -> None:
    if value:
        switch_off(context)


def switch_off(context: click.Context) -> None:
    """Switch telemetry off for the run that *context* is part of."""
    run = run_of(context)
    if run is not None:
        run.is_disabled = True


_SHOWN, _HIDDEN = _Flag(hidden=False), _Flag(hidden=True)


def with_flag(
    context: click.Context, params: list[click.Parameter], *, shown: bool
) -> list[click.Parameter]:
    """Return *params* and the flag, unless the host has an option of its name.

    A command that passes unknown options on gets it as all others; see `heed_arguments`.
    """
    if context.ignore_unknown_options or any(_declares(param) for param in params):
        return params
    return [*params, _SHOWN if shown else _HIDDEN]


def heed_arguments(context: click.Context, args: Sequence[str]) -> None:
    """Heed the flag among what a command passes on to others, and leave it there."""
    if context.ignore_unknown_options and FLAG in args:
        switch_off(context)


def heed_hosts_own(context: click.Context) -> None:
    """Heed an option of this name that the host declares itself."""
    for param in context.command.params:
        if _declares(param):
            name = param.name or ""
            is_given = context.get_parameter_source(name) == ParameterSource.COMMANDLINE
            # Without a value to look at, that it was given has to do.
            value = context.params.get(name, FLAG in param.opts)
            if is_given and bool(value) == (FLAG in param.opts):
                switch_off(context)


def _declares(param: click.Parameter) -> bool:
    return FLAG in param.opts or FLAG in param.secondary_opts
