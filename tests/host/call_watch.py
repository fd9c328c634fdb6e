"""Sees which functions of ours a process calls, has one fail, and what its own thread waits for."""

from __future__ import annotations

import functools
import gc
import os
import sys
import threading
import types
from pathlib import Path

import declarant
import modelkit_events
from declarant import _clocks

OURS = tuple(f"{Path(each.__file__).parent}{os.sep}" for each in (declarant, modelkit_events))
#: A flag of code: of functions, not of modules and classes.
NEW_LOCALS = 2

#: What stands before a guard, or is one: no function can catch what fails at its own entry.
BOUNDARY = {
    "emit_model_kit_action": "an emitter",
    "emit_model_kit_error_from": "an emitter",
    "emit_model_kit_heartbeat": "an emitter",
    "FromException.__init__": "keeps three arguments",
    "Catalogue.emitter": "what fetches an emitter",
    "Client.configure": "calls the guard",
    "Client.submit": "is the guard of emits",
    "Client.close": "calls the guard",
    "Client.flush": "calls the guard",
    "Dropping.is_strict": "asked before the guard is called",
    "guarded": "the guard",
    "quietly": "the guard at exits",
    "send_quietly": "the guard of a thread that sends",
}
#: By what the host's own thread can wait, and where the seconds stand among the arguments.
WAITS = (
    (threading.Thread, "join", 1),
    (threading.Condition, "wait", 1),
    (threading.Condition, "wait_for", 2),
    (threading.Event, "wait", 1),
    (_clocks, "sleep", 0),
)


class Fault(Exception):  # noqa: N818  it is none of ours to handle
    pass


class Watch:
    """Sees each call of ours, has one fail, and sees what the host's own thread waits for.

    Attributes:
        phase: What the host's own thread is in: its "life", its "exit", or a forked "child"; or the
            "process" that is no host, but a sender.
        seen: Functions that were called, and in which phase, or that it was in our "thread".
        fired: Whether the target was called, and failed.
        waits: For how many seconds the host would have waited at its exit; None for ever.
        connects: Connections that the host's own thread made at its exit.
        starts: Processes that it started then.
        is_looking: Whether nothing is to fail.
    """

    def __init__(self, target: list | None = None) -> None:
        self.phase = "life"
        self.seen: set[tuple] = set()
        self.fired = False
        self.waits: list[float | None] = []
        self.connects = self.starts = 0
        self.is_looking = target is None
        self._target = target
        self._is_waiting = False

    def begin(self) -> None:
        for owner, name, place in WAITS:
            setattr(owner, name, self._noting(getattr(owner, name), place))
        # It waits for the new thread to say that it runs, and for nothing of ours.
        threading.Thread.start = self._noting(threading.Thread.start, None)
        sys.addaudithook(self._audit)
        threading.settrace(self._look)
        sys.settrace(self._look)

    def end(self) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def _look(self, frame, event, _) -> None:
        code = frame.f_code
        name = known_name(code)
        # What the host, a thread or an exit calls, nothing of ours could catch.
        if not name or self.fired or not is_below_ours(frame):
            return
        phase = self.phase if is_main() else "thread"
        key = (code.co_filename, name, code.co_firstlineno, phase)
        self.seen.add(key)
        if [*key] == self._target:
            self.fired = True
            raise Fault("of our own")

    def _audit(self, event: str, _: object) -> None:
        if is_main() and self.phase == "exit":
            self.connects += event == "socket.connect"
            self.starts += event == "os.posix_spawn"

    def _noting(self, wait, place: int | None):
        def noting(*arguments, **named):
            if not is_main() or self._is_waiting:
                return wait(*arguments, **named)
            self._is_waiting = True
            try:
                if place is not None and self.phase == "exit":
                    given = arguments[place] if len(arguments) > place else None
                    self.waits.append(named.get("timeout", given))
                return wait(*arguments, **named)
            finally:
                self._is_waiting = False

        return noting


def is_main() -> bool:
    return threading.get_ident() == threading.main_thread().ident


def is_below_ours(frame) -> bool:
    """Tell whether one of our functions called this one, directly or not."""
    caller = frame.f_back
    while caller is not None and not caller.f_code.co_filename.startswith(OURS):
        caller = caller.f_back
    return caller is not None


@functools.cache
def known_name(code) -> str:
    """Return the full name of a function of ours that may fail; "" for all others."""
    # Not module or class bodies: those fail as imports do.
    if not code.co_filename.startswith(OURS) or not code.co_flags & NEW_LOCALS:
        return ""
    name = getattr(code, "co_qualname", None) or NAMES.get(code, code.co_name)
    return "" if name in BOUNDARY else name


def full_names() -> dict:
    functions = [each for each in gc.get_objects() if isinstance(each, types.FunctionType)]
    return {each.__code__: each.__qualname__ for each in functions}


#: Before Python 3.11 code does not know its full name.
NAMES = full_names() if sys.version_info < (3, 11) else {}
