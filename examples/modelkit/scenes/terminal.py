"""A program in a pseudo-terminal, and somebody who reads it and types."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Only the absence of what is awaited takes that long.
PATIENCE_S = 60.0

#: Ctrl-C and Ctrl-D, as the keys send them.
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """A program at a terminal of its own, which is its standard input and standard error.

    Its standard output is a pipe, so that what it says is told from what it shows. Not on Windows.

    Attributes:
        process: The program.
    """

    def __init__(
        self, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path | None = None
    ) -> None:
        """Start *command*."""
        if sys.platform == "win32":
            raise OSError("there are no pseudo-terminals on Windows")
        self._ours, theirs = os.openpty()
        self._heard = b""
        # A session's first process that opens a terminal has it as its own: keys make signals then.
        place = os.ttyname(theirs)
        run = "import os, sys; os.open(sys.argv[1], os.O_RDWR); os.execv(sys.argv[2], sys.argv[2:])"
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", run, place, *command],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
        os.close(theirs)

    @property
    def shown(self) -> str:
        """What the terminal showed so far, with the line ends of a text."""
        return self._heard.decode().replace("\r\n", "\n")

    def expect(self, text: str) -> None:
        """Read until *text* was shown.

        Raises:
            TimeoutError: It was not.
        """
        end = time.monotonic() + PATIENCE_S
        while text not in self.shown:
            left = max(end - time.monotonic(), 0.0)
            if not select.select([self._ours], [], [], left)[0] or not self._read():
                raise TimeoutError(f"expected {text!r} on the terminal, found {self.shown!r}")

    def type(self, text: str) -> None:
        """Type *text*."""
        os.write(self._ours, text.encode())

    def end(self) -> str:
        """Wait for the program, and return its standard output.

        Raises:
            subprocess.TimeoutExpired: It does not end.
        """
        said, _ = self.process.communicate(timeout=PATIENCE_S)
        while self._read():
            pass
        return said.decode()

    def close(self) -> None:
        """End the program, if it has not ended, and the terminal."""
        self.process.kill()
        self.process.communicate()
        os.close(self._ours)

    def _read(self) -> bytes:
        piece = b""
        # An error means that nobody is left at the other end.
        with suppress(OSError):
            piece = os.read(self._ours, 65536)
        self._heard += piece
        return piece
