"""Delivery from a daemon thread, for hosts that live long; and bounded sending at exit."""

from __future__ import annotations

import threading

from declarant._delivery import ManualDelivery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant._catalogue import Catalogue
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
    ) -> None:
        """Start no thread yet."""
        super().__init__(catalogue, settings, store, writer)
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._stopping = False
        self._empty = True

    def start(self) -> None:
        """Start the thread, once per process."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="declarant-sender", daemon=True)
            self._thread.start()

    def flush(self, timeout_s: float | None) -> bool:
        """Have the thread send now, and wait for it."""
        if self._thread is None:
            return super().flush(timeout_s)
        self._idle.clear()
        self._wake.set()
        return self._idle.wait(30.0 if timeout_s is None else timeout_s) and self._empty

    def close(self) -> None:
        """Send what waits within the exit budget; the rest stays on disk."""
        budget = self.settings.exit_budget_s
        if self._thread is None:
            return
        self._stopping = True
        self._wake.set()
        self._thread.join(budget)

    def after_fork_in_child(self) -> None:
        """Forget the parent's thread; the child's first event starts its own."""
        self._thread = None
        self._wake = threading.Event()
        self._idle = threading.Event()

    def _run(self) -> None:
        while True:
            self._wake.wait(self.settings.flush_interval_s)
            self._wake.clear()
            stopping = self._stopping
            sealed = self.writer.seal()
            if sealed or stopping or self.store.segments():
                seconds = self.settings.exit_budget_s if stopping else _PASS_S
                self._empty = self._send_quietly(seconds)
            self._idle.set()
            if stopping:
                return

    def _send_quietly(self, seconds: float) -> bool:
        try:
            return self.send(seconds)
        except Exception as error:  # noqa: BLE001  the sender's one guard: a dead thread would send nothing ever again
            # Late: only a defect comes here. The class alone; a message could hold values.
            import logging

            logging.getLogger("declarant").debug("sending failed: %s", type(error).__name__)
            return False


def send_within(seconds: float, send: Callable[[], object]) -> None:
    """Run *send* for at most *seconds* of this thread's time, at interpreter exit too."""
    thread = threading.Thread(target=send, name="declarant-sender", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # No new threads while the interpreter shuts down (3.12 and later): every socket time-out
        # of the pass is cut to the budget instead.
        send()
        return
    thread.join(seconds)
