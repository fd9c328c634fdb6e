"""From a field's schema to the functions that write it.

Owns which functions a module gets and what each consists of. It makes `Code` and views, no layout.

An encoder takes canonical values only (exact Python types); the runtime turns the rare others into
canonical ones and calls it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.compiler import PlainCheck
from declarant_codegen.member_writer import Locals, MemberWriter
from declarant_codegen.members import Member, kinds_of, object_members
from declarant_codegen.python_text import Code, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.compiler import Constants
    from declarant_codegen.member_writer import Prepared

__all__ = ["EncodeFunction", "Encoders"]

_SUMMARY = Code("Return what `data` holds as JSON; None unless canonical and valid.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeFunction:
    """One function of a module: values in, JSON text or None out.

    Attributes:
        name: Its name.
        parameters: With their annotations.
        summary: Its docstring.
        nullable: Whether None becomes ``null``.
        kind: Of an array, the condition on its type: it is copied then, for the host goes on with
            its own, in other threads, too.
        bounds: Conditions on the array or object itself; none for the event's own function.
        reads: Of an object: (variable, expression) for each member.
        checks: Conditions on the members; of an array on each item.
        prepared: Variables to set after the checks, of an array for each item.
        is_array: Whether items are looped over.
        pieces: String literals whose sum is the text; of an array, an item's text.
        distinct: The condition that no two items are equal; asked once all items are known good.
        trimmed: What to return when the sum starts with a comma to cut off, else None.
    """

    name: Code
    parameters: Code
    summary: Code
    nullable: bool = False
    kind: Code | None = None
    bounds: Code | None = None
    reads: tuple[tuple[Code, Code], ...] = ()
    checks: Code | None
    prepared: tuple[Prepared, ...]
    is_array: bool = False
    pieces: tuple[Code, ...]
    distinct: Code | None = None
    trimmed: Code | None = None


@dataclass(slots=True, kw_only=True)
class Encoders:
    """Makes the encoders of one module.

    Attributes:
        constants: Shared with the module's validators.
        has_roots: Whether the catalogue states roots of packages, which scrubbers are then given.
        functions: Made so far, in the order in which a reader meets their names.
        plain: What a validator may ask first of the event's data; None if it holds more than
            scalars, something optional or scrubbed text, which may be longer than it is sent.
    """

    constants: Constants
    has_roots: bool = False
    functions: list[EncodeFunction] = field(default_factory=list["EncodeFunction"])
    plain: PlainCheck | None = None
    _names: set[str] = field(default_factory=set[str])

    def add_event(self, members: tuple[Member, ...]) -> None:
        """Make the encoder of an event's data, whose members are arguments; required ones first."""
        writers = self._writers(members, Locals(members), "")
        pieces, trimmed = _pieces(writers, braces=False)
        function = EncodeFunction(
            name=Code("_encode"),
            parameters=Code(", ".join(f"{writer.local}: object" for writer in writers)),
            summary=_SUMMARY,
            checks=_all(writer.check for writer in writers),
            prepared=_prepared(writers),
            pieces=pieces,
            trimmed=trimmed,
        )
        self.functions.insert(0, function)
        # The validator's own argument has that name.
        free = all(writer.local != "data" for writer in writers)
        if writers and free and all(writer.is_plain for writer in writers):
            reads = zip(writers, members, strict=True)
            self.plain = PlainCheck(
                reads=tuple((writer.local, member.name) for writer, member in reads),
                conditions=tuple(writer.check for writer in writers),
            )

    def add_nested(self, schema: Mapping[str, Any], path: str) -> Code:
        """Make the function of an array or object and return its name."""
        wanted = name = f"_encode_{path}"
        number = 2
        while name in self._names:
            name, number = f"{wanted}_{number}", number + 1
        self._names.add(name)
        make = self._array if "array" in kinds_of(schema) else self._object
        # The outer one comes first, so its place is taken before it makes the inner ones.
        at = len(self.functions)
        self.functions.insert(at, make(identifier(name), schema, path))
        return identifier(name)

    def _writers(self, members: tuple[Member, ...], names: Locals, path: str) -> list[MemberWriter]:
        return [MemberWriter(self, member, names, path) for member in members]

    def _array(self, name: Code, schema: Mapping[str, Any], path: str) -> EncodeFunction:
        use = self.constants.use
        item = Member(name="item", schema=schema["items"], required=True)
        writer = MemberWriter(self, item, Locals((item,), taken=("value", "given", "items")), path)
        return EncodeFunction(
            name=name,
            parameters=Code("value: object"),
            summary=_nested_summary(path),
            nullable="null" in kinds_of(schema),
            kind=Code(f"isinstance(value, {use('JsonSequence')})"),
            bounds=_all(_size_checks("given", schema, "minItems", "maxItems")),
            checks=_all([writer.check]),
            prepared=tuple(writer.prepared),
            is_array=True,
            pieces=(_alone(writer),),
            distinct=Code(f"{use('is_unique')}(given)") if schema.get("uniqueItems") else None,
        )

    def _object(self, name: Code, schema: Mapping[str, Any], path: str) -> EncodeFunction:
        use = self.constants.use
        members = object_members(schema)
        names = Locals(members, taken=("value",))
        reads: list[tuple[Code, Code]] = []
        for member in members:
            key = literal(member.name)
            read = f"value[{key}]" if member.required else f"value.get({key}, {use('UNSET')})"
            reads.append((names.local(member.name), Code(read)))
        writers = self._writers(members, names, path)
        pieces, trimmed = _pieces(writers, braces=True)
        bounds = [
            f"isinstance(value, {use('JsonObject')})",
            _keys_check(members),
            *_size_checks("value", schema, "minProperties", "maxProperties"),
        ]
        return EncodeFunction(
            name=name,
            parameters=Code("value: object"),
            summary=_nested_summary(path),
            nullable="null" in kinds_of(schema),
            bounds=_all(bounds),
            reads=tuple(reads),
            checks=_all(writer.check for writer in writers),
            prepared=_prepared(writers),
            pieces=pieces,
            trimmed=trimmed,
        )


def _nested_summary(path: str) -> Code:
    return Code(f"Return `{identifier(path)}` as JSON; None unless canonical and valid.")


def _all(conditions: Iterable[str]) -> Code | None:
    """Join conditions that must all hold; None when there is none."""
    return Code(" and ".join(filter(None, conditions))) or None


def _prepared(writers: list[MemberWriter]) -> tuple[Prepared, ...]:
    return tuple(item for writer in writers for item in writer.prepared)


def _quoted(inside: str) -> Code:
    """Put an f-string's quotes around its inside."""
    return Code(f"f'{inside}'")


def _alone(writer: MemberWriter) -> Code:
    """Return a value's text as an expression, without an f-string where none is needed."""
    inside = writer.inline
    if inside == f"{{{writer.local}}}":
        return Code(f"str({writer.local})")
    if inside.startswith("{") and inside.endswith("}") and inside.count("{") == 1:
        inner = inside[1:-1]
        return Code(f"repr({inner[:-2]})" if inner.endswith("!r") else inner)
    return _quoted(inside)


def _pieces(writers: list[MemberWriter], *, braces: bool) -> tuple[tuple[Code, ...], Code | None]:
    """Return the string literals of an object's text, and what to return if the first comma goes.

    That is the case when no member is required: each then brings its own comma, or nothing.
    """
    if not writers:
        return (literal("{}" if braces else ""),), None
    if not writers[0].is_required:
        trimmed = "f'{{{members[1:]}}}'" if braces else "members[1:]"
        return tuple(_quoted(writer.piece(",")) for writer in writers), Code(trimmed)
    insides = [writer.piece("," if index else "") for index, writer in enumerate(writers)]
    if braces:
        insides[0] = Code("{{" + insides[0])
        insides[-1] = Code(insides[-1] + "}}")
    return tuple(map(_quoted, insides)), None


def _size_checks(variable: str, schema: Mapping[str, Any], low: str, high: str) -> list[str]:
    least, most = schema.get(low, 0), schema.get(high)
    if least and most is not None:
        return [f"{int(least)} <= len({variable}) <= {int(most)}"]
    if least:
        return [f"len({variable}) >= {int(least)}"]
    return [] if most is None else [f"len({variable}) <= {int(most)}"]


def _keys_check(members: tuple[Member, ...]) -> str:
    names = [member.name for member in members]
    required = [member.name for member in members if member.required]
    everything = _set(names)
    if len(required) == len(names):
        return f"value.keys() == {everything}"
    return f"{_set(required)} <= value.keys() <= {everything}"


def _set(names: list[str]) -> str:
    return "{" + ", ".join(map(literal, names)) + "}" if names else "set()"
