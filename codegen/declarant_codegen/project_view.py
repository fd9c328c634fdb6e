"""The distribution's own files, as a view: its project file and its front page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant import __version__
from declarant_codegen.draft import DRAFT_CLASSIFIER, draft_lines, draft_version
from declarant_codegen.markdown_text import markdown
from declarant_codegen.project_text import toml
from declarant_codegen.python_text import Code, identifier
from declarant_codegen.view import catalogue_source

if TYPE_CHECKING:
    from declarant_codegen.model import Catalogue, Event

__all__ = ["ProjectView", "project_view"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """The distribution's pyproject.toml and README.md; texts are quoted for TOML or Markdown."""

    source: Code
    draft: tuple[Code, ...]
    distribution: Code
    version: Code
    classifiers: Code
    description: Code
    package: Code
    requirement: Code
    title: Code
    events: tuple[tuple[Code, Code, Code], ...]


def project_view(catalogue: Catalogue, *, draft: bool = False) -> ProjectView:
    """Compute the view of ``pyproject.toml`` and ``README.md``."""
    classifiers = ("Typing :: Typed", *((DRAFT_CLASSIFIER,) if draft else ()))
    return ProjectView(
        source=catalogue_source(catalogue),
        draft=draft_lines(draft),
        distribution=toml(catalogue.distribution),
        version=toml(draft_version(catalogue.version) if draft else catalogue.version),
        classifiers=Code(", ".join(map(toml, classifiers))),
        description=toml(f"The declared events of {catalogue.display_name}, generated."),
        package=toml(catalogue.package),
        requirement=toml(f"declarant>={'.'.join(__version__.split('.')[:2])}"),
        title=markdown(catalogue.display_name),
        events=tuple(
            (markdown(event.name), _emitters(event), markdown(event.description))
            for event in catalogue.events
        ),
    )


def _emitters(event: Event) -> Code:
    return Code("`, `".join(map(identifier, event.functions)))
