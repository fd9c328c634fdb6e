"""No network but loopback, for a process of the tests and the Python processes that it starts.

The interpreter itself tells of every name that is looked up and every connection that is made
(audit events), whatever library asks. What would leave this machine fails, and is noted in the file
that DECLARANT_TESTS_LOOPBACK names: code that lives with a failing network fails its test, too.

The environment for development has a copy of this module, and a .pth file that imports it when a
process starts, before any other code; see install.sh. `python -S` and an environment without the
variable escape it.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "DECLARANT_TESTS_LOOPBACK"

_TO_AN_ADDRESS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_OF_A_NAME = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def _host(event: str, arguments: tuple[object, ...]) -> object:
    """Return which host an audit event is about, or None: none, or no internet address."""
    if event in _TO_AN_ADDRESS:
        address = arguments[1]
        # Other families have a path or numbers there, or no tuple at all.
        return address[0] if isinstance(address, tuple) and len(address) in (2, 4) else None
    return arguments[0] if event in _OF_A_NAME else None


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not event.startswith("socket."):
        return
    host = _host(event, arguments)
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str) or host in ("", "localhost", "::1") or host.startswith("127."):
        return
    note = os.environ.get(VARIABLE)
    if note:
        with open(note, "a", encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs a start
            file.write(f"{event} {host}\n")
    raise OSError(f"a test tried to reach {host}")


sys.addaudithook(_refuse)
