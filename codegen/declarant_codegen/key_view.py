"""The generated package's module for its instrumentation key, which is empty in source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.draft import draft_lines
from declarant_codegen.python_text import Code, docstring, literal, wrap
from declarant_codegen.view import catalogue_source

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue

__all__ = ["KEY_MODULE", "KeyView", "key_view"]

KEY_MODULE = "_key"
"""What a detached sender imports. Source: declarant._settings.packaged_key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """The module ``_key.py``."""

    source: Code
    doc: Code
    package: Code


def key_view(catalogue: Catalogue, *, draft: bool = False) -> KeyView:
    """Compute the view of ``_key.py``."""
    summary = (
        f"The instrumentation key of {catalogue.display_name}: empty but in a release's wheel."
    )
    rest = "`declarant build` puts a module with the key beside this one, into the wheel alone."
    marks = [(line,) for line in draft_lines(draft)]
    lines = docstring([wrap(summary, indent=3), *marks, wrap(rest, indent=0)])
    return KeyView(
        source=catalogue_source(catalogue),
        doc=Code("\n".join((*lines, ""))),
        package=literal(catalogue.package),
    )
