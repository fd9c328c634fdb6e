"""What becomes of an event that is not stored: it is counted, and in strict mode it raises.

The half of a client that has nothing to do with a good event.
"""

from __future__ import annotations

from declarant._counts import DropCounter
from declarant._errors import DeclarantError, InvalidEvent, PackageDamaged
from declarant._guard import is_hosts
from declarant._outcome import DropReason, Outcome
from declarant._violations import lone_surrogate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._catalogue import Catalogue, EventType
    from declarant._segments import SegmentWriter
    from declarant._settings import Settings
    from declarant._violations import Violation

#: Made once: where it is the answer, nothing may be left to make it with.
INTERNAL = Outcome.dropped(DropReason.INTERNAL)


class Dropping:
    """Counts and tells of what a client does not store."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Have nothing dropped yet."""
        self.catalogue = catalogue
        self.settings: Settings | None = None
        self._writer: SegmentWriter | None = None
        self._off: DropReason = DropReason.NOT_CONFIGURED
        self._drops = DropCounter()

    @property
    def dropped(self) -> dict[DropReason, int]:
        """Events dropped by this process so far, by reason."""
        return self._drops.total().dropped

    @property
    def left_out(self) -> dict[str, int]:
        """Ext fields by path ("device.localId"), and how many events went without them."""
        return self._drops.total().left_out

    @property
    def is_strict(self) -> bool:
        """Whether what goes wrong is raised."""
        return self.settings is not None and self.settings.strict

    def refuse(self, reason: DropReason, event_name: str = "") -> Outcome:
        """Drop what could not be submitted at all, such as a record of no declared event."""
        return self._drop(self._off if self._writer is None else reason, event_name)

    def refuse_damaged(self, event_name: str) -> Outcome:
        """Drop an event whose generated code cannot be used; *event_name* may be unknown, "".

        Raises:
            PackageDamaged: In strict mode.
        """
        reason = self._off if self._writer is None else DropReason.PACKAGE_DAMAGED
        return self._refuse_off(reason, event_name, self.catalogue.damage)

    def _survive(self, error: Exception, event: EventType) -> Outcome:
        """Count what *error* cost, unless it is to reach the host: then it is raised again."""
        if isinstance(error, DeclarantError) or is_hosts(error):
            raise error
        if isinstance(error, UnicodeEncodeError):
            # A whole batch would fail with it.
            return self._refuse(event, [lone_surrogate(event.name)])
        if self.is_strict:
            raise error
        return self._drop(DropReason.INTERNAL, event.name)

    def _refuse(self, event: EventType, violations: list[Violation]) -> Outcome:
        if self.is_strict:
            raise InvalidEvent(event.name, violations)
        return self._drop(DropReason.INVALID_EVENT, event.name)

    def _refuse_off(self, reason: DropReason, event_name: str, damage: str) -> Outcome:
        if self.is_strict and reason == DropReason.PACKAGE_DAMAGED:
            raise PackageDamaged(self.catalogue.damage or damage)
        return self._drop(reason, event_name)

    def _drop(self, reason: DropReason, event_name: str) -> Outcome:
        try:
            self._drops.drop(reason, event_name, self._writer)
        except (RecursionError, MemoryError):
            # Nothing can be called here any more, and what counts this calls nothing.
            self._drops.unheard += 1
            return INTERNAL
        return Outcome.dropped(reason)

    def _record_drops(self) -> None:
        if self._writer is not None:
            self._drops.record(self._writer)
