"""The compiler's front: a schema to functions, or to one expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.compiler.checks import CheckWriter
from declarant_codegen.compiler.constants import Constants, literal
from declarant_codegen.compiler.explanations import ExplainWriter
from declarant_codegen.compiler.expressions import Expressions
from declarant_codegen.compiler.helpers import Helpers
from declarant_codegen.compiler.reading import WORDS, read
from declarant_codegen.compiler.sharing import Pieces, shape_of
from declarant_codegen.compiler.writing import Lines, Path, is_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.compiler.nodes import Node

__all__ = [
    "EmittedCode",
    "PlainCheck",
    "emit_functions",
    "scalar_condition",
]

_CONDITIONS: Pieces[str | None] = Pieces()
"""Conditions of scalars, by variable and schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmittedCode:
    """Functions ready to stand in a generated module.

    Attributes:
        source: The functions, with a blank line pair between them.
        constants: Module constants they use, name to Python expression, in order.
        imports: Names they need from ``declarant.gencode``, sorted.
    """

    source: str
    constants: Mapping[str, str]
    imports: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainCheck:
    """What is asked first of an object that has each of its properties, all of them scalars.

    It is what the encoder asks, and is written out in both: one function for the two would cost
    every emit a call.

    Attributes:
        reads: Of each property the variable that holds it, and its name.
        conditions: Over these variables; where all hold, the object is valid.
    """

    reads: tuple[tuple[str, str], ...]
    conditions: tuple[str, ...]


def emit_functions(
    schema: object,
    *,
    name: str,
    root: str = "data",
    resources: Mapping[str, object] | None = None,
    constants: Constants | None = None,
    is_quick: bool = True,
    plain: PlainCheck | None = None,
) -> EmittedCode:
    """Compile *schema* to ``is_valid_<name>`` and ``violations_<name>``.

    Args:
        schema: A JSON Schema.
        name: What follows ``is_valid_``: ASCII letters, digits and underscores.
        root: How violations call the value itself, such as the event's name.
        resources: Documents that references may name, by URI.
        constants: Shared with other emissions into the same module, so that names do not clash.
        is_quick: Whether ``is_valid_<name>`` has code of its own that stops at the first breach.
            Otherwise it asks ``violations_<name>``, and the module is a third shorter.
        plain: What the latter asks first, since most values are plain; None if there is nothing.

    Raises:
        UnsupportedKeyword: A keyword, format or pattern that could not be enforced.
        SchemaError: *schema* is not well formed.
        UnresolvableReference: A reference leads nowhere.
        ValueError: *name* cannot be part of a function's name.
    """
    if not is_name(name):
        raise ValueError(f"name: expected letters, digits and underscores, found {name!a}")
    program = read(schema, resources)
    constants = Constants() if constants is None else constants
    expressions = Expressions(constants)
    helpers = Helpers(name, program.targets)
    lines = Lines()
    if is_quick:
        _check_function(f"is_valid_{name}", program.root, expressions, helpers, lines, public=True)
    else:
        _derived_check(name, lines, plain, constants)
    _main_explanation(name, program.root, expressions, helpers, lines)
    index = 0
    while index < len(helpers.nodes):
        node = helpers.nodes[index]
        if is_quick:
            check = helpers.check_name(index)
            _check_function(check, node, expressions, helpers, lines, public=False)
        _inner_explanation(helpers.explain_name(index), node, expressions, helpers, lines)
        index += 1
    return EmittedCode(
        source=lines.text(root), constants=constants.texts, imports=constants.imports
    )


def _derived_check(name: str, lines: Lines, plain: PlainCheck | None, constants: Constants) -> None:
    lines.add(f"def is_valid_{name}(data: object) -> bool:")
    lines.depth += 1
    lines.add('"""Tell whether *data* meets its schema."""')
    if plain is not None:
        # No subclass: one may make what is looked up, and would be changed by a question.
        exact = f"type(data) is {constants.use('JsonObject')}"
        lines.add(f"if {exact} and len(data) == {len(plain.reads)}:")
        lines.depth += 1
        lines.add("try:")
        for variable, member in plain.reads:
            lines.add(f"    {variable} = data[{literal(member)}]")
        lines.add("except KeyError:")
        lines.add("    return False")
        lines.add(f"if ({plain.conditions[0]}")
        for condition in plain.conditions[1:]:
            lines.add(f"    and {condition}")
        lines.add("): return True")
        lines.depth -= 1
    lines.add(f"return not violations_{name}(data)")
    lines.depth -= 1


def _check_function(
    name: str, node: Node, expressions: Expressions, helpers: Helpers, lines: Lines, *, public: bool
) -> None:
    if lines.lines:
        lines.lines += ["", ""]
    lines.add(f"def {name}(data: object) -> bool:")
    lines.depth += 1
    if public:
        lines.add('"""Tell whether *data* meets its schema."""')
    CheckWriter(expressions, helpers, lines).body(node, "data", "data")
    lines.add("return True")
    lines.depth -= 1


def _main_explanation(
    name: str, node: Node, expressions: Expressions, helpers: Helpers, lines: Lines
) -> None:
    violation = expressions.constants.use("Violation")
    lines.lines += ["", ""]
    lines.add(f"def violations_{name}(data: object) -> list[{violation}]:")
    lines.depth += 1
    lines.add('"""List every breach of the schema in *data*, in the order of the schema."""')
    lines.add(f"found: list[{violation}] = []")
    ExplainWriter(expressions, helpers, lines).body(node, "data", Path.root(), "data")
    lines.add("return found")
    lines.depth -= 1


def _inner_explanation(
    name: str, node: Node, expressions: Expressions, helpers: Helpers, lines: Lines
) -> None:
    violation = expressions.constants.use("Violation")
    lines.lines += ["", ""]
    lines.add(f"def {name}(data: object, path: str, found: list[{violation}]) -> None:")
    lines.depth += 1
    ExplainWriter(expressions, helpers, lines).body(node, "data", Path.variable("path"), "data")
    lines.depth -= 1


def scalar_condition(schema: object, variable: str, constants: Constants) -> str | None:
    """Compile the schema of one scalar field to a condition on a local variable.

    Only canonical values pass: exact Python types, no subclasses, no ``1.0`` for an integer.

    Args:
        schema: A JSON Schema without references.
        variable: The local variable's name; constants are named after it.
        constants: The module's; they hold afterwards what the condition needs.

    Returns:
        A boolean expression, with no parentheses around it; None when the schema lets arrays or
        objects in.

    Raises:
        UnsupportedKeyword: A keyword, format or pattern that could not be enforced.
        SchemaError: *schema* is not well formed.
    """
    shape = shape_of(schema, WORDS)
    if shape is None:
        return _condition(schema, variable, constants)
    return _CONDITIONS.take(
        (variable, shape), constants, lambda given: _condition(schema, variable, given)
    )


def _condition(schema: object, variable: str, constants: Constants) -> str | None:
    node = read(schema).root
    if node.types is None and not node.members:
        return None
    expressions = Expressions(constants, exact=True)
    if not {"array", "object"}.isdisjoint(expressions.kinds(node)) and not node.members:
        return None
    expression = expressions.whole(node, variable, variable)
    return None if expression is None or "json_equal" in expression else expression
