"""opentelemetry-sdk with its OTLP/HTTP exporter, set up as its documentation does."""

from __future__ import annotations

from time import time_ns

from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


class Sdk:
    """OpenTelemetry's logs."""

    def __init__(self, port: int, state: Path | str, options: dict[str, str]) -> None:
        del state
        squeeze = Compression.Gzip if options.get("compress") else None
        exporter = OTLPLogExporter(endpoint=f"http://127.0.0.1:{port}/v1/logs", compression=squeeze)
        size = {"max_queue_size": 1 << 20} if options.get("queue") == "big" else {}
        resource = Resource.create(
            {
                "service.name": "modelkit",
                "service.version": "1.2.3",
                "device.id": "r:00000000-0000-4000-8000-000000000001",
            }
        )
        self._provider = LoggerProvider(resource=resource)
        self._provider.add_log_record_processor(BatchLogRecordProcessor(exporter, **size))
        self._emit = self._provider.get_logger("modelkit").emit
        self.flush = self._provider.force_flush
        self.end = self._provider.shutdown

    def heartbeat(self) -> None:
        self._emit(LogRecord(timestamp=time_ns(), body="ModelKitHeartbeat", attributes={}))

    def action(self, number: int, tag: str = "build") -> None:
        self._emit(
            LogRecord(
                timestamp=time_ns(),
                body="ModelKitAction",
                attributes={
                    "invoked_from": "Interactive",
                    "action_name": tag,
                    "device": "NPU",
                    "ep": "QNNExecutionProvider",
                    "duration_ms": number,
                    "success": True,
                },
            )
        )

    def error(self, tag: str) -> None:
        attributes = {"exception_type": "ValueError", "exception_message": tag}
        self._emit(LogRecord(timestamp=time_ns(), body="ModelKitError", attributes=attributes))
