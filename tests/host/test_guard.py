"""What a host makes of the calls that telemetry makes as well: hooks, patches, refusals."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Refuses one audit event of Python's, wherever it comes from, once told to.
HOOK = """
import sys
refused = set()
def hook(event, arguments):
    if event in refused:
        raise RuntimeError(event)
sys.addaudithook(hook)
"""
REFUSED = ["open", "os.scandir", "os.mkdir", "os.remove", "fcntl.flock", "os.rename"]


@pytest.mark.parametrize("event", REFUSED)
@pytest.mark.parametrize("when", ["before the set-up", "before the first event", "later"])
@pytest.mark.parametrize("delivery", ["manual", "thread"])
def test_an_audit_hook_refuses(twins, event, when, delivery):
    """PEP 578: a hook may refuse with any exception; no emitter hands it on, and it is counted."""
    refuse = f"refused.add({event!r})"
    twins.run(
        f"""
        {HOOK.replace(chr(10), chr(10) + "        ")}
        import modelkit_events
        {refuse if when == "before the set-up" else ""}
        start(delivery={delivery!r}, flush_interval_s=100)
        {refuse if when == "before the first event" else ""}
        for number in range(3):
            emit(number)
        {refuse if when == "later" else ""}
        if hasattr(modelkit_events, "CATALOGUE") and {when == "later"}:
            # It seals the segment, so that the next event needs another.
            modelkit_events.CATALOGUE.client.flush(5)
        for number in range(3):
            emit(number)
        start(delivery={delivery!r}, flush_interval_s=100)
        emit()
        refused.clear()
        print("done")
        """,
        events=7,
    )


ENDS = """
import sys
import modelkit_events
store, armed = sys.argv[1], []
def hook(event, arguments):
    if armed and event == "open" and str(arguments[0]).startswith(store):
        raise SystemExit(7)
sys.addaudithook(hook)
modelkit_events.configure(
    app_version="1", consent="granted", delivery="manual", store_folder=store,
    ikey="0123456789abcdef0123456789abcdef-00000000-0000-0000-0000-000000000000-0000",
)
armed.append(True)
modelkit_events.emit_model_kit_heartbeat()
print("went on")
"""


def test_an_audit_hook_that_ends_the_program_ends_it(tmp_path):
    """`SystemExit` is no refusal: whoever raises it in a hook of the host's means the program."""
    command = [sys.executable, "-c", ENDS, str(tmp_path / "store")]

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout, ran.stderr) == (7, "", "")


PATCHES = {
    "open": "os.open",
    "write": "os.write",
    "fstat": "os.fstat",
    "stat": "os.stat",
    "rename": "os.rename",
    "unlink": "os.unlink",
}


@pytest.mark.parametrize("what", PATCHES)
@pytest.mark.parametrize("effect", ["RuntimeError", "TypeError", "StopIteration", "None"])
def test_a_patch_of_the_host_fails(twins, what, effect):
    """A host's tests patch what we call as well; its mock raises into our frames."""
    made = "new=None" if effect == "None" else f"side_effect={effect}('of the host')"
    twins.run(
        f"""
        from unittest import mock
        start()
        emit()
        with mock.patch({PATCHES[what]!r}, {made}):
            for number in range(3):
                emit(number)
        with mock.patch({PATCHES[what]!r}, {made}):
            start()
            emit()
        emit()
        print("done")
        """,
        events=6,
    )


def test_a_patch_is_told_from_a_handler_of_the_same_class(twins):
    """Both are mocks, so both run the same code; only what the handler raises is the host's."""
    twins.run(
        """
        import signal, time
        from unittest import mock
        class TooLate(Exception):
            pass
        signal.signal(signal.SIGALRM, mock.Mock(side_effect=TooLate))
        start()
        emit()
        with mock.patch("os.write", side_effect=RuntimeError):
            emit()
        # A function of its own: the jump back of a loop inside `try` is not covered on 3.13.
        def work(end):
            while time.monotonic() < end:
                emit()
        caught = lost = 0
        while caught < 5 and lost < 3:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.002)
                work(time.monotonic() + 1)
                signal.setitimer(signal.ITIMER_REAL, 0)
                lost += 1
            except TooLate:
                caught += 1
        print(caught)
        """,
        events=None,
    )
    assert twins.dropped() == {"INTERNAL": 1}
