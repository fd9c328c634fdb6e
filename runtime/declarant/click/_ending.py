"""How a command ended: by what leaves it, and the exit code that Click makes of that."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

if TYPE_CHECKING:
    from typing import Literal

    Outcome = Literal["returned", "exited", "refused", "aborted", "failed"]


class Ending:
    """The end of a command.

    Attributes:
        outcome: "returned"; "exited" by `sys.exit` or `ctx.exit`; "refused" with a message for the
            user, as by `click.UsageError`; "aborted" by the user, by whoever read the output, or by
            the caller of a coroutine; "failed" with an exception that nobody handled.
        exit_code: The process's, from 0 on.
    """

    __slots__ = ("exit_code", "outcome")

    def __init__(self, outcome: Outcome, exit_code: int) -> None:
        """Hold both."""
        self.outcome: Outcome = outcome
        self.exit_code = exit_code


def ending_of(error: BaseException | None) -> Ending:
    """Return what it means that *error* left a command; None if it returned.

    The cases are those that `click.Command.main` tells apart.
    """
    if error is None:
        return Ending("returned", 0)
    if isinstance(error, Exit):
        return Ending("exited", error.exit_code)
    if isinstance(error, SystemExit):
        return Ending("exited", _code_of(error))
    if isinstance(error, click.ClickException):
        return Ending("refused", error.exit_code)
    if isinstance(error, (click.Abort, KeyboardInterrupt, EOFError)) or _is_broken_pipe(error):
        return Ending("aborted", 1)
    if isinstance(error, GeneratorExit) or _is_cancelled(error):
        return Ending("aborted", 1)
    return Ending("failed", 1)


def _code_of(error: SystemExit) -> int:
    """Return the exit code that Python makes of *error*: anything but a number is told, and 1."""
    if error.code is None:
        return 0
    return error.code if isinstance(error.code, int) else 1


def _is_broken_pipe(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _is_cancelled(error: BaseException) -> bool:
    # Where asyncio is not loaded nobody can have raised it.
    kind = getattr(sys.modules.get("asyncio"), "CancelledError", None)
    return isinstance(kind, type) and isinstance(error, kind)
