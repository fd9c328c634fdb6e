"""The form between JSON Schema and Python, from which both emitted functions are made."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "ALL_TYPES",
    "ArrayRules",
    "Bound",
    "Members",
    "Node",
    "ObjectRules",
    "Program",
    "Property",
    "Test",
]

# In the order in which emitted code asks.
ALL_TYPES = ("null", "boolean", "string", "number", "integer", "array", "object")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One comparison of a value, or of its size, with a limit.

    Attributes:
        keyword: Such as ``maxLength``.
        sized: Whether the length is compared and not the value itself.
        operator: ``>=``, ``>``, ``<=`` or ``<``: what must hold, value first.
        limit: A finite number.
    """

    keyword: str
    sized: bool
    operator: str
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One other condition on a string, number or array: pattern, format, multipleOf, uniqueItems.

    Attributes:
        keyword: The JSON Schema keyword.
        argument: Its value.
    """

    keyword: str
    argument: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The permitted values of ``enum`` or ``const``."""

    keyword: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayRules:
    """What ``items`` says; no *items* means any JSON values."""

    items: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One named property of an object.

    Attributes:
        name: Its name.
        node: Its schema.
        required: Whether the object must have it.
        shape: All that *node* was read from; None if that refers to other schemas.
    """

    name: str
    node: Node
    required: bool
    shape: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRules:
    """What is said of an object's properties.

    Attributes:
        properties: In schema order, then the names that are only required.
        additional: The schema of all others; None for a closed object.
        names: The schema of every property's name.
    """

    properties: tuple[Property, ...]
    additional: Node | None
    names: Node | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One schema.

    Attributes:
        pointer: Where it stands.
        types: The permitted JSON types, None when the schema does not say.
        bounds: Per JSON type.
        tests: Per JSON type.
        members: ``enum`` and ``const``.
        array: Rules of the items, None when there are none.
        object: Rules of the properties, None when there are none.
        references: Indexes into the program's targets; the value must meet each of them.
        never: Whether the schema is ``false``.
    """

    pointer: str
    types: frozenset[str] | None = None
    bounds: dict[str, list[Bound]] = field(default_factory=dict[str, "list[Bound]"])
    tests: dict[str, list[Test]] = field(default_factory=dict[str, "list[Test]"])
    members: tuple[Members, ...] = ()
    array: ArrayRules | None = None
    object: ObjectRules | None = None
    references: tuple[int, ...] = ()
    never: bool = False

    @property
    def is_open(self) -> bool:
        """Whether any JSON value will do."""
        return not (self.never or self.references or self.is_restricted)

    @property
    def is_restricted(self) -> bool:
        """Whether the schema itself, apart from references, asks for anything."""
        return (
            self.types is not None
            or bool(self.bounds or self.tests or self.members)
            or self.array is not None
            or self.object is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A schema with everything it refers to."""

    root: Node
    targets: tuple[Node, ...]
