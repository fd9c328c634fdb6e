"""`--disable-telemetry`, on every level, without the host's doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from declarant._guard import contained
from declarant.click._run import run_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FLAG = "--disable-telemetry"

#: No parameter of a host has this name.
_NAME = "declarant_disable_telemetry"

#: What Click calls the parameter of such an option by itself.
_USUAL_NAME = "disable_telemetry"

#: What newer Click has where there is no value, which an older one tells by None.
_UNSET: object = getattr(click.core, "UNSET", None)


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


def heed_hosts_own(context: click.Context, args: Sequence[str]) -> None:
    """Heed an option of this name that the host declares itself, wherever its value comes from.

    Args:
        context: Of the command, parsed.
        args: What was parsed.
    """
    if run_of(context) is None or context.resilient_parsing:
        return
    params = [
        param
        for param in context.command.get_params(context)
        if _declares(param) and not isinstance(param, _Flag)
    ]
    if params:
        # The host's types and defaults are asked; of those that fail nothing else is known.
        is_off = contained(lambda: _any_is_off(context, params, args), lambda: True)
        if is_off:
            switch_off(context)


def _any_is_off(context: click.Context, params: list[click.Parameter], args: Sequence[str]) -> bool:
    # Parsed once more: a value says nothing of what was typed once a callback has had it.
    typed, _, order = context.command.make_parser(context).parse_args(list(args))
    return any(
        _means_off(param, typed.get(param.name or ""), is_typed=True)
        if param in order
        else _means_off(param, _untyped(context, param), is_typed=False)
        for param in params
    )


def _untyped(context: click.Context, param: click.Parameter) -> object:
    """Return the value that *param* has without being typed; None for none."""
    name = param.name or ""
    source = context.get_parameter_source(name)
    if source is None or source == ParameterSource.COMMANDLINE:
        # Another option that shares its name was typed.
        return None
    if param.callback is None and name in context.params:
        return context.params[name]
    if source == ParameterSource.PROMPT:
        # What was answered is the callback's alone.
        return True
    is_variable = source == ParameterSource.ENVIRONMENT
    raw = param.value_from_envvar(context) if is_variable else param.get_default(context)
    return None if raw is _UNSET else param.type_cast_value(context, raw)


def _means_off(param: click.Parameter, value: object, *, is_typed: bool) -> bool:
    is_flag = isinstance(param, click.Option) and param.is_flag
    is_pair = bool(param.secondary_opts)
    if is_typed and is_flag and not is_pair:
        return True
    if value is None or value is _UNSET:
        return False
    if FLAG in param.secondary_opts:
        return not value
    if isinstance(param, click.Option) and is_flag and not is_pair:
        if not param.is_bool_flag:
            return bool(value == param.flag_value)
        # Older Click makes False of a default of True, whatever the parameter's name says.
        if param.flag_value is False and param.name != _USUAL_NAME:
            return not value
    return bool(value)


def _declares(param: click.Parameter) -> bool:
    return FLAG in param.opts or FLAG in param.secondary_opts
