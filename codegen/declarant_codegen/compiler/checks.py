"""The function that answers yes or no, and stops at the first breach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.compiler.constants import literal
from declarant_codegen.compiler.expressions import Expressions, permitted
from declarant_codegen.compiler.nodes import Node, ObjectRules

if TYPE_CHECKING:
    from declarant_codegen.compiler.helpers import Helpers
    from declarant_codegen.compiler.writing import Lines

__all__ = ["CheckWriter"]

_MAX_INLINE_DEPTH = 6


class CheckWriter:
    """Writes the body of one ``is_valid_`` function."""

    def __init__(self, expressions: Expressions, helpers: Helpers, lines: Lines) -> None:
        self._expressions = expressions
        self._helpers = helpers
        self._lines = lines
        self._number = 0

    def body(self, node: Node, variable: str, hint: str) -> None:
        """Write statements that return False at a breach and fall through otherwise."""
        self._node(node, variable, hint, 1)

    def _refuse(self, expression: str) -> None:
        """Write that the function is over unless *expression* holds."""
        self._lines.condition("if", expression, negated=True)
        self._lines.add("    return False")

    def _node(self, node: Node, variable: str, hint: str, depth: int) -> None:
        whole = self._expressions.whole(node, variable, hint)
        if whole is not None:
            self._refuse(whole)
        elif depth > _MAX_INLINE_DEPTH:
            self._refuse(self._helpers.check(self._helpers.index(node), variable))
        else:
            for reference in node.references:
                self._refuse(self._helpers.check(reference, variable))
            if node.is_restricted:
                self._kinds(node, variable, hint, depth)

    def _kinds(self, node: Node, variable: str, hint: str, depth: int) -> None:
        """Write one branch for each JSON type that needs statements, one for all others."""
        expressions = self._expressions
        kinds = [kind for kind in expressions.kinds(node) if permitted(node, kind) != ()]
        nested = [kind for kind in kinds if _is_nested(node, kind)]
        plain = [kind for kind in kinds if kind not in nested]
        if len(nested) == 1 and not plain:
            self._refuse(expressions.type_test(nested[0], variable))
            self._container(node, nested[0], variable, hint, depth)
            return
        opening = "if"
        for kind in nested:
            self._lines.condition(opening, expressions.type_test(kind, variable))
            self._lines.depth += 1
            self._container(node, kind, variable, hint, depth)
            self._lines.depth -= 1
            opening = "elif"
        rest = self._plain(node, plain, variable, hint)
        self._lines.otherwise(opening, rest)
        self._lines.add("    return False")

    def _plain(self, node: Node, kinds: list[str], variable: str, hint: str) -> str:
        if not kinds:
            return "False"
        only = Node(
            pointer=node.pointer,
            types=None if node.types is None else frozenset(kinds),
            bounds=node.bounds,
            tests=node.tests,
            members=node.members,
        )
        return self._expressions.whole(only, variable, hint) or "False"

    def _container(self, node: Node, kind: str, variable: str, hint: str, depth: int) -> None:
        """Write what is asked of an array or object, which *variable* is known to hold."""
        before = len(self._lines.lines)
        conditions = self._expressions.conditions(node, kind, variable, hint)
        values = permitted(node, kind)
        if values is not None:
            conditions += self._expressions.member(values, kind, variable, hint)
        late = [text for text in conditions if text.startswith("is_unique(")]
        for condition in conditions:
            if condition not in late:
                self._refuse(condition)
        if kind == "object" and node.object is not None:
            self._object(node.object, variable, depth)
        elif kind == "array" and node.array is not None and node.array.items is not None:
            item = self._name("item", depth)
            self._lines.add(f"for {item} in {variable}:")
            self._lines.depth += 1
            self._node(node.array.items, item, f"{hint}_item", depth + 1)
            self._lines.depth -= 1
        for condition in late:
            self._refuse(condition)
        if len(self._lines.lines) == before:
            self._lines.add("pass")

    def _name(self, word: str, depth: int) -> str:
        return word if depth == 1 else f"{word}{depth}"

    def _object(self, rules: ObjectRules, variable: str, depth: int) -> None:
        if rules.additional is not None and rules.additional.is_open:
            self._refuse(f"{self._expressions.constants.use('is_json')}({variable})")
        counter = self._closing(rules, variable, depth)
        for entry in rules.properties:
            name = literal(entry.name)
            value = self._name("value", depth)
            if entry.required:
                self._lines.add(f"if {name} not in {variable}:")
                self._lines.add("    return False")
            else:
                self._lines.add(f"if {name} in {variable}:")
                self._lines.depth += 1
                if counter:
                    self._lines.add(f"{counter} += 1")
            if not entry.node.is_open or rules.additional is None or not rules.additional.is_open:
                self._lines.add(f"{value} = {variable}[{name}]")
                self._node(entry.node, value, entry.name, depth + 1)
            elif not entry.required and not counter:
                self._lines.add("pass")
            if not entry.required:
                self._lines.depth -= 1
        if counter:
            self._refuse(f"len({variable}) == {counter}")
        self._others(rules, variable, depth)

    def _closing(self, rules: ObjectRules, variable: str, depth: int) -> str | None:
        """Write the start of what keeps a closed object closed: counting its known properties."""
        if rules.additional is not None:
            return None
        required = sum(entry.required for entry in rules.properties)
        if required == len(rules.properties):
            self._refuse(f"len({variable}) == {required}")
            return None
        counter = self._name("known", depth)
        self._lines.add(f"{counter} = {required}")
        return counter

    def _others(self, rules: ObjectRules, variable: str, depth: int) -> None:
        """Write what is asked of undeclared properties and of names."""
        additional = rules.additional
        loops_values = additional is not None and not additional.is_open
        if not loops_values and rules.names is None:
            return
        if loops_values:
            use = self._expressions.constants.use
            self._refuse(f"{use('has_text_keys')}({variable})")
        name, value = self._name("name", depth), self._name("value", depth)
        items = (
            f"{name}, {value} in {variable}.items()" if loops_values else f"{name} in {variable}"
        )
        self._lines.add(f"for {items}:")
        self._lines.depth += 1
        before = len(self._lines.lines)
        if rules.names is not None and not rules.names.is_open:
            self._node(rules.names, name, "name", depth + 1)
        if additional is not None and loops_values:
            self._additional(rules, additional, name, value, depth)
        if len(self._lines.lines) == before:
            self._lines.add("pass")
        self._lines.depth -= 1

    def _additional(
        self, rules: ObjectRules, additional: Node, name: str, value: str, depth: int
    ) -> None:
        known = known_names(self._expressions, rules)
        if known:
            self._lines.add(f"if {name} not in {known}:")
            self._lines.depth += 1
        self._node(additional, value, "value", depth + 1)
        if known:
            self._lines.depth -= 1


def known_names(expressions: Expressions, rules: ObjectRules) -> str:
    """Write the set of declared names; empty text when there is none."""
    declared = [entry.name for entry in rules.properties if entry.node is not rules.additional]
    if not declared:
        return ""
    listed = "{" + ", ".join(map(literal, declared)) + "}"
    if len(declared) <= 12:
        return listed
    return expressions.constants.name("declared_names", f"frozenset({listed})")


def _is_nested(node: Node, kind: str) -> bool:
    return (kind == "array" and node.array is not None) or (
        kind == "object" and node.object is not None
    )
