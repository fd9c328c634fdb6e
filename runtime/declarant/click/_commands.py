"""The commands about telemetry itself, for the user of a program: see, switch, delete.

What they do is done by modules without Click; here are their words and arguments. None of them is
reported or asks anything.
"""

from __future__ import annotations

import errno
import functools
import json
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from declarant import consent
from declarant._device import id_place
from declarant._errors import DeclarantError, os_place
from declarant._inventory import inventory, inventory_lines
from declarant._kept_counts import purge_counted
from declarant._on_disk import deleted_words, draft_tail, shown, shown_lines
from declarant._preview import preview
from declarant._preview_folder import remove_leftovers
from declarant._runner_commands import inert
from declarant._status import Status
from declarant.click._run import run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from declarant._host import Host
    from declarant.click._telemetry import Telemetry

P = ParamSpec("P")


def telemetry_commands(telemetry: Telemetry[...]) -> list[click.Command]:
    """Return the commands, for a program with this telemetry."""
    does = _Does(telemetry)
    return [
        _command("status", does.status, takes_json=True),
        _command("enable", does.enable),
        _command("disable", does.disable),
        _preview_command(does.preview),
        _command("show", does.show, takes_json=True),
        _command("purge", does.purge),
        _command("reset-id", does.reset_id),
        _command("schema", does.schema, takes_json=True),
    ]


class _Does:
    """What each command does; the first line of its docstring is the command's help."""

    def __init__(self, telemetry: Telemetry[...]) -> None:
        self._telemetry = telemetry
        self._catalogue = telemetry.catalogue

    def status(self, *, as_json: bool) -> None:
        """Say whether telemetry is on, what decided that, and what became of events."""
        found = Status(self._host())
        if as_json:
            _say_json(found.as_json())
        else:
            _say(found.lines())

    def enable(self) -> None:
        """Agree to the collection of usage data."""
        consent.grant(self._catalogue)
        found = Status(self._host())
        # A yes is one signal of several.
        state = "Telemetry is on" if found.is_on else "Your yes is kept, but telemetry stays off"
        click.echo(f"{state}: {found.reason}.")

    def disable(self) -> None:
        """Refuse, and delete what waits and the device id at once."""
        store_folder = self._telemetry.store_folder
        remove_leftovers()
        deleted = consent.withdraw(self._catalogue, store_folder=store_folder)
        words = deleted_words(deleted, self._catalogue)
        # A sender may be waiting for an answer, and nobody knows yet what the collector took.
        click.echo(
            f"Telemetry is off; {words} that waited, and the device id. "
            "A request under way cannot be recalled."
        )

    def preview(self, words: tuple[str, ...]) -> None:
        """Print the exact bytes that would be sent now, or why nothing would.

        With a COMMAND, run that, and print on standard error what it would send; nothing is sent.
        """
        if words:
            # Late on purpose: it is rare.
            from declarant.click._trial import try_out

            try_out(
                click.get_current_context().find_root(),
                self._telemetry,
                words,
                disabled=self._host().disabled,
            )
            return
        host = self._host()
        found = preview(host)
        for request in found.printed():
            click.echo(request)
        for line in found.words(host.endpoint):
            click.echo(inert(line), err=True)

    def show(self, *, as_json: bool) -> None:
        """Print the events that wait on disk, and what became of others."""
        store = self._host().store
        if as_json:
            _say_json(shown(self._catalogue, store))
        else:
            _say(shown_lines(self._catalogue, store))

    def purge(self) -> None:
        """Delete the events that wait on disk."""
        remove_leftovers()
        click.echo(deleted_words(purge_counted(self._host().store), self._catalogue))

    def reset_id(self) -> None:
        """Forget the device id; the next run draws a new one."""
        folder = self._host().store.folder
        if folder:
            id_place(self._catalogue, folder).delete()
        click.echo(f"the next run draws a new device id{draft_tail(self._catalogue)}")

    def schema(self, *, as_json: bool) -> None:
        """List everything that this program may send."""
        listed = inventory(self._catalogue)
        if as_json:
            _say_json(listed)
        else:
            _say(inventory_lines(listed))

    def _host(self) -> Host:
        run = run_of(click.get_current_context())
        return self._telemetry.host(disabled=run is not None and run.is_disabled)


def _preview_command(callback: Callable[..., None]) -> click.Command:
    made = _command("preview", callback)
    made.params.append(click.Argument(["words"], metavar="[COMMAND...]", nargs=-1))
    # Behind the command's name everything is its own.
    made.context_settings["allow_interspersed_args"] = False
    return made


def _command(
    name: str, callback: Callable[..., None], *, takes_json: bool = False
) -> click.Command:
    help_text = "One JSON object instead of text."
    option = click.Option(["--json", "as_json"], is_flag=True, help=help_text)
    params: list[click.Parameter] = [option] if takes_json else []
    return click.Command(name, callback=_telling(callback), params=params, help=callback.__doc__)


def _telling(callback: Callable[P, None]) -> Callable[P, None]:
    """Have *callback* tell in a message what it could not do."""

    @functools.wraps(callback)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except DeclarantError as error:
            raise click.ClickException(inert(str(error))) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                # Whoever reads the output went away, which is Click's matter.
                raise
            raise click.ClickException(inert(os_place(error))) from error

    return told


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(inert(line))


def _say_json(value: dict[str, Any]) -> None:
    click.echo(inert(json.dumps(value, ensure_ascii=False, indent=2)))
