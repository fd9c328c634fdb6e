"""The three delivery policies of a host: `detached`, `thread`, `manual`.

A policy decides when and where a sending pass runs. None of them is felt by the caller of an
emitter, and at exit none takes more than the host's budget.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from declarant._catalogue import Catalogue
    from declarant._segments import SegmentWriter
    from declarant._settings import Settings
    from declarant._store import OfflineStore

    class DeliveryPolicy(Protocol):
        """When and where waiting events are sent."""

        def start(self) -> None:
            """Be ready: the first event is about to be stored."""
            ...

        def flush(self, timeout_s: float | None) -> bool:
            """Send what waits now, for at most *timeout_s*; True if nothing waits any more."""
            ...

        def close(self) -> None:
            """Act at the host's exit; this process's segment is sealed."""
            ...

        def after_fork_in_child(self) -> None:
            """Forget threads that did not survive the fork."""
            ...


#: A flush without a time limit of its own ends after this.
_FLUSH_S = 30.0


class ManualDelivery:
    """Sends only when asked, by `Client.flush` or `declarant send`."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        store: OfflineStore,
        writer: SegmentWriter,
    ) -> None:
        """Remember what a pass needs."""
        self.catalogue = catalogue
        self.settings = settings
        self.store = store
        self.writer = writer

    def start(self) -> None:
        """Do nothing."""

    def flush(self, timeout_s: float | None) -> bool:
        """Send from the calling thread."""
        self.writer.seal()
        return self.send(_FLUSH_S if timeout_s is None else timeout_s)

    def close(self) -> None:
        """Leave everything on disk."""

    def after_fork_in_child(self) -> None:
        """Do nothing."""

    def send(self, seconds: float) -> bool:
        """Run one sending pass; True if nothing waits any more."""
        # Late on purpose: this is where requests comes in.
        from declarant._pass import run_pass

        report = run_pass(self.catalogue, self.settings, self.store, seconds)
        return not report.busy and report.retry is None and not self.store.segments()


class DetachedDelivery(ManualDelivery):
    """At exit, starts one short-lived sender process, unless one ran lately."""

    def close(self) -> None:
        """Start a sender if something waits; the host itself waits for nothing."""
        from declarant._ledger import Ledger
        from declarant._spawn import can_spawn, spawn_sender

        if not self.writer.used and not self.store.segments():
            return
        ledger = Ledger(self.settings.store_folder)
        if ledger.started_s_ago() < self.settings.sender_interval_s or ledger.held_s() > 0:
            return
        if can_spawn(self.settings):
            ledger.mark_start()
            if spawn_sender(self.catalogue, self.settings):
                return
        self._send_within_budget()

    def _send_within_budget(self) -> None:
        from declarant._thread import send_within

        send_within(self.settings.exit_budget_s, lambda: self.send(self.settings.exit_budget_s))


def make_delivery(
    catalogue: Catalogue, settings: Settings, store: OfflineStore, writer: SegmentWriter
) -> DeliveryPolicy:
    """Return the policy that *settings* name."""
    if settings.delivery == "thread":
        from declarant._thread import ThreadDelivery

        return ThreadDelivery(catalogue, settings, store, writer)
    policy = DetachedDelivery if settings.delivery == "detached" else ManualDelivery
    return policy(catalogue, settings, store, writer)
