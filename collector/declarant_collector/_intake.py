"""From a request to what is answered and kept: judge, script, clock delta, store, log.

Owns the order of these steps. Knows nothing of sockets.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Protocol

from declarant_collector._faults import scripted
from declarant_collector._rows import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from declarant_collector._answer import Answer
    from declarant_collector._judge import Judge
    from declarant_collector._request import IngestRequest
    from declarant_collector._script import Script, ScriptRule
    from declarant_collector._store import Store

__all__ = ["Intake", "Log", "Taken"]


class Log(Protocol):
    """Shows each record as it comes."""

    def __call__(self, record: Record, /) -> None:
        """Show one record."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the server has to send, and the script rule on how to send it, if any."""

    answer: Answer
    rule: ScriptRule | None


class Intake:
    """Takes requests. Safe to share between threads."""

    def __init__(
        self,
        *,
        judge: Judge,
        script: Script,
        store: Store,
        clock: Callable[[], float],
        log: Log | None,
    ) -> None:
        self.judge = judge
        self._script = script
        self._store = store
        self._clock = clock
        self._log = log
        self._numbers = itertools.count(store.last_number + 1)

    def reset(self) -> None:
        """Forget what came and start the script again."""
        self._script.reset()
        self._store.reset()

    def take(self, request: IngestRequest) -> Taken:
        """Judge, keep and log one request, and return what to answer."""
        now_s = self._clock()
        verdict = self.judge.judge(request)
        rule = self._script.choose(request, [event.name for event in verdict.events])
        if rule is not None:
            verdict = scripted(rule, request, verdict, judge=self.judge)
        named = {name.lower() for name, _ in verdict.answer.headers}
        delta = _clock_delta(request, now_s)
        # A script's own word on it stands alone.
        if delta is not None and delta[0] not in named:
            verdict = replace(verdict, answer=verdict.answer.with_headers(delta))
        record = Record(
            number=next(self._numbers),
            time=datetime.fromtimestamp(now_s, timezone.utc).isoformat(timespec="milliseconds"),
            request=request,
            verdict=verdict,
            is_scripted=rule is not None,
        )
        self._store.put(record)
        if self._log is not None:
            self._log(record)
        return Taken(answer=verdict.answer, rule=rule)


def _clock_delta(request: IngestRequest, now_s: float) -> tuple[str, str] | None:
    """Return the header that tells a client how far its clock is off, if it asks.

    Positive when the client's clock is behind; the convention is our choice (A41).
    """
    if request.option("time-delta-to-apply-millis") != "use-collector-delta":
        return None
    sent = (request.option("upload-time") or "").strip()
    # 15 digits reach the year 33658; more is no upload time.
    if not sent.isascii() or not sent.isdigit() or len(sent) > 15:
        return None
    return ("time-delta-millis", str(round(now_s * 1000) - int(sent)))
