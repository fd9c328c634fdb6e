"""The command ``diff``.

Owns its arguments, its words and its exit codes: 0 nothing is widened and nothing breaks, 1
something does, 2 could not run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.memory import without_cycle_collector

if TYPE_CHECKING:
    import argparse

    from declarant_codegen.privacy_diff import Change

__all__ = ["add_diff_arguments", "run_diff"]

CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 2


def add_diff_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant diff``."""
    parser.add_argument(
        "base",
        nargs="?",
        default="HEAD",
        metavar="BASE",
        help="what to compare with: another catalogue's folder, a git revision, or the word seals "
        "for what was approved last (default: HEAD)",
    )
    parser.add_argument(
        "--schemas",
        type=Path,
        default=Path("schemas"),
        metavar="DIR",
        help="the catalogue's folder (default: schemas)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="how to print the changes (default: text)",
    )


@without_cycle_collector()
def run_diff(args: argparse.Namespace) -> int:
    """Run ``declarant diff``."""
    from declarant_codegen.diff_inputs import FaultyCatalogueError
    from declarant_codegen.privacy_diff import render_text, to_json
    from declarant_codegen.revisions import RevisionError

    try:
        changes = _since_seals(args) if args.base == "seals" else _since_base(args)
    except FaultyCatalogueError as error:
        for finding in error.findings:
            print(finding, file=sys.stderr)  # noqa: T201
        return _could_not_run(f"{error}, shown above; mend them first")
    except (RevisionError, NotADirectoryError) as error:
        return _could_not_run(str(error))
    if args.format == "json":
        print(json.dumps(to_json(changes), indent=2))  # noqa: T201  the command's own output
    else:
        print(render_text(changes), end="")  # noqa: T201  the same
    return FOUND if any(item.is_widening or item.is_breaking for item in changes) else CLEAN


def _since_base(args: argparse.Namespace) -> tuple[Change, ...]:
    from declarant.scrub import SCRUBBERS
    from declarant_codegen.diff_inputs import load_both
    from declarant_codegen.privacy_diff import diff

    before, after = load_both(args.base, args.schemas)
    return diff(before, after, scrubbers=SCRUBBERS)


def _since_seals(args: argparse.Namespace) -> tuple[Change, ...]:
    from declarant.scrub import SCRUBBERS
    from declarant_codegen.diff_inputs import load_current
    from declarant_codegen.privacy_diff import diff_projections
    from declarant_codegen.projection import project_catalogue
    from declarant_codegen.review.sealed import sealed_projection
    from declarant_codegen.review.verdict import review_catalogue

    catalogue = load_current(args.schemas)
    before = sealed_projection(review_catalogue(args.schemas, catalogue))
    return diff_projections(before, project_catalogue(catalogue, SCRUBBERS))


def _could_not_run(message: str) -> int:
    print(f"declarant diff: {message}", file=sys.stderr)  # noqa: T201
    return COULD_NOT_RUN
