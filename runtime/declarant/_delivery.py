"""The three delivery policies of a host: `detached`, `thread`, `manual`.

A policy decides when and where a sending pass runs. None of them is felt by the caller of an
emitter, and at exit none takes more than the host's budget.
"""

from __future__ import annotations

from declarant import _clocks
from declarant._drafts import may_send
from declarant._late import get_ready_to_send, importing, importing_senders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from declarant._catalogue import Catalogue
    from declarant._kill_switch import KillSwitch
    from declarant._pace import Pace
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

        def abandon(self) -> None:
            """Send nothing any more, and wait for nothing."""
            ...

        def before_fork(self) -> None:
            """End a thread that only waits; `start` makes another."""
            ...

        def after_fork_in_child(self) -> None:
            """Forget threads that did not survive the fork."""
            ...


#: A flush without a time limit of its own ends after this.
FLUSH_S = 30.0
#: While another sender is at work, a flush looks this often whether it is done.
_BUSY_S = 0.02
#: The part of the exit budget that is kept for noting what came of a request, and its limit in
#: seconds: an answer that nobody noted makes its events arrive twice.
_NOTING_SHARE = 0.2
_NOTING_S = 0.05


class ManualDelivery:
    """Sends only when asked, by `Client.flush` or `declarant send`."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        store: OfflineStore,
        writer: SegmentWriter,
        kills: KillSwitch,
    ) -> None:
        """Remember what a pass needs."""
        self.catalogue = catalogue
        self.settings = settings
        self.store = store
        self.writer = writer
        self.kills = kills
        self.pace: Pace | None = None

    def start(self) -> None:
        """Do nothing."""

    def flush(self, timeout_s: float | None) -> bool:
        """Send from the calling thread."""
        self.writer.seal()
        end = _clocks.monotonic() + (FLUSH_S if timeout_s is None else timeout_s)
        return self.send(0.0, lambda: end - _clocks.monotonic(), wait=True)

    def close(self) -> None:
        """Leave everything on disk."""

    def abandon(self) -> None:
        """Do nothing: it sends only when asked."""

    def before_fork(self) -> None:
        """Do nothing."""

    def after_fork_in_child(self) -> None:
        """Do nothing."""

    def _send_within_budget(self) -> None:
        from declarant._thread import send_within

        budget = self.settings.exit_budget_s
        send_within(budget, lambda: self.send(sending_s(budget)))

    def send(
        self,
        seconds: float,
        seconds_left: Callable[[], float] | None = None,
        *,
        wait: bool = False,
    ) -> bool:
        """Run one sending pass.

        Args:
            seconds: Its time limit.
            seconds_left: A clock to use instead.
            wait: Wait for another sender that is at work, as long as the clock allows.

        Returns:
            True if nothing waits any more, but for what living processes write.
        """
        if not self.store.segments():
            return True
        # Late on purpose: what comes with sending is heavy.
        get_ready_to_send()
        with importing_senders:
            from declarant._pace import Pace
            from declarant._pass import run_pass

        self.pace = self.pace or Pace()
        while True:
            report = run_pass(
                self.catalogue,
                self.settings,
                self.store,
                seconds,
                seconds_left=seconds_left,
                pace=self.pace,
                kills=self.kills,
            )
            if not (report.busy and wait and seconds_left is not None and seconds_left() > 0):
                return report.complete
            _clocks.sleep(_BUSY_S)


class DetachedDelivery(ManualDelivery):
    """At exit, starts one short-lived sender process, unless one ran lately."""

    def close(self) -> None:
        """Start a sender if something waits; the host itself waits for nothing."""
        with importing:
            from declarant._ledger import Ledger
            from declarant._spawn import can_spawn, spawn_sender

        if not self.store.segments():
            return
        ledger = Ledger(self.settings.store_folder)
        if ledger.started_s_ago() < self.settings.sender_interval_s:
            return
        # A sender that is at work looks again when it is done; a second one would only wait for it.
        if ledger.is_locked() or ledger.held_s() > 0:
            return
        # Another process may have been told to be silent since this one looked.
        self.kills.refresh(at_once=True)
        if self.kills.is_silent:
            return
        # For sending from within, too: a budget that is too short for a slow network must not be
        # spent on every command.
        ledger.mark_start()
        if can_spawn(self.settings) and spawn_sender(self.catalogue, self.settings):
            return
        self._send_within_budget()


def sending_s(budget_s: float) -> float:
    """Return the seconds of an exit budget that sending itself may use."""
    return budget_s - min(budget_s * _NOTING_SHARE, _NOTING_S)


def make_delivery(
    catalogue: Catalogue,
    settings: Settings,
    store: OfflineStore,
    writer: SegmentWriter,
    kills: KillSwitch,
) -> DeliveryPolicy:
    """Return the policy that *settings* name; none sends of a draft what its pass would not."""
    if not may_send(catalogue, settings.endpoint):
        return ManualDelivery(catalogue, settings, store, writer, kills)
    if settings.delivery == "thread":
        from declarant._thread import ThreadDelivery

        return ThreadDelivery(catalogue, settings, store, writer, kills)
    policy = DetachedDelivery if settings.delivery == "detached" else ManualDelivery
    return policy(catalogue, settings, store, writer, kills)
