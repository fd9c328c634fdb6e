"""winml-cli's telemetry as its wheel has it, on a system that it was not made for.

Stand-ins take the place of the registry and of Windows' file locks; the answer to its question is
stored as its own prompt stores it; key and endpoint are the benchmark's. All else is the wheel's.
"""

from __future__ import annotations

import os
import sys

import bench_key
import stand_ins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


class _Terminal:
    """Standard input of somebody at a terminal; elsewhere this telemetry is always off."""

    def isatty(self) -> bool:
        return True


def _agree(state: Path | str) -> None:
    """Store the yes of an earlier run."""
    folder = f"{state}/.winml"
    if os.path.isdir(folder):
        return
    os.mkdir(folder)
    with open(f"{folder}/config.json", "w", encoding="utf-8") as file:
        file.write('{"telemetry": {"consent": "enabled", "consent_version": 2}}')


class Sdk:
    """winml-cli's telemetry as its command line uses it."""

    def __init__(self, port: int, state: Path | str, options: dict[str, str]) -> None:
        stand_ins.registry(f"{state}/registry.json")
        _agree(state)
        if options.get("queue") == "big":
            os.environ["OTEL_BLRP_MAX_QUEUE_SIZE"] = str(1 << 20)
        sys.stdin = _Terminal()  # type: ignore[assignment]
        from winml.modelkit.telemetry import Telemetry, constants, library

        constants.INSTRUMENTATION_KEY = bench_key.IKEY
        endpoint = f"http://127.0.0.1:{port}/OneCollector/1.0/"
        library.create_logger_provider.__defaults__ = (endpoint, None)
        self._telemetry = Telemetry.get_or_init()
        if self._telemetry.disabled:
            raise RuntimeError("winml-cli's telemetry stayed off")
        # Only now: the standard library takes a system with this module for Windows.
        stand_ins.file_locks()
        self._log_action = self._telemetry.log_action
        self.heartbeat = self._telemetry.log_heartbeat
        self.end = self._telemetry.shutdown

    def action(self, number: int, tag: str = "build") -> None:
        self._log_action(
            action_name=tag,
            device="NPU",
            ep="QNNExecutionProvider",
            duration_ms=number,
            success=True,
        )

    def error(self, tag: str) -> None:
        try:
            raise ValueError(tag)
        except ValueError as error:
            self._telemetry.log_error(error)

    def flush(self) -> None:
        self._telemetry._provider.force_flush()
