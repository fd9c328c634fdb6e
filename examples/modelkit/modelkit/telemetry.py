"""What a host does with Declarant: one set-up call, and one wrapper around its commands."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import modelkit_events
from modelkit import __version__

if TYPE_CHECKING:
    from collections.abc import Generator

#: Where `declarant collector --port 8765` listens. The variable MODELKIT_TELEMETRY_ENDPOINT may
#: name another collector, on a loopback address only: this example can reach nothing else.
ENDPOINT = "http://127.0.0.1:8765/OneCollector/1.0/"


def set_up() -> None:
    """Turn telemetry on if the user agreed, or agrees now; --help and the like never get here.

    Delivery is left to a process of its own, so that no command ever waits for a network.
    """
    said: bool | None = click.get_current_context().find_root().obj
    modelkit_events.configure(
        app_version=__version__,
        consent="granted" if said else "ask",
        disabled=said is False,
        ikey_ref="modelkit.demo_key:IKEY",
        endpoint=ENDPOINT,
        delivery="detached",
        sender_interval_s=1.0,
    )


@contextmanager
def command(name: str, *, device: str | None = None, ep: str | None = None) -> Generator[None]:
    """Report one command: a heartbeat before its body, its outcome after.

    Args:
        name: The command's registered name.
        device: Kind of processor asked for, or None.
        ep: Execution provider, or None.
    """
    set_up()
    modelkit_events.emit_model_kit_heartbeat()
    started = time.monotonic()
    success = False
    try:
        yield
        success = True
    except click.exceptions.Exit:
        raise
    except Exception as error:
        modelkit_events.emit_model_kit_error_from(error)
        raise
    finally:
        modelkit_events.emit_model_kit_action(
            invoked_from="Interactive" if sys.stdin and sys.stdin.isatty() else "Script",
            action_name=name,
            device=device,
            ep=ep,
            duration_ms=round((time.monotonic() - started) * 1000),
            success=success,
        )
