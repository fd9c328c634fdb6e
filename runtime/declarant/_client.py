"""The client behind the emitters: from an emit call to a line in the offline store.

Owns the caller's thread: gate, check, encode, append. It does no network I/O and imports nothing
that does; delivery is `_delivery`'s.
"""

from __future__ import annotations

import itertools

from declarant import _clocks
from declarant._consent import ConsentWatch
from declarant._counts import DropCounter, all_counts
from declarant._drafts import store_in_force
from declarant._dropping import INTERNAL, Dropping
from declarant._ext import envelope_parts, process_values, random_uuid, render
from declarant._gate import why_not, why_off
from declarant._guard import attempt, guarded
from declarant._kill_switch import KillSwitch
from declarant._late import importing
from declarant._limits import MAX_EVENT_BYTES, SEGMENT_BYTES
from declarant._open_clients import close_quietly, know, remember
from declarant._outcome import DropReason, Outcome
from declarant._segments import SegmentWriter
from declarant._settings import Settings, packaged_key, resolve_endpoint, tenant_token
from declarant._text import time_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from declarant._catalogue import Catalogue, EventType
    from declarant._counts import Counts
    from declarant._delivery import DeliveryPolicy
    from declarant._settings import Consent, Delivery
    from declarant._store import OfflineStore

    #: Of one event: the text before the time, the sequence number and the data; where the number
    #: comes from; and who writes the line. All of one set-up, whatever another thread configures.
    Envelope = tuple[str, str, str, Iterator[int], SegmentWriter]

_STORED = Outcome.STORED
_STORE_FAILED = DropReason.STORE_FAILED

#: A second that no clock shows.
_NEVER = -(1 << 62)


class Client(Dropping):
    """Takes events of one catalogue; off until `configure`.

    Attributes:
        catalogue: What it may send.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Make a client that is off."""
        super().__init__(catalogue)
        self._envelopes: dict[EventType, Envelope] = {}
        self._values: dict[str, object] = {}
        self._tenant = ""
        self._store: OfflineStore | None = None
        self._delivery: DeliveryPolicy | None = None
        self._kills: KillSwitch | None = None
        self._watch: ConsentWatch | None = None
        self._sequence = itertools.count(1)
        self._clock = (_NEVER, "")
        know(self)

    def configure(
        self,
        *,
        app_version: str,
        consent: Consent = "denied",
        disabled: bool = False,
        ikey: str | None = None,
        ikey_ref: str | None = None,
        endpoint: str | None = None,
        delivery: Delivery = "thread",
        level: Literal["required", "optional"] = "optional",
        strict: bool = False,
        store_folder: str | os.PathLike[str] | None = None,
        flush_interval_s: float = 5.0,
        exit_budget_s: float = 1.0,
        sender_interval_s: float = 10.0,
    ) -> None:
        """Set the client up; called again, it closes what the first call opened.

        Args:
            app_version: The application's version, for `ext.app.ver`.
            consent: "ask" asks the user once, "stored" goes by the answer without asking;
                "granted" and "denied" are the host's own word. Whatever says off wins.
            disabled: Off for this run, as an option of the host's command line says.
            ikey: Instrumentation key; the generated package's own if None.
            ikey_ref: Where to import the key from, "package.module:NAME". A detached sender is
                given this reference, never the key.
            endpoint: The collector; the catalogue's if None.
            delivery: "detached" sends from a short-lived process after exit, "thread" from a
                daemon thread, "manual" only by `declarant send`.
            level: "required" keeps optional diagnostic data off.
            strict: Raise on invalid events instead of dropping them; for tests.
            store_folder: The offline store; the platform's place if None.
            flush_interval_s: Seconds between two sends of the thread policy.
            exit_budget_s: Seconds that sending may take of the process's exit.
            sender_interval_s: Seconds between the starts of two detached senders.

        Raises:
            ConfigError: An argument cannot be used.
        """
        self.close()
        catalogue = self.catalogue

        def set_up() -> None:
            reference = packaged_key(catalogue) if ikey is None and ikey_ref is None else ikey_ref
            wanted = catalogue.endpoint if endpoint is None or endpoint == "" else endpoint
            settings = Settings(
                consent=consent,
                disabled=disabled,
                app_version=app_version,
                ikey=ikey,
                ikey_ref=reference,
                endpoint=resolve_endpoint(catalogue.product, wanted),
                delivery=delivery,
                level=level,
                strict=strict,
                store_folder=store_in_force(catalogue, store_folder),
                flush_interval_s=flush_interval_s,
                exit_budget_s=exit_budget_s,
                sender_interval_s=sender_interval_s,
            )
            self.settings = settings
            self._start(settings)

        guarded(set_up, lambda: self._go_off(DropReason.INTERNAL), strict=strict is True)

    def submit(
        self, event: EventType, values: Iterable[object], at_ms: int | None = None
    ) -> Outcome:
        """Check, encode and store one event.

        Args:
            event: What happened.
            values: Its arguments, in the order of `event.arguments`; UNSET for one not given. Asked
                for only if the event is on, and maybe twice.
            at_ms: When, in milliseconds since 1970; now if None.

        Returns:
            Stored, or why not.

        Raises:
            InvalidEvent: In strict mode, when a value does not fit the schema.
            PackageDamaged: In strict mode, when the generated package is damaged or mixed.
        """
        try:
            envelope = self._envelopes.get(event) or self._first(event)
            if envelope is None:
                return self._refuse_off(self._refusal(event), event.name, event.catalogue.damage)
            data = event.encode(*values)
            if data is None:
                return self._uncommon(event, values, at_ms)
            now = _clocks.now()
            second = int(now)
            clock = self._clock
            if clock[0] != second:
                clock = self._tick(second)
            before_time, before_sequence, before_data, sequence, writer = envelope
            at = f"{clock[1]}{int(now * 1000) % 1000:03d}" if at_ms is None else time_text(at_ms)
            line = (
                f"{before_time}{at}{before_sequence}"
                f"{next(sequence) if before_data else ''}{before_data}{data}}}}}\n"
            ).encode()
            if len(line) > MAX_EVENT_BYTES:
                return self._drop(DropReason.SIZE_LIMIT_EXCEEDED, event.name)
            if writer.append(line):
                return _STORED
            # Another thread may have closed the client a moment ago.
            reason = _STORE_FAILED if writer is self._writer else self._off
            return self._drop(reason, event.name)
        except (RecursionError, MemoryError):
            # Nothing can be called here any more, and what counts this calls nothing.
            self._drops.unheard += 1
            return INTERNAL
        except Exception as error:  # noqa: BLE001  the guard of the one call that hosts make often
            try:
                return self._survive(error, event)
            except (RecursionError, MemoryError):
                self._drops.unheard += 1
                return INTERNAL

    def preview(self, event: EventType, values: Iterable[object]) -> str | None:
        """Return the text of `data` that would be sent for *values*; None if they are invalid."""
        inside = event.encode(*values)
        if inside is None:
            with importing:
                from declarant._uncommon import canonical

            inside = event.encode(*[canonical(value) for value in values])
        return None if inside is None else f"{{{inside}}}"

    def flush(self, timeout_s: float | None = None) -> bool:
        """Send what waits, from this thread or the delivery's own, for at most *timeout_s*.

        Returns:
            True if nothing waits any more. A client that is closed, or went off, sends nothing.
        """
        delivery, store = self._delivery, self._store

        def empty() -> bool:
            if delivery is not None:
                return delivery.flush(timeout_s)
            return store is None or not store.segments()

        return guarded(empty, lambda: False, strict=self.is_strict)

    def counts(self) -> Counts:
        """Return what became of all events of this store and of this process.

        Returns:
            Kind to what is counted to how many, over all runs: "accepted" and "waiting" ("events"),
            "dropped" (by reason, each drop once), "refused" (by the collector's words), "left_out"
            (events that went without an ext field, by its path). Drops of a
            client that is off are those of this process alone: nothing is stored of them.
        """
        return guarded(
            lambda: all_counts(self._store, self._drops),
            lambda: all_counts(None, self._drops),
            strict=self.is_strict,
        )

    def close(self) -> None:
        """Seal this process's segment, let the delivery policy act, and go off."""
        guarded(
            self._close,
            lambda: self._go_off(DropReason.NOT_CONFIGURED),
            strict=self.is_strict,
        )

    def _close(self) -> None:
        self._has_consent()
        self._record_drops()
        self._watch = None
        delivery, self._delivery = self._delivery, None
        writer, self._writer = self._writer, None
        self._envelopes = {}
        self._off = DropReason.NOT_CONFIGURED
        if writer is not None and delivery is not None:
            writer.close()
            close_quietly(delivery)

    def close_at_exit(self) -> None:
        """As `close`, but stay on: what is emitted after this waits on disk for a later process."""
        writer, delivery = self._writer, self._delivery
        if writer is not None and delivery is not None and self._has_consent():
            self._record_drops()
            writer.seal()
            close_quietly(delivery)

    def switch_off(self) -> None:
        """Take no event any more, for consent is gone; nothing is sent or deleted by this."""
        self._go_off(DropReason.CONSENT_OFF)

    def _go_off(self, reason: DropReason) -> None:
        # First: whatever fails below, no event is taken any more.
        self._off = reason
        writer, self._writer = self._writer, None
        delivery, self._delivery = self._delivery, None
        self._watch = None
        self._envelopes = {}
        if writer is not None and delivery is not None:
            # Each by itself: this is what other failures end in.
            attempt(writer.close)
            attempt(delivery.abandon)

    def _start(self, settings: Settings) -> None:
        """Go on, unless something that *settings* name, or consent, is missing."""
        reason = why_off(self.catalogue, settings)
        if reason is not None:
            self._off = reason
            if self.catalogue.off:
                # What earlier versions stored does not stay.
                ConsentWatch(self.catalogue, settings).begin()
            return
        assert settings.ikey is not None
        tenant = tenant_token(settings.ikey)
        self._watch = ConsentWatch(self.catalogue, settings)
        if self._watch.begin():
            self._open(settings, tenant)
        else:
            self.switch_off()

    def _has_consent(self) -> bool:
        """Tell whether consent still holds, and go off if it does not."""
        if self._watch is None or self._watch.holds():
            return True
        watch = self._watch
        # First: what another thread is about to store must not outlive what is emptied next.
        self.switch_off()
        watch.empty_if_refused()
        return False

    def _open(self, settings: Settings, tenant: str) -> None:
        with importing:
            from declarant._delivery import make_delivery
            from declarant._device import id_place, load_device_id
            from declarant._store import OfflineStore

        store = OfflineStore(settings.store_folder)
        writer = SegmentWriter(
            settings.store_folder,
            generation=self.catalogue.generation,
            tenant=tenant,
            draft=self.catalogue.draft,
            asked=settings.consent != "granted",
            before_open=lambda: store.enforce_bounds(self._drops.take_over, room=SEGMENT_BYTES),
            after_open=self._record_drops,
        )
        place = id_place(self.catalogue, settings.store_folder)
        device_id, device_id_status = load_device_id(place, self.catalogue.product)
        self._values = process_values(settings.app_version, device_id, str(device_id_status))
        self._tenant = tenant
        # With the epoch: a reader must not see a loss that never was.
        self._sequence = itertools.count(1)
        self._store = store
        self._kills = KillSwitch(settings.store_folder, tenant, self.forget_envelopes)
        self._delivery = make_delivery(self.catalogue, settings, store, writer, self._kills)
        # Last: from now on other threads' events are taken.
        self._writer = writer
        remember(self)

    def _first(self, event: EventType) -> Envelope | None:
        """Prepare the constant parts of *event*'s envelope; None when the client is off for it."""
        self._refresh_kills(_clocks.now())
        # Taken first: what another thread's `configure` throws away must not come back.
        envelopes, writer, delivery = self._envelopes, self._writer, self._delivery
        if writer is None or self._not_for(event) is not None:
            return None
        if delivery is not None:
            delivery.start()
        missing: list[str] = []
        ext = render(self.catalogue.ext, event.slots, self._values, missing.append)
        parts = envelope_parts(event.name, self._tenant, ext)
        envelope: Envelope = (*parts, self._sequence, writer)
        if writer is not self._writer:
            # Parts of two set-ups: no event may carry such an envelope.
            return None
        if missing:
            # Made anew for each event: that is how the events are counted that go without.
            for path in missing:
                self._drops.leave_out(path)
        else:
            envelopes[event] = envelope
        return envelope

    def _not_for(self, event: EventType) -> DropReason | None:
        """Return why a client that is on does not take *event*, or None."""
        assert self.settings is not None
        return why_not(event, self.catalogue, self.settings, self._kills)

    def _refusal(self, event: EventType) -> DropReason:
        return self._off if self._writer is None else self._not_for(event) or self._off

    def _uncommon(self, event: EventType, values: Iterable[object], at_ms: int | None) -> Outcome:
        # Rare, and needs what a good call must not import.
        with importing:
            from declarant._uncommon import examined

        exact, violations = examined(event, values)
        return self._refuse(event, violations) if violations else self.submit(event, exact, at_ms)

    def _tick(self, second: int) -> tuple[int, str]:
        """Renew what changes once a second: the time's text, the place and the drops on disk."""
        clock = (second, _clocks.strftime("%Y-%m-%dT%H:%M:%S.", _clocks.gmtime(second)))
        self._clock = clock
        writer = self._writer
        if writer is not None and self._has_consent():
            writer.check_place()
            self._record_drops()
        self._refresh_kills(second)
        return clock

    def _refresh_kills(self, now: float) -> None:
        """Learn, once a minute from the disk, what the collector silenced."""
        # With it what was dropped meanwhile: a silenced event touches no disk.
        if self._kills is not None and self._kills.refresh(now):
            self._record_drops()

    def forget_envelopes(self) -> None:
        """Ask again, at each event's next emit, whether this client is on for it."""
        self._envelopes = {}

    def before_fork(self) -> None:
        """End what a fork would not survive; the next event starts it again."""
        if self._delivery is not None:
            self._delivery.before_fork()
            self._envelopes = {}

    def after_fork_in_child(self) -> None:
        """Give a forked child its own segment, epoch and sequence."""
        # What the parent dropped, the parent counts; and another thread may have held the lock.
        self._drops = DropCounter()
        if self._writer is None:
            return
        self._writer.forget_after_fork()
        self._values["epoch"] = random_uuid()
        self._sequence = itertools.count(1)
        self._envelopes = {}
        if self._delivery is not None:
            self._delivery.after_fork_in_child()

    def abandon_in_child(self) -> None:
        """Go off in a forked child, and leave the parent's segment, epoch and locks to the parent.

        What is half the parent's must store nothing: two events would have one sequence number.
        """
        self._off = DropReason.INTERNAL
        self._writer = self._delivery = self._watch = None
        self._envelopes = {}
        self._drops = DropCounter()
