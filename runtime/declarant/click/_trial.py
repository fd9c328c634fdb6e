"""A command run for the sake of what it would send: its events are shown, and go nowhere."""

from __future__ import annotations

# Bound before a host's tests can patch it, as in `_run`.
from os import getpid
from typing import TYPE_CHECKING

import click

from declarant._device import id_place, load_device_id, wire_id
from declarant._drafts import store_in_force
from declarant._preview import preview
from declarant._preview_folder import preview_folder
from declarant._runner_commands import inert
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
    kept = _stored_id(telemetry, telemetry.host().store.folder)
    maker = getpid()
    with preview_folder() as folder:
        drawn = _draw_id(telemetry, folder) if kept is not None else None
        try:
            with telemetry.kept_in(folder, disabled=disabled):
                root.command.main(list(words), prog_name=root.info_name)
        finally:
            telemetry.catalogue.client.close()
            # A child that the command forked leaves the telling to its parent.
            if getpid() == maker:
                host = telemetry.host(disabled=disabled, consent="granted", store_folder=folder)
                _tell(preview(host), (drawn, kept) if drawn and kept else None)
                status = Status(telemetry.host())
                if not status.is_on and not disabled:
                    words = f"As it is, telemetry is off: {status.reason}."
                    click.echo(inert(words), err=True)


def _stored_id(telemetry: Telemetry[...], folder: str) -> bytes | None:
    """Return the device id that events carry from *folder*, if there is one."""
    stored = id_place(telemetry.catalogue, folder).read() if folder else None
    return None if stored is None else wire_id(telemetry.catalogue.product, stored).encode()


def _draw_id(telemetry: Telemetry[...], folder: str) -> bytes | None:
    """Keep a device id of its own below *folder*, and return what events carry of it.

    A command that is killed leaves its folder, so the stored value is not written a second time. An
    id that is there before the command begins is one that exists already, as the stored one does.
    """
    place = store_in_force(telemetry.catalogue, folder)
    load_device_id(id_place(telemetry.catalogue, place), telemetry.catalogue.product)
    return _stored_id(telemetry, place)


def _tell(found: Preview, ids: tuple[bytes, bytes] | None) -> None:
    """Say what was found, with the second of *ids* for the first, which is as long."""
    for body in found.printed():
        click.echo(body if ids is None else body.replace(*ids), err=True)
    if found.reason:
        click.echo(inert(f"Nothing would be sent: {found.reason}."), err=True)
