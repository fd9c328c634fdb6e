"""The checked catalogue as codegen hands it on: plain, frozen values.

Owns the shape that generator, differ and privacy page read. It reads no file and checks nothing:
``loader`` builds it from files that passed every check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from declarant_codegen.json_values import is_array

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.findings import Finding
    from declarant_codegen.never_lines import NeverLine
    from declarant_codegen.sensitivity import Sensitivity


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of an event's data.

    Attributes:
        name: Name on the wire and of the emitter's argument.
        schema: The field's JSON schema, every ``$ref`` inlined, ``x-`` keywords kept.
        required: Whether every event carries it (a nullable one as ``null``).
        line: Line of the property's name in the event's file, from 1.
    """

    name: str
    schema: Mapping[str, Any]
    required: bool
    line: int

    @property
    def nullable(self) -> bool:
        """Whether ``null`` is a valid value."""
        return admits_null(self.schema)

    @property
    def description(self) -> str:
        """What the value means."""
        return _text(self.schema, "description") or ""

    @property
    def unit(self) -> str | None:
        """Unit of a number, such as ``ms``."""
        return _text(self.schema, "x-unit")

    @property
    def sensitivity(self) -> Sensitivity:
        """The declared privacy class; the highest one where none is declared."""
        return cast("Sensitivity", self.schema.get("x-class", "free_text"))

    @property
    def notice(self) -> str | None:
        """Key of the consent notice's line that the field falls under."""
        return _text(self.schema, "x-notice")

    @property
    def scrub(self) -> str | None:
        """Name of the scrubber that free text passes."""
        return _text(self.schema, "x-scrub")

    @property
    def reason(self) -> str | None:
        """Why free text is needed at all."""
        return _text(self.schema, "x-reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event schema.

    Attributes:
        name: Name on the wire.
        path: The file as the output names it: ``schemas/`` and its path inside the folder, POSIX.
        digest: SHA-256 (hex) of the file's canonical JSON, so that layout never matters.
        schema: Resolved closed object schema of ``data``, without ``$schema``, ``$defs``, ``title``
            and the event's own ``x-`` keywords.
        description: What the event says, in words for privacy readers and callers.
        fields: Its fields, required ones first, each group in the file's order.
        purpose: Why it is collected.
        owners: Roles that answer for it.
        level: ``required`` or ``optional`` diagnostic data.
        retention_days: How long its data may be kept, in days.
        expires: ISO date after which the event may not be sent without a new decision.
        slots: CS 4.0 ext slots it carries, sorted.
        is_exception: Whether it is emitted from an exception.
    """

    name: str
    path: str
    digest: str
    schema: Mapping[str, Any]
    description: str
    fields: tuple[Field, ...]
    purpose: str
    owners: tuple[str, ...]
    level: Literal["required", "optional"]
    retention_days: int
    expires: str
    slots: tuple[str, ...]
    is_exception: bool

    @property
    def module(self) -> str:
        """Name of the generated module."""
        from declarant_codegen.names import snake_case  # start-up: the model loads without names

        return snake_case(self.name)

    @property
    def function(self) -> str:
        """Name of the generated emitter."""
        return f"emit_{self.module}"

    @property
    def exception_function(self) -> str:
        """Name of the generated emitter that takes an exception, if the event has one."""
        return f"{self.function}_from"

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of all its generated emitters."""
        return (self.function, *((self.exception_function,) if self.is_exception else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtField:
    """One permitted CS 4.0 ext field.

    Attributes:
        slot: Ext slot, such as ``os``.
        name: Field in the slot, such as ``ver``.
        schema: Its JSON schema, every ``$ref`` inlined, ``x-`` keywords kept.
        source: The runtime value that fills it, such as ``os_version``.
        line: Line of the property's name in *path*, from 1.
        path: The file, as in `Event.path`.
    """

    slot: str
    name: str
    schema: Mapping[str, Any]
    source: str
    line: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPolicy:
    """Who approves what the catalogue lets be sent.

    Attributes:
        approvers: Class of what a change widens, or ``rules``, to the roles that must all approve;
            empty where the catalogue states none, and one approval by any role is enough.
        self_approval: Whether those who own or wrote a change may approve it.
    """

    approvers: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    self_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A finding that is accepted for a time.

    Attributes:
        rule_id: The rule.
        place: The file below ``schemas``, and after ``#`` the JSON pointer of the place in it.
        reason: Why it is accepted.
        owner: Role that answers for it.
        until: ISO date of the last day on which it is accepted.
    """

    rule_id: str
    place: str
    reason: str
    owner: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedBreak:
    """A breaking change that callers and readers know of.

    Attributes:
        place: The change's place, such as ``ProductAction.device``.
        reason: Why it is accepted.
        owner: Role that answers for it.
        until: ISO date of the last day on which it is accepted.
    """

    place: str
    reason: str
    owner: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that one product may send.

    Attributes:
        product: Machine name, such as ``modelkit``.
        display_name: Name as users know it.
        package: Generated Python package.
        distribution: Generated distribution.
        version: Version of the generated distribution.
        event_prefix: What every event name starts with.
        endpoint: Collector's address.
        off: Whether the master switch turns everything off.
        package_roots: Roots of the product's packages, from which on paths in free text are kept.
        consent_version: Rises when the notice's scope widens.
        consent_default: Which answer the prompt offers; nothing is sent before an answer.
        consent_file: Where the answer is kept, relative to the user's home folder; empty for the
            platform's place.
        notice: Lines of the consent notice, key to text, in the file's order.
        never: What users are told is never collected.
        linkability: Identifier's place to the highest class that may ride along with it in one
            event; `DEFAULT_CEILING` for every other identifier.
        controls: The product's own words for how to switch ``off``, ``see`` and ``delete``.
        review: Who approves.
        suppressions: Findings that are accepted for a time, in the file's order.
        accepted_breaks: Breaking changes that are accepted for a time, in the file's order.
        events: Every event, sorted by name.
        ext: Slot to its permitted fields in the file's order; slots sorted.
        slot_descriptions: Slot to what it is for, in words.
        inputs: Every file read, as (path, digest), sorted.
        generation: SHA-256 (hex) over *inputs*.
    """

    product: str
    display_name: str
    package: str
    distribution: str
    version: str
    event_prefix: str
    endpoint: str
    off: bool = False
    package_roots: tuple[str, ...] = ()
    consent_version: int
    consent_default: bool
    consent_file: str = ""
    notice: Mapping[str, str]
    never: tuple[NeverLine, ...] = ()
    linkability: Mapping[str, Sensitivity] = field(default_factory=dict[str, "Sensitivity"])
    controls: Mapping[str, str] = field(default_factory=dict[str, str])
    review: ReviewPolicy = field(default_factory=ReviewPolicy)
    suppressions: tuple[Suppression, ...] = ()
    accepted_breaks: tuple[AcceptedBreak, ...] = ()
    events: tuple[Event, ...]
    ext: Mapping[str, tuple[ExtField, ...]]
    slot_descriptions: Mapping[str, str] = field(default_factory=dict[str, str])
    inputs: tuple[tuple[str, str], ...]
    generation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What loading a catalogue gave.

    Attributes:
        catalogue: The catalogue, or None when any finding is an error.
        findings: Every problem of every file, sorted.
        suppressed: Those that the catalogue accepts, sorted; they are not among *findings*.
    """

    catalogue: Catalogue | None
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()


def admits_null(schema: Mapping[str, Any]) -> bool:
    """Return whether a resolved schema's ``type`` (or its const or enum) admits ``null``."""
    kind = schema.get("type")
    if kind is None:
        return None in schema.get("enum", ()) or ("const" in schema and schema["const"] is None)
    return kind == "null" or (is_array(kind) and "null" in kind)


def _text(schema: Mapping[str, Any], keyword: str) -> str | None:
    value = schema.get(keyword)
    return value if isinstance(value, str) else None
