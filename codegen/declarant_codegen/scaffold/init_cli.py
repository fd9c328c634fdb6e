"""The command ``init``.

Owns its arguments, its words and its exit codes: 0 a catalogue stands there, 1 something was in the
way, 2 could not run, or an answer is missing or wrong. But for 0, nothing was written.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from declarant_codegen.command import CLEAN, COULD_NOT_RUN, FOUND
from declarant_codegen.printing import say, say_error
from declarant_codegen.scaffold.asking import QUESTIONS, flag

if TYPE_CHECKING:
    import argparse

    from declarant_codegen.scaffold.answers import Answers

__all__ = ["add_init_arguments", "run_init"]


def add_init_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``declarant init``."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where the catalogue shall stand; made if missing (default: the working directory)",
    )
    for name, metavar, words in (
        ("product", "NAME", "the product's machine name, such as my-app"),
        ("display_name", "NAME", "its name as users know it (default: from the product's)"),
        ("package", "NAME", "the Python package to generate (default: the product's, and _events)"),
        ("event_prefix", "NAME", "what event names start with (default: from the display name)"),
        ("endpoint", "URL", "the collector's address (default: a local collector's)"),
        ("owner", "ROLE", "the role that owns the events (default: the product's, and -owner)"),
        ("approver", "ROLE", "the role that approves changes (default: the owner)"),
    ):
        parser.add_argument(flag(name), metavar=metavar, help=words)
    parser.add_argument(
        "--yes", action="store_true", help="ask nothing: take the default of what is not given"
    )


def run_init(args: argparse.Namespace) -> int:
    """Run ``declarant init``."""
    from declarant_codegen.errors import CodegenError
    from declarant_codegen.expiry import today
    from declarant_codegen.scaffold.asking import AnswersRefused
    from declarant_codegen.scaffold.making import catalogue_files
    from declarant_codegen.scaffold.placing import InTheWay, look, put_in_place
    from declarant_codegen.scaffold.telling import next_steps, what_was_placed

    try:
        # First, lest somebody answers every question for nothing.
        look(args.folder)
        answers = _answers(args)
        placed = put_in_place(args.folder, catalogue_files(answers, today()))
    except InTheWay as error:
        return _failed(FOUND, str(error))
    except (AnswersRefused, CodegenError) as error:
        return _failed(COULD_NOT_RUN, str(error))
    except EOFError:
        print()  # noqa: T201  the prompt's line is not ended
        return _failed(COULD_NOT_RUN, "expected an answer, found none")
    except OSError as error:
        return _failed(COULD_NOT_RUN, _refused(args.folder, error))
    for line in (*what_was_placed(placed), *next_steps(args.folder, answers)):
        _say(line)
    return CLEAN


def _answers(args: argparse.Namespace) -> Answers:
    from declarant_codegen.scaffold.answers import product_like
    from declarant_codegen.scaffold.asking import ask, take

    given: dict[str, str | None] = {name: getattr(args, name) for name in QUESTIONS}
    if args.yes or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return take(given)
    _say("A catalogue for a new product. Return alone takes what stands in brackets.")
    _say("")
    suggested = product_like(args.folder.resolve().name)
    answers = ask(given, suggested=suggested, read=_ask, tell=_say)
    _say("")
    return answers


def _refused(folder: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    place = folder.absolute()
    named = Path(error.filename).absolute() if isinstance(error.filename, str) else place
    if place not in named.parents:
        # What is called so is a folder of our own, for the time of the run.
        place = named.parent if named.name.startswith(".declarant-") else named
    return (
        f"{place}: expected a place that can be written to, found: {reason}; "
        "see that you may write there, or name another folder"
    )


def _say(line: str) -> None:
    say(_encodable(line))


def _ask(prompt: str) -> str:
    return input(_encodable(prompt))


def _encodable(line: str) -> str:
    """Return a line as the terminal can show it: names of products and roles are not all ASCII."""
    from declarant_codegen.words import shown

    encoding = sys.stdout.encoding or "utf-8"
    return shown(line).encode(encoding, "backslashreplace").decode(encoding)


def _failed(code: int, problems: str) -> int:
    from declarant_codegen.words import shown

    for line in problems.splitlines():
        say_error(f"declarant init: {shown(line)}")
    say_error("declarant init: nothing was written")
    return code
