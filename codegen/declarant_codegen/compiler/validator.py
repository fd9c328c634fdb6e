"""Validators that run here and now, from the same source that generated modules hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from declarant._violations import Violation
from declarant_codegen.compiler.emission import emit_functions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Validator", "compile_validator"]


class Validator:
    """A compiled schema.

    Attributes:
        source: The Python module that was compiled, as text.
    """

    def __init__(self, source: str, root: str) -> None:
        self.source = source
        self._root = root
        namespace: dict[str, object] = {"__name__": "declarant_codegen.compiled"}
        exec(compile(source, "<compiled schema>", "exec"), namespace)  # noqa: S102 - our own text
        self._is_valid = cast("Callable[[object], bool]", namespace["is_valid_value"])
        self._violations = cast(
            "Callable[[object], list[Violation]]", namespace["violations_value"]
        )

    def is_valid(self, instance: object) -> bool:
        """Tell whether *instance*, as ``json.loads`` gives it, meets the schema."""
        try:
            return self._is_valid(instance)
        except RecursionError:
            return False

    def violations(self, instance: object) -> list[Violation]:
        """List every breach, in the order of the schema; empty when *instance* is valid."""
        try:
            return self._violations(instance)
        except RecursionError:
            return [Violation(self._root, "$ref", "a value of sane depth", "a deeper one")]


def compile_validator(
    schema: object, *, resources: Mapping[str, object] | None = None, root: str = "data"
) -> Validator:
    """Compile a JSON Schema, below all policy checks.

    Taken are the keywords of the catalogue's dialect (``KEYWORDS``); annotations are skipped. A
    value passes only if it is JSON throughout: NaN and foreign types are violations everywhere.

    Args:
        schema: A JSON Schema 2020-12.
        resources: Documents that references may name, by absolute URI.
        root: How violations call the value itself.

    Raises:
        UnsupportedKeyword: A keyword, format or pattern that could not be enforced.
        SchemaError: *schema* is not well formed.
        UnresolvableReference: A reference leads nowhere.
    """
    code = emit_functions(schema, name="value", root=root, resources=resources)
    head = ["from declarant._violations import ("]
    head += [f"    {name}," for name in code.imports]
    head += [")", ""]
    head += [f"{name} = {text}" for name, text in code.constants.items()]
    return Validator("\n".join([*head, "", code.source]), root)
