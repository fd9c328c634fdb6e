"""Delivery from a daemon thread, for hosts that live long; and bounded sending at exit."""

from __future__ import annotations

import sys
import threading
from functools import partial

from declarant import _clocks
from declarant._delivery import FLUSH_S, ManualDelivery, sending_s
from declarant._guard import quietly
from declarant._late import get_ready_to_send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant._catalogue import Catalogue
    from declarant._kill_switch import KillSwitch
    from declarant._segments import SegmentWriter
    from declarant._settings import Settings
    from declarant._store import OfflineStore

#: Seconds in which an idle thread ends, and after which one goes on that failed beside its work.
_PAUSE_S = 1.0
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
        # At once, in the host's own thread: a fork in the midst of it would find half a module.
        get_ready_to_send()
        super().__init__(catalogue, settings, store, writer, kills)
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._asked = 0
        self._served = 0
        self._empty = True
        self._is_idle = False
        self._is_paused = False
        #: When a closing delivery stops, in monotonic seconds.
        self._stop_at = float("inf")

    def start(self) -> None:
        """Start the thread, once per process; where none can be had, the events wait on disk."""
        with self._changed:
            if self._thread is not None or self._stop_at < float("inf"):
                return
            try:
                # The constructor fails, too, where there are no daemon threads: in subinterpreters.
                thread = threading.Thread(target=self._run, name="declarant-sender", daemon=True)
                thread.start()
            except RuntimeError:
                return
            self._thread = thread
            self._is_idle = True
            self._is_paused = False

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
            self._stop_at = _clocks.monotonic() + sending_s(budget)
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(budget)
        elif self._is_paused:
            self._send_within_budget()

    def abandon(self) -> None:
        """End the thread as soon as it looks around."""
        with self._changed:
            self._stop_at = _clocks.monotonic()
            self._changed.notify_all()

    def before_fork(self) -> None:
        """End the thread if it only waits; the next event starts another.

        From 3.12 on Python warns whoever forks a process of several threads, and rightly: a child
        may inherit a lock that nobody gives back. A host did not choose ours.
        """
        with self._changed:
            thread = self._thread
            if thread is None or not self._is_idle:
                return
            self._thread = None
            self._is_paused = True
            self._changed.notify_all()
        thread.join(_PAUSE_S)

    def after_fork_in_child(self) -> None:
        """Start from nothing: the parent's thread does not exist here."""
        self._thread = None
        self._is_paused = False
        self._changed = threading.Condition()
        self._asked = self._served = 0
        self._stop_at = float("inf")

    def _run(self) -> None:
        # A thread has no caller: whatever failed would be printed, and nothing ever sent again.
        while not send_quietly(self._take_turns):
            _clocks.sleep(_PAUSE_S)

    def _take_turns(self) -> bool:
        """Send whenever that is wanted or due; True once this thread is to end."""
        me = threading.current_thread()
        stopping = False
        while not stopping:
            with self._changed:
                self._is_idle = True
                self._changed.wait_for(
                    lambda: self._thread is not me or self._is_wanted(),
                    self.settings.flush_interval_s,
                )
                if self._thread is not me:
                    return True
                self._is_idle = False
                asked, stopping = self._asked, self._stop_at < float("inf")
            empty = send_quietly(self._send_once)
            with self._changed:
                self._served, self._empty = asked, empty
                self._changed.notify_all()
        return True

    def _is_wanted(self) -> bool:
        return self._asked > self._served or self._stop_at < float("inf")

    def _send_once(self) -> bool:
        self.writer.seal()
        end = _clocks.monotonic() + _PASS_S
        return self.send(_PASS_S, lambda: min(end, self._stop_at) - _clocks.monotonic())


def send_quietly(send: Callable[[], bool]) -> bool:
    """Return what *send* does, or False when it fails: a defect here is never the host's."""
    try:
        return send()
    except Exception as error:  # noqa: BLE001  the senders' one guard: a dead thread would send nothing ever again
        # The class alone; a message could hold values. Importing may be what failed.
        quietly(partial(_log_defect, type(error).__name__))
        return False


def _log_defect(name: str) -> None:
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger("declarant").debug("sending failed: %s", name)


def send_within(seconds: float, send: Callable[[], bool]) -> None:
    """Run *send* for at most *seconds* of this thread's time, at interpreter exit too."""
    try:
        thread = threading.Thread(
            target=send_quietly, args=(send,), name="declarant-sender", daemon=True
        )
        thread.start()
    except RuntimeError:
        # No new threads while the interpreter shuts down (3.12 and later): the pass keeps its own
        # deadline.
        send_quietly(send)
        return
    thread.join(seconds)
