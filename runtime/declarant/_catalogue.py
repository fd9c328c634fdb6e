"""What generated code declares: one `Catalogue` a package, one `EventType` an event.

Plain slotted classes: they are built while the generated package is imported. Whatever is wrong
with generated code, the host goes on, without telemetry.
"""

from __future__ import annotations

from declarant._client import Client
from declarant._errors import PackageDamaged
from declarant._generated import imported, is_being_imported, of_another_generation
from declarant._guard import guarded
from declarant._open_clients import forget_envelopes
from declarant._outcome import DropReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal

    from declarant._outcome import Outcome
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
        off: Whether the product's source switches telemetry off for everybody.
        stamps: Module that runs to its stamp, by which one of another generation is known.
        damage: What is wrong with the package, the first that was seen; empty while it is whole.
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
        "damage",
        "draft",
        "endpoint",
        "events",
        "ext",
        "generation",
        "off",
        "package",
        "product",
        "stamps",
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
        stamps: Mapping[str, str],
        draft: bool = False,
        off: bool = False,
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
        self.stamps = stamps
        self.damage = ""
        self.draft = draft
        self.off = off
        self.consent_version = consent_version
        self.consent_default = consent_default
        self.consent_file = consent_file
        self.client = Client(self)

    def event(self, name: str) -> EventType | None:
        """Return the event called *name* on the wire, importing its module, or None.

        Raises:
            PackageDamaged: The module cannot be imported, or is of another generation.
            Exception: As `imported` says: it cannot be imported now.
        """
        module = self.events.get(name)
        return None if module is None else self._load_event(module)

    def emitter(self, name: str, module: str | None) -> object:
        """Return the emitter called *name*, for the package's own `__getattr__`.

        Args:
            name: Its name.
            module: The module that holds it, as the package's own module says; None if that knows
                no such emitter.

        Returns:
            The emitter; of a damaged package one that drops and counts, whatever arguments it gets:
            those of a host may be another generation's. Of a module that cannot be imported now,
            one that tries again at each call.

        Raises:
            AttributeError: The package has no such emitter.
        """
        # What a package of two generations ought to have, nobody knows.
        if module is None and not (self.damage and name.startswith("emit_")):
            raise AttributeError(f"module {self.package!r} has no attribute {name!r}")
        if module is None or self.damage:
            return _stand_in(self, module)
        try:
            return guarded(
                lambda: self.loaded_emitter(name, module),
                lambda: _second_try(self, name, module),
                strict=False,
            )
        except PackageDamaged:
            return _stand_in(self, module)

    def loaded_emitter(self, name: str, module: str) -> object:
        """Return the emitter called *name* of *module*.

        Raises:
            PackageDamaged: The module cannot be used.
            Exception: As `imported` says: it cannot be used now.
        """
        self._load_event(module)
        return self._load(module, name)

    def has(self, event: EventType) -> bool:
        """Tell whether *event* is of this generation; if it is not, its package is damaged."""
        module = self.events.get(event.name, "")
        if self.stamps.get(module) == event.stamp:
            return True
        self.note_damage(
            of_another_generation(f"{self.package}.{module}" if module else event.name)
        )
        return False

    def note_damage(self, words: str) -> None:
        """Turn every client of this package off, for as long as the process lives."""
        # This first: who prepares an envelope meanwhile sees it, or prepares it in vain.
        self.damage = self.damage or words
        forget_envelopes()

    def _load_event(self, module: str) -> EventType:
        event = self._load(module, "EVENT")
        if not isinstance(event, EventType) or event.stamp != self.stamps.get(module):
            words = of_another_generation(f"{self.package}.{module}")
            self.note_damage(words)
            raise PackageDamaged(words)
        return event

    def _load(self, module: str, name: str) -> object:
        # Late on purpose: a catalogue may hold thousands of events, a process emits a few.
        try:
            return imported(f"{self.package}.{module}", name)
        except PackageDamaged as error:
            # A signal handler that emits while the import runs finds half a module, which is sound.
            if not is_being_imported(f"{self.package}.{module}"):
                self.note_damage(str(error))
            raise

    def violations(self, envelope: object) -> list[Violation]:
        """Return each way in which a parsed *envelope* breaks this catalogue.

        Emitters need no such check: what they make is right by construction. This one is for
        envelopes from elsewhere. Paths and rules are named, never values.

        Raises:
            PackageDamaged: The event's module cannot be imported, or is of another generation.
        """
        # Late on purpose: emitting needs none of it.
        from declarant._envelopes import envelope_violations

        return envelope_violations(envelope, self)


class EventType:
    """One declared event, with the generated functions that check and encode it.

    Args of the constructor: the catalogue, the event's name on the wire, its module's stamp, its
    level, the ext slots it carries, its argument names in order, `encode` (arguments to the text
    inside `data`'s braces, or None when a value is not canonical or not valid), and `violations`
    (a `data` object to every breach).
    """

    __slots__ = (
        "arguments",
        "catalogue",
        "encode",
        "level",
        "name",
        "slots",
        "stamp",
        "violations",
    )

    def __init__(
        self,
        catalogue: Catalogue,
        name: str,
        *,
        stamp: str,
        level: Level,
        slots: tuple[str, ...],
        arguments: tuple[str, ...],
        encode: Callable[..., str | None],
        violations: Callable[[object], list[Violation]],
    ) -> None:
        """Declare the event."""
        self.catalogue = catalogue
        self.name = name
        self.stamp = stamp
        self.level = level
        self.slots = slots
        self.arguments = arguments
        self.encode = encode
        self.violations = violations


def load_catalogue(package: str, *, stamp: str) -> Catalogue:
    """Return the catalogue of a generated package, for the package's own module.

    Args:
        package: Its import name.
        stamp: Stamp of that module.

    Returns:
        What `_catalogue` declares. If that cannot be imported, a catalogue without events, whose
        client takes every set-up and no event.
    """
    try:
        found = imported(f"{package}._catalogue", "CATALOGUE", once=True)
    except PackageDamaged as error:
        return _without_events(package, str(error))
    if not isinstance(found, Catalogue):
        return _without_events(package, of_another_generation(f"{package}._catalogue"))
    if found.stamps.get("__init__") != stamp:
        found.note_damage(of_another_generation(package))
    return found


def _without_events(package: str, damage: str) -> Catalogue:
    catalogue = Catalogue(
        package=package,
        product=package,
        generation="",
        # Nothing is ever sent there. Source: RFC 2606 keeps the name free for that.
        endpoint="https://declarant.invalid/",
        ext=(),
        events={},
        stamps={},
    )
    catalogue.note_damage(damage)
    return catalogue


def _stand_in(catalogue: Catalogue, module: str | None) -> Callable[..., Outcome]:
    """Return what takes the place of the emitter in *module*, and takes any arguments."""
    event = _event_of(catalogue, module)

    def emit_nothing(*_: object, client: Client | None = None, **__: object) -> Outcome:
        return (client or catalogue.client).refuse_damaged(event)

    return emit_nothing


def _second_try(catalogue: Catalogue, name: str, module: str) -> Callable[..., Outcome]:
    """Return what looks for the emitter in *module* at each call, and loses only what it must."""
    event = _event_of(catalogue, module)

    def emit_if_possible(*values: Any, client: Client | None = None, **named: Any) -> Outcome:
        user = client or catalogue.client
        try:
            emit: Any = guarded(
                lambda: catalogue.loaded_emitter(name, module),
                lambda: None,
                strict=user.is_strict,
            )
        except PackageDamaged:
            return user.refuse_damaged(event)
        if emit is None:
            return user.refuse(DropReason.INTERNAL, event)
        outcome: Outcome = emit(*values, client=client, **named)
        return outcome

    return emit_if_possible


def _event_of(catalogue: Catalogue, module: str | None) -> str:
    return next((name for name, listed in catalogue.events.items() if listed == module), "")
