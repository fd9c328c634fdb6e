"""What a transport is: it sends one payload and says what became of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, Protocol

    Kind = Literal["accepted", "poisoned", "rejected", "retry", "too_large"]

    class Transport(Protocol):
        """Sends payloads; one object per sender, used from one thread."""

        def send(self, payload: Payload) -> SendOutcome:
            """Send *payload* once, without retrying; network failures are outcomes."""
            ...

        def close(self) -> None:
            """Free connections."""
            ...


#: Reason of a "retry" that says nothing about the collector: the pass's own time was up.
OUT_OF_TIME = "out of time"


class Payload:
    """What one request carries.

    Attributes:
        body: Newline-separated envelopes in UTF-8, without a trailing newline.
        events: How many envelopes.
    """

    __slots__ = ("body", "events")

    def __init__(self, body: bytes, events: int) -> None:
        """Hold *body*, which has *events* lines, at least one."""
        self.body = body
        self.events = events


class KillOrder:
    """An order to be silent, as far as it concerns the sender.

    Attributes:
        events: What is to be silent: names, or `_kill_switch.ALL`.
        seconds: For how long; 0 means the events of this request alone.
    """

    __slots__ = ("events", "seconds")

    def __init__(self, events: frozenset[str], seconds: float) -> None:
        """Describe the order."""
        self.events = events
        self.seconds = seconds


class SendOutcome:
    """What the collector said to one payload.

    Attributes:
        kind: "accepted" (at least in part), "rejected" (for good), "retry" (later, unchanged),
            "too_large" (split it), or "poisoned" (refused for the sake of some event in it: send
            the others apart).
        rejected: Index in the payload to the collector's reason; not for "retry" and "too_large".
        unnamed: How many more events it rejected without saying which, for "accepted" only.
        reason: The collector's words for a whole refusal, or the kind of network failure.
        status: HTTP status, 0 when there was none.
        retry_after_s: Seconds the collector asked to wait, or None.
        kill: An order to be silent, which any answer may bring, or None.
    """

    __slots__ = ("kill", "kind", "reason", "rejected", "retry_after_s", "status", "unnamed")

    def __init__(
        self,
        kind: Kind,
        *,
        status: int = 0,
        rejected: Mapping[int, str] | None = None,
        unnamed: int = 0,
        reason: str = "",
        retry_after_s: float | None = None,
        kill: KillOrder | None = None,
    ) -> None:
        """Describe the outcome."""
        self.kind: Kind = kind
        self.status = status
        self.rejected: Mapping[int, str] = rejected or {}
        self.unnamed = unnamed
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.kill = kill

    def __repr__(self) -> str:
        """Show kind and status; reasons come from outside and stay out of logs."""
        return f"SendOutcome({self.kind!r}, status={self.status})"
