"""What generated code declares: one `Catalogue` a package, one `EventType` an event.

Plain slotted classes: they are built while the generated package is imported.
"""

from __future__ import annotations

from declarant._client import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from declarant._violations import Violation

    Level = Literal["required", "optional"]


class Unset:
    """The type of `UNSET`: an optional argument that was not given, and is left out of `data`."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Read well in a signature."""
        return "UNSET"

    def __bool__(self) -> bool:
        """Count as false, as an argument that was not given."""
        return False


UNSET = Unset()


class ExtField:
    """One permitted CS 4.0 ext field.

    Args of the constructor: the slot and field name on the wire, the runtime source that fills it
    (a key of `declarant.gencode.SOURCES`), and the generated check of its value.
    """

    __slots__ = ("is_valid", "name", "slot", "source")

    def __init__(
        self, slot: str, name: str, source: str, is_valid: Callable[[object], bool]
    ) -> None:
        """Declare the field."""
        self.slot = slot
        self.name = name
        self.source = source
        self.is_valid = is_valid


class Catalogue:
    """Everything one generated package may send.

    Attributes:
        package: Import name of the generated package.
        product: Short name of the application; names its folder on disk.
        generation: Digest of the schemas; recorded in every stored segment.
        endpoint: The collector's address, unless the host sets another.
        ext: Permitted ext fields, in the order of the wire.
        events: Event name to the module that declares it, relative to the package.
        draft: Whether something in the package lacks its approval; it sends to this machine only.
        consent_version: Version of the notice; a yes to a lower one is none to this.
        consent_default: The answer that the question offers.
        consent_file: Where the answer is kept, relative to the user's home folder; "" for the
            platform's place.
        client: The client behind the emitters; off until `configure`.
    """

    __slots__ = (
        "client",
        "consent_default",
        "consent_file",
        "consent_version",
        "draft",
        "endpoint",
        "events",
        "ext",
        "generation",
        "package",
        "product",
    )

    def __init__(
        self,
        *,
        package: str,
        product: str,
        generation: str,
        endpoint: str,
        ext: tuple[ExtField, ...],
        events: Mapping[str, str],
        draft: bool = False,
        consent_version: int = 1,
        consent_default: bool = False,
        consent_file: str = "",
    ) -> None:
        """Declare the catalogue, with a client that is off."""
        self.package = package
        self.product = product
        self.generation = generation
        self.endpoint = endpoint
        self.ext = ext
        self.events = events
        self.draft = draft
        self.consent_version = consent_version
        self.consent_default = consent_default
        self.consent_file = consent_file
        self.client = Client(self)

    def event(self, name: str) -> EventType | None:
        """Return the event called *name* on the wire, importing its module, or None."""
        module = self.events.get(name)
        if module is None:
            return None
        # Late on purpose: a catalogue may hold thousands of events, a process emits a few.
        import importlib

        found = importlib.import_module(f"{self.package}.{module}").EVENT
        assert isinstance(found, EventType)
        return found

    def violations(self, envelope: object) -> list[Violation]:
        """Return each way in which a parsed *envelope* breaks this catalogue.

        Emitters need no such check: what they make is right by construction. This one is for
        envelopes from elsewhere. Paths and rules are named, never values.
        """
        # Late on purpose: emitting needs none of it.
        from declarant._envelopes import envelope_violations

        return envelope_violations(envelope, self)


class EventType:
    """One declared event, with the generated functions that check and encode it.

    Args of the constructor: the catalogue, the event's name on the wire, its level, the ext slots
    it carries, its argument names in order, `encode` (arguments to the text inside `data`'s braces,
    or None when a value is not canonical or not valid), and `violations` (a `data` object to every
    breach).
    """

    __slots__ = (
        "arguments",
        "catalogue",
        "encode",
        "level",
        "name",
        "slots",
        "violations",
    )

    def __init__(
        self,
        catalogue: Catalogue,
        name: str,
        *,
        level: Level,
        slots: tuple[str, ...],
        arguments: tuple[str, ...],
        encode: Callable[..., str | None],
        violations: Callable[[object], list[Violation]],
    ) -> None:
        """Declare the event."""
        self.catalogue = catalogue
        self.name = name
        self.level = level
        self.slots = slots
        self.arguments = arguments
        self.encode = encode
        self.violations = violations
