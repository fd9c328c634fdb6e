"""From a field's schema to the pieces of its encoder.

Owns how each JSON type is written: what is checked, what is prepared, and what stands in the one
f-string. It makes `Code` and views, no text layout.

An encoder takes canonical values only (exact Python types); the runtime turns the rare others into
canonical ones and calls it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declarant_codegen.compiler import check_expression
from declarant_codegen.compiler.expressions import value_type
from declarant_codegen.json_safety import is_json_safe
from declarant_codegen.python_text import Code, fstring, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.compiler import Constants

__all__ = ["EncodeFunction", "Encoders", "Member", "Prepared", "kinds_of", "object_members"]

# Names that the body of an encoder refers to; a local of the same name would hide them.
_TAKEN = frozenset(
    (
        "has_text_keys",
        "is_date",
        "is_date_time",
        "is_integer",
        "is_json",
        "is_multiple",
        "is_number",
        "is_time",
        "is_unique",
        "is_uuid",
        "json_equal",
        "matches",
        "scrub",
        "text",
        "type_word",
        "undeclared",
    )
)
_ENUM_COMPANIONS = frozenset(("type", "enum", "description", "title", "examples", "deprecated"))
_SUMMARY = Code(
    "Return the inside of `data` as JSON text, or None unless all is canonical and valid."
)
_SINGLE = {
    kind: frozenset((kind,))
    for kind in ("null", "boolean", "string", "integer", "number", "array", "object")
}
_SCRUB_COMPANIONS = frozenset(
    ("type", "maxLength", "description", "title", "examples", "deprecated")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One key of an object, as the encoder sees it.

    Attributes:
        name: Name on the wire.
        schema: Its resolved schema.
        required: Whether it is always there.
    """

    name: str
    schema: Mapping[str, Any]
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A local variable that holds JSON text, made before the f-string.

    Attributes:
        name: The variable.
        expression: What it is set to.
        may_fail: Whether None means that the value is not valid.
        prefix: Text to put before it when it is not empty; None when the f-string does.
    """

    name: Code
    expression: Code
    may_fail: bool = False
    prefix: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeFunction:
    """One function of a module: values in, JSON text or None out.

    Attributes:
        name: Its name.
        parameters: With their annotations.
        summary: Its docstring.
        nullable: Whether None becomes ``null``.
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
        functions: Made so far, in the order in which a reader meets their names.
    """

    constants: Constants
    functions: list[EncodeFunction] = field(default_factory=list["EncodeFunction"])
    _names: set[str] = field(default_factory=set[str])

    def add_event(self, members: tuple[Member, ...]) -> None:
        """Make the encoder of an event's data, whose members are arguments; required ones first."""
        writers = self._writers(members, _Locals(members), "")
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

    def _writers(self, members: tuple[Member, ...], names: _Locals, path: str) -> list[_Writer]:
        return [_Writer(self, member, names, path) for member in members]

    def _array(self, name: Code, schema: Mapping[str, Any], path: str) -> EncodeFunction:
        use = self.constants.use
        item = Member(name="item", schema=schema["items"], required=True)
        writer = _Writer(self, item, _Locals((item,), taken=("value", "items")), path)
        bounds = [
            f"isinstance(value, {use('JsonSequence')})",
            *_size_checks(schema, "minItems", "maxItems"),
        ]
        return EncodeFunction(
            name=name,
            parameters=Code("value: object"),
            summary=_nested_summary(path),
            nullable="null" in kinds_of(schema),
            bounds=_all(bounds),
            checks=_all([writer.check]),
            prepared=tuple(writer.prepared),
            is_array=True,
            pieces=(_alone(writer),),
            distinct=Code(f"{use('is_unique')}(value)") if schema.get("uniqueItems") else None,
        )

    def _object(self, name: Code, schema: Mapping[str, Any], path: str) -> EncodeFunction:
        use = self.constants.use
        members = object_members(schema)
        names = _Locals(members, taken=("value",))
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
            *_size_checks(schema, "minProperties", "maxProperties"),
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
    return Code(
        f"Return `{identifier(path)}` as JSON text, or None unless it is canonical and valid."
    )


def _all(conditions: Iterable[str]) -> Code | None:
    """Join conditions that must all hold; None when there is none."""
    return Code(" and ".join(filter(None, conditions))) or None


def _prepared(writers: list[_Writer]) -> tuple[Prepared, ...]:
    return tuple(item for writer in writers for item in writer.prepared)


def _quoted(inside: str) -> Code:
    """Put an f-string's quotes around its inside."""
    return Code(f"f'{inside}'")


def _alone(writer: _Writer) -> Code:
    """Return a value's text as an expression, without an f-string where none is needed."""
    inside = writer.inline
    if inside == f"{{{writer.local}}}":
        return Code(f"str({writer.local})")
    if inside.startswith("{") and inside.endswith("}") and inside.count("{") == 1:
        inner = inside[1:-1]
        return Code(f"repr({inner[:-2]})" if inner.endswith("!r") else inner)
    return _quoted(inside)


def _pieces(writers: list[_Writer], *, braces: bool) -> tuple[tuple[Code, ...], Code | None]:
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


def object_members(schema: Mapping[str, Any]) -> tuple[Member, ...]:
    """Return an object schema's members, required ones first."""
    required = schema.get("required", ())
    members = [
        Member(name=name, schema=child, required=name in required)
        for name, child in schema.get("properties", {}).items()
    ]
    return tuple(sorted(members, key=lambda member: not member.required))


def kinds_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the JSON types that a schema's valid values can have."""
    declared = schema.get("type")
    if type(declared) is str and "enum" not in schema and "const" not in schema:
        return _SINGLE[declared]
    kinds = None if declared is None else {declared} if isinstance(declared, str) else set(declared)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is not None:
        present = {value_type(value) for value in values}
        if kinds is None:
            return frozenset(present)
        wide = "number" in kinds
        kept = {"number" if wide and kind == "integer" else kind for kind in present}
        return frozenset(kept & kinds)
    return frozenset(kinds or ())


class _Locals:
    """Names of one function's local variables, none of which hides another."""

    def __init__(self, members: Iterable[Member], *, taken: Iterable[str] = ()) -> None:
        names = [member.name for member in members]
        self._used = {*_TAKEN, *taken}
        # A field called like a variable that a later field needs keeps its own name.
        self._names = {name: self._free(name) for name in names}

    def local(self, name: str) -> Code:
        return identifier(self._names[name])

    def made(self, name: str) -> Code:
        return identifier(self._free(f"{name}_json"))

    def _free(self, wanted: str) -> str:
        name = wanted
        while name in self._used:
            name += "_"
        self._used.add(name)
        return name


class _Writer:
    """Writes one member: its check, what is prepared, and its piece of the f-string."""

    def __init__(
        self,
        encoders: Encoders,
        member: Member,
        names: _Locals,
        path: str,
    ) -> None:
        self._encoders = encoders
        self._member = member
        self._names = names
        self._path = f"{path}_{member.name}" if path else member.name
        self._kinds = kinds_of(member.schema)
        self.local = names.local(member.name)
        self.prepared: list[Prepared] = []
        self.is_required = member.required
        self.inline = self._written()
        self.check = self._check()
        if not member.required:
            self._prepare_optional()

    def piece(self, comma: str) -> Code:
        """The member with its name, for the inside of an f-string."""
        if not self._member.required:
            return self.inline
        return Code(self._key(comma) + self.inline)

    def _key(self, comma: str) -> Code:
        return fstring(f"{comma}{json.dumps(self._member.name)}:")

    def _prepare(self, expression: str, *, may_fail: bool = False) -> Code:
        name = self._names.made(self._member.name)
        made = Prepared(name=name, expression=Code(expression), may_fail=may_fail)
        self.prepared.append(made)
        return Code(f"{{{name}}}")

    def _prepare_optional(self) -> None:
        """Turn what was written into a variable that is empty when the value was not given."""
        self._encoders.constants.use("Unset")
        unset = f"isinstance({self.local}, Unset)"
        if self.prepared and self.prepared[0].may_fail:
            made = self.prepared[0]
            self.prepared = [
                Prepared(
                    name=made.name,
                    expression=Code(f'"" if {unset} else {made.expression}'),
                    may_fail=True,
                    prefix=Code(f"f'{self._key(',')}{{{made.name}}}'"),
                )
            ]
            return
        if self.prepared:
            made = self.prepared[0]
            # The value's own text is chosen first, then whether there is any.
            inner, outer = made.name, self._names.made(self._member.name)
            self.prepared = [
                Prepared(
                    name=inner, expression=Code(f'"" if {unset} else {_group(made.expression)}')
                ),
                Prepared(
                    name=outer,
                    expression=Code(f"{inner} and f'{self._key(',')}{{{inner}}}'"),
                ),
            ]
            self.inline = Code(f"{{{outer}}}")
            return
        text = f"f'{self._key(',')}{self.inline}'"
        self.inline = self._prepare(f'"" if {unset} else {text}')

    def _check(self) -> Code:
        expression = self._condition()
        if not expression or self._member.required:
            return Code(expression)
        self._encoders.constants.use("Unset")
        return Code(f"(isinstance({self.local}, Unset) or {_group(expression)})")

    def _condition(self) -> str:
        schema = self._member.schema
        if self._is_nested:
            return ""
        if self._is_scrubbed:
            exact = f"type({self.local}) is str"
            return f"({self.local} is None or {exact})" if "null" in self._kinds else exact
        if self._is_choice:
            exact = f"type({self.local}) is str"
            given = f"({self.local} is None or {exact})" if "null" in self._kinds else exact
            return f"{given} and {self.local} in {self._choices()}"
        found = check_expression(schema, self.local, constants=self._encoders.constants)
        if found is None:
            raise ValueError(f"{self._path}: expected a scalar, array or object schema")
        return _group(found.expression) if " or " in found.expression else found.expression

    def _written(self) -> Code:
        """Return what stands for the value in the f-string, preparing variables as needed."""
        if self._is_nested:
            function = self._encoders.add_nested(self._member.schema, self._path)
            return self._prepare(f"{function}({self.local})", may_fail=True)
        kinds = self._kinds
        if self._is_choice:
            return Code(f"{{{self._choices()}[{self.local}]}}")
        if "const" in self._member.schema and kinds:
            return fstring(json.dumps(self._member.schema["const"], ensure_ascii=False))
        if kinds == _SINGLE["integer"]:
            return Code(f"{{{self.local}}}")
        if kinds == _SINGLE["number"]:
            return Code(f"{{{self.local}!r}}")
        if kinds == _SINGLE["null"]:
            return Code("null")
        if kinds == _SINGLE["string"]:
            return self._string()
        return self._prepare(self._chosen(kinds))

    def _string(self) -> Code:
        if self._is_scrubbed:
            return self._prepare(self._scrubbed())
        if is_json_safe(self._member.schema):
            return Code(f'"{{{self.local}}}"')
        return Code(f"{{{self._encoders.constants.use('text')}({self.local})}}")

    def _scrubbed(self) -> str:
        schema = self._member.schema
        use = self._encoders.constants.use
        call = f"{use('scrub')}({literal(schema['x-scrub'])}, {self.local}, {schema['maxLength']})"
        return f"{use('text')}({call})"

    def _chosen(self, kinds: frozenset[str]) -> str:
        """Write a choice by type, such as `"null" if x is None else text(x)`."""
        local = self.local
        terms: list[tuple[str, str]] = []
        if "null" in kinds:
            terms.append((f"{local} is None", '"null"'))
        if "boolean" in kinds:
            only = kinds <= {"null", "boolean"}
            written = f'"true" if {local} else "false"'
            terms.append((f"isinstance({local}, bool)", written if only else f"({written})"))
        if "string" in kinds:
            terms.append((f"isinstance({local}, str)", self._string_expression()))
        if kinds & {"integer", "number"}:
            terms.append(("", f"repr({local})" if "number" in kinds else f"str({local})"))
        expression = terms[-1][1]
        for condition, written in reversed(terms[:-1]):
            expression = f"{written} if {condition} else {expression}"
        return expression

    def _string_expression(self) -> str:
        if self._is_scrubbed:
            return self._scrubbed()
        if is_json_safe(self._member.schema):
            return f"f'\"{{{self.local}}}\"'"
        return f"{self._encoders.constants.use('text')}({self.local})"

    def _choices(self) -> str:
        """Return the constant that maps each permitted string to its JSON text."""
        pairs = [
            f"{literal(value)}: {literal(json.dumps(value, ensure_ascii=False))}"
            for value in self._member.schema["enum"]
        ]
        return self._encoders.constants.name(f"{self._path}_json", "{" + ", ".join(pairs) + "}")

    @property
    def _is_nested(self) -> bool:
        return bool(self._kinds & {"array", "object"})

    @property
    def _is_scrubbed(self) -> bool:
        schema = self._member.schema
        return "x-scrub" in schema and "maxLength" in schema and _only(schema, _SCRUB_COMPANIONS)

    @property
    def _is_choice(self) -> bool:
        schema = self._member.schema
        values = schema.get("enum", ())
        kinds = {value_type(value) for value in values}
        is_plain = "string" in kinds and kinds <= self._kinds and kinds <= {"string", "null"}
        return is_plain and _only(schema, _ENUM_COMPANIONS)


def _only(schema: Mapping[str, Any], keywords: frozenset[str]) -> bool:
    return all(keyword in keywords or keyword.startswith("x-") for keyword in schema)


def _group(expression: str) -> str:
    if " or " in expression or " and " in expression or " if " in expression:
        return f"({expression})"
    return expression


def _size_checks(schema: Mapping[str, Any], low: str, high: str) -> list[str]:
    least, most = schema.get(low, 0), schema.get(high)
    if least and most is not None:
        return [f"{int(least)} <= len(value) <= {int(most)}"]
    if least:
        return [f"len(value) >= {int(least)}"]
    return [] if most is None else [f"len(value) <= {int(most)}"]


def _keys_check(members: tuple[Member, ...]) -> str:
    names = [member.name for member in members]
    required = [member.name for member in members if member.required]
    everything = _set(names)
    if len(required) == len(names):
        return f"value.keys() == {everything}"
    return f"{_set(required)} <= value.keys() <= {everything}"


def _set(names: list[str]) -> str:
    return "{" + ", ".join(map(literal, names)) + "}" if names else "set()"
