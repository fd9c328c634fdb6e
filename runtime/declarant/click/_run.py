"""One run of a command line below an `ActionGroup`: when its events are due, and what they say.

A run begins with the first body and ends when the outermost group is left, and its context closed
if that has something to close: only then is it known what nobody handled. A chain of commands is
one run, with an action for each of its commands.
"""

from __future__ import annotations

from contextlib import contextmanager
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine

# Bound before a host's tests can patch it, as the clocks are.
from os import getpid
from typing import TYPE_CHECKING

from declarant.click._closing import Closing
from declarant.click._ending import ending_of
from declarant.click._names import registered_name
from declarant.click._telemetry import Invocation, during

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    import click

    from declarant.click._telemetry import Telemetry

    Invoke = Callable[[click.Context], object]

#: Where all contexts of a run find it, in the `meta` that they share.
_KEY = "declarant.click"


def run_of(context: click.Context) -> Run | None:
    """Return the run that *context* is part of, if an `ActionGroup` is above it."""
    found: object = context.meta.get(_KEY)
    return found if isinstance(found, Run) else None


def join_run(context: click.Context, telemetry: Telemetry[...]) -> Run:
    """Return the run that *context* is part of; one that reports to *telemetry* if there is none.

    An outer group reports what an inner one would.
    """
    found = run_of(context)
    if found is None:
        found = context.meta[_KEY] = Run(telemetry)
        telemetry.guard(lambda: found.end_with(context))
    return found


class Run:
    """One run.

    Attributes:
        telemetry: What it reports to.
        is_disabled: Whether the user switched telemetry off for it.
        is_quiet: Whether it is one of the commands about telemetry, which report nothing.
    """

    __slots__ = (
        *(
            "_awaited",
            "_closing",
            "_context",
            "_goes_on",
            "_has_begun",
            "_invocation",
            "_is_open",
            "_is_on",
            "_left",
            "_pid",
        ),
        *("is_disabled", "is_quiet", "telemetry"),
    )

    def __init__(self, telemetry: Telemetry[...]) -> None:
        """Be ready; nothing is looked at yet."""
        self.telemetry = telemetry
        self.is_disabled = False
        self.is_quiet = False
        self._is_open = False
        self._closing: Closing | None = None
        #: What left the outermost group, while its context is not closed yet.
        self._left: tuple[BaseException | None] | None = None
        self._reset()

    def end_with(self, context: click.Context) -> None:
        """Have the run end when *context*, that of its outermost group, is closed."""
        self._closing = Closing(context, self._closed)

    def _reset(self) -> None:
        self._context: click.Context | None = None
        self._invocation: Invocation | None = None
        self._has_begun = False
        self._is_on = False
        self._goes_on = False
        self._awaited: object = None
        # A fork leaves the run to the process that began it.
        self._pid = getpid()

    def follow(self, context: click.Context, invoke: Invoke, *, is_body: bool) -> object:
        """Invoke the command of *context*, and report what there is to report.

        Args:
            context: The command's.
            invoke: Invokes it.
            is_body: Whether that runs its own body, rather than a command's below it.
        """
        if self.telemetry.is_running():
            # Called by a body that is reported already.
            return invoke(context)
        if self._is_open:
            return self._step(context, invoke, is_body=is_body)
        # A host that invokes it again, and has not closed the context in between.
        self._closed(None)
        self._reset()
        self._is_open = True
        try:
            result = self._step(context, invoke, is_body=is_body)
        except BaseException as error:
            self._leave(error)
            raise
        finally:
            self._is_open = False
        if not self._goes_on:
            self._leave(None)
        return result

    def _leave(self, error: BaseException | None) -> None:
        """End the run, or wait until its context is closed."""
        closing = self._closing
        if closing is not None and self.telemetry.guard(closing.is_worth_waiting_for):
            self._left = (error,)
        else:
            self._end(error)

    def _closed(self, error: BaseException | None) -> None:
        """End a run that waited; *error* is what the closing failed with, if it did."""
        if self._left is not None:
            (before,), self._left = self._left, None
            # Where no body began, no command ended with it.
            self._end(before if error is None or not self._has_begun else error)

    def _step(self, context: click.Context, invoke: Invoke, *, is_body: bool) -> object:
        self._context = context
        if self.is_quiet or not is_body:
            return invoke(context)
        self._report()
        self._begin(context, ask=True)
        with self._body():
            result = invoke(context)
            if not iscoroutine(result):
                return result
            # Late on purpose: most commands are no coroutines.
            import asyncio

            if not _has_loop():
                return asyncio.run(result)
        # The caller's own loop runs it, and its end is the run's.
        self._goes_on = True
        return self._handed_over(result)

    def _handed_over(
        self, coroutine: Coroutine[object, object, object]
    ) -> Coroutine[object, object, object]:
        """Return what the caller is to await; thrown away before that, it counts as aborted."""
        # Late on purpose, as above.
        import weakref

        awaited = self._await(coroutine)
        # Python names it where it warns of one that nobody awaited.
        for name in ("__name__", "__qualname__"):
            setattr(awaited, name, getattr(coroutine, name))
        invocation = self._invocation

        def forget(_: object) -> None:
            if getcoroutinestate(coroutine) == CORO_CREATED:
                # One warning, if any, as without us.
                coroutine.close()
            if invocation is not None and invocation is self._invocation:
                self._end(GeneratorExit())

        self._awaited = weakref.ref(awaited, forget)
        return awaited

    async def _await(self, coroutine: Coroutine[object, object, object]) -> object:
        try:
            with self._body():
                result = await coroutine
        except BaseException as error:
            self._end(error)
            raise
        self._end(None)
        return result

    def _begin(self, context: click.Context, *, ask: bool) -> None:
        """Be ready for a body; its first one is preceded by the heartbeat."""
        self.telemetry.guard(lambda: self._prepare(context, ask=ask))

    def _prepare(self, context: click.Context, *, ask: bool) -> None:
        is_first, self._has_begun = not self._has_begun, True
        if is_first:
            self._is_on = self.telemetry.begin(disabled=self.is_disabled, ask=ask)
        if self._is_on:
            name = self.telemetry.guard(lambda: registered_name(context))
            self._invocation = Invocation(name or "")
            if is_first:
                with during(self.telemetry, self._invocation):
                    self.telemetry.beat()

    @contextmanager
    def _body(self) -> Generator[None]:
        """Hold while the body runs, and take its time."""
        invocation = self._invocation
        with during(self.telemetry, invocation):
            if invocation is not None:
                invocation.start()
            try:
                yield
            finally:
                if invocation is not None:
                    invocation.stop()

    def _end(self, error: BaseException | None) -> None:
        if getpid() == self._pid:
            self.telemetry.guard(lambda: self._tell_end(error))

    def _tell_end(self, error: BaseException | None) -> None:
        ending = ending_of(error)
        has_failed = error is not None and ending.outcome == "failed"
        if has_failed and not self._has_begun and self._context is not None and not self.is_quiet:
            # The callback of a group failed, before any body: nobody is asked now.
            self._begin(self._context, ask=False)
        if self._invocation is not None:
            self._invocation.end(ending)
        if has_failed and self._is_on and error is not None:
            with during(self.telemetry, self._invocation):
                self.telemetry.complain(error)
        self._report()

    def _report(self) -> None:
        """Report the command that ended last, if there is one and this process began the run."""
        invocation, self._invocation = self._invocation, None
        if invocation is not None and getpid() == self._pid:
            with during(self.telemetry, invocation):
                self.telemetry.report(invocation)


def _has_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
