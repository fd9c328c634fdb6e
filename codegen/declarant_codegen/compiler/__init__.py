"""The keyword compiler: JSON Schema in, straight-line Python out.

It owns the meaning of every keyword that the catalogue's dialect knows. It holds no policy: bounds,
privacy and names are judged elsewhere, before or after.
"""

from declarant_codegen.compiler.constants import Constants, literal
from declarant_codegen.compiler.emission import (
    EmittedCode,
    ScalarCheck,
    check_expression,
    emit_functions,
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
    "ScalarCheck",
    "SchemaError",
    "UnresolvableReference",
    "UnsupportedKeyword",
    "Validator",
    "check_expression",
    "compile_validator",
    "emit_functions",
    "literal",
]
