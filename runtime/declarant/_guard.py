"""The boundary between telemetry and its host: what goes wrong inside ends here.

Inside, failures have types and are handled where they are understood. Whatever is left is a defect,
or a machine that has run out of something, and is none of the host's: it is counted and not raised.
Three things pass: what is raised on purpose (`DeclarantError`), what strict mode raises, and what
belongs to the host although it surfaced in our frames (`is_hosts`).
"""

from __future__ import annotations

import sys

from declarant._errors import DeclarantError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import TypeVar

    Result = TypeVar("Result")

    getsignal: Callable[[int], object]
    valid_signals: Callable[[], set[int]]
else:
    # Not `signal`: it imports enum (docs/decisions/0002-import-budget.md).
    from _signal import getsignal, valid_signals


def guarded(call: Callable[[], Result], otherwise: Callable[[], Result], *, strict: bool) -> Result:
    """Return what *call* does; if it fails, what *otherwise* does.

    Args:
        call: The work.
        otherwise: Called after a failure; it has to do with next to nothing.
        strict: Raise failures as they came, for tests.

    Raises:
        DeclarantError: What *call* raises on purpose.
    """
    try:
        return call()
    except DeclarantError:
        raise
    except (RecursionError, MemoryError):
        # Before anything else is called: there is no room for it.
        if strict:
            raise
        return otherwise()
    except Exception as error:
        if strict or is_hosts(error):
            raise
        return otherwise()


def attempt(call: Callable[[], None]) -> None:
    """Do *call*, after a failure of which there is nothing left to do."""
    guarded(call, lambda: None, strict=False)


def contained(call: Callable[[], Result], otherwise: Callable[[], Result]) -> Result:
    """Return what foreign code does, an object's own methods; if it fails, what *otherwise* does.

    It may raise anything, SystemExit too. KeyboardInterrupt alone passes, beside what belongs to
    the host: it is the user who ends the program, and cannot be told from one of foreign code.
    """
    try:
        return call()
    except KeyboardInterrupt:
        raise
    except BaseException as failure:
        if is_hosts(failure):
            raise
        return otherwise()


def quietly(call: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
    """Do *call* at the interpreter's exit or in a forked child, where a failure is only printed.

    A Ctrl-C at the exit ends the wait for the network and nothing else: the program itself is over.

    Args:
        call: The work.
        otherwise: Done after a failure; it has to do with next to nothing.
    """
    try:
        call()
    except BaseException:  # noqa: BLE001  see above: nobody could catch it, and everybody would read it
        otherwise()


def give_back(error: OSError) -> None:
    """Raise *error* again if it is the host's, from where disks are expected to fail.

    A handler for an alarm commonly raises TimeoutError, which is an OSError. What the kernel says
    has a number.
    """
    if error.errno is None and is_hosts(error):
        raise error


def is_hosts(error: BaseException) -> bool:
    """Tell whether *error* came out of a signal handler or a debugger of the host.

    Either runs between any two lines, ours included. A time limit that a host has set by an alarm
    must not end in a dropped event, and whoever quits a debugger means the program.
    """
    if isinstance(error, (MemoryError, RecursionError)):
        # There is no room to find out.
        return False
    quits = getattr(sys.modules.get("bdb"), "BdbQuit", None)
    if isinstance(quits, type) and isinstance(error, quits):
        return True
    handlers = _handlers()
    traceback = error.__traceback__
    while traceback is not None and handlers:
        if _runs_one(traceback.tb_frame, handlers):
            return True
        traceback = traceback.tb_next
    return False


def _handlers() -> list[tuple[CodeType, object]]:
    """Return code and object of every signal handler that is written in Python; None for none."""
    found: list[tuple[CodeType, object]] = []
    for number in valid_signals():
        handler = getsignal(number)
        # A partial, a method, an object that can be called. A mock has whatever it is asked for.
        if hasattr(type(handler), "func"):
            handler = getattr(handler, "func", handler)
        owner: object = getattr(handler, "__self__", None)
        handler = getattr(handler, "__func__", handler)
        if callable(handler) and not hasattr(handler, "__code__"):
            owner, handler = handler, type(handler).__call__
        code: CodeType | None = getattr(handler, "__code__", None)
        if code is not None:
            found.append((code, owner))
    return found


def _runs_one(frame: FrameType, handlers: list[tuple[CodeType, object]]) -> bool:
    """Tell whether *frame* runs one of *handlers*, and not another object's method of that code.

    A host's mock may be a handler while another one stands for a function that we call.
    """
    code = frame.f_code
    owners = [owner for held, owner in handlers if held is code]
    if not owners or None in owners:
        return bool(owners)
    first = frame.f_locals.get(code.co_varnames[0]) if code.co_varnames else None
    return first is None or any(owner is first for owner in owners)
