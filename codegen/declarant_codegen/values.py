"""Values written in schemas: examples, and enumerated values against the other keywords.

Owns the question whether a value in a schema is valid by that schema; the keyword compiler answers.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.compiler import SchemaError, Validator, compile_validator
from declarant_codegen.words import describe, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.bounds import Problem

_SILENT = frozenset({"title", "description", "examples", "deprecated"})
# Beside enum or const these change nothing that is valid.
_NEUTRAL = frozenset({"type", "enum", "const", "title", "description", "examples", "deprecated"})


def check_values(schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each example or enumerated value that a resolved, correct schema refuses."""
    listed = next((name for name in ("enum", "const") if name in schema), None)
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
    if not values:
        return []
    bare = {name: value for name, value in schema.items() if name not in _SILENT}
    try:
        validator = _validator(json.dumps(bare))
    except SchemaError:
        return []  # a pattern inside is wrong, which is told where it stands
    return [value for value in values if not validator.is_valid(value)]


@lru_cache(maxsize=4096)
def _validator(schema: str) -> Validator:
    """Return the validator of a schema's text; catalogues repeat the schemas of fields."""
    return compile_validator(json.loads(schema))
