"""From a checked catalogue to the files of the generated distribution, all in memory.

Owns what files there are and which template makes each. It writes nothing into the output folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant import __version__
from declarant_codegen.bundle import envelope_schema
from declarant_codegen.datamodel import TypesJob, type_names
from declarant_codegen.digests import text_digest
from declarant_codegen.draft import BUILD_HOOK, build_hook_view
from declarant_codegen.formatting import format_python
from declarant_codegen.json_text import json_text
from declarant_codegen.key_view import KEY_MODULE, key_view
from declarant_codegen.manifest import MANIFEST, make_manifest, manifest_text
from declarant_codegen.notice_text import notice_view
from declarant_codegen.own_digest import stamped, with_own_digest
from declarant_codegen.privacy_page import privacy_view
from declarant_codegen.project_view import project_view
from declarant_codegen.render import render
from declarant_codegen.view import (
    catalogue_source,
    catalogue_view,
    event_view,
    package_view,
    types_view,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from declarant_codegen.datamodel import TypeNames
    from declarant_codegen.model import Catalogue
    from declarant_codegen.progress import Report
    from declarant_codegen.review.standing import Seal

__all__ = ["Generation", "generate", "render_modules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Everything one run makes.

    Attributes:
        package: Name of the generated package, which is also its folder.
        files: Path below the output folder (POSIX) to content.
    """

    package: str
    files: Mapping[str, bytes]


def generate(
    catalogue: Catalogue,
    *,
    is_clean: bool,
    inputs: Iterable[tuple[str, str, str]],
    cache: Path | None,
    report: Report,
    seals: Mapping[str, Seal] | None = None,
    draft: bool = False,
) -> Generation:
    """Render every file of a catalogue.

    Args:
        catalogue: Checked.
        is_clean: Whether it had no finding at all.
        inputs: As in `make_manifest`.
        cache: Where types are kept between runs; None for nowhere.
        report: Told (phase, done, total) now and then.
        seals: As in `make_manifest`.
        draft: Whether something in it lacks its approval: the whole package is a draft then.
    """
    names = type_names(catalogue)
    package = catalogue.package
    # The types take longest, so everything else is made meanwhile.
    with TypesJob(names, cache=cache) as types:
        files = _finished(format_python(_modules(catalogue, names, report, draft=draft)))
        for event in catalogue.events:
            text = json_text(envelope_schema(event, catalogue))
            files[f"{package}/schemas/{event.name}.json"] = with_own_digest(text)
        files |= _privacy_files(catalogue, seals, draft=draft)
        report("types", 0, 1)
        view = types_view(catalogue, types.result(), draft=draft)
    files |= _finished(format_python({f"{package}/_types.py": render("_types.py.jinja", view)}))
    report("types", 1, 1)
    files[f"{package}/py.typed"] = b""
    project = project_view(catalogue, draft=draft)
    files["pyproject.toml"] = with_own_digest(render("pyproject.toml.jinja", project))
    files["README.md"] = with_own_digest(render("README.md.jinja", project))
    manifest = make_manifest(
        catalogue,
        generator=__version__,
        is_clean=is_clean,
        inputs=inputs,
        outputs={path: text_digest(content) for path, content in files.items()},
        seals=seals,
        draft=draft,
    )
    files[MANIFEST] = files[f"{package}/{MANIFEST}"] = manifest_text(manifest).encode()
    return Generation(package=package, files=files)


def render_modules(catalogue: Catalogue) -> dict[str, str]:
    """Return the package's modules but its types, not formatted: to be run, not to be read."""
    names = type_names(catalogue)
    return _modules(catalogue, names, lambda _phase, _done, _total: None, draft=False)


def _privacy_files(
    catalogue: Catalogue, seals: Mapping[str, Seal] | None, *, draft: bool
) -> dict[str, bytes]:
    """Render what users read; page and notice go into the package too, for the running program."""
    package = catalogue.package
    view = privacy_view(catalogue, seals, draft=draft)
    page = with_own_digest(render("PRIVACY.md.jinja", view))
    notice = render("NOTICE.txt.jinja", notice_view(catalogue, seals, draft=draft)).encode()
    return {
        "PRIVACY.md": page,
        f"{package}/PRIVACY.md": page,
        "NOTICE.txt": notice,
        f"{package}/NOTICE.txt": notice,
        "README-telemetry.md": with_own_digest(render("README-telemetry.md.jinja", view)),
    }


def _finished(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {path: with_own_digest(text) for path, text in texts.items()}


def _modules(
    catalogue: Catalogue, names: TypeNames, report: Report, *, draft: bool
) -> dict[str, str]:
    """Render the modules; ``_catalogue`` lists the stamps of those that make events."""
    modules = {"__init__": render("__init__.py.jinja", package_view(catalogue, draft=draft))}
    total = len(catalogue.events)
    for done, event in enumerate(catalogue.events):
        report("render", done, total)
        view = event_view(event, catalogue, names, draft=draft)
        modules[event.module] = render("event.py.jinja", view)
    report("render", total, total)
    stamps: dict[str, str] = {}
    for name, text in modules.items():
        modules[name], stamps[name] = stamped(text)
    listing = catalogue_view(catalogue, stamps, draft=draft)
    modules["_catalogue"] = render("_catalogue.py.jinja", listing)
    modules[KEY_MODULE] = render("_key.py.jinja", key_view(catalogue, draft=draft))
    sources = {f"{catalogue.package}/{name}.py": text for name, text in modules.items()}
    if draft:
        hook = build_hook_view(catalogue, catalogue_source(catalogue))
        sources[BUILD_HOOK] = render("hatch_build.py.jinja", hook)
    return sources
