"""Boolean Python expressions for everything that can be asked of one value.

Both emitted functions take their conditions from here, which is why they cannot disagree.
"""

from __future__ import annotations

from functools import lru_cache

from declarant._violations import json_equal
from declarant_codegen.compiler.constants import Constants, literal
from declarant_codegen.compiler.lowering import Lowered, lower
from declarant_codegen.compiler.nodes import ALL_TYPES, Bound, Members, Node, Test
from declarant_codegen.compiler.pattern_python import to_python
from declarant_codegen.compiler.pattern_tree import parse_pattern
from declarant_codegen.formats import FORMATS

__all__ = ["Expressions", "any_of", "members_of", "value_type"]

_MAX_INLINE_MEMBERS = 12
_UNTYPED = tuple(kind for kind in ALL_TYPES if kind != "integer")


@lru_cache(maxsize=256)
def _ordered(types: frozenset[str]) -> tuple[str, ...]:
    return tuple(kind for kind in ALL_TYPES if kind in types)


def value_type(value: object) -> str:
    """Give the narrowest JSON type of a schema's value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if value == int(value) else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def members_of(values: tuple[object, ...], kind: str) -> tuple[object, ...]:
    """Select the values that are of the JSON type *kind*."""
    kinds = ("integer", "number") if kind == "number" else (kind,)
    return tuple(value for value in values if value_type(value) in kinds)


def any_of(terms: list[str]) -> str:
    """Join conditions of which one must hold."""
    if len(terms) == 1:
        return terms[0]
    return " or ".join(f"({term})" if " and " in term else term for term in terms)


class Expressions:
    """Makes expressions over a local variable.

    Attributes:
        constants: Takes the constants and imports that the expressions need.
        exact: Whether only the canonical Python type of each JSON type passes (``1.0`` is then no
            integer, subclasses do not pass), as an encoder wants.
    """

    def __init__(self, constants: Constants, *, exact: bool = False) -> None:
        self.constants = constants
        self.exact = exact

    def kinds(self, node: Node) -> tuple[str, ...]:
        """List the JSON types that *node* may accept, in the order in which to ask."""
        return _UNTYPED if node.types is None else _ordered(node.types)

    def has_rules(self, node: Node, kind: str) -> bool:
        """Tell whether *node* says more of values of *kind* than that they are JSON."""
        family = "number" if kind == "integer" else kind
        return (
            bool(node.bounds.get(family) or node.tests.get(family))
            or (kind == "array" and node.array is not None)
            or (kind == "object" and node.object is not None)
        )

    def type_test(self, kind: str, variable: str) -> str:
        """Ask for a JSON type; containers only for themselves, numbers also for not finite ones."""
        use = self.constants.use
        if kind == "null":
            return f"{variable} is None"
        if self.exact:
            return self._exact_type(kind, variable)
        if kind == "boolean":
            return f"isinstance({variable}, bool)"
        if kind == "string":
            return f"isinstance({variable}, str)"
        if kind == "integer":
            return f"(type({variable}) is int or {use('is_integer')}({variable}))"
        if kind == "number":
            wide = f"type({variable}) is float or type({variable}) is int"
            return f"({wide} or {use('is_number')}({variable}))"
        return f"isinstance({variable}, {use('Json' + kind.capitalize())})"

    def _exact_type(self, kind: str, variable: str) -> str:
        if kind == "number":
            return f"(type({variable}) is float or type({variable}) is int)"
        names = {"boolean": "bool", "string": "str", "integer": "int", "array": "list"}
        return f"type({variable}) is {names.get(kind, 'dict')}"

    def whole_type_test(self, kind: str, variable: str) -> str:
        """Ask for a JSON type, through and through, without the short cuts of `type_test`."""
        use = self.constants.use
        if kind in ("number", "integer"):
            return f"{use('is_' + kind)}({variable})"
        if kind in ("array", "object"):
            return f"{self.type_test(kind, variable)} and {use('is_json')}({variable})"
        return self.type_test(kind, variable)

    def bound(self, bound: Bound, variable: str) -> str:
        """Ask one comparison."""
        subject = f"len({variable})" if bound.sized else variable
        return f"{subject} {bound.operator} {literal(bound.limit)}"

    def test(self, test: Test, variable: str, kind: str, hint: str) -> list[str]:
        """Ask one pattern, format, multiple or uniqueness."""
        if test.keyword == "pattern":
            return self._pattern(str(test.argument), variable, hint)
        if test.keyword == "format":
            name = self.constants.use(FORMATS[str(test.argument)].test)
            return [f"{name}({variable})"]
        if test.keyword == "uniqueItems":
            return [f"{self.constants.use('is_unique')}({variable})"]
        divisor = test.argument
        text = f"{self.constants.use('is_multiple')}({variable}, {literal(divisor)})"
        if isinstance(divisor, int) and kind == "integer":
            quick = f"{variable} % {divisor} == 0"
            return [quick if self.exact else f"({quick} if type({variable}) is int else {text})"]
        return [text]

    def _pattern(self, pattern: str, variable: str, hint: str) -> list[str]:
        lowered = lower(pattern)
        if lowered is None:
            return [self._search(pattern, variable, hint)]
        bounds = _length_bounds(lowered)
        return [*self._range(bounds, variable), *self._lowered(lowered, variable, hint)]

    def _search(self, pattern: str, variable: str, hint: str) -> str:
        name = self.constants.name(f"{hint}_pattern", literal(to_python(parse_pattern(pattern)[0])))
        return f"{self.constants.use('matches')}({name}, {variable})"

    def _lowered(self, lowered: Lowered, variable: str, hint: str) -> list[str]:
        return lowered.conditions(variable, lambda text: self.constants.name(f"{hint}_chars", text))

    def conditions(self, node: Node, kind: str, variable: str, hint: str) -> list[str]:
        """Ask all bounds and tests of *kind* at once, cheapest first; items are not asked."""
        family = "number" if kind == "integer" else kind
        bounds = list(node.bounds.get(family, ()))
        rest: list[str] = []
        for test in node.tests.get(family, ()):
            lowered = lower(str(test.argument)) if test.keyword == "pattern" else None
            if lowered is not None:
                bounds += _length_bounds(lowered)
                rest += self._lowered(lowered, variable, hint)
            else:
                rest += self.test(test, variable, kind, hint)
        return self._range(bounds, variable, finite=kind == "number") + rest

    def _range(self, bounds: list[Bound], variable: str, *, finite: bool = False) -> list[str]:
        """Join bounds to one chained comparison; of a number also ask that it is finite."""
        low = _tightest([bound for bound in bounds if ">" in bound.operator], lowest=True)
        high = _tightest([bound for bound in bounds if "<" in bound.operator], lowest=False)
        if not (low or high or finite):
            return []
        sized = any(bound.sized for bound in bounds)
        subject = f"len({variable})" if sized else variable
        if low and high and low.limit == high.limit and low.operator + high.operator == ">=<=":
            return [f"{subject} == {literal(low.limit)}"]
        if not finite and not (low and high):
            return [self.bound(bound, variable) for bound in (low, high) if bound]
        infinity = "INFINITY"
        if finite and not (low and high):
            self.constants.use(infinity)
        left = f"{literal(low.limit)} {low.operator.replace('>', '<')}" if low else f"-{infinity} <"
        right = f"{high.operator} {literal(high.limit)}" if high else f"< {infinity}"
        return [f"{left} {subject} {right}"]

    def member(self, values: tuple[object, ...], kind: str, variable: str, hint: str) -> list[str]:
        """Ask that a value, known to be of *kind*, is one of *values* of that kind."""
        if kind == "null" or (kind == "boolean" and len(values) == 2):
            return []
        if kind == "boolean":
            return [f"{variable} is {values[0]!r}"]
        if kind in ("array", "object"):
            equal = self.constants.use("json_equal")
            names = [self.constants.name(f"{hint}_value", literal(value)) for value in values]
            tests = [f"{equal}({variable}, {name})" for name in names]
            return [tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"]
        if len(values) == 1:
            return [f"{variable} == {literal(values[0])}"]
        listed = "{" + ", ".join(map(literal, values)) + "}"
        if len(values) > _MAX_INLINE_MEMBERS:
            listed = self.constants.name(f"{hint}_values", f"frozenset({listed})")
        return [f"{variable} in {listed}"]

    def any_member(self, members: Members, variable: str, hint: str) -> str:
        """Ask that a value of any type is one of the permitted ones."""
        terms: list[str] = []
        for kind in _UNTYPED:
            values = members_of(members.values, kind)
            if values:
                inner = self.member(values, kind, variable, hint)
                terms.append(" and ".join([self.type_test(kind, variable), *inner]))
        return any_of(terms) if terms else "False"

    def whole(self, node: Node, variable: str, hint: str) -> str | None:
        """Ask everything of a value in one expression.

        Returns:
            None when items, properties or references have to be followed.
        """
        if node.never:
            return "False"
        if node.references or node.array is not None or node.object is not None:
            return None
        if node.is_open:
            return f"{self.constants.use('is_json')}({variable})"
        if node.types is None and not node.members:
            return self._untyped(node, variable, hint)
        terms: list[str] = []
        for kind in self.kinds(node):
            values = permitted(node, kind)
            if values != ():
                asked = self._asked(node, kind, values, variable, hint)
                terms.append(" and ".join([self.type_test(kind, variable), *asked]))
        return any_of(terms) if terms else "False"

    def _asked(
        self, node: Node, kind: str, values: tuple[object, ...] | None, variable: str, hint: str
    ) -> list[str]:
        """Ask all but the type."""
        parts = [] if values is None else self.member(values, kind, variable, hint)
        if kind in ("array", "object") and values is None:
            parts.append(f"{self.constants.use('is_json')}({variable})")
        if values is None or self.has_rules(node, kind):
            parts += self.conditions(node, kind, variable, hint)
        return parts

    def _untyped(self, node: Node, variable: str, hint: str) -> str:
        """Ask each type's rules of that type, and of the others only that they are JSON."""
        text = f"{self.constants.use('is_json')}({variable})"
        for kind in reversed(self.kinds(node)):
            if self.has_rules(node, kind):
                rules = " and ".join(self._asked(node, kind, None, variable, hint))
                text = f"{rules} if {self.type_test(kind, variable)} else {text}"
        return f"({text})"


def permitted(node: Node, kind: str) -> tuple[object, ...] | None:
    """List the values of *kind* that every ``enum`` and ``const`` permits; None: all."""
    if not node.members:
        return None
    kept = members_of(node.members[0].values, kind)
    for other in node.members[1:]:
        kept = tuple(value for value in kept if _is_among(value, other.values))
    return kept


def _is_among(value: object, values: tuple[object, ...]) -> bool:
    return any(json_equal(value, other) for other in values)


def _length_bounds(lowered: Lowered) -> list[Bound]:
    found: list[Bound] = []
    if lowered.low:
        found.append(Bound(keyword="pattern", sized=True, operator=">=", limit=lowered.low))
    if lowered.high is not None:
        found.append(Bound(keyword="pattern", sized=True, operator="<=", limit=lowered.high))
    return found


def _tightest(bounds: list[Bound], *, lowest: bool) -> Bound | None:
    """Choose the bound that implies the others; of equal limits the exclusive one."""
    ordered = sorted(bounds, key=lambda bound: (bound.limit, (len(bound.operator) == 1) is lowest))
    return (ordered[-1] if lowest else ordered[0]) if ordered else None
