"""Zero bytes when off: with any off signal no file, socket, thread, process or identifier appears.

Each signal is tried in a program that does all that telemetry can do, and once more turned round:
there the same watch sees the files, the socket, the thread and the identifier.
"""

from __future__ import annotations

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("needs homes as POSIX has them", allow_module_level=True)

from .conftest import CLICK

NOTHING: set[str] = set()
WITH_A_THREAD = {"file", "identifier", "socket", "thread"}
WITH_A_SENDER = {"file", "identifier", "process"}
DELIVERIES = ("manual", "thread", "detached")


def variable(name, off, on):
    def turn(watched, is_on):
        watched.settings["consent"] = "granted"
        watched.environment[name] = on if is_on else off

    return turn


def setting(off, on):
    def turn(watched, is_on):
        watched.settings |= {"consent": "granted"} | (on if is_on else off)

    return turn


def policy(watched, is_on):
    watched.settings["consent"] = "granted"
    watched.policy = '{"telemetry": true}' if is_on else '{"telemetry": false}'


def refusal(watched, is_on):
    watched.settings["consent"] = "stored"
    watched.answer("granted" if is_on else "denied")


def refusal_of_what_the_program_vouches_for(watched, is_on):
    watched.settings["consent"] = "granted"
    watched.answer("granted" if is_on else "denied")


def no_answer(watched, is_on):
    """Nor a terminal at which one could be given."""
    watched.settings["consent"] = "ask"
    if is_on:
        watched.answer("granted")


def continuous_integration(watched, is_on):
    watched.settings["consent"] = "stored"
    watched.answer("granted")
    watched.environment["CI"] = "false" if is_on else "true"


def master_switch(watched, is_on):
    watched.settings["consent"] = "granted"
    if not is_on:
        watched.switch_off()


SIGNALS = {
    "DO_NOT_TRACK": variable("DO_NOT_TRACK", "1", "0"),
    "MODELKIT_TELEMETRY": variable("MODELKIT_TELEMETRY", "0", "1"),
    "MODELKIT_TELEMETRY_OPTOUT": variable("MODELKIT_TELEMETRY_OPTOUT", "1", ""),
    "a flag of the program": setting({"disabled": True}, {"disabled": False}),
    "the program's word": setting({"consent": "denied"}, {}),
    "a key that is missing": setting({"ikey_ref": None}, {}),
    "a policy": policy,
    "a refusal": refusal,
    "a refusal, whatever the program says": refusal_of_what_the_program_vouches_for,
    "no answer": no_answer,
    "continuous integration": continuous_integration,
    "the master switch": master_switch,
}
#: Off for good: what was left by a run before is deleted, or would be.
DELETING = ("a refusal", "a refusal, whatever the program says", "the master switch")


@pytest.mark.parametrize("signal", SIGNALS)
def test_nothing_appears(watched, signal):
    SIGNALS[signal](watched, False)

    seen = watched.run(*DELIVERIES)

    if signal in DELETING:
        assert seen.pop("inside") == {"removal"}
        assert seen.pop("outside", {"removal"}) == {"removal"}
    assert seen == dict.fromkeys(seen, NOTHING)
    assert watched.collector.requests() == []


@pytest.mark.once
@pytest.mark.parametrize("signal", SIGNALS)
def test_the_watch_sees_what_appears_without_it(watched, signal):
    """The positive control of the test above, by the same signal turned round."""
    SIGNALS[signal](watched, True)

    seen = watched.run("thread")

    assert seen.pop("on disk") == {"file"}
    assert seen.pop("started", NOTHING) == NOTHING
    for kinds in seen.values():
        assert kinds - {"removal"} == WITH_A_THREAD
    assert len(watched.collector.accepted()) == 3


@pytest.mark.parametrize(
    ("delivery", "kinds"), [("thread", WITH_A_THREAD), ("detached", WITH_A_SENDER)]
)
def test_the_watch_sees_what_appears_when_on(watched, delivery, kinds):
    """On every interpreter: which calls are audited differs."""
    watched.settings["consent"] = "granted"

    seen = watched.run(delivery, is_traced=False)

    assert seen["inside"] - {"removal"} == kinds
    watched.wait_for(3)


def test_the_watch_from_outside_sees_what_python_does_not_tell(watched, traced):
    """Of calls that other code makes no audit hook hears."""
    program = "import ctypes; ctypes.CDLL(None).mkdir(b'unheard', 0o700)"

    seen = watched.run(program=program)

    assert seen == {
        "inside": NOTHING,
        "outside": {"file"},
        "started": NOTHING,
        "on disk": {"file"},
    }


def test_the_watch_from_outside_sees_what_a_sender_does(watched, traced):
    """It is another process, and of its socket the program knows nothing."""
    watched.settings |= {"consent": "granted", "sender_interval_s": 0}

    seen = watched.run("detached")

    assert seen["inside"] - {"removal"} == WITH_A_SENDER
    # The C library may ask a service of this machine for the user's name.
    assert seen["outside"] - {"removal", "socket"} == WITH_A_SENDER
    assert seen["started"] >= {"file", "removal", "socket"}
    # It lasts as long as the sender.
    assert len(watched.collector.accepted()) == 3


@pytest.mark.parametrize("place", [0, 1])
def test_nothing_appears_in_a_command_line(watched, place):
    """The flag of the user, on either level."""
    words = ["build"]
    words.insert(place, "--disable-telemetry")
    watched.answer("granted")

    seen = watched.run(*words, program=CLICK)

    assert seen == dict.fromkeys(seen, NOTHING)


def test_the_watch_sees_what_appears_in_a_command_line(watched):
    watched.answer("granted")

    seen = watched.run("build", program=CLICK, is_traced=False)

    assert seen["inside"] == WITH_A_SENDER
    assert seen["on disk"] == {"file"}
    watched.wait_for(2)
