"""What makes the output a draft: the line on every page, the version, the refusal to be built.

A draft is a whole package in which something lacks its approval. What it may do when it runs is the
runtime's matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.python_text import Code, literal

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue

__all__ = [
    "BUILD_HOOK",
    "DRAFT_CLASSIFIER",
    "BuildHookView",
    "build_hook_view",
    "draft_lines",
    "draft_version",
]

BUILD_HOOK = "hatch_build.py"
"""Where hatchling looks for a project's own build hook."""

DRAFT_CLASSIFIER = "Private :: Do Not Upload"
"""Registries refuse an upload whose classifier starts with "Private ::"."""

_LINE = "Draft: not approved; sent to this machine only."


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildHookView:
    """The hook that stops hatchling."""

    source: Code
    line: Code
    refusal: tuple[Code, ...]


def draft_lines(draft: bool) -> tuple[Code, ...]:
    """Return what is said at the top of a draft's modules and pages, and nothing otherwise."""
    return (Code(_LINE),) if draft else ()


def draft_version(version: str) -> str:
    """Return the version of a draft of *version*, which sorts before it (PEP 440)."""
    return f"{version}.dev0+draft"


def build_hook_view(catalogue: Catalogue, source: Code) -> BuildHookView:
    """Compute the view of the build hook."""
    return BuildHookView(
        source=source,
        line=Code(_LINE),
        refusal=(
            literal(f"{catalogue.distribution} is a draft: not approved; "),
            literal("expected an editable install, found a build that could be handed on; "),
            literal(
                "run `declarant approve` for what lacks its approval and `declarant generate`, "
            ),
            literal("or install the draft with `pip install -e`"),
        ),
    )
