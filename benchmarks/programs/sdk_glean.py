"""Mozilla's Glean SDK, with definitions loaded as its Python binding loads them: from YAML."""

from __future__ import annotations

from pathlib import Path

from glean import Configuration, Glean, load_metrics, load_pings

_DEFINITIONS = Path(__file__).parent / "glean"


class Sdk:
    """Glean's events, in a ping of their own; Glean decides when it goes."""

    def __init__(self, port: int, state: Path | str, options: dict[str, str]) -> None:
        del options
        self._ping = load_pings(_DEFINITIONS / "pings.yaml").modelkit
        modelkit = load_metrics(_DEFINITIONS / "metrics.yaml").modelkit
        Glean.initialize(
            application_id="modelkit",
            application_version="1.2.3",
            upload_enabled=True,
            data_dir=Path(state) / "glean",
            configuration=Configuration(server_endpoint=f"http://127.0.0.1:{port}"),
        )
        self._record, self._extra = modelkit.action.record, modelkit.ActionExtra
        self._record_error, self._error_extra = modelkit.error.record, modelkit.ErrorExtra
        self.heartbeat = modelkit.heartbeat.record
        self.flush = self._ping.submit

    def action(self, number: int, tag: str = "build") -> None:
        self._record(
            self._extra(
                invoked_from="Interactive",
                action_name=tag,
                device="NPU",
                ep="QNNExecutionProvider",
                duration_ms=number,
                success=True,
            )
        )

    def error(self, tag: str) -> None:
        extra = self._error_extra(exception_type="ValueError", exception_message=tag)
        self._record_error(extra)

    def end(self) -> None:
        self._ping.submit()
        Glean.shutdown()
