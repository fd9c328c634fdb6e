"""Delivery from a daemon thread, for hosts that live long; and bounded sending at exit."""

from __future__ import annotations

import threading
import time

from declarant._delivery import FLUSH_S, ManualDelivery, sending_s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant._catalogue import Catalogue
    from declarant._kill_switch import KillSwitch
    from declarant._segments import SegmentWriter
    from declarant._settings import Settings
    from declarant._store import OfflineStore

#: Seconds that one pass of the thread may take before it looks around again.
_PASS_S = 60.0


class ThreadDelivery(ManualDelivery):
    """Sends every `flush_interval_s` from one daemon thread, and within the budget at exit."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        store: OfflineStore,
        writer: SegmentWriter,
        kills: KillSwitch,
    ) -> None:
        """Start no thread yet."""
        super().__init__(catalogue, settings, store, writer, kills)
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._asked = 0
        self._served = 0
        self._empty = True
        #: When a closing delivery stops, in monotonic seconds.
        self._stop_at = float("inf")

    def start(self) -> None:
        """Start the thread, once per process; where none can be had, the events wait on disk."""
        with self._changed:
            if self._thread is not None or self._stop_at < float("inf"):
                return
            thread = threading.Thread(target=self._run, name="declarant-sender", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return
            self._thread = thread

    def flush(self, timeout_s: float | None) -> bool:
        """Have the thread send now, and wait for it."""
        with self._changed:
            if self._thread is not None and self._thread.is_alive():
                self._asked += 1
                mine = self._asked
                self._changed.notify_all()
                limit = FLUSH_S if timeout_s is None else timeout_s
                return self._changed.wait_for(lambda: self._served >= mine, limit) and self._empty
        return super().flush(timeout_s)

    def close(self) -> None:
        """Send what waits within the exit budget; the rest stays on disk."""
        budget = self.settings.exit_budget_s
        with self._changed:
            self._stop_at = time.monotonic() + sending_s(budget)
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(budget)

    def abandon(self) -> None:
        """End the thread as soon as it looks around."""
        with self._changed:
            self._stop_at = time.monotonic()
            self._changed.notify_all()

    def after_fork_in_child(self) -> None:
        """Start from nothing: the parent's thread does not exist here."""
        self._thread = None
        self._changed = threading.Condition()
        self._asked = self._served = 0
        self._stop_at = float("inf")

    def _run(self) -> None:
        stopping = False
        while not stopping:
            with self._changed:
                self._changed.wait_for(self._is_wanted, self.settings.flush_interval_s)
                asked, stopping = self._asked, self._stop_at < float("inf")
            self.writer.seal()
            empty = send_quietly(self._send_once)
            with self._changed:
                self._served, self._empty = asked, empty
                self._changed.notify_all()

    def _is_wanted(self) -> bool:
        return self._asked > self._served or self._stop_at < float("inf")

    def _send_once(self) -> bool:
        end = time.monotonic() + _PASS_S
        return self.send(_PASS_S, lambda: min(end, self._stop_at) - time.monotonic())


def send_quietly(send: Callable[[], bool]) -> bool:
    """Return what *send* does, or False when it fails: a defect here is never the host's."""
    try:
        return send()
    except Exception as error:  # noqa: BLE001  the senders' one guard: a dead thread would send nothing ever again
        # Late: only a defect comes here. The class alone; a message could hold values.
        import logging

        logging.getLogger("declarant").debug("sending failed: %s", type(error).__name__)
        return False


def send_within(seconds: float, send: Callable[[], bool]) -> None:
    """Run *send* for at most *seconds* of this thread's time, at interpreter exit too."""
    thread = threading.Thread(
        target=send_quietly, args=(send,), name="declarant-sender", daemon=True
    )
    try:
        thread.start()
    except RuntimeError:
        # No new threads while the interpreter shuts down (3.12 and later): the pass keeps its own
        # deadline.
        send_quietly(send)
        return
    thread.join(seconds)
