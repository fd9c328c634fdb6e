"""Values written in schemas: examples, and enumerated values against the other keywords.

Owns the question whether a value in a schema is valid by that schema; `acceptance` answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import accepts
from declarant_codegen.json_values import is_object
from declarant_codegen.patterns import is_pattern
from declarant_codegen.words import describe, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.bounds import Problem

# Beside enum or const these change nothing that is valid.
_NEUTRAL = frozenset({"type", "enum", "const", "title", "description", "examples", "deprecated"})


def check_values(schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each example or enumerated value that a resolved, correct schema refuses."""
    listed = next((name for name in ("enum", "const") if name in schema), None)
    if listed is None and not schema.get("examples"):
        return
    others = [name for name in schema if name not in _NEUTRAL and not name.startswith("x-")]
    has_conflict = listed is not None and bool(others)
    if not schema.get("examples") and not has_conflict:
        return
    if listed is not None and has_conflict:
        bare = {name: value for name, value in schema.items() if name != listed}
        values = schema["enum"] if listed == "enum" else [schema[listed]]
        for value in _refused(bare, values):
            found = f"expected each value of {quote(listed)} to satisfy the other keywords"
            mend = "change the value or remove the keyword that refuses it"
            yield "VALUE_UNREACHABLE", listed, f"{found}, found {describe(value)}; {mend}"
    for value in _refused(schema, schema.get("examples", [])):
        found = f"expected valid examples, found {describe(value)}"
        yield "EXAMPLE_INVALID", "examples", f"{found}; change the example or the schema"


def _refused(schema: Mapping[str, Any], values: list[Any]) -> list[Any]:
    if not values or not _has_patterns(schema):
        return []  # a pattern inside is wrong, which is told where it stands
    return [value for value in values if not accepts(schema, value)]


def _has_patterns(schema: Mapping[str, Any]) -> bool:
    """Return whether every pattern in a schema is one."""
    pattern, items = schema.get("pattern"), schema.get("items")
    parts = [*schema.get("properties", {}).values(), *([items] if is_object(items) else [])]
    return (pattern is None or is_pattern(pattern)) and all(map(_has_patterns, parts))
