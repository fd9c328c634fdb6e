"""The function that lists every breach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.compiler.checks import known_names
from declarant_codegen.compiler.constants import literal
from declarant_codegen.compiler.expressions import Expressions, any_of, members_of
from declarant_codegen.compiler.helpers import Helpers
from declarant_codegen.compiler.sharing import Pieces
from declarant_codegen.compiler.words import (
    bound_words,
    member_words,
    shown,
    test_words,
    type_words,
)
from declarant_codegen.compiler.writing import Lines, negate

if TYPE_CHECKING:
    from declarant_codegen.compiler.constants import Constants
    from declarant_codegen.compiler.nodes import Members, Node, ObjectRules, Property
    from declarant_codegen.compiler.writing import Call, Path

__all__ = ["ExplainWriter"]

_MAX_INLINE_DEPTH = 6

_PIECES: Pieces[tuple[str | Call, ...] | None] = Pieces()
"""What is written for a property of the value itself."""


class ExplainWriter:
    """Writes the body of one ``violations_`` function; it appends to the list ``found``."""

    def __init__(self, expressions: Expressions, helpers: Helpers, lines: Lines) -> None:
        self._expressions = expressions
        self._helpers = helpers
        self._lines = lines

    def body(self, node: Node, variable: str, path: Path, hint: str) -> None:
        """Write statements that append one violation for each breach."""
        self._node(node, variable, path, hint, 1)

    def _append(self, path: Path, keyword: str, expected: str, found: str) -> None:
        """Write that a violation was found; *found* is an expression."""
        make = self._expressions.constants.use("Violation")
        self._lines.append(make, path, (literal(keyword), literal(expected), found))

    def _unless(self, condition: str, path: Path, keyword: str, words: tuple[str, str]) -> None:
        self._lines.condition("if", condition, negated=True)
        self._lines.depth += 1
        self._append(path, keyword, words[0], literal(words[1]))
        self._lines.depth -= 1

    def _type_word(self, variable: str) -> str:
        return f"{self._expressions.constants.use('type_word')}({variable})"

    def _node(self, node: Node, variable: str, path: Path, hint: str, depth: int) -> None:
        if node.never:
            self._append(path, "false", "nothing here", self._type_word(variable))
        elif depth > _MAX_INLINE_DEPTH:
            self._call(self._helpers.index(node), variable, path)
        else:
            for reference in node.references:
                self._call(reference, variable, path)
            if node.is_restricted or not node.references:
                self._kinds(node, variable, path, hint, depth)
                self._members(node, variable, path, hint)

    def _call(self, index: int, variable: str, path: Path) -> None:
        name = self._helpers.explain_name(index)
        self._lines.call(name, path, before=variable, after="found")

    def _kinds(self, node: Node, variable: str, path: Path, hint: str, depth: int) -> None:
        """Write one branch for each type with rules, and a last one for the wrong type."""
        expressions = self._expressions
        kinds = expressions.kinds(node)
        ruled = [kind for kind in kinds if expressions.has_rules(node, kind)]
        opening = "if"
        for kind in ruled:
            test = expressions.type_test(kind, variable)
            if kind in ("number", "integer"):
                test = expressions.whole_type_test(kind, variable)
            self._lines.condition(opening, test)
            self._lines.depth += 1
            self._rules(node, kind, variable, path, hint, depth)
            self._lines.depth -= 1
            opening = "elif"
        self._lines.otherwise(opening, self._bare(node, ruled, variable))
        self._lines.depth += 1
        self._append(path, "type", type_words(node.types), self._type_word(variable))
        self._lines.depth -= 1

    def _bare(self, node: Node, ruled: list[str], variable: str) -> str:
        """Ask for the types of which nothing more is said."""
        expressions = self._expressions
        if node.types is None:
            return f"{expressions.constants.use('is_json')}({variable})"
        bare = [kind for kind in expressions.kinds(node) if kind not in ruled]
        return any_of([expressions.whole_type_test(k, variable) for k in bare]) if bare else "False"

    def _members(self, node: Node, variable: str, path: Path, hint: str) -> None:
        """Write ``enum`` and ``const``; a value of a wrong type has been told already."""
        expressions = self._expressions
        kinds = expressions.kinds(node)
        for members in node.members:
            if node.types is not None and len(kinds) == 1:
                condition = self._single_kind(members, kinds[0], variable, hint)
            else:
                condition = negate(expressions.any_member(members, variable, hint))
                if node.types is not None:
                    tests = any_of([expressions.type_test(kind, variable) for kind in kinds])
                    condition = f"({tests}) and {condition}"
            if condition:
                expected, found = member_words(members)
                self._lines.condition("if", condition)
                self._lines.depth += 1
                self._append(path, members.keyword, expected, literal(found))
                self._lines.depth -= 1

    def _single_kind(self, members: Members, kind: str, variable: str, hint: str) -> str:
        """Ask for a value of *kind* that is not permitted; empty text when all of them are."""
        test = self._expressions.type_test(kind, variable)
        values = members_of(members.values, kind)
        if not values:
            return test
        inner = self._expressions.member(values, kind, variable, hint)
        return f"{test} and {negate(inner[0])}" if inner else ""

    def _rules(
        self, node: Node, kind: str, variable: str, path: Path, hint: str, depth: int
    ) -> None:
        family = "number" if kind == "integer" else kind
        for bound in node.bounds.get(family, ()):
            test = self._expressions.bound(bound, variable)
            self._unless(test, path, bound.keyword, bound_words(bound, kind))
        if kind == "array" and node.array is None:
            self._content(variable, path, "array")
        if kind == "object" and node.object is None:
            self._content(variable, path, "object")
        for rule in node.tests.get(family, ()):
            tests = self._expressions.test(rule, variable, kind, hint)
            self._unless(" and ".join(tests), path, rule.keyword, test_words(rule))
        if kind == "array" and node.array is not None and node.array.items is not None:
            self._items(node.array.items, variable, path, hint, depth)
        if kind == "object" and node.object is not None:
            self._object(node.object, variable, path, depth)

    def _content(self, variable: str, path: Path, kind: str) -> None:
        """Write that an open container holds only JSON."""
        test = f"{self._expressions.constants.use('is_json')}({variable})"
        words = (f"{kind} of JSON values", "one that is not JSON")
        self._unless(test, path, "type", words)

    def _name(self, word: str, depth: int) -> str:
        return word if depth == 1 else f"{word}{depth}"

    def _items(self, items: Node, variable: str, path: Path, hint: str, depth: int) -> None:
        index, item = self._name("index", depth), self._name("item", depth)
        self._lines.add(f"for {index}, {item} in enumerate({variable}):")
        self._lines.depth += 1
        self._node(items, item, path.index(index), f"{hint}_item", depth + 1)
        self._lines.depth -= 1

    def _object(self, rules: ObjectRules, variable: str, path: Path, depth: int) -> None:
        before = len(self._lines.lines)
        if rules.additional is not None and rules.additional.is_open:
            self._content(variable, path, "object")
        for entry in rules.properties:
            self._property(entry, rules, variable, path, depth)
        self._others(rules, variable, path, depth)
        if len(self._lines.lines) == before:
            self._lines.add("pass")

    def _property(
        self, entry: Property, rules: ObjectRules, variable: str, path: Path, depth: int
    ) -> None:
        if entry.shape is None or not path.is_root or rules.additional is not None:
            self._write_property(entry, rules, variable, path, depth)
            return
        at = self._lines.depth

        def make(constants: Constants) -> tuple[str | Call, ...] | None:
            lines, helpers = Lines(at), Helpers("", ())
            writer = ExplainWriter(Expressions(constants), helpers, lines)
            writer._write_property(entry, rules, variable, path, depth)
            # What is nested so deep that it has functions of its own is not whole by itself.
            return None if helpers.nodes else tuple(lines.lines)

        key = (entry.name, entry.shape, entry.required, variable, at)
        piece = _PIECES.take(key, self._expressions.constants, make)
        if piece is None:
            self._write_property(entry, rules, variable, path, depth)
        else:
            self._lines.lines += piece

    def _write_property(
        self, entry: Property, rules: ObjectRules, variable: str, path: Path, depth: int
    ) -> None:
        name = literal(entry.name)
        told = rules.additional is not None and rules.additional.is_open
        if entry.required:
            self._lines.add(f"if {name} not in {variable}:")
            self._lines.depth += 1
            words = (f"property {shown(entry.name)}", literal("none"))
            self._append(path.member(entry.name), "required", *words)
            self._lines.depth -= 1
        if (entry.node.is_open and told) or entry.node is rules.additional:
            return
        self._lines.add(f"{'else' if entry.required else f'if {name} in {variable}'}:")
        self._lines.depth += 1
        value = self._name("value", depth)
        self._lines.add(f"{value} = {variable}[{name}]")
        self._node(entry.node, value, path.member(entry.name), entry.name, depth + 1)
        self._lines.depth -= 1

    def _others(self, rules: ObjectRules, variable: str, path: Path, depth: int) -> None:
        """Write what is asked of undeclared properties and of names."""
        additional = rules.additional
        names = rules.names
        if (additional is not None and additional.is_open) and (names is None or names.is_open):
            return
        name, value = self._name("name", depth), self._name("value", depth)
        with_values = additional is not None and not additional.is_open
        if with_values:
            test = f"{self._expressions.constants.use('has_text_keys')}({variable})"
            self._unless(test, path, "type", ("object with names of text", "another name"))
        items = f"{name}, {value} in {variable}.items()" if with_values else f"{name} in {variable}"
        self._lines.add(f"for {items}:")
        self._lines.depth += 1
        if names is not None and not names.is_open:
            self._node(names, name, path.any_member(), "name", depth + 1)
        self._additional(rules, name, value, path, depth)
        self._lines.depth -= 1

    def _additional(
        self, rules: ObjectRules, name: str, value: str, path: Path, depth: int
    ) -> None:
        if rules.additional is not None and rules.additional.is_open:
            return
        known = known_names(self._expressions, rules)
        if known:
            self._lines.add(f"if {name} not in {known}:")
            self._lines.depth += 1
        if rules.additional is None:
            make = self._expressions.constants.use("undeclared")
            self._lines.append(make, path, (name,))
        else:
            self._node(rules.additional, value, path.any_member(), "value", depth + 1)
        if known:
            self._lines.depth -= 1
