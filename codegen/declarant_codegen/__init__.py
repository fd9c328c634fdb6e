"""From a catalogue of event schemas to checked, generated Python.

Names are loaded when first used, so that a command that needs one part does not import the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from declarant_codegen.compiler import compile_validator
    from declarant_codegen.findings import Finding
    from declarant_codegen.loader import load_catalogue
    from declarant_codegen.model import Catalogue, LoadResult

__all__ = ["Catalogue", "Finding", "LoadResult", "compile_validator", "load_catalogue"]

_HOMES = {
    "Catalogue": "declarant_codegen.model",
    "Finding": "declarant_codegen.findings",
    "LoadResult": "declarant_codegen.model",
    "compile_validator": "declarant_codegen.compiler",
    "load_catalogue": "declarant_codegen.loader",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
