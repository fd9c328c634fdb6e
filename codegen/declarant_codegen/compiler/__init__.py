"""The keyword compiler: JSON Schema in, straight-line Python out.

It owns the meaning of every keyword that the catalogue's dialect knows. It holds no policy: bounds,
privacy and names are judged elsewhere, before or after.

Names are loaded when first used: whoever only asks for a pattern's tree loads no compiler.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from declarant_codegen.compiler.constants import Constants, literal
    from declarant_codegen.compiler.emission import (
        EmittedCode,
        PlainCheck,
        emit_functions,
        scalar_condition,
    )
    from declarant_codegen.compiler.errors import (
        SchemaError,
        UnresolvableReference,
        UnsupportedKeyword,
    )
    from declarant_codegen.compiler.reading import KEYWORDS
    from declarant_codegen.compiler.validator import Validator, compile_validator

__all__ = [
    "KEYWORDS",
    "Constants",
    "EmittedCode",
    "PlainCheck",
    "SchemaError",
    "UnresolvableReference",
    "UnsupportedKeyword",
    "Validator",
    "compile_validator",
    "emit_functions",
    "literal",
    "scalar_condition",
]

_HOMES = {
    "KEYWORDS": "reading",
    "Constants": "constants",
    "EmittedCode": "emission",
    "PlainCheck": "emission",
    "SchemaError": "errors",
    "UnresolvableReference": "errors",
    "UnsupportedKeyword": "errors",
    "Validator": "validator",
    "compile_validator": "validator",
    "emit_functions": "emission",
    "literal": "constants",
    "scalar_condition": "emission",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
