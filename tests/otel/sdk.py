"""Emitting records with whichever SDK is installed: its interface has changed twice."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from opentelemetry.sdk._logs import Logger
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

try:
    # From 1.39 on the SDK wraps the API's record.
    from opentelemetry.sdk._logs import ReadableLogRecord
except ImportError:
    from opentelemetry.sdk._logs import LogData

    ReadableLogRecord = None

# From 1.36 on a logger takes the API's record.
if "event_name" in inspect.signature(Logger.emit).parameters:
    from opentelemetry._logs import LogRecord
else:
    from opentelemetry.sdk._logs import LogRecord

_MEMBERS = inspect.signature(LogRecord.__init__).parameters

#: A valid event, as attributes; what may be null and is, is not there.
ACTION = {
    "invoked_from": "Script",
    "action_name": "build",
    "ep": "CPUExecutionProvider",
    "duration_ms": 7,
    "success": True,
}


def log_record(**members: Any) -> Any:
    """Return a record as `Logger.emit` takes it."""
    span = members.pop("span", None)
    if span is not None and "context" in _MEMBERS:
        found = SpanContext(*span, is_remote=False, trace_flags=TraceFlags(1))
        members["context"] = set_span_in_context(NonRecordingSpan(found))
    elif span is not None:
        members["trace_id"], members["span_id"] = span
    if "event_name" not in _MEMBERS:
        # An SDK without the field: the attribute is what names an event there.
        name = members.pop("event_name", None)
        if name is not None:
            members["attributes"] = {"event.name": name, **(members.get("attributes") or {})}
    return LogRecord(**members)


def exported(**members: Any) -> Any:
    """Return a record as a processor hands it to an exporter."""
    record = log_record(**members)
    if ReadableLogRecord is not None:
        from opentelemetry.sdk.resources import Resource

        return ReadableLogRecord(log_record=record, resource=Resource({}))
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    with warnings.catch_warnings():
        # Of 1.38: it is to go, and there is nothing else yet.
        warnings.simplefilter("ignore")
        return LogData(record, InstrumentationScope("test"))


class Emitter:
    """Emits on one provider."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider
        self.logger = provider.get_logger("some.library", "9.9.9")

    def emit(self, event_name: str | None = "ModelKitAction", **members: Any) -> None:
        """Emit a record, by default a valid event."""
        members.setdefault("attributes", dict(ACTION))
        self.logger.emit(log_record(event_name=event_name, **members))

    @property
    def exporter(self) -> Any:
        (processor,) = self.provider._multi_log_record_processor._log_record_processors
        return processor._storing
