"""OpenTelemetry's log pipeline as a source of declared events; the extra "otel".

A log record is an event if it has the name of one: its `event_name`, or the attribute `event.name`
of SDKs that know no such field. Its values are its attributes, and those of its body if that is a
map. They pass the generated checks, scrubbers and encoder as an emitter's arguments do, and are
stored and sent as an emitter's events are: this module knows nothing of the wire. Everything else
of a record (severity, a body of text, trace and span, scope, resource) is not sent; only the
resource's `service.version` counts, as the application's version, where the host gave none.

Source: OpenTelemetry's specification, "Events" and "Logs Data Model"; of the SDK both layouts,
`LogExporter` (up to 1.38) and `LogRecordExporter`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs import export as sdk
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from declarant._catalogue import UNSET
from declarant._client import Client
from declarant._errors import PackageDamaged
from declarant._guard import contained
from declarant._outcome import DropReason, Outcome
from declarant._thread import send_quietly

if TYPE_CHECKING:
    import os
    from typing import Literal, TypeGuard

    from declarant._catalogue import Catalogue, EventType
    from declarant._counts import Counts
    from declarant._settings import Consent, Delivery

    class GeneratedPackage(Protocol):
        """A generated package, as `import modelkit_events` gives it."""

        CATALOGUE: Catalogue

    class _Base(Protocol):
        """What the SDK asks of an exporter, in either layout."""

    _SUCCESS: Any
    _FAILURE: Any
else:
    # The new name first: the old one, where both are, warns.
    _Base = getattr(sdk, "LogRecordExporter", None) or sdk.LogExporter
    _result = getattr(sdk, "LogRecordExportResult", None) or sdk.LogExportResult
    _SUCCESS, _FAILURE = _result.SUCCESS, _result.FAILURE

__all__ = ["OneCollectorLogExporter", "create_logger_provider"]

#: The attribute that names an event where a record has no field for it.
EVENT_NAME = "event.name"
#: The resource's attribute that counts as the application's version, source `app_version`.
SERVICE_VERSION = "service.version"

#: Milliseconds since 1970 at the end of the year 9999, the last that an envelope's time can tell.
_LAST_MS = 253_402_300_799_999
#: Values within values within a record; deeper than any schema can be.
_MAX_DEPTH = 32


class OneCollectorLogExporter(_Base):
    """Stores the declared events among log records, and has them sent as emitters' events are.

    What is no declared event, or does not fit its schema, is dropped and counted (`UNDECLARED`,
    `INVALID_EVENT`). Consent, kill orders, limits and retries are those of every client.
    """

    def __init__(
        self,
        ikey: str | None = None,
        endpoint: str | None = None,
        *,
        package: GeneratedPackage,
        consent: Consent = "denied",
        disabled: bool = False,
        app_version: str | None = None,
        resource: Resource | None = None,
        ikey_ref: str | None = None,
        delivery: Delivery = "thread",
        level: Literal["required", "optional"] = "optional",
        store_folder: str | os.PathLike[str] | None = None,
        flush_interval_s: float = 5.0,
        exit_budget_s: float = 1.0,
        sender_interval_s: float = 10.0,
    ) -> None:
        """Set a client of its own up, beside the package's; see its `configure` for the others.

        Args:
            ikey: Instrumentation key; the package's own if None.
            endpoint: The collector; the catalogue's if None.
            package: The generated package, such as `modelkit_events`, which says what is declared.
            consent: Off by default, as everywhere.
            disabled: Off for this run.
            app_version: The application's version; if None, the resource's `service.version`.
            resource: The one of the logger provider. Nothing else of it is looked at.
            ikey_ref: Where to import the key from, "package.module:NAME".
            delivery: How what is stored is sent.
            level: "required" keeps optional diagnostic data off.
            store_folder: The offline store; the platform's place if None.
            flush_interval_s: Seconds between two sends of the thread policy.
            exit_budget_s: Seconds that sending may take of a shutdown.
            sender_interval_s: Seconds between the starts of two detached senders.

        Raises:
            ConfigError: An argument cannot be used.
        """
        self._catalogue = package.CATALOGUE
        self._client = Client(self._catalogue)
        self._client.configure(
            app_version=_service_version(resource) if app_version is None else app_version,
            consent=consent,
            disabled=disabled,
            ikey=ikey,
            ikey_ref=ikey_ref,
            endpoint=endpoint,
            delivery=delivery,
            level=level,
            store_folder=store_folder,
            flush_interval_s=flush_interval_s,
            exit_budget_s=exit_budget_s,
            sender_interval_s=sender_interval_s,
        )

    @property
    def dropped(self) -> dict[DropReason, int]:
        """Records dropped by this process so far, by reason."""
        return self._client.dropped

    def counts(self) -> Counts:
        """Return what became of all events of this store; see `Client.counts`."""
        return self._client.counts()

    def export(self, batch: Sequence[Any]) -> Any:
        """Store the declared events among *batch*; nothing waits for a network, nothing raises.

        Returns:
            The SDK's SUCCESS if each record is on disk now, its FAILURE if any was dropped;
            `dropped` says why.
        """
        outcomes: list[Outcome] = []

        def take_all() -> None:
            # Each record is taken, whatever became of those before it.
            outcomes.extend(self._take(record) for record in batch)

        def give_up() -> None:
            # It is no batch, or ends with an error.
            outcomes.append(self._client.refuse(DropReason.INTERNAL))

        contained(take_all, give_up)
        return _SUCCESS if all(outcomes) else _FAILURE

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits, for at most *timeout_millis*.

        Returns:
            True if nothing waits any more.
        """
        return send_quietly(lambda: self._client.flush(timeout_millis / 1000))

    def shutdown(self) -> None:
        """Send what waits within the exit budget, and take no record any more.

        What is left waits on disk for the next run.
        """
        self._client.close()

    def _take(self, data: Any) -> Outcome:
        # A record can hold anything, and no host may feel it.
        return contained(
            lambda: self._taken(data), lambda: self._client.refuse(DropReason.INTERNAL)
        )

    def _taken(self, data: Any) -> Outcome:
        try:
            record = data.log_record
            attributes = _members(record.attributes)
            field: object = getattr(record, "event_name", None)
            attribute = attributes.pop(EVENT_NAME, None)
            event = self._event(field or attribute)
            if event is None:
                return self._client.refuse(DropReason.UNDECLARED)
            values = _values(event, attributes, _members(record.body))
            if values is None:
                return self._client.refuse(DropReason.INVALID_EVENT)
            return self._client.submit(event, values, _at_ms(record))
        except PackageDamaged:
            return self._client.refuse_damaged("")

    def _event(self, name: object) -> EventType | None:
        return self._catalogue.event(name) if isinstance(name, str) else None


def create_logger_provider(
    package: GeneratedPackage,
    *,
    ikey: str | None = None,
    endpoint: str | None = None,
    resource: Resource | None = None,
    consent: Consent = "denied",
    disabled: bool = False,
    app_version: str | None = None,
    ikey_ref: str | None = None,
    delivery: Delivery = "thread",
    level: Literal["required", "optional"] = "optional",
    store_folder: str | os.PathLike[str] | None = None,
    flush_interval_s: float = 5.0,
    exit_budget_s: float = 1.0,
    sender_interval_s: float = 10.0,
) -> LoggerProvider:
    """Return a logger provider whose records of declared events are stored and sent.

    A record is on disk when the logger's `emit` returns. The provider's `force_flush` sends what
    waits, its `shutdown`, which it does by itself at exit, within the exit budget.

    Args:
        package: The generated package, such as `modelkit_events`.
        ikey: Instrumentation key; the package's own if None.
        endpoint: The collector; the catalogue's if None.
        resource: What the records are of; the SDK's default if None.
        consent: Off by default, as everywhere.
        disabled: Off for this run.
        app_version: The application's version; if None, the resource's `service.version`.
        ikey_ref: Where to import the key from, "package.module:NAME".
        delivery: How what is stored is sent.
        level: "required" keeps optional diagnostic data off.
        store_folder: The offline store; the platform's place if None.
        flush_interval_s: Seconds between two sends of the thread policy.
        exit_budget_s: Seconds that sending may take of a shutdown.
        sender_interval_s: Seconds between the starts of two detached senders.

    Raises:
        ConfigError: An argument cannot be used.
    """
    resource = Resource.create() if resource is None else resource
    exporter = OneCollectorLogExporter(
        ikey,
        endpoint,
        package=package,
        consent=consent,
        disabled=disabled,
        app_version=app_version,
        resource=resource,
        ikey_ref=ikey_ref,
        delivery=delivery,
        level=level,
        store_folder=store_folder,
        flush_interval_s=flush_interval_s,
        exit_budget_s=exit_budget_s,
        sender_interval_s=sender_interval_s,
    )
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(_StoringProcessor(exporter))
    return provider


class _StoringProcessor(SimpleLogRecordProcessor):
    """Exports each record at once, which is an append to a file; a flush reaches the network.

    A batch would only keep in memory what can be on disk; and the SDK's own processors do not hand
    a flush on to their exporter.
    """

    def __init__(self, exporter: OneCollectorLogExporter) -> None:
        super().__init__(exporter)  # type: ignore[arg-type, unused-ignore]
        self._storing = exporter

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._storing.force_flush(timeout_millis)

    def shutdown(self) -> None:
        # Not the SDK's: that takes no record from then on, so that nobody could count it.
        self._storing.shutdown()


def _service_version(resource: Resource | None) -> str:
    found = None if resource is None else resource.attributes.get(SERVICE_VERSION)
    return found if isinstance(found, str) else ""


def _members(value: object) -> dict[str, object]:
    """Return the members of a map as generated code reads values; none of anything else."""
    if not _is_map(value):
        return {}
    return {name: _plain(inner, 1) for name, inner in value.items()}


def _plain(value: object, depth: int) -> object:
    """Return *value* with every kind of map and sequence as a dict or a list."""
    if depth > _MAX_DEPTH:
        raise ValueError("deeper than any schema")
    if _is_map(value):
        return {name: _plain(inner, depth + 1) for name, inner in value.items()}
    if _is_sequence(value):
        return [_plain(inner, depth + 1) for inner in value]
    return value


def _is_map(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _values(
    event: EventType, attributes: dict[str, object], body: dict[str, object]
) -> tuple[object, ...] | None:
    """Return the arguments of *event*; None if the record has what the event does not declare.

    A required value that may be null and is not there is null: no attribute can say so.
    """
    data = {**body, **attributes}
    # What both have could be two values of one name.
    if len(data) < len(body) + len(attributes) or not data.keys() <= set(event.arguments):
        return None
    if len(data) < len(event.arguments):
        data = {**_nulls(event, data), **data}
    return tuple(data.get(name, UNSET) for name in event.arguments)


def _nulls(event: EventType, data: dict[str, object]) -> dict[str, object]:
    """Return null for each required value that *data* lacks; the event's check judges it."""
    missing = [name for name in event.arguments if name not in data]
    places = {v.path for v in event.violations(data) if v.keyword == "required"}
    return {name: None for name in missing if f"{event.name}.{name}" in places}


def _at_ms(record: Any) -> int | None:
    """Return when it happened, in milliseconds since 1970; None if the record does not say."""
    for at_ns in (record.timestamp, record.observed_timestamp):
        if type(at_ns) is int and 0 < at_ns // 1_000_000 <= _LAST_MS:
            return at_ns // 1_000_000
    return None
