"""The command `declarant`: a thin front that loads what a command needs when it is called.

What looks at an installed package and its store, such as `send`, `show` and `status`, works with
the runtime alone. `generate`, `check` and `collector` live in packages whose requirements an extra
installs; this module is the one place where the runtime names them, and it imports them by name,
late.

Exit codes: 0 clean, 1 errors found, 2 could not run.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from declarant._errors import DeclarantError
from declarant._runner_commands import inert
from declarant._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 2
BROKEN_PIPE = 141  # as a shell tells of SIGPIPE: 128 + 13

#: Modules that the extra "codegen" brings and that each command needs.
_GENERATOR = ("datamodel_code_generator", "jinja2", "ruff", "rich")


class _LazyCommand:
    """A command whose arguments and work live in a package that may not be usable."""

    def __init__(
        self, summary: str, module: str, add: str, run: str, needs: tuple[str, ...]
    ) -> None:
        self.summary = summary
        self.module = module
        self.add = add
        self.run = run
        self.needs = needs

    def missing(self) -> list[str]:
        return [name for name in (self.module.partition(".")[0], *self.needs) if not _is_here(name)]


_LAZY = {
    "init": _LazyCommand(
        "make a catalogue for a new product, approved, generated and ready to be edited",
        "declarant_codegen.scaffold.init_cli",
        "add_init_arguments",
        "run_init",
        _GENERATOR,
    ),
    "generate": _LazyCommand(
        "write the typed emitters, validators and documents of a catalogue",
        "declarant_codegen.cli",
        "add_generate_arguments",
        "run_generate",
        _GENERATOR,
    ),
    "check": _LazyCommand(
        "check a catalogue, and that what was generated from it is current",
        "declarant_codegen.cli",
        "add_check_arguments",
        "run_check",
        _GENERATOR,
    ),
    "build": _LazyCommand(
        "make a release: a source archive without, and a wheel with the instrumentation key",
        "declarant_codegen.release.build_cli",
        "add_build_arguments",
        "run_build",
        (*_GENERATOR, "hatchling"),
    ),
    "explain": _LazyCommand(
        "say why a rule exists, with a bad and a good example",
        "declarant_codegen.explain",
        "add_explain_arguments",
        "run_explain",
        (),
    ),
    "rules": _LazyCommand(
        "list every rule that a finding can name",
        "declarant_codegen.explain",
        "add_rules_arguments",
        "run_rules",
        (),
    ),
    "diff": _LazyCommand(
        "say what changed between two catalogues, for privacy, callers and readers",
        "declarant_codegen.diff_cli",
        "add_diff_arguments",
        "run_diff",
        (),
    ),
    "review": _LazyCommand(
        "show what waits for approval: before and after, what widens, sample payloads",
        "declarant_codegen.review.review_cli",
        "add_review_arguments",
        "run_review",
        ("jinja2",),
    ),
    "approve": _LazyCommand(
        "approve an event, an ext slot or the catalogue's own rules as they are",
        "declarant_codegen.review.approve_cli",
        "add_approve_arguments",
        "run_approve",
        (),
    ),
    "inventory": _LazyCommand(
        "list what a build can send, or what two builds differ in",
        "declarant_codegen.inventory_cli",
        "add_inventory_arguments",
        "run_inventory",
        (),
    ),
    "collector": _LazyCommand(
        "run a local collector that answers as the real one does",
        "declarant_collector.cli",
        "add_arguments",
        "run",
        ("rich",),
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: Arguments after the program's name; the process's own if None.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    lazy = _LAZY.get(wanted) if wanted is not None else None
    if lazy is not None and (missing := lazy.missing()):
        print(_what_to_install(str(wanted), missing), file=sys.stderr)  # noqa: T201
        return COULD_NOT_RUN
    parsed = _parser(wanted).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away; Python would complain once more at exit. What was
        # found is not known to be told: like a program that the signal ends, this is no success.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (DeclarantError, OSError) as error:
        print(f"declarant {wanted}: {inert(str(error))}", file=sys.stderr)  # noqa: T201
        return COULD_NOT_RUN


def _parser(wanted: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="declarant",
        description="If it isn't declared, it doesn't leave the machine.",
    )
    parser.add_argument("--version", action="version", version=f"declarant {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, lazy in _LAZY.items():
        command = commands.add_parser(name, help=lazy.summary, description=lazy.summary)
        if name == wanted:
            module = import_module(lazy.module)
            getattr(module, lazy.add)(command)
            command.set_defaults(run=getattr(module, lazy.run))
    # Late: only these commands need the store.
    from declarant import _store_commands

    _store_commands.add_commands(commands)
    return parser


def _is_here(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _what_to_install(command: str, missing: list[str]) -> str:
    return (
        f'declarant {command}: needs the extra "codegen" (not installed: {", ".join(missing)}); '
        "run: pip install 'declarant[codegen]'"
    )


if __name__ == "__main__":
    sys.exit(main())
