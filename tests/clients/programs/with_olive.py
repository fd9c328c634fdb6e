"""A program with Olive's own telemetry, sending to a collector on this machine.

Its one argument is JSON: ``endpoint``, ``key``, ``compression`` (``deflate``, ``gzip``, ``none``),
``batches`` (how often to tell of an action and an error, and wait until both are sent) and, if
ext fields are to be added, ``ext``. Prints as JSON what became of each request: status and events.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import stand_ins

stand_ins.stay_on_this_machine()

# The package's own first module imports torch and the like; its telemetry needs none of them.
olive = types.ModuleType("olive")
olive.__path__ = [place for each in sys.path if Path(place := f"{each}/olive").is_dir()]
sys.modules["olive"] = olive

from olive.telemetry import Telemetry
from olive.telemetry.library import exporter
from olive.telemetry.library.options import (
    CompressionType,
    OneCollectorExporterOptions,
    OneCollectorTransportOptions,
)
from olive.telemetry.library.telemetry_logger import TelemetryLogger
from olive.telemetry.telemetry_extensions import log_action, log_error


def add_ext(ext: dict[str, object]) -> None:
    """Have every event carry an ext; the product's own puts what it knows into data."""
    helper = exporter.CommonSchemaJsonSerializationHelper
    create = helper.create_event_envelope
    helper.create_event_envelope = staticmethod(lambda **given: create(**given) | {"ext": ext})


def run(task: dict[str, object]) -> list[list[object]]:
    if "ext" in task:
        add_ext(task["ext"])
    # The first logger of the process is everybody's; made before the product makes its own.
    TelemetryLogger._default_logger = logger = TelemetryLogger(
        OneCollectorExporterOptions(
            connection_string=f"InstrumentationKey={task['key']}",
            transport_options=OneCollectorTransportOptions(
                endpoint=task["endpoint"],
                compression=CompressionType(task.get("compression", "deflate")),
                timeout_seconds=60.0,
            ),
        )
    )
    answers: list[list[object]] = []
    logger.register_payload_transmitted_callback(
        lambda sent: answers.append([sent.status_code, sent.item_count]), include_failures=True
    )
    telemetry = Telemetry()
    for number in range(task.get("batches", 1)):
        log_action("Interactive", "build", 12.5, success=True, metadata={"n": number, "text": "hé"})
        log_error("ValueError", "the model has no input")
        logger._logger_provider.force_flush()
    telemetry.shutdown()
    return answers


print(json.dumps(run(json.loads(sys.argv[1]))))
