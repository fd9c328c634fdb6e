"""Signals that arrive in the middle of an emit or of an exit."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")

HANDLERS = {
    "function": "def handler(number, frame): raise TooLate",
    "method": "class Holder:\n    def act(self, *_): raise TooLate\nhandler = Holder().act",
    "object": "class Holder:\n    def __call__(self, *_): raise TooLate\nhandler = Holder()",
    "partial": (
        "import functools\ndef act(what, number, frame): raise what\n"
        "handler = functools.partial(act, TooLate)"
    ),
    "deeper": ("def inner(): raise TooLate\ndef handler(number, frame):\n    inner()"),
}


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS.keys())
@pytest.mark.parametrize("kind", ["Exception", "TimeoutError", "UnicodeEncodeError", "SystemExit"])
def test_a_time_limit_of_the_host_holds(twins, handler, kind):
    """A handler raises in the middle of an emit: the program must see it.

    Where Python itself, or a module that a sender shares, takes an OSError for the disk's, a
    TimeoutError may get lost; not more than that once in a while.
    """
    made = "TooLate('utf-8', '', 0, 1, 'late')" if kind == "UnicodeEncodeError" else "TooLate"
    code = f"""
import signal, time
class TooLate({kind}):
    pass
{handler.replace("raise TooLate", f"raise {made}").replace("(act, TooLate)", f"(act, {made})")}
start()
# With it, what an import makes of such an error is out of the way.
emit()
# A function: what is raised at a loop's jump back passes the `try` around it from 3.13 on.
def work(end):
    while time.monotonic() < end:
        emit()
signal.signal(signal.SIGALRM, handler)
caught = lost = 0
while caught < 30 and lost < 3:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.002)
        work(time.monotonic() + 0.1)  # no longer, so that the store takes all of it
        signal.setitimer(signal.ITIMER_REAL, 0)
        lost += 1
    except TooLate:
        caught += 1
print(caught)
"""
    said = twins.run(code, events=None)

    assert said.out == "30\n"
    assert twins.dropped() == {}


def test_ctrl_c_reaches_the_program(twins):
    """KeyboardInterrupt is no error of ours."""
    said = twins.run(
        """
        import signal
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        start()
        emit()
        def work():
            while True:
                emit()
        caught = 0
        while caught < 30:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.002)
                work()
            except KeyboardInterrupt:
                caught += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(caught)
        """,
        events=None,
    )
    assert said.out == "30\n"
    assert twins.dropped() == {}


@pytest.mark.parametrize("handler", ["signal.default_int_handler", "lambda *_: sys.exit(9)"])
def test_a_signal_while_we_send_at_the_exit(twins, handler):
    """The program is over: its exit code stands, and nothing is printed below its output.

    Without telemetry nothing waits, so the signal of the other life comes when all is done.
    """
    twins.run(
        f"""
        import atexit, os, signal, socket, threading
        listener = socket.create_server(("127.0.0.1", 0))
        def interrupt():
            connection, _ = listener.accept()
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(100)
        import modelkit_events
        if hasattr(modelkit_events, "CATALOGUE"):
            signal.signal(signal.SIGINT, {handler})
            threading.Thread(target=interrupt, daemon=True).start()
        start(delivery="thread", flush_interval_s=100, exit_budget_s=100,
              endpoint=f"http://127.0.0.1:{{listener.getsockname()[1]}}/OneCollector/1.0/")
        emit()
        print("done")
        """,
        events=1,
    )


def test_handlers_that_emit(twins):
    """In the middle of an emit of the same thread."""
    twins.run(
        """
        import signal
        inside = 0
        def handler(number, frame):
            global inside
            inside += 1
            emit()
        signal.signal(signal.SIGALRM, handler)
        start()
        emit()
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        while inside < 30:
            emit(1)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("done")
        """,
        events=None,
    )
    assert twins.dropped() == {}
