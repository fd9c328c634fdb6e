"""The command ``review``.

Owns its arguments, its words and its exit codes: 0 told, whatever waits there; 1 the catalogue has
errors, or its approvals are damaged; 2 could not run. It writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarant_codegen.command import (
    CLEAN,
    FOUND,
    add_form_argument,
    add_schemas_argument,
    could_not_run,
    show_faults,
)
from declarant_codegen.printing import say, say_error, say_json

if TYPE_CHECKING:
    import argparse

    from declarant_codegen.model import Catalogue, LoadResult
    from declarant_codegen.review.page import Page
    from declarant_codegen.review.standing import Standing
    from declarant_codegen.review.verdict import Review

__all__ = ["add_review_arguments", "run_review"]


def add_review_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant review``."""
    parser.add_argument(
        "subjects",
        nargs="*",
        metavar="SUBJECT",
        help="an event's name, ext.SLOT, or catalogue for the catalogue's own rules "
        "(default: everything that is not approved as it is)",
    )
    add_schemas_argument(parser)
    add_form_argument(parser, ("text", "markdown", "json"), "the pages")


def run_review(args: argparse.Namespace) -> int:
    """Run ``declarant review``."""
    from declarant_codegen.errors import CodegenError
    from declarant_codegen.loader import load_catalogue
    from declarant_codegen.review.page import make_pages
    from declarant_codegen.review.verdict import review_catalogue

    try:
        result = load_catalogue(args.schemas)
    except NotADirectoryError as error:
        return could_not_run("review", str(error))
    if result.catalogue is None:
        return _faulty(result)
    review = review_catalogue(args.schemas, result.catalogue)
    chosen = _chosen(args.subjects, review)
    if isinstance(chosen, str):
        return could_not_run("review", chosen)
    try:
        pages = list(make_pages(result.catalogue, review, chosen))
    except CodegenError as error:
        return could_not_run("review", str(error))
    _tell(args.format, pages, result.catalogue, review)
    return _damaged(review)


def _faulty(result: LoadResult) -> int:
    show_faults(result)
    message = "expected a catalogue without errors, found those above; mend them first"
    say_error(f"declarant review: {message}")
    return FOUND


def _damaged(review: Review) -> int:
    """Tell what is wrong with the approvals, whoever asked for which page: pages rest on them."""
    found = review.logs.findings
    for finding in found:
        say_error(str(finding))
    if not found:
        return CLEAN
    message = "expected sound approvals, found those above damaged; they approve nothing"
    say_error(f"declarant review: {message}")
    return FOUND


def _chosen(names: list[str], review: Review) -> list[Standing] | str:
    from declarant_codegen.words import nearest, quote

    known = {standing.subject.name: standing for standing in review.standings}
    if not names:
        return [standing for standing in known.values() if not standing.state.holds]
    for name in names:
        if name not in known:
            guess = nearest(name, known)
            mend = f"did you mean {quote(guess)}?" if guess else f"known: {', '.join(known)}"
            return f"expected an event, ext.SLOT or catalogue, found {quote(name)}; {mend}"
    return [known[name] for name in dict.fromkeys(names)]


def _tell(form: str, pages: list[Page], catalogue: Catalogue, review: Review) -> None:
    from declarant_codegen.review.page_forms import page_json, page_text, page_view

    if form == "json":
        rows = [
            {"subject": item.subject.name, "state": item.state.value, "missing": list(item.missing)}
            for item in review.standings
        ]
        told = {"format": 1, "subjects": rows, "pages": list(map(page_json, pages))}
        say_json(told)
    elif form == "markdown":
        from declarant_codegen.render import render

        texts = [render("REVIEW.md.jinja", page_view(page)) for page in pages]
        say("\n---\n\n".join(texts) or _nothing(catalogue, review), end="")
    else:
        rule = f"\n{'=' * 80}\n\n"
        say(rule.join(map(page_text, pages)) or _nothing(catalogue, review), end="")


def _nothing(catalogue: Catalogue, review: Review) -> str:
    from declarant_codegen.review.sealed import reworded
    from declarant_codegen.words import counted, listing

    events = counted(len(catalogue.events), "event")
    told = f"Everything is approved as it is: {events}, their context, and the rules.\n"
    others = [item.subject.name for item in review.standings if reworded(item)]
    if not others:
        return told
    named = listing(others, last="and")
    return f"{told}Words changed since, which needs no approval: {named}; name one to see them.\n"
