"""The kill switch: what the collector ordered to be silent, remembered across processes.

Owns the file `kill-switch` of a store and the rule what an order drops: while it is in force,
everything of its tenant or event; afterwards still what was emitted before its end, for a process
that had not heard of it may have stored that. Read on the emitting path, so it imports next to
nothing; what an answer orders is told in `_directives`.

The file is text, a line for each order: when it came and when it ends, in seconds since 1970, the
tenant token, and the event it silences or `*` for all. Only the one sender of a store writes it.
"""

from __future__ import annotations

import os

from declarant import _clocks
from declarant._guard import give_back
from declarant._limits import (
    CLOCK_SLACK_S,
    KILL_LAST_S,
    KILL_REREAD_S,
    MAX_KILLS,
    MAX_KILLS_BYTES,
    STORE_AGE_S,
)
from declarant._segments import open_regular, replace_file
from declarant._text import time_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FILE = "kill-switch"
#: Stands for every event of a tenant.
ALL = "*"
#: Hexadecimal digits of a tenant token. Source: onecollector facts 1.7.
_TOKEN_DIGITS = 32
#: Longest name of an event. Source: onecollector facts 3.6.
_MAX_NAME = 100


class Kill:
    """One order to be silent.

    Attributes:
        since: When it came, in seconds since 1970.
        until: When it ends.
        tenant: Tenant token, in lower case.
        event: Name of the event it silences, or ALL.
    """

    __slots__ = ("event", "since", "tenant", "until")

    def __init__(self, since: float, until: float, tenant: str, event: str) -> None:
        """Describe the order."""
        self.since = since
        self.until = until
        self.tenant = tenant
        self.event = event

    def holds(self, now: float) -> bool:
        """Tell whether it is in force at *now*."""
        return self.is_believed(now) and now < self.until

    def is_believed(self, now: float) -> bool:
        """Tell whether it was ever given, by the clock at *now*: one set back shows the future."""
        return self.since <= now + CLOCK_SLACK_S

    def is_of_use(self, now: float) -> bool:
        """Tell whether something that it drops can still be stored."""
        return self.is_believed(now) and now < self.until + STORE_AGE_S


class KillSwitch:
    """What of one tenant is silenced, as far as this process knows.

    Safe to use from any thread: what it knows is replaced at once, never changed.
    """

    __slots__ = ("_changed", "_kills", "_path", "_read_at", "_silenced", "_unwritten", "tenant")

    def __init__(
        self, folder: str, tenant: str, changed: Callable[[], None] = lambda: None
    ) -> None:
        """Know nothing; nothing touches the disk yet.

        Args:
            folder: The offline store.
            tenant: Tenant token of this process's key.
            changed: Called when something falls silent or may be sent again.
        """
        self._path = os.path.join(folder, FILE)
        self._changed = changed
        self._kills: tuple[Kill, ...] = ()
        self._silenced: frozenset[str] = frozenset()
        #: What the disk did not take; it holds in this process all the same.
        self._unwritten: tuple[Kill, ...] = ()
        self._read_at = float("-inf")
        self.tenant = tenant.lower()

    def refresh(self, now: float | None = None, *, at_once: bool = False) -> bool:
        """Bring what is known up to date: by the clock, and rarely from the disk.

        Args:
            now: Seconds since 1970; the clock's if None.
            at_once: Read the disk now, whenever it was read last.

        Returns:
            True if the disk was read.
        """
        if now is None:
            now = _clocks.now()
        age = now - self._read_at
        due = at_once or not -CLOCK_SLACK_S <= age < KILL_REREAD_S
        if due:
            self._read_at = now
            self._kills = self._mine(_useful([*read_kills(self._path), *self._unwritten], now))
        if self._kills or self._silenced:
            self._look(now)
        return due

    @property
    def is_silent(self) -> bool:
        """Whether everything is silenced."""
        return ALL in self._silenced

    @property
    def has_orders(self) -> bool:
        """Whether any order is known, in force or over."""
        return bool(self._kills)

    def silences(self, event: str) -> bool:
        """Tell whether *event* must be neither stored nor sent now."""
        return bool(self._silenced) and (event in self._silenced or ALL in self._silenced)

    def drops(self, event: str, emitted_at: str) -> bool:
        """Tell whether a stored *event* must not be sent.

        Args:
            event: Its name.
            emitted_at: Its time as it stands in the envelope.
        """
        return self.silences(event) or any(
            kill.event in (ALL, event) and emitted_at < f"{time_text(int(kill.until * 1000))}Z"
            for kill in self._kills
        )

    def silent_s(self, now: float) -> float:
        """Return the seconds for which everything is silenced from *now* on; 0 if it is not."""
        kills = (kill for kill in self._kills if kill.event == ALL and kill.holds(now))
        return max((kill.until - now for kill in kills), default=0.0)

    def obey(self, events: Iterable[str], seconds: float) -> None:
        """Be silent from now on, and have later processes know; for the store's one sender alone.

        Args:
            events: What is silenced, by name, or ALL.
            seconds: For how long; what is beyond belief is cut.
        """
        now = _clocks.now()
        until = now + min(seconds, KILL_LAST_S)
        ordered = [Kill(now, until, self.tenant, event) for event in events]
        known = [*read_kills(self._path), *self._unwritten, *ordered]
        kept = _useful(known, now)[:MAX_KILLS]
        self._kills = self._mine(kept)
        self._look(now)
        written = replace_file(self._path, b"".join(map(_line, kept)))
        self._unwritten = () if written else self._kills

    def _mine(self, kills: Iterable[Kill]) -> tuple[Kill, ...]:
        return tuple(kill for kill in kills if kill.tenant == self.tenant)

    def _look(self, now: float) -> None:
        silenced = frozenset(kill.event for kill in self._kills if kill.holds(now))
        if silenced != self._silenced:
            self._silenced = silenced
            self._changed()


def kills_in_force(folder: str, now: float) -> list[Kill]:
    """Return the orders that silence something of the store *folder* at *now*."""
    return [kill for kill in read_kills(os.path.join(folder, FILE)) if kill.holds(now)]


def read_kills(path: str) -> list[Kill]:
    """Return the orders that stand in the file at *path*; what is no order is passed over."""
    try:
        # The common case: no collector ever ordered anything.
        fd = open_regular(path)
    except OSError as error:
        give_back(error)
        return []
    try:
        content = os.read(fd, MAX_KILLS_BYTES)
    except OSError as error:
        give_back(error)
        content = b""
    finally:
        os.close(fd)
    kills = map(_kill, content.split(b"\n")[:MAX_KILLS])
    return [kill for kill in kills if kill is not None]


def _kill(line: bytes) -> Kill | None:
    try:
        since_text, until_text, tenant, event = line.decode("ascii").split(" ")
        since, until = float(since_text), float(until_text)
    except ValueError:
        return None
    # Written so that NaN fails, too.
    lasts = 0 <= since < until <= since + KILL_LAST_S + 1
    is_token = len(tenant) == _TOKEN_DIGITS and not tenant.strip("0123456789abcdef")
    is_name = event == ALL or is_event_name(event)
    return Kill(since, until, tenant, event) if lasts and is_token and is_name else None


def is_event_name(name: str) -> bool:
    """Tell whether *name* can be an event's at all."""
    plain = name.replace("_", "").replace(".", "")
    return name.isascii() and plain.isalnum() and len(name) <= _MAX_NAME


def _useful(kills: Iterable[Kill], now: float) -> list[Kill]:
    """Return of each tenant and event the order that ends last, those of whole tenants first."""
    latest: dict[tuple[str, str], Kill] = {}
    for kill in kills:
        key = (kill.tenant, kill.event)
        known = latest.get(key)
        if kill.is_of_use(now) and (known is None or known.until < kill.until):
            latest[key] = kill
    return sorted(latest.values(), key=lambda kill: (kill.event != ALL, -kill.until))


def _line(kill: Kill) -> bytes:
    return f"{kill.since:.3f} {kill.until:.3f} {kill.tenant} {kill.event}\n".encode("ascii")
