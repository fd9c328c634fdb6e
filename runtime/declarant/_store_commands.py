"""`declarant send`, `show`, `status` and the like: what a person may do with what is on disk."""

from __future__ import annotations

import json
import math
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from declarant._catalogue import Catalogue
from declarant._device import id_place
from declarant._drafts import DRAFT_WORDS, may_send, store_in_force
from declarant._errors import ConfigError, PackageDamaged
from declarant._host import Host
from declarant._inventory import inventory, inventory_lines
from declarant._kept_counts import purge_counted
from declarant._on_disk import deleted_words, draft_tail, shown, shown_lines
from declarant._outcome import DROP_MEANINGS
from declarant._preview import preview
from declarant._preview_folder import remove_leftovers
from declarant._runner_commands import inert
from declarant._settings import Settings, packaged_key, resolve_endpoint
from declarant._status import Status
from declarant._store import OfflineStore

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from declarant._report import Report
    from declarant._settings import Consent

    # argparse gives its sub-command registry no public name.
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


_IKEY_REF = "where to import the instrumentation key from; the generated package's by default"


def add_commands(commands: Commands) -> None:
    """Add the commands to the front's parser."""
    send = _add(commands, "send", "send the events that wait on disk, now", _send)
    send.add_argument("--endpoint", help="collector to send to; the catalogue's by default")
    send.add_argument("--ikey-ref", metavar="MODULE:NAME", help=_IKEY_REF)
    send.add_argument(
        "--seconds", type=float, default=30.0, help="give up after this (default: %(default)s)"
    )
    show = _add(commands, "show", "print the events that wait on disk, and what was dropped", _show)
    show.add_argument("--json", action="store_true", help="one JSON object instead of text")
    status = _add(
        commands, "status", "say whether telemetry is on, and every signal that has a say", _status
    )
    status.add_argument("--json", action="store_true", help="one JSON object instead of text")
    preview = _add(
        commands, "preview", "print the exact bytes that would be sent now, or why not", _preview
    )
    for command in (status, preview):
        command.add_argument("--ikey-ref", metavar="MODULE:NAME", help=_IKEY_REF)
    schema = _add(commands, "schema", "list everything that the package may send", _schema)
    schema.add_argument("--json", action="store_true", help="one JSON object instead of text")
    _add(commands, "purge", "delete the events that wait on disk", _purge)
    _add(commands, "reset-id", "forget the device id; the next run draws a new one", _reset_id)


def _add(
    commands: Commands, name: str, summary: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary)
    command.add_argument("package", help="import name of the generated package, as modelkit_events")
    command.add_argument("--store", help="folder of the offline store; the platform's by default")
    command.set_defaults(run=run)
    return command


def _send(arguments: argparse.Namespace) -> int:
    # Late: it imports requests, which show and purge do not need.
    from declarant._pass import run_pass

    catalogue = _catalogue(arguments.package)
    endpoint = arguments.endpoint or resolve_endpoint(catalogue.product, catalogue.endpoint)
    # Whatever else is missing: a product that is switched off in its source empties its store.
    if not catalogue.off and not may_send(catalogue, endpoint):
        raise ConfigError(
            f"{catalogue.package} is a {DRAFT_WORDS}; nothing was sent; name a collector on a "
            "literal loopback address with --endpoint, as http://127.0.0.1:8765/OneCollector/1.0/"
        )
    store = _store(arguments, catalogue)
    settings = Settings.for_sender(
        ikey_ref=arguments.ikey_ref or packaged_key(catalogue),
        endpoint=endpoint,
        store_folder=store.folder,
    )
    if settings.ikey is None and not catalogue.off:
        raise ConfigError(
            "no instrumentation key: this build of the package has none; name one with --ikey-ref"
        )
    report = run_pass(catalogue, settings, store, arguments.seconds, ignore_backoff=True)
    if report.off is not None and not report.withheld:
        raise ConfigError(f"nothing was sent: {report.off.words}")
    return _tell_pass(catalogue, report)


def _tell_pass(catalogue: Catalogue, report: Report) -> int:
    """Say what a pass did, and return the exit code."""
    if report.busy:
        _say("another sender is at work")
        return 1
    if report.held_s > 0:
        _say(f"nothing was sent: the collector asked to wait {math.ceil(report.held_s)} s more")
        return 1
    accepted = f"accepted {report.accepted}, dropped {sum(report.dropped.values())}"
    _say(accepted + draft_tail(catalogue))
    for reason, count in sorted(report.dropped.items()):
        _say(f"  {count} {reason}: {DROP_MEANINGS[reason]}")
    for words, count in sorted(report.refusals.items()):
        _say(f"  {count} refused by the collector: {words}")
    if report.retry is not None:
        _say(f"later: the collector could not take more now ({report.retry.reason})")
    if report.silent_s > 0:
        _say(f"the collector ordered silence for {math.ceil(report.silent_s)} s more")
    if report.off is not None:
        _say(f"the rest waits for the user's consent: {report.off.words}")
    is_held = report.silent_s > 0 or report.off is not None
    return 1 if report.retry is not None or report.refusals or is_held else 0


def _show(arguments: argparse.Namespace) -> int:
    catalogue = _catalogue(arguments.package)
    store = _store(arguments, catalogue)
    if arguments.json:
        _say(json.dumps(shown(catalogue, store), ensure_ascii=False))
        return 0
    for line in shown_lines(catalogue, store):
        _say(line)
    return 0


def _status(arguments: argparse.Namespace) -> int:
    # By the user's answer: a program's own word is not known here.
    found = Status(_host(arguments, "stored"))
    if arguments.json:
        _say(json.dumps(found.as_json(), ensure_ascii=False))
        return 0
    for line in found.lines():
        _say(line)
    return 0


def _preview(arguments: argparse.Namespace) -> int:
    # As senders do: the program's word stands behind what it stored by it.
    host = _host(arguments, "granted")
    found = preview(host)
    for request in found.printed():
        sys.stdout.write(request.decode("utf-8") + "\n")
    for line in found.words(host.endpoint):
        sys.stderr.write(inert(line) + "\n")
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    listed = inventory(_catalogue(arguments.package))
    if arguments.json:
        _say(json.dumps(listed, ensure_ascii=False))
        return 0
    for line in inventory_lines(listed):
        _say(line)
    return 0


def _purge(arguments: argparse.Namespace) -> int:
    catalogue = _catalogue(arguments.package)
    # A command that was killed under preview left its events elsewhere.
    remove_leftovers()
    deleted = purge_counted(_store(arguments, catalogue))
    _say(deleted_words(deleted, catalogue))
    return 0


def _reset_id(arguments: argparse.Namespace) -> int:
    catalogue = _catalogue(arguments.package)
    folder = _store(arguments, catalogue).folder
    if folder:
        id_place(catalogue, folder).delete()
    _say(f"the next run draws a new device id{draft_tail(catalogue)}")
    return 0


def _host(arguments: argparse.Namespace, consent: Consent) -> Host:
    return Host(
        _catalogue(arguments.package),
        consent=consent,
        ikey_ref=arguments.ikey_ref,
        store_folder=arguments.store or None,
    )


def _store(arguments: argparse.Namespace, catalogue: Catalogue) -> OfflineStore:
    return OfflineStore(store_in_force(catalogue, arguments.store or None))


def _catalogue(package: str) -> Catalogue:
    if not all(part.isidentifier() for part in package.split(".")):
        raise ConfigError(f'package: expected an import name, found "{package}"')
    try:
        found: object = import_module(package).CATALOGUE
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f'package: "{package}" cannot be imported as a generated package; install it beside '
            "declarant"
        ) from error
    if not isinstance(found, Catalogue):
        raise ConfigError(f'package: "{package}" is not a generated package')
    if not found.events:
        raise PackageDamaged(found.damage)
    return found


def _say(text: str) -> None:
    # What events, schemas and collectors say is others' text, and a CI runner may read along.
    sys.stdout.write(inert(text) + "\n")
