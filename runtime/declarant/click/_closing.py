"""The end of the context in which a run began: what fails there is the end of the command, too.

Click closes a context when it is left, after the command has returned. What the host registered
there (`call_on_close`, `with_resource`) may still fail, and the program ends with that exception.
We are registered before the host is, and so are closed last.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Closing:
    """What a context closes last; it tells with which exception the closing ended, if any."""

    __slots__ = ("_context", "_is_open", "_tell")

    def __init__(
        self, context: click.Context, tell: Callable[[BaseException | None], None]
    ) -> None:
        """Be closed last by *context*."""
        self._context = context
        self._tell = tell
        self._is_open = True
        context.with_resource(self)

    def __enter__(self) -> None:
        """Begin; nothing is to be done."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Tell; what failed goes on as it came."""
        del kind
        self._is_open = False
        self._tell(error if _is_raised_by_closing(traceback) else None)

    def is_worth_waiting_for(self) -> bool:
        """Tell whether the context is held by somebody, and has more to close than this.

        What nobody holds may never be closed. Where Click or Python keep what is to be closed
        elsewhere, nothing is known of it, and nothing is waited for.
        """
        stack = getattr(self._context, "_exit_stack", None)
        resources = getattr(stack, "_exit_callbacks", ())
        is_held = click.get_current_context(silent=True) is self._context
        return self._is_open and is_held and len(resources) > 1


def _is_raised_by_closing(traceback: TracebackType | None) -> bool:
    """Tell whether a resource raised it, rather than whoever held the context."""
    return traceback is not None and traceback.tb_frame.f_code is ExitStack.__exit__.__code__
