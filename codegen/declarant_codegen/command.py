"""What the commands that read a catalogue share.

Owns their exit codes, where the catalogue is by default, and how they say that they could not run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.printing import say_error

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from declarant_codegen.model import LoadResult

__all__ = [
    "CLEAN",
    "COULD_NOT_RUN",
    "FOUND",
    "SCHEMAS",
    "add_form_argument",
    "add_schemas_argument",
    "base_argument",
    "could_not_run",
    "show_faults",
]

CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 2
"""Exit codes: nothing to mend, something to mend, and neither can be told."""

SCHEMAS = Path("schemas")
"""Where the catalogue is, unless told otherwise."""


def add_schemas_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the catalogue's folder."""
    parser.add_argument(
        "--schemas",
        type=Path,
        default=SCHEMAS,
        metavar="DIR",
        help=f"the catalogue's folder (default: {SCHEMAS})",
    )


def add_form_argument(parser: argparse.ArgumentParser, forms: Sequence[str], what: str) -> None:
    """Add the option that says how to print *what*; the first of *forms* is the default."""
    parser.add_argument(
        "--format",
        choices=forms,
        default=forms[0],
        help=f"how to print {what} (default: {forms[0]})",
    )


def base_argument(text: str) -> str:
    """Return what to compare with; an empty word would name the working directory, unseen.

    Raises:
        ArgumentTypeError: Nothing but white space was given.
    """
    import argparse

    if not text.strip():
        raise argparse.ArgumentTypeError(
            "expected a folder or a git revision, found nothing; is a variable empty?"
        )
    return text


def could_not_run(command: str, message: str) -> int:
    """Say why *command* could not run, and return the exit code for it."""
    from declarant_codegen.words import shown

    say_error(f"declarant {command}: {shown(message)}")
    return COULD_NOT_RUN


def show_faults(result: LoadResult) -> None:
    """Print what is wrong with a catalogue, but for what ``generate`` mends itself."""
    from declarant_codegen.rules import MENDED_BY_GENERATE

    for finding in result.findings:
        if finding.rule_id not in MENDED_BY_GENERATE:
            say_error(str(finding))
