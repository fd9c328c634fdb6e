"""One sending pass with everything a host or a tool has at hand: key, endpoint, time limit.

Every sender comes through here, whoever started it and whatever it was told: here alone transports
are made, and consent is looked at before the pass and before each request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant._consent import answer_file, resolve, signature
from declarant._drafts import may_send
from declarant._late import importing_senders
from declarant._pace import Pace
from declarant._sender import Report, deadline, send_waiting
from declarant._settings import tenant_token
from declarant._streams import are_open
from declarant._transport import OUT_OF_TIME, SendOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant._catalogue import Catalogue
    from declarant._consent import Signal
    from declarant._kill_switch import KillSwitch
    from declarant._lease import Head
    from declarant._settings import Settings
    from declarant._store import OfflineStore
    from declarant._transport import Payload, Transport


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

    A draft whose endpoint is not on this machine sends nothing, and its events stay where they are.
    So do those of a run that something switched off; what was stored before a user said no is
    deleted, and so is what was stored before the product's source switched telemetry off.

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
    if catalogue.off:
        # First: who could not send anyway empties the store all the same.
        return _held_back(PassConsent(catalogue, store))
    if not are_open():
        # What a host writes to a standard stream that it closed must not go to a collector.
        return Report()
    if ikey is None or not may_send(catalogue, settings.endpoint):
        return Report()
    if not catalogue.events:
        # A damaged catalogue declares nothing: what waits must not be taken for withdrawn.
        return Report()
    consent = PassConsent(catalogue, store)
    if not consent.holds():
        return _held_back(consent)
    clock = seconds_left or deadline(seconds)
    pace = pace or Pace()

    def make_transport() -> Transport:
        # Late: an idle pass must not pay for requests.
        with importing_senders:
            from declarant._onecollector import OneCollectorTransport

        transport = OneCollectorTransport(
            ikey, settings.endpoint, seconds_left=clock, delta=pace.delta
        )
        return _ConsentingTransport(transport, consent)

    report = send_waiting(
        store,
        catalogue,
        tenant_token(ikey),
        make_transport,
        seconds_left=clock,
        ignore_backoff=ignore_backoff,
        pace=pace,
        kills=kills,
        may_lease=consent.allows,
    )
    report.off = consent.off
    return report


def _held_back(consent: PassConsent) -> Report:
    """Return the report of a pass that *consent* keeps from sending anything."""
    report = Report()
    consent.holds()
    report.off = consent.off
    return report


class PassConsent:
    """What one pass may send, by every signal and by the mark of each segment.

    Attributes:
        off: The signal by which something was held back, or None.
    """

    def __init__(self, catalogue: Catalogue, store: OfflineStore) -> None:
        """Look at nothing yet."""
        self.off: Signal | None = None
        self._catalogue = catalogue
        self._store = store
        self._file = answer_file(catalogue)
        self._seen: tuple[int, int, int] | None = None
        self._is_on: bool | None = None
        self._is_answered = False

    def holds(self) -> bool:
        """Tell whether anything may be sent now; what a user refused is deleted."""
        seen = signature(self._file)
        if self._is_on is None or seen != self._seen:
            self._seen = seen
            self._look()
        return bool(self._is_on)

    def allows(self, head: Head) -> bool:
        """Tell whether a segment with this *head* may be sent now."""
        if not self.holds():
            return False
        if head.asked and not self._is_answered:
            self.off = resolve(self._catalogue, "stored").decided_by
            return False
        return True

    def _look(self) -> None:
        # The program's word stands behind what it stored by it; what others say counts anew.
        found = resolve(self._catalogue, "granted")
        self._is_on = found.is_on
        self._is_answered = found.is_on and resolve(self._catalogue, "stored").is_on
        self.off = None if found.is_on else found.decided_by
        if found.is_refused:
            # Late on purpose: whoever agreed has no use for it.
            from declarant._withdrawal import empty_store

            try:
                empty_store(self._catalogue, self._store.folder)
            except OSError:
                # The next pass tries again; this one sends nothing.
                return


class _ConsentingTransport:
    """A transport that is asked for nothing once consent is gone."""

    def __init__(self, transport: Transport, consent: PassConsent) -> None:
        self._transport = transport
        self._consent = consent

    def send(self, payload: Payload) -> SendOutcome:
        if not self._consent.holds() or not are_open():
            # Says nothing about the collector: no backoff comes of it.
            return SendOutcome("retry", reason=OUT_OF_TIME)
        return self._transport.send(payload)

    def close(self) -> None:
        self._transport.close()
