"""Printing of what holds other people's text, in which no CI runner finds a command.

What a mark of a command is, the runtime knows, whose own commands print such text, too.
"""

from __future__ import annotations

import sys

from declarant._runner_commands import inert

__all__ = ["inert", "say", "say_error", "say_json"]


def say(text: str, *, end: str = "\n") -> None:
    """Print *text*, of one line or more, to standard output."""
    print(inert(text), end=end)  # noqa: T201  the command's own output


def say_error(text: str) -> None:
    """Print *text* to standard error."""
    print(inert(text), file=sys.stderr)  # noqa: T201  the command's own words


def say_json(value: object) -> None:
    """Print a JSON document, which reads back as *value*, to standard output."""
    import json

    # In a string alone can two of them stand together.
    print(json.dumps(value, indent=2).replace("##", "#\\u0023"))  # noqa: T201
