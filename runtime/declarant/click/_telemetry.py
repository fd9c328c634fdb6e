"""What binds a command line to a generated package: its settings, and which event says what.

Nothing here knows an event's name or fields. The host hands over its emitters, or small typed
functions around them; of a command's parameters only what the host records reaches an event.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from declarant import _clocks
from declarant._guard import is_hosts
from declarant._outcome import DropReason

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator
    from typing import Literal

    from declarant._catalogue import Catalogue
    from declarant._host import Host
    from declarant._settings import Consent, Delivery
    from declarant.click._ending import Ending, Outcome

P = ParamSpec("P")
T = TypeVar("T")


class Invocation:
    """One command that runs, or ran.

    Attributes:
        name: The registered name, after those of the groups below the outermost one, joined by
            ".": "cache.clear". Of what the user typed nothing else is in it.
        is_interactive: Whether standard input was a terminal.
        duration_ms: Wall-clock time of the command's body so far, in milliseconds.
        outcome: How it ended: "returned", "exited", "refused", "aborted" or "failed"; "returned"
            while it runs.
        exit_code: The exit code that follows from that.
        fields: What was recorded for the action event beside all this.
    """

    __slots__ = ("_ended", "_started", "exit_code", "fields", "is_interactive", "name", "outcome")

    def __init__(self, name: str) -> None:
        """Start its clock."""
        self.name = name
        self.is_interactive = _is_interactive()
        self.outcome: Outcome = "returned"
        self.exit_code = 0
        self.fields: dict[str, object] = {}
        self._ended: float | None = None
        self.start()

    @property
    def duration_ms(self) -> int:
        """Wall-clock time so far, in milliseconds."""
        end = _clocks.monotonic() if self._ended is None else self._ended
        return round((end - self._started) * 1000)

    @property
    def success(self) -> bool:
        """Whether the exit code is 0."""
        return self.exit_code == 0

    def start(self) -> None:
        """Start the clock anew: what came before was none of the body's time."""
        self._started = _clocks.monotonic()

    def stop(self) -> None:
        """Stop the clock."""
        self._ended = _clocks.monotonic()

    def end(self, ending: Ending) -> None:
        """Take note of the end."""
        self.outcome = ending.outcome
        self.exit_code = ending.exit_code


class Telemetry(Generic[P]):
    """The telemetry of one command line.

    Attributes:
        catalogue: Of the generated package.
        consent: As given; an option of the host may change it until a command's body begins.
        store_folder: As given.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        app_version: str,
        heartbeat: Callable[[], object] | None = None,
        action: Callable[Concatenate[Invocation, P], object] | None = None,
        error: Callable[[BaseException], object] | None = None,
        consent: Consent = "ask",
        ikey: str | None = None,
        ikey_ref: str | None = None,
        endpoint: str | None = None,
        delivery: Delivery = "detached",
        level: Literal["required", "optional"] = "optional",
        strict: bool = False,
        store_folder: str | os.PathLike[str] | None = None,
        exit_budget_s: float = 1.0,
        sender_interval_s: float = 10.0,
    ) -> None:
        """Bind events and settings; nothing is looked at, stored or sent before a command runs.

        Args:
            catalogue: `CATALOGUE` of the generated package.
            app_version: The application's version.
            heartbeat: Emits that a command is about to run; called once a run.
            action: Emits what came of a command. It is given the `Invocation`, and what `record`
                was given; each of those arguments needs a default.
            error: Emits an exception that nobody handled, before the action.
            consent: As in `configure`. "ask" asks before the first command's body.
            ikey: As in `configure`.
            ikey_ref: As in `configure`.
            endpoint: As in `configure`.
            delivery: As in `configure`; a command line waits for no network.
            level: As in `configure`.
            strict: As in `configure`; what goes wrong in here is raised as well.
            store_folder: As in `configure`.
            exit_budget_s: As in `configure`.
            sender_interval_s: As in `configure`.
        """
        self.catalogue = catalogue
        self.consent: Consent = consent
        self.store_folder = store_folder
        self._heartbeat = heartbeat
        # From here on a checker knows no more than that they are its own arguments' names.
        self._action: Callable[..., object] | None = action
        self._error = error
        self._strict = strict
        self._ikey = ikey
        self._ikey_ref = ikey_ref
        self._endpoint = endpoint
        self._elsewhere: dict[str, object] = {}
        self._configure = partial(
            catalogue.client.configure,
            app_version=app_version,
            ikey=ikey,
            ikey_ref=ikey_ref,
            endpoint=endpoint,
            delivery=delivery,
            level=level,
            strict=strict,
            store_folder=store_folder,
            exit_budget_s=exit_budget_s,
            sender_interval_s=sender_interval_s,
        )

    def record(self, *args: P.args, **fields: P.kwargs) -> None:
        """Have the action event of the running command say this, by the names of `action`'s.

        Called again it adds, and replaces. Outside a command, and where telemetry is off, it does
        nothing.
        """
        invocation = self.invocation
        if invocation is not None and not args:
            invocation.fields.update(fields)

    @property
    def invocation(self) -> Invocation | None:
        """The command that runs or is told of; None outside one, and where telemetry is off."""
        return next((i for t, i in reversed(_running.get()) if t is self), None)

    def is_running(self) -> bool:
        """Tell whether the calling code is part of a command already."""
        return any(telemetry is self for telemetry, _ in _running.get())

    @contextmanager
    def kept_in(self, folder: str, *, disabled: bool) -> Generator[None]:
        """For the time being, keep what commands emit in *folder*, by our word; send nothing.

        Args:
            folder: Where.
            disabled: Keep nothing at all.
        """
        self._elsewhere = {"consent": "granted", "delivery": "manual", "store_folder": folder}
        if disabled:
            self._elsewhere["disabled"] = True
        try:
            yield
        finally:
            self._elsewhere = {}

    def host(
        self,
        *,
        disabled: bool = False,
        consent: Consent | None = None,
        store_folder: str | None = None,
    ) -> Host:
        """Return what a look at the set-up needs.

        Args:
            disabled: Whether telemetry is off for this run.
            consent: Instead of the program's word.
            store_folder: Instead of its store.
        """
        # Late on purpose: the commands that are reported have no use for it.
        from declarant._host import Host

        return Host(
            self.catalogue,
            consent=consent or self.consent,
            disabled=disabled,
            ikey=self._ikey,
            ikey_ref=self._ikey_ref,
            endpoint=self._endpoint,
            store_folder=store_folder or self.store_folder,
        )

    def begin(self, *, disabled: bool, ask: bool) -> bool:
        """Set the client up for a run; True if it is on.

        Args:
            disabled: Off for this run: nothing is stored, sent or deleted.
            ask: Whether the user may be asked.
        """
        client = self.catalogue.client
        if disabled:
            # What an earlier run of this process stored is not for this one to send.
            client.switch_off()
        consent: Consent = "stored" if self.consent == "ask" and not ask else self.consent
        settings: dict[str, Any] = {"consent": consent, "disabled": disabled, **self._elsewhere}
        self.guard(lambda: self._configure(**settings))
        return client._writer is not None

    def beat(self) -> None:
        """Emit the heartbeat."""
        if self._heartbeat is not None:
            self.guard(self._heartbeat)

    def report(self, invocation: Invocation) -> None:
        """Emit the action of a command that ended."""
        action = self._action
        if action is not None:
            self.guard(lambda: action(invocation, **invocation.fields))

    def complain(self, error: BaseException) -> None:
        """Emit an exception that nobody handled."""
        emit = self._error
        if emit is not None:
            self.guard(lambda: emit(error))

    def guard(self, call: Callable[[], T]) -> T | None:
        """Make *call*; what goes wrong in it is counted, and nothing of it reaches the host.

        An exit or a cancellation neither: an emitter of the host that raises one would change what
        the command ends with. Ctrl-C passes, and what a signal handler or a debugger of the host
        raises (`is_hosts`).
        """
        try:
            return call()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if self._strict or is_hosts(error):
                raise
            self.catalogue.client._drop(DropReason.INTERNAL, "")
            return None


Running = tuple[Telemetry[...], Invocation | None]

#: The commands that the calling code is part of, the innermost last.
_running: ContextVar[tuple[Running, ...]] = ContextVar("declarant_running", default=())


@contextmanager
def during(telemetry: Telemetry[...], invocation: Invocation | None) -> Generator[None]:
    """Hold while *invocation* is what *telemetry* is about."""
    token = _running.set((*_running.get(), (telemetry, invocation)))
    try:
        yield
    finally:
        # A coroutine that was thrown away ends in another context, and its own goes with it.
        with suppress(ValueError):
            _running.reset(token)


def _is_interactive() -> bool:
    try:
        return sys.stdin.isatty()
    except (AttributeError, OSError, ValueError):
        # No stream, or a closed one.
        return False
