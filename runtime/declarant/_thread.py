"""Delivery from a daemon thread, for hosts that live long; and bounded sending at exit."""

from __future__ import annotations

import sys
import threading
from functools import partial
from queue import Empty, SimpleQueue

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
#: Seconds that a wait takes at most: Python knows no longer ones.
_LONGEST_S = 1e6


class ThreadDelivery(ManualDelivery):
    """Sends every `flush_interval_s` from one daemon thread, and within the budget at exit.

    A signal's handler may raise in the host's main thread, in the midst of any Python code of ours:
    what the two threads share is changed under a lock that C code takes and gives back, and they
    wait for each other by nothing that is Python underneath, as `threading.Condition` is.
    """

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
        # A handler that emits comes back to it.
        self._lock = threading.RLock()
        self._asked: SimpleQueue[_Flush | None] = SimpleQueue()
        self._is_idle = False
        self._is_paused = False
        #: When a closing delivery stops, in monotonic seconds.
        self._stop_at = float("inf")

    def start(self) -> None:
        """Start the thread, once per process; where none can be had, the events wait on disk."""
        with self._lock:
            if self._thread is not None or self._stop_at < float("inf"):
                return
            try:
                # The constructor fails, too, where there are no daemon threads: in subinterpreters.
                thread = threading.Thread(target=self._run, name="declarant-sender", daemon=True)
                self._thread = thread
                self._is_idle = True
                thread.start()
                self._is_paused = False
            except RuntimeError:
                self._thread = None
            except BaseException:
                # The host's own handler. Should the thread run all the same, it is nobody's.
                self._thread = None
                self._asked.put(None)
                raise

    def flush(self, timeout_s: float | None) -> bool:
        """Have the thread send now, and wait for it."""
        asked = _Flush()
        with self._lock:
            thread = self._thread
            is_closing = self._stop_at < float("inf")
            is_served = thread is not None and thread.is_alive() and not is_closing
            if is_served:
                self._asked.put(asked)
        if not is_served:
            return super().flush(timeout_s)
        return asked.wait(FLUSH_S if timeout_s is None else timeout_s)

    def close(self) -> None:
        """Send what waits within the exit budget; the rest stays on disk."""
        budget = self.settings.exit_budget_s
        with self._lock:
            self._stop_at = _clocks.monotonic() + sending_s(budget)
            thread = self._thread
            is_paused = self._is_paused
        self._asked.put(None)
        if thread is not None:
            thread.join(budget)
        elif is_paused:
            self._send_within_budget()

    def abandon(self) -> None:
        """End the thread as soon as it looks around."""
        with self._lock:
            self._stop_at = _clocks.monotonic()
        self._asked.put(None)

    def before_fork(self) -> None:
        """End the thread if it only waits; the next event starts another.

        From 3.12 on Python warns whoever forks a process of several threads, and rightly: a child
        may inherit a lock that nobody gives back. A host did not choose ours.
        """
        with self._lock:
            thread = self._thread
            if thread is None or not self._is_idle or not self._asked.empty():
                return
            self._thread = None
            self._is_paused = True
        self._asked.put(None)
        thread.join(_PAUSE_S)

    def after_fork_in_child(self) -> None:
        """Start from nothing: the parent's thread does not exist here."""
        self._thread = None
        self._is_paused = False
        self._lock = threading.RLock()
        self._asked = SimpleQueue()
        self._stop_at = float("inf")

    def _run(self) -> None:
        # A thread has no caller: whatever failed would be printed, and nothing ever sent again.
        me = threading.current_thread()
        while not send_quietly(self._take_turns) and self._thread is me:
            _clocks.sleep(_PAUSE_S)

    def _take_turns(self) -> bool:
        """Send whenever that is wanted or due; True once this thread is to end."""
        me = threading.current_thread()
        is_over = False
        while not is_over:
            with self._lock:
                self._is_idle = True
            asked = self._wait()
            with self._lock:
                if self._thread is not me:
                    # Its successor serves them, or nobody, and then they are told so.
                    self._hand_over(asked)
                    return True
                self._is_idle = False
                is_over = self._stop_at < float("inf")
            empty = send_quietly(self._send_once)
            for each in asked:
                each.serve(empty=empty)
        for each in self._taken():
            each.serve(empty=False)
        return True

    def _wait(self) -> list[_Flush]:
        """Wait until sending is due or asked for, and return by whom."""
        try:
            first = self._asked.get(timeout=min(self.settings.flush_interval_s, _LONGEST_S))
        except Empty:
            return []
        return [*([] if first is None else [first]), *self._taken()]

    def _taken(self) -> list[_Flush]:
        taken: list[_Flush] = []
        while True:
            try:
                each = self._asked.get_nowait()
            except Empty:
                return taken
            if each is not None:
                taken.append(each)

    def _hand_over(self, asked: list[_Flush]) -> None:
        for each in asked:
            if self._thread is None:
                each.serve(empty=False)
            else:
                self._asked.put(each)

    def _send_once(self) -> bool:
        self.writer.seal()
        end = _clocks.monotonic() + _PASS_S
        return self.send(_PASS_S, lambda: min(end, self._stop_at) - _clocks.monotonic())


class _Flush:
    """Somebody who waits until what is stored by now is sent."""

    __slots__ = ("_done", "_empty")

    def __init__(self) -> None:
        self._done = threading.Lock()
        self._done.acquire()
        self._empty = False

    def serve(self, *, empty: bool) -> None:
        """Wake them; *empty* is whether nothing is left to be sent."""
        self._empty = empty
        self._done.release()

    def wait(self, seconds: float) -> bool:
        """Return whether nothing was left; False once *seconds* are over."""
        return self._done.acquire(timeout=max(0.0, min(seconds, _LONGEST_S))) and self._empty


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
