"""PostHog's SDK."""

from __future__ import annotations

from posthog import Posthog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

_WHO = "r:00000000-0000-4000-8000-000000000001"


class Sdk:
    """PostHog's events."""

    def __init__(self, port: int, state: Path | str, options: dict[str, str]) -> None:
        del state
        size = {"max_queue_size": 1 << 20} if options.get("queue") == "big" else {}
        self._client = Posthog(
            "phc_made_up",
            host=f"http://127.0.0.1:{port}",
            gzip=bool(options.get("compress")),
            **size,
        )
        self._capture = self._client.capture
        self.end = self._client.shutdown

    def heartbeat(self) -> None:
        self._capture("ModelKitHeartbeat", distinct_id=_WHO, properties={})

    def action(self, number: int, tag: str = "build") -> None:
        self._capture(
            "ModelKitAction",
            distinct_id=_WHO,
            properties={
                "invoked_from": "Interactive",
                "action_name": tag,
                "device": "NPU",
                "ep": "QNNExecutionProvider",
                "duration_ms": number,
                "success": True,
            },
        )

    def error(self, tag: str) -> None:
        properties = {"exception_type": "ValueError", "exception_message": tag}
        self._capture("ModelKitError", distinct_id=_WHO, properties=properties)

    def flush(self) -> None:
        self._client.flush(timeout_seconds=300)
