"""One sending pass with everything a host or a tool has at hand: key, endpoint, time limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant._drafts import may_send
from declarant._pace import Pace
from declarant._sender import Report, deadline, send_waiting
from declarant._settings import tenant_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant._catalogue import Catalogue
    from declarant._kill_switch import KillSwitch
    from declarant._settings import Settings
    from declarant._store import OfflineStore
    from declarant._transport import Transport


def run_pass(
    catalogue: Catalogue,
    settings: Settings,
    store: OfflineStore,
    seconds: float,
    *,
    ignore_backoff: bool = False,
    seconds_left: Callable[[], float] | None = None,
    pace: Pace | None = None,
    kills: KillSwitch | None = None,
) -> Report:
    """Send what waits in *store* for at most *seconds*; see `_sender.send_waiting`.

    Every sender comes through here, and here alone transports are made: a draft whose endpoint is
    not on this machine makes none, and its events stay where they are.

    Args:
        catalogue: What may be sent.
        settings: Key and endpoint.
        store: The offline store.
        seconds: Time limit of the pass.
        ignore_backoff: Try even while our own backoff holds.
        seconds_left: A clock to use instead of *seconds*, for a limit that may change.
        pace: What this process knows of its collector; nothing yet if None.
        kills: What it knows of kill orders; nothing yet if None.
    """
    ikey = settings.ikey
    if ikey is None or not may_send(catalogue, settings.endpoint):
        return Report()
    if not catalogue.events:
        # A damaged catalogue declares nothing: what waits must not be taken for withdrawn.
        return Report()
    clock = seconds_left or deadline(seconds)
    pace = pace or Pace()

    def make_transport() -> Transport:
        # Late: an idle pass must not pay for requests.
        from declarant._onecollector import OneCollectorTransport

        return OneCollectorTransport(ikey, settings.endpoint, seconds_left=clock, delta=pace.delta)

    return send_waiting(
        store,
        catalogue,
        tenant_token(ikey),
        make_transport,
        seconds_left=clock,
        ignore_backoff=ignore_backoff,
        pace=pace,
        kills=kills,
    )
