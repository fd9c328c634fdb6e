"""A command run for the sake of what it would send: its events are shown, and go nowhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from declarant._device import FILE
from declarant._drafts import store_in_force
from declarant._preview import preview
from declarant._status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from declarant._preview import Preview
    from declarant.click._telemetry import Telemetry


def try_out(
    root: click.Context, telemetry: Telemetry[...], words: Sequence[str], *, disabled: bool
) -> None:
    """Run the command that *words* name, and tell on standard error what it would send.

    It does its work, and ends as it does. Its events go to a folder that is deleted again. A user
    who has not answered yet sees what a yes would mean.

    Args:
        root: The program's outermost context.
        telemetry: The program's.
        words: What to run, as on the program's command line.
        disabled: Whether telemetry is off for this run: then nothing is stored, and that is told.
    """
    with tempfile.TemporaryDirectory(prefix="declarant-preview-") as folder:
        _take_id(telemetry, folder)
        try:
            with telemetry.kept_in(folder, disabled=disabled):
                root.command.main(list(words), prog_name=root.info_name)
        finally:
            telemetry.catalogue.client.close()
            host = telemetry.host(disabled=disabled, consent="granted", store_folder=folder)
            _tell(preview(host))
            status = Status(telemetry.host())
            if not status.is_on and not disabled:
                click.echo(f"As it is, telemetry is off: {status.reason}.", err=True)


def _take_id(telemetry: Telemetry[...], folder: str) -> None:
    """Have the events carry the id that they would carry."""
    kept = os.path.join(telemetry.host().store.folder, FILE)
    place = store_in_force(telemetry.catalogue, folder)
    # Where there is none yet, or in another place, they carry one of their own.
    with suppress(OSError):
        os.makedirs(place, mode=0o700, exist_ok=True)
        shutil.copyfile(kept, os.path.join(place, FILE))


def _tell(found: Preview) -> None:
    for body in found.requests:
        click.echo(body, err=True)
    if found.reason:
        click.echo(f"Nothing would be sent: {found.reason}.", err=True)
