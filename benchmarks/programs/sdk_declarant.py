"""Declarant, through the generated package of this working tree.

With `delivery=detached` a process of its own sends after the program has ended; with
`delivery=thread` the program sends itself, and at its exit for at most `exit_budget_s`.
"""

from __future__ import annotations

import modelkit_events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

#: Seconds in which no second sender is started. The default (10) makes most commands start none;
#: here every one does, so that each pays what the first one pays.
SENDER_INTERVAL_S = 0.2


class Sdk:
    """Declarant as a program uses it."""

    def __init__(self, port: int, state: Path | str, options: dict[str, str]) -> None:
        modelkit_events.configure(
            app_version="1.2.3",
            consent="granted",
            ikey_ref="bench_key:IKEY",
            endpoint=f"http://127.0.0.1:{port}/OneCollector/1.0/",
            delivery=options.get("delivery", "thread"),
            store_folder=f"{state}/store",
            flush_interval_s=float(options.get("flush_interval_s", "5")),
            exit_budget_s=1.0,
            sender_interval_s=SENDER_INTERVAL_S,
        )
        self._client = modelkit_events.CATALOGUE.client

    def heartbeat(self) -> None:
        modelkit_events.emit_model_kit_heartbeat()

    def action(self, number: int, tag: str = "build") -> None:
        modelkit_events.emit_model_kit_action(
            invoked_from="Interactive",
            action_name=tag,
            device="NPU",
            ep="QNNExecutionProvider",
            duration_ms=number,
            success=True,
        )

    def error(self, tag: str) -> None:
        try:
            raise ValueError(tag)
        except ValueError as error:
            modelkit_events.emit_model_kit_error_from(error)

    def flush(self) -> None:
        """Send all that waits; within a burst one call may not be enough."""
        while not self._client.flush(60.0):
            if self._client.counts()["waiting"]["events"] == 0:
                break

    def end(self) -> None:
        """Do nothing: the exit itself is what a program of ours ends with."""

    def lost(self) -> int:
        """Return how many events were dropped, by the SDK's own account."""
        return sum(self._client.counts()["dropped"].values())
