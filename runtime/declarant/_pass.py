"""One sending pass with everything a host or a tool has at hand: key, endpoint, time limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant._onecollector import OneCollectorTransport
from declarant._sender import Report, deadline, send_waiting
from declarant._settings import tenant_token

if TYPE_CHECKING:
    from declarant._catalogue import Catalogue
    from declarant._settings import Settings
    from declarant._store import OfflineStore


def run_pass(
    catalogue: Catalogue,
    settings: Settings,
    store: OfflineStore,
    seconds: float,
    *,
    ignore_backoff: bool = False,
) -> Report:
    """Send what waits in *store* for at most *seconds*; see `_sender.send_waiting`."""
    ikey = settings.ikey
    if ikey is None:
        return Report()
    seconds_left = deadline(seconds)
    return send_waiting(
        store,
        catalogue,
        tenant_token(ikey),
        lambda: OneCollectorTransport(ikey, settings.endpoint, seconds_left=seconds_left),
        seconds_left=seconds_left,
        ignore_backoff=ignore_backoff,
    )
