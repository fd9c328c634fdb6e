"""Printing of what holds other people's text, in which no CI runner finds a command.

Owns the marks of commands. Runners read along whatever a step prints: ``::error::`` at a line's
start is a command to GitHub's, ``##vso[task.setvariable ...]`` anywhere in a line to that of Azure
Pipelines, and a description may say either. A mark is shown as the escape of its character,
as everything is that must not be taken for what it looks like.

Source: the runner's ActionCommand (both of its forms) and the agent's command extensions, which
pass over white space before a mark, and over the case of letters.
"""

from __future__ import annotations

import sys

__all__ = ["inert", "say", "say_error", "say_json"]

_NUMBER_SIGNS = r"(?i)##(?=(?:vso)?\[)"
_COLONS = r"((?:\A|(?<=[\r\n]))[^\S\r\n]*)::"


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


def inert(text: str) -> str:
    """Return *text* without the mark of a runner's command; almost always as it is."""
    if "##" not in text and "::" not in text:
        return text
    import re  # late: a warm check prints nothing of the kind

    return re.sub(_COLONS, r"\1\\u003a:", re.sub(_NUMBER_SIGNS, r"#\\u0023", text))
