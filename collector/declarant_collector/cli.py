"""``declarant collector``: run the local collector until interrupted."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from declarant_collector._collector import Collector
from declarant_collector._log import LiveLog
from declarant_collector._request import is_full_key
from declarant_collector._script import Script
from declarant_collector._script_file import ScriptError, load_script

__all__ = ["add_arguments", "run"]

EXIT_OK = 0
EXIT_COULD_NOT_RUN = 2


class _CannotRunError(Exception):
    """Why the collector does not start; the message is for the user."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``declarant collector`` to *parser*."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=_port, default=0, help="port to listen on; 0, the default, takes a free one"
    )
    parser.add_argument(
        "--tenant",
        type=_key,
        action="append",
        default=[],
        metavar="KEY",
        help="instrumentation key to take; repeat for several (default: any well-formed key)",
    )
    parser.add_argument(
        "--schemas", type=Path, metavar="DIR", help="check events against this catalogue too"
    )
    parser.add_argument(
        "--db", type=Path, metavar="FILE", help="keep what came in this SQLite file"
    )
    parser.add_argument(
        "--script", type=Path, metavar="FILE", help="answer as this fault script says (JSON)"
    )
    parser.add_argument(
        "--lenient",
        action="store_true",
        help="switch off the local strict rules: refuse only what the real collector is known to",
    )
    parser.add_argument(
        "--off", action="append", default=[], metavar="RULE", help="switch off one local rule"
    )
    parser.add_argument("--quiet", action="store_true", help="print the endpoint only, no log")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65_535:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, found {text!r}")


def _key(text: str) -> str:
    if is_full_key(text):
        return text
    raise argparse.ArgumentTypeError(
        "expected a full instrumentation key (32 hex characters, a GUID and 4 digits, joined by "
        f"'-'), found {len(text)} characters of another shape"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM.

    The first line on standard output is the endpoint's URL and nothing else.

    Returns:
        0 after an orderly end, 2 if the collector could not start.
    """
    try:
        collector = _collector(args)
    except _CannotRunError as error:
        sys.stderr.write(f"declarant collector: {error}\n")
        return EXIT_COULD_NOT_RUN
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    # Before serving, so that no line of the log comes first; the port is bound and queues clients.
    sys.stdout.write(f"{collector.url}\n{'' if args.quiet else _greeting(collector)}")
    sys.stdout.flush()
    with collector:
        # A bound wait: without one Windows delivers no signal.
        while not stop.wait(0.5):
            pass
    return EXIT_OK


def _greeting(collector: Collector) -> str:
    api = f"{collector.base_url}/api"
    return f"events: {api}/events  refused: {api}/rejections  counts: {api}/counts  stop: Ctrl-C\n"


def _collector(args: argparse.Namespace) -> Collector:
    script = _script(args.script)
    try:
        return Collector(
            host=args.host,
            port=args.port,
            tenants=args.tenant,
            schemas=args.schemas,
            database=args.db,
            script=script,
            strict=not args.lenient,
            off=args.off,
            log=None if args.quiet else LiveLog(sys.stdout),
        )
    except OSError as error:
        raise _CannotRunError(f"{args.host}:{args.port}: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise _CannotRunError(f"{args.db}: expected an SQLite file: {error}") from error
    except ValueError as error:
        raise _CannotRunError(str(error)) from error


def _script(path: Path | None) -> Script:
    if path is None:
        return Script()
    try:
        return load_script(path)
    except ScriptError as error:
        raise _CannotRunError(str(error)) from error
    except OSError as error:
        raise _CannotRunError(f"{path}: {error.strerror or error}") from error
