"""All that is made of a catalogue, and what must hold of it whatever the catalogue says."""

from __future__ import annotations

import ast
import dataclasses
import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from declarant_codegen.bundle import envelope_schema
from declarant_codegen.change_views import diff_view
from declarant_codegen.errors import CodegenError
from declarant_codegen.generate import render_modules
from declarant_codegen.notice_text import notice_view
from declarant_codegen.own_words import compare_catalogues
from declarant_codegen.privacy_diff import diff, render_text, to_json
from declarant_codegen.privacy_page import privacy_view
from declarant_codegen.project_view import project_view
from declarant_codegen.render import render
from declarant_codegen.reports import FORMATS, make_report
from declarant_codegen.review.agreement import consent_since
from declarant_codegen.review.log import CATALOGUE
from declarant_codegen.review.page import _page, make_pages
from declarant_codegen.review.page_forms import page_json, page_text, page_view
from declarant_codegen.review.verdict import review_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from declarant_codegen.findings import Finding
    from declarant_codegen.model import Catalogue, Event, ExtField
    from declarant_codegen.review.page import Page
    from declarant_codegen.review.verdict import Review

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_PROJECT = ("pyproject.toml.jinja", "README.md.jinja")
_PAGES = ("PRIVACY.md.jinja", "README-telemetry.md.jinja")
#: What a CI runner takes for a command of its own: GitHub's two forms, and that of Azure Pipelines.
_COMMAND = re.compile(r"^[^\S\n]*::|##\[|##vso\[", re.IGNORECASE)


def tell(findings: Iterable[Finding], schemas: Path, forms: Iterable[str] = FORMATS) -> None:
    """Tell findings in some forms: a line each, of printable text, and no runner's command."""
    findings = list(findings)
    for finding in findings:
        assert str(finding).isprintable(), ascii(finding)
        assert finding.line >= 1
    for form in forms:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            report = make_report(form, command="check", schemas=schemas)
            report.show(findings)
            report.close()
        text = out.getvalue()
        text.encode()
        if form in ("json", "sarif"):
            json.loads(text)
        meant = len(findings) if form in ("github", "azure") else 0
        # Of a line that is one, the runner takes the rest as words.
        assert sum(map(bool, map(_COMMAND.search, text.split("\n")))) == meant, form


def use(catalogue: Catalogue) -> dict[str, str]:
    """Make everything of a catalogue that passed, in memory: it parses, and lies where it should.

    Returns:
        Each path to what stands there.
    """
    made = render_modules(catalogue)
    for path, source in made.items():
        ast.parse(source)
        assert re.fullmatch(r"\w+/\w+\.py", path)
    for event in catalogue.events:
        json.dumps(envelope_schema(event, catalogue)).encode()
    for template in _PROJECT:
        made[template.removesuffix(".jinja")] = render(template, project_view(catalogue))
    for template in _PAGES:
        made[template.removesuffix(".jinja")] = render(template, privacy_view(catalogue))
    made["NOTICE.txt"] = render("NOTICE.txt.jinja", notice_view(catalogue, draft=False))
    for text in made.values():
        text.encode()
    return made


def stays_in_place(catalogue: Catalogue) -> dict[str, str]:
    """Hold that words of the catalogue are words in all that is made: they give it no structure.

    Returns:
        As `use`.
    """
    told, plain = use(catalogue), use(_with_words(catalogue))
    for path, text in told.items():
        assert all(letter.isprintable() or letter in "\n\t" for letter in text), path
        if path.endswith(".py"):
            assert _code(text) == _code(plain[path]), path
        elif path.endswith(".md"):
            assert _blocks(text) == _blocks(plain[path]), path
        elif path.endswith(".toml"):
            assert _keys(text) == _keys(plain[path]), path
    return told


class _Blank(ast.NodeTransformer):
    """Replaces every text, so that only structure is left to compare."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("x") if isinstance(node.value, str) else node


def _code(source: str) -> tuple[str, int]:
    comments = sum(line.lstrip().startswith("#") for line in source.splitlines())
    return ast.dump(_Blank().visit(ast.parse(source))), comments


def _keys(toml: str) -> list[str]:
    return [line.partition("=")[0] for line in toml.splitlines()]


def _blocks(markdown: str) -> list[tuple[str, str, list[str]]]:
    """Return every block's type, tag and the types of what is inside, texts and breaks joined."""
    found: list[tuple[str, str, list[str]]] = []
    for token in _MARKDOWN.parse(markdown):
        inside: list[str] = []
        for child in token.children or ():
            kind = "text" if child.type == "softbreak" else child.type
            if kind != "text" or inside[-1:] != ["text"]:
                inside.append(kind)
        found.append((token.type, token.tag, inside))
    return found


def _with_words(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with plain words wherever an author wrote free ones."""
    return dataclasses.replace(
        catalogue,
        display_name="x",
        notice=dict.fromkeys(catalogue.notice, "x"),
        never=tuple(dataclasses.replace(line, line="x") for line in catalogue.never),
        controls=dict.fromkeys(catalogue.controls, "x"),
        slot_descriptions=dict.fromkeys(catalogue.slot_descriptions, "x"),
        events=tuple(map(_plain_event, catalogue.events)),
        ext={slot: tuple(map(_plain_field, fields)) for slot, fields in catalogue.ext.items()},
    )


def _plain_event(event: Event) -> Event:
    properties = {name: _plain(schema) for name, schema in event.schema["properties"].items()}
    return dataclasses.replace(
        event,
        description="x",
        purpose="x",
        owners=("x",) * len(event.owners),
        schema={**event.schema, "properties": properties},
        fields=tuple(
            dataclasses.replace(field, schema=properties[field.name]) for field in event.fields
        ),
    )


def _plain_field(field: ExtField) -> ExtField:
    return dataclasses.replace(field, schema=_plain(field.schema))


def _plain(schema: Any) -> Any:
    words = {name: "x" for name in ("description", "x-unit", "x-reason") if name in schema}
    made = {**schema, **words}
    if "properties" in made:
        made["properties"] = {name: _plain(child) for name, child in made["properties"].items()}
    if "items" in made:
        made["items"] = _plain(made["items"])
    return made


def compare(one: Catalogue, other: Catalogue) -> None:
    """Compare two catalogues, either way, and tell the changes in every form."""
    for before, after in ((one, other), (other, one)):
        changes, words = diff(before, after), tuple(compare_catalogues(before, after))
        json.dumps(to_json(changes))
        text = render_text(changes, words)
        assert all(line.isprintable() for line in text.split("\n"))
        render("DIFF.md.jinja", diff_view(changes, words, ())).encode()


def review(schemas: Path, catalogue: Catalogue, *, with_payloads: bool = True) -> bool:
    """Judge the approvals of a catalogue, and make every reviewer's page in every form.

    Args:
        schemas: Its folder.
        catalogue: What it declares.
        with_payloads: Whether generated code is run for samples, which takes a process.

    Returns:
        Whether pages could be made; why not is told.
    """
    reviewed = review_catalogue(schemas, catalogue)
    tell(reviewed.findings, schemas)
    try:
        for page in _pages(catalogue, reviewed, with_payloads=with_payloads):
            json.dumps(page_json(page))
            assert page_text(page)
            assert render("REVIEW.md.jinja", page_view(page))
    except CodegenError as error:
        # A sample of it could not be made; but if it could, the generated code runs.
        if "generated code that runs" in str(error):
            raise
        return False
    return True


def _pages(catalogue: Catalogue, reviewed: Review, *, with_payloads: bool) -> Iterable[Page]:
    if with_payloads:
        yield from make_pages(catalogue, reviewed, reviewed.standings)
        return
    events = {event.name: event for event in catalogue.events}
    rules = next(item for item in reviewed.standings if item.subject.name == CATALOGUE)
    consent = consent_since(rules)
    for standing in reviewed.standings:
        yield _page(catalogue, standing, events.get(standing.subject.name), consent, ())
