"""How one member of an object is written: its check, what is prepared, its piece of the f-string.

Owns the Python of each JSON type. Arrays and objects become calls of functions that ``encoder``
makes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.compiler import scalar_condition
from declarant_codegen.compiler.expressions import value_type
from declarant_codegen.errors import CodegenError
from declarant_codegen.json_safety import is_json_safe
from declarant_codegen.members import SINGLE_KIND, kinds_of
from declarant_codegen.python_text import Code, fstring, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from declarant_codegen.encoder import Encoders
    from declarant_codegen.members import Member

__all__ = ["PACKAGE_ROOTS", "Locals", "MemberWriter", "Prepared", "unscrubbed"]

PACKAGE_ROOTS = "PACKAGE_ROOTS"
"""Name of the constant in ``_catalogue.py`` that scrubbers are given."""

_TAKEN = frozenset(
    (
        PACKAGE_ROOTS,
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
_SCRUB_COMPANIONS = frozenset(
    ("type", "maxLength", "description", "title", "examples", "deprecated")
)


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


def unscrubbed(path: str) -> CodegenError:
    """Return the error of a field whose declared scrubber would not run; rules come before it.

    Whatever the rules let pass, no text that is declared scrubbed may be stored raw.
    """
    return CodegenError(
        f'{path}: expected "x-scrub" on text that "maxLength" alone bounds, found another schema; '
        "remove the other keywords, or the scrubber"
    )


class Locals:
    """Names of one function's local variables, none of which hides another."""

    def __init__(self, members: Iterable[Member], *, taken: Iterable[str] = ()) -> None:
        names = [member.name for member in members]
        self._used = {*_TAKEN, *taken}
        # A field called like a variable that a later field needs keeps its own name.
        self._names = {name: self._free(name) for name in names}

    def local(self, name: str) -> Code:
        """Return the variable that holds a member."""
        return identifier(self._names[name])

    def made(self, name: str) -> Code:
        """Return a new variable for a member's JSON text."""
        return identifier(self._free(f"{name}_json"))

    def _free(self, wanted: str) -> str:
        name = wanted
        while name in self._used:
            name += "_"
        self._used.add(name)
        return name


class MemberWriter:
    """Writes one member: its check, what is prepared, and its piece of the f-string."""

    def __init__(
        self,
        encoders: Encoders,
        member: Member,
        names: Locals,
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
        self._scrubs = False
        self._is_nested = not self._kinds.isdisjoint(("array", "object"))
        self._is_scrubbed = _is_scrubbed(member.schema)
        self._is_choice = _is_choice(member.schema, self._kinds)
        self.inline = self._written()
        if "x-scrub" in member.schema and not self._scrubs:
            raise unscrubbed(self._path)
        self.check = self._check()
        if not member.required:
            self._prepare_optional()

    @property
    def is_plain(self) -> bool:
        """Whether it is always there, and valid exactly if its check holds of a canonical value."""
        return self.is_required and bool(self.check) and not self._scrubs

    def piece(self, comma: str) -> Code:
        """The member with its name, for the inside of an f-string."""
        if not self._member.required:
            return self.inline
        return Code(self._key(comma) + self.inline)

    def _key(self, comma: str) -> Code:
        return _key(self._member.name, comma)

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
        found = scalar_condition(schema, self.local, self._encoders.constants)
        if found is None:
            raise ValueError(f"{self._path}: expected a scalar, array or object schema")
        return _group(found) if " or " in found else found

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
        if kinds == SINGLE_KIND["integer"]:
            return Code(f"{{{self.local}}}")
        if kinds == SINGLE_KIND["number"]:
            return Code(f"{{{self.local}!r}}")
        if kinds == SINGLE_KIND["null"]:
            return Code("null")
        if kinds == SINGLE_KIND["string"]:
            return self._string()
        return self._prepare(self._chosen(kinds))

    def _string(self) -> Code:
        if self._is_scrubbed:
            return self._prepare(self._scrubbed())
        if is_json_safe(self._member.schema):
            return Code(f'"{{{self.local}}}"')
        return Code(f"{{{self._encoders.constants.use('text')}({self.local})}}")

    def _scrubbed(self) -> str:
        self._scrubs = True
        schema = self._member.schema
        use = self._encoders.constants.use
        given = [literal(schema["x-scrub"]), self.local, str(schema["maxLength"])]
        if self._encoders.has_roots:
            given.append(PACKAGE_ROOTS)
        call = f"{use('scrub')}({', '.join(given)})"
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


def _is_scrubbed(schema: Mapping[str, Any]) -> bool:
    return "x-scrub" in schema and "maxLength" in schema and _only(schema, _SCRUB_COMPANIONS)


def _is_choice(schema: Mapping[str, Any], kinds: frozenset[str]) -> bool:
    if "enum" not in schema:
        return False
    present = {value_type(value) for value in schema["enum"]}
    is_plain = "string" in present and present <= kinds and present <= {"string", "null"}
    return is_plain and _only(schema, _ENUM_COMPANIONS)


@lru_cache(maxsize=16384)
def _key(name: str, comma: str) -> Code:
    """Write a member's name and what is around it, for the inside of an f-string."""
    return fstring(f"{comma}{json.dumps(name)}:")


def _only(schema: Mapping[str, Any], keywords: frozenset[str]) -> bool:
    return all(keyword in keywords or keyword.startswith("x-") for keyword in schema)


def _group(expression: str) -> str:
    if " or " in expression or " and " in expression or " if " in expression:
        return f"({expression})"
    return expression
