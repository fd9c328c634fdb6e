"""Asking for what is not given.

Owns the conversation: what is asked, in which order, and that an answer is judged at once. Where
nobody can be asked, what is not given is taken from its default, and what is wrong is told.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from declarant_codegen.errors import CodegenError
from declarant_codegen.scaffold.answers import (
    APPROVER,
    DISPLAY_NAME,
    ENDPOINT,
    EVENT_PREFIX,
    OWNER,
    PACKAGE,
    PRODUCT,
    Answers,
    default,
    problem,
    product_like,
)
from declarant_codegen.words import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["QUESTIONS", "AnswersRefused", "ask", "flag", "take"]

QUESTIONS = {
    PRODUCT: "Product's machine name",
    DISPLAY_NAME: "Its name as users know it",
    PACKAGE: "Python package to generate",
    EVENT_PREFIX: "What event names start with",
    ENDPOINT: "Collector's address",
    OWNER: "Role that owns the events",
    APPROVER: "Role that approves changes",
}
"""Answer to its question, in the order in which they are asked."""


class AnswersRefused(CodegenError):  # noqa: N818  it names what happened
    """Answers are missing or wrong; the message has a line for each."""


def flag(name: str) -> str:
    """Return the flag that gives an answer."""
    return f"--{name.replace('_', '-')}"


def take(given: Mapping[str, str | None]) -> Answers:
    """Return the answers given, and defaults for the others; ask nobody.

    Raises:
        AnswersRefused: Some are wrong, or there is no default for one.
    """
    taken: dict[str, str] = {}
    told: list[str] = []
    for name in QUESTIONS:
        text = given[name]
        if text is None:
            # A default made of what is wrong would only repeat it.
            text = default(name, taken) if not told else None
            if text == "":
                found = "expected a value, found none and nobody to ask"
                told.append(f"{flag(name)}: {found}; add {flag(name)} NAME")
            taken[name] = text or ""
            continue
        taken[name] = text.strip()
        wrong = problem(name, taken[name])
        if wrong is not None:
            told.append(f"{flag(name)}: {wrong}")
    if told:
        raise AnswersRefused("\n".join(told))
    return Answers(**taken)


def ask(
    given: Mapping[str, str | None],
    *,
    suggested: str,
    read: Callable[[str], str],
    tell: Callable[[str], None],
) -> Answers:
    """Return the answers given, and those of whoever sits at the terminal.

    Args:
        given: Answers by flags; one that is wrong is asked for.
        suggested: A product's machine name to offer, or an empty text.
        read: Shows a prompt and returns a line.
        tell: Shows a line.

    Raises:
        EOFError: Nobody answers any more.
    """
    taken: dict[str, str] = {}
    # What somebody types for a machine name is often the name that users know.
    typed = ""
    for name, question in QUESTIONS.items():
        offered = suggested if name == PRODUCT else default(name, taken)
        if name == DISPLAY_NAME and typed and problem(DISPLAY_NAME, typed) is None:
            offered = typed
        text = given[name]
        while True:
            if text is None:
                prompt = f"{question} [{shown(offered)}]: " if offered else f"{question}: "
                text = _line(read, prompt, tell).strip() or offered
            text = text.strip()
            wrong = problem(name, text)
            if wrong is None:
                break
            tell(f"  {wrong}")
            if name == PRODUCT:
                typed, offered = text, product_like(text) or offered
            text = None
        taken[name] = text
    return Answers(**taken)


def _line(read: Callable[[str], str], prompt: str, tell: Callable[[str], None]) -> str:
    while True:
        with contextlib.suppress(UnicodeDecodeError):
            return read(prompt)
        tell("  expected text, found bytes that are none; type it again")
