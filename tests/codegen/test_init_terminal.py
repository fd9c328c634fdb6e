"""``declarant init`` at a terminal: a real one, with its line discipline and its keys."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals of this kind", allow_module_level=True)

PATIENCE_S = 60.0

# The command itself, in the terminal's own session, where keys can interrupt it: whoever runs the
# tests may have interrupts switched off.
AT_TERMINAL = """
import fcntl, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
from declarant.cli import main
sys.exit(main(["init", *sys.argv[1:]]))
"""
QUESTIONS = (
    "Product's machine name",
    "Its name as users know it",
    "Python package to generate",
    "What event names start with",
    "Collector's address",
    "Role that owns the events",
    "Role that approves changes",
)


class Terminal:
    """A program at a terminal, and what it has shown so far."""

    def __init__(self, *words: str, folder: Path, **variables: str) -> None:
        self._ours, theirs = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", AT_TERMINAL, *words],
            cwd=folder,
            env={**os.environ, **variables},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def answer(self, question: str, line: str | bytes = "") -> str:
        """Wait for a question, type a line, and return what was offered as the default."""
        prompt = self.wait_for(question)
        raw = line if isinstance(line, bytes) else f"{line}\n".encode()
        self.shown += "\n"
        os.write(self._ours, raw)
        return prompt.partition("[")[2].removesuffix("]: ")

    def wait_for(self, question: str) -> str:
        """Return the prompt of a question."""
        self._read_until(lambda new: new.endswith(": ") and question in new.splitlines()[-1])
        return self.shown.splitlines()[-1]

    def end(self) -> int:
        """Wait for the program's end and return its exit code."""
        self._read_until(lambda _: False)
        return self._process.wait(PATIENCE_S)

    def interrupt(self) -> None:
        """Press the key until it is heard: between a prompt and its reading it is lost."""
        while self._process.poll() is None:
            os.write(self._ours, b"\x03")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _read_until(self, is_there: Callable[[str], bool]) -> None:
        start, end = len(self.shown), time.monotonic() + PATIENCE_S
        while not is_there(self.shown[start:]):
            ready, _, _ = select.select([self._ours], [], [], max(0, end - time.monotonic()))
            assert ready, f"it never came; shown so far: {self.shown}"
            try:
                raw = os.read(self._ours, 65_536)
            except OSError:  # Linux: the other end is closed
                return
            if not raw:
                return
            self.shown += raw.decode("utf-8", "replace").replace("\r\n", "\n")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "Shiny Tool"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def at_terminal(*words: str, folder: Path, **variables: str) -> Iterator[Terminal]:
    terminal = Terminal(*words, folder=folder, **variables)
    try:
        yield terminal
    finally:
        terminal.close()


def catalogue(work: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((work / "schemas/catalogue.json").read_text("utf-8"))
    return found


def test_return_alone_takes_what_is_offered(work: Path) -> None:
    """Seven times; every default follows from the folder's name."""
    with at_terminal(folder=work) as terminal:
        offered = [terminal.answer(question) for question in QUESTIONS]
        code = terminal.end()

    assert code == 0
    assert offered == [
        "shiny-tool",
        "Shiny Tool",
        "shiny_tool_events",
        "ShinyTool",
        "http://127.0.0.1:8765/OneCollector/1.0/",
        "shiny-tool-owner",
        "shiny-tool-owner",
    ]
    found = catalogue(work)
    assert (found["product"], found["display_name"]) == ("shiny-tool", "Shiny Tool")
    check = [sys.executable, "-m", "declarant.cli", "check"]
    assert subprocess.run(check, cwd=work, capture_output=True, check=False).returncode == 0


def test_a_bad_answer_is_asked_for_again(work: Path) -> None:
    """With the words of the dialect; what was typed for the product's name is not lost."""
    with at_terminal(folder=work) as terminal:
        terminal.answer(QUESTIONS[0], "My App 2.0")
        near = terminal.answer(QUESTIONS[0])
        display_name = terminal.answer(QUESTIONS[1])
        terminal.answer(QUESTIONS[2], "json")
        terminal.answer(QUESTIONS[2], " my_events ")
        terminal.answer(QUESTIONS[3], "my")
        terminal.answer(QUESTIONS[3], "Mine")
        terminal.answer(QUESTIONS[4], "http://collector.example.com/")
        terminal.answer(QUESTIONS[4])
        terminal.answer(QUESTIONS[5], "jo@example.com")
        terminal.answer(QUESTIONS[5], "tool owners")
        approver = terminal.answer(QUESTIONS[6])
        code = terminal.end()

    assert (code, near, display_name, approver) == (0, "my-app-2-0", "My App 2.0", "tool owners")
    told = [line for line in terminal.shown.splitlines() if line.startswith("  expected ")]
    assert [line.rpartition(", found ")[2] for line in told] == [
        '"My App 2.0"; change the value, as in "my-app-2-0"',
        '"json", which Python or Declarant has; rename it',
        '"my"; change the value',
        '"http://collector.example.com/"; change the value',
        '"jo@example.com"; change the value',
    ]
    found = catalogue(work)
    assert (found["package"], found["event_prefix"]) == ("my_events", "Mine")
    assert (work / "schemas/events/mine_started.schema.json").is_file()


def test_what_is_given_by_flags_is_not_asked(work: Path) -> None:
    """But for a flag that is wrong."""
    words = ["--product", "tool", "--display-name", "The Tool", "--package", "class"]
    words += ["--event-prefix", "Tool", "--owner", "owners"]

    with at_terminal(*words, folder=work) as terminal:
        terminal.answer(QUESTIONS[2])
        terminal.answer(QUESTIONS[4])
        terminal.answer(QUESTIONS[6], "reviewers")
        code = terminal.end()

    assert code == 0
    assert '  expected a package name that is free, found "class"' in terminal.shown
    assert [question for question in QUESTIONS if question in terminal.shown] == [
        *(QUESTIONS[index] for index in (2, 4, 6))
    ]
    found = catalogue(work)
    assert (found["package"], found["review"]["approvers"]["low"]) == ("tool_events", ["reviewers"])


def test_yes_asks_nothing(work: Path) -> None:
    """What has no default must be given, at a terminal too."""
    with at_terminal("--yes", folder=work) as terminal:
        refused = terminal.end()
    assert "--product: expected a value, found none and nobody to ask" in terminal.shown

    with at_terminal("--yes", "--product", "tool", folder=work) as terminal:
        code = terminal.end()

    assert (refused, code) == (2, 0)
    assert not any(question in terminal.shown for question in QUESTIONS)


@pytest.mark.parametrize("key", ["end of input", "interrupt"])
def test_whoever_leaves_early_leaves_nothing(work: Path, key: str) -> None:
    """Neither a file nor a traceback."""
    with at_terminal(folder=work) as terminal:
        terminal.answer(QUESTIONS[0], "tool")
        if key == "interrupt":
            terminal.wait_for(QUESTIONS[1])
            terminal.interrupt()
        else:
            terminal.answer(QUESTIONS[1], b"\x04")
        code = terminal.end()

    assert code == (130 if key == "interrupt" else 2)
    assert ("expected an answer, found none" in terminal.shown) is (key == "end of input")
    assert "Traceback" not in terminal.shown
    assert list(work.iterdir()) == []


def test_bytes_that_are_no_text_are_asked_for_again(work: Path) -> None:
    """A terminal of another encoding ends nothing."""
    with at_terminal("--product", "tool", folder=work, PYTHONIOENCODING="utf-8:strict") as terminal:
        terminal.answer(QUESTIONS[1], b"Gr\xfc\xdfe\n")
        for question in QUESTIONS[1:]:
            terminal.answer(question)
        code = terminal.end()

    assert code == 0
    assert "expected text, found bytes that are none; type it again" in terminal.shown
    assert catalogue(work)["display_name"] == "Tool"


def test_nothing_is_asked_where_nothing_can_be_placed(work: Path) -> None:
    """A catalogue that is there is told before the first question."""
    (work / "schemas").mkdir()

    with at_terminal(folder=work) as terminal:
        code = terminal.end()

    assert code == 1
    assert not any(question in terminal.shown for question in QUESTIONS)
