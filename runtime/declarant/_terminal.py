"""One question at a terminal: on standard error, with a time limit, on POSIX and on Windows.

It takes from standard input what answers the question, and nothing that is meant for the program.
"""

from __future__ import annotations

import os
import sys

from declarant import _clocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Of one line; whatever is beyond answers nothing.
_MAX_LINE = 256
_PAUSE_S = 0.02
#: A Ctrl-C between Python's last look for signals and the system call of a wait does not end the
#: wait: it is heard when that is over.
_LONGEST_WAIT_S = 0.25

_ENTER = "\r\n"
_INTERRUPT = "\x03"
_END_OF_INPUT = "\x04\x1a"
_BACKSPACE = "\b\x7f"
#: A key that has no letter is told in two parts.
_SPECIAL = "\0\xe0"


def can_ask() -> bool:
    """Tell whether somebody is there: two terminals, in the foreground, and nothing typed yet.

    What was typed before the question cannot be an answer to it. It is left to the program, and the
    question to another run.
    """
    try:
        asked, heard = sys.stderr.fileno(), sys.stdin.fileno()
        return is_terminal(asked) and is_terminal(heard) and _is_ours(heard)
    except (AttributeError, OSError, ValueError):
        # No stream, a closed one, or one that is no file.
        return False


def say(text: str) -> bool:
    """Write *text* to standard error; False if nobody can read it."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        return False
    return True


def read_keys(
    seconds: float,
    *,
    has_key: Callable[[], bool],
    get_key: Callable[[], str],
    echo: Callable[[str], None],
    clock: Callable[[], float] = _clocks.monotonic,
    pause: Callable[[float], None] = _clocks.sleep,
) -> str | None:
    """Read a line key by key, for a console that is only asked whether a key was pressed.

    Args:
        seconds: How long to wait for its end.
        has_key: Whether a key waits.
        get_key: Takes one key.
        echo: Shows text.
        clock: Seconds that only grow.
        pause: Waits.

    Returns:
        The line, or None at the time limit or the end of input.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    end = clock() + seconds
    line = ""
    while clock() < end:
        if not has_key():
            pause(_PAUSE_S)
            continue
        key = get_key()
        if key in _INTERRUPT:
            raise KeyboardInterrupt
        if key in _END_OF_INPUT:
            return None
        if key in _ENTER:
            echo("\r\n")
            return line
        if key in _SPECIAL:
            get_key()
        elif key in _BACKSPACE:
            echo("\b \b" if line else "")
            line = line[:-1]
        elif len(line) < _MAX_LINE:
            echo(key)
            line += key
    return None


if sys.platform == "win32":
    import msvcrt

    def is_terminal(fd: int) -> bool:
        """Tell whether *fd* is a console; Windows calls its null device a terminal, too."""
        import ctypes

        mode = ctypes.c_ulong()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(fd))
        found: int = ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode))
        return bool(found)

    def _is_ours(fd: int) -> bool:
        del fd
        return not msvcrt.kbhit()

    def read_line(seconds: float) -> str | None:
        """Return what is typed within *seconds*, without its end; None if it does not end."""
        return read_keys(seconds, has_key=msvcrt.kbhit, get_key=msvcrt.getwch, echo=_echo)

    def _echo(text: str) -> None:
        for letter in text:
            msvcrt.putwch(letter)

else:

    def is_terminal(fd: int) -> bool:
        """Tell whether *fd* is a terminal."""
        return os.isatty(fd)

    def _is_ours(fd: int) -> bool:
        try:
            is_in_front = os.tcgetpgrp(fd) == os.getpgrp()
        except OSError:
            # Not the terminal that controls this process: it stops nobody.
            is_in_front = True
        # A job in the background would be stopped by the kernel for reading.
        return is_in_front and not _has_input(fd, 0.0)

    def read_line(seconds: float) -> str | None:
        """Return what is typed within *seconds*, without its end; None if it does not end."""
        end = _clocks.monotonic() + seconds
        line = b""
        try:
            fd = sys.stdin.fileno()
            while (left := end - _clocks.monotonic()) > 0:
                if not _has_input(fd, min(left, _LONGEST_WAIT_S)):
                    continue
                # One byte: what follows the line is the program's.
                byte = os.read(fd, 1)
                if byte in (b"\n", b"\r"):
                    return line.decode("utf-8", "replace")
                if not byte:
                    return None
                line = (line + byte)[:_MAX_LINE]
            _forget_unfinished(fd)
        except (AttributeError, OSError, ValueError):
            # The terminal went away.
            return None
        return None

    def _has_input(fd: int, seconds: float) -> bool:
        import select

        return bool(select.select([fd], [], [], max(0.0, seconds))[0])

    def _forget_unfinished(fd: int) -> None:
        """Drop a line that was begun as an answer: it is none for the program."""
        import termios

        try:
            termios.tcflush(fd, termios.TCIFLUSH)
        except termios.error:
            return
