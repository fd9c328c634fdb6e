"""Reading an answer key by key, as on Windows; POSIX is tested with real terminals."""

from __future__ import annotations

import io
import os
import select
import sys

import pytest

from declarant import _terminal
from declarant._terminal import read_keys


class Console:
    """Keys that are pressed one after the other, and a clock that a pause moves on."""

    def __init__(self, keys):
        self.keys = list(keys)
        self.shown = ""
        self.now = 0.0

    def read(self, seconds=60.0):
        return read_keys(
            seconds,
            has_key=lambda: bool(self.keys),
            get_key=lambda: self.keys.pop(0),
            echo=self.show,
            clock=lambda: self.now,
            pause=self.pause,
        )

    def show(self, text):
        self.shown += text

    def pause(self, seconds):
        self.now += seconds


@pytest.mark.parametrize(
    ("keys", "line", "shown"),
    [
        ("y\r", "y", "y\r\n"),
        ("\r", "", "\r\n"),
        ("no\n", "no", "no\r\n"),
        ("x\by\r", "y", "x\b \by\r\n"),
        ("\b\by\r", "y", "y\r\n"),
        # An arrow key is told in two parts, and is no letter.
        ("\xe0Hy\r", "y", "y\r\n"),
        ("\0;n\r", "n", "n\r\n"),
        ("é\r", "é", "é\r\n"),
    ],
)
def test_keys_make_a_line(keys, line, shown):
    """What is typed is shown, and ends with Enter."""
    console = Console(keys)

    assert console.read() == line
    assert console.shown == shown
    assert console.keys == []


def test_keys_behind_the_line_are_left():
    """They are the program's."""
    console = Console("y\rls\r")

    assert console.read() == "y"
    assert console.keys == list("ls\r")


@pytest.mark.parametrize("keys", ["", "y", "yes, please", "\x04", "\x1a", "y\x1a"])
def test_a_line_that_does_not_end_is_none(keys):
    """At the time limit, and at the end of input."""
    assert Console(keys).read(5.0) is None


def test_the_time_limit_is_kept():
    """It waits as long as it was told, and no longer."""
    console = Console("")

    console.read(5.0)

    assert 5.0 <= console.now < 5.1


def test_ctrl_c_is_an_interrupt():
    """As everywhere."""
    with pytest.raises(KeyboardInterrupt):
        Console("y\x03").read()


def test_a_long_line_is_bounded():
    """And no answer."""
    line = Console("y" * 5000 + "\r").read()

    assert line is not None
    assert len(line) < 1000


class NoFile(io.StringIO):
    """A stream that a host put in the place of a real one."""


@pytest.mark.parametrize("name", ["stdin", "stderr"])
@pytest.mark.parametrize("stream", [None, NoFile(), "closed"])
def test_streams_that_are_no_terminal(monkeypatch, name, stream):
    """Nobody is asked, and nothing is raised."""
    if stream == "closed":
        stream = io.StringIO()
        stream.close()
    monkeypatch.setattr(sys, name, stream)

    assert _terminal.can_ask() is False
    if name == "stderr":
        assert _terminal.say("x") is (type(stream) is NoFile)
    else:
        assert _terminal.read_line(0.0) is None


@pytest.mark.skipif(sys.platform == "win32", reason="there keys are asked for")
def test_no_single_wait_is_long(monkeypatch):
    """Python only notes a Ctrl-C that comes right before a wait, and raises it behind that."""
    there, other = os.pipe()
    waits = []
    wait = select.select

    def noted(*arguments):
        waits.append(arguments[3])
        return wait(*arguments)

    monkeypatch.setattr(select, "select", noted)
    with os.fdopen(there, encoding="utf-8") as stdin, os.fdopen(other, "wb"):
        monkeypatch.setattr(sys, "stdin", stdin)
        assert _terminal.read_line(0.6) is None

    assert len(waits) > 1
    assert max(waits) <= 0.25
