"""The command ``diff``.

Owns its arguments, its words and its exit codes: 0 nothing is widened and nothing breaks, whatever
words changed; 1 something is or does; 2 could not run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from declarant_codegen.command import (
    CLEAN,
    FOUND,
    add_form_argument,
    add_schemas_argument,
    base_argument,
    could_not_run,
)
from declarant_codegen.memory import without_cycle_collector
from declarant_codegen.printing import say, say_error, say_json

if TYPE_CHECKING:
    import argparse

    from declarant_codegen.own_words import WordsChange
    from declarant_codegen.privacy_diff import Change

__all__ = ["add_diff_arguments", "run_diff"]


class _Difference(NamedTuple):
    """What changed; *unknown* are the subjects whose earlier words nothing holds."""

    changes: tuple[Change, ...]
    words: tuple[WordsChange, ...]
    unknown: tuple[str, ...] = ()


def add_diff_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant diff``."""
    parser.add_argument(
        "base",
        nargs="?",
        default="HEAD",
        metavar="BASE",
        type=base_argument,
        help="what to compare with: another catalogue's folder, a git revision, or the word seals "
        "for what was approved last (default: HEAD)",
    )
    add_schemas_argument(parser)
    add_form_argument(parser, ("text", "markdown", "json"), "the changes")


@without_cycle_collector()
def run_diff(args: argparse.Namespace) -> int:
    """Run ``declarant diff``."""
    from declarant_codegen.diff_inputs import FaultyCatalogueError
    from declarant_codegen.revisions import RevisionError

    try:
        found = _since_seals(args) if args.base == "seals" else _since_base(args)
    except FaultyCatalogueError as error:
        for finding in error.findings:
            say_error(str(finding))
        return could_not_run("diff", f"{error}, shown above; mend them first")
    except (RevisionError, NotADirectoryError) as error:
        return could_not_run("diff", str(error))
    _tell(args.format, found)
    return FOUND if any(item.is_widening or item.is_breaking for item in found.changes) else CLEAN


def _tell(form: str, found: _Difference) -> None:
    from declarant_codegen.privacy_diff import render_text, to_json, words_json

    if form == "json":
        words = {"words": words_json(found.words), "words_not_compared": list(found.unknown)}
        say_json({**to_json(found.changes), **words})
    elif form == "markdown":
        # Late: no other form needs templates.
        from declarant_codegen.change_views import diff_view
        from declarant_codegen.render import render

        say(render("DIFF.md.jinja", diff_view(*found)), end="")
    else:
        say(render_text(*found), end="")


def _since_base(args: argparse.Namespace) -> _Difference:
    from declarant.scrub import SCRUBBERS
    from declarant_codegen.diff_inputs import load_both
    from declarant_codegen.own_words import compare_catalogues
    from declarant_codegen.privacy_diff import diff

    before, after = load_both(args.base, args.schemas)
    changes = diff(before, after, scrubbers=SCRUBBERS)
    return _Difference(changes, tuple(compare_catalogues(before, after)))


def _since_seals(args: argparse.Namespace) -> _Difference:
    from declarant.scrub import SCRUBBERS
    from declarant_codegen.diff_inputs import load_current
    from declarant_codegen.privacy_diff import diff_projections
    from declarant_codegen.projection import project_catalogue
    from declarant_codegen.review.sealed import reworded, sealed_projection
    from declarant_codegen.review.verdict import review_catalogue

    catalogue = load_current(args.schemas)
    review = review_catalogue(args.schemas, catalogue)
    changes = diff_projections(sealed_projection(review), project_catalogue(catalogue, SCRUBBERS))
    approved = [standing for standing in review.standings if standing.base is not None]
    words = {standing.subject.name: reworded(standing) for standing in approved}
    return _Difference(
        changes,
        tuple(change for found in words.values() for change in found or ()),
        tuple(name for name, found in words.items() if found is None),
    )
