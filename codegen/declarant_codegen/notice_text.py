"""The first-run prompt as plain text, at most 80 columns.

Owns its words and its line breaks. A product's sentences are shown as they are; whatever cannot be
seen is shown as an escape.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.draft import draft_lines
from declarant_codegen.field_rows import used_lines
from declarant_codegen.markdown_text import displayed
from declarant_codegen.python_text import Code, literal
from declarant_codegen.telemetry_words import answer_file, off_variables, pseudonymity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.model import Catalogue
    from declarant_codegen.review.standing import Seal

__all__ = ["COLUMNS", "NoticeView", "consent_arguments", "notice_view", "width_of", "wrapped"]

COLUMNS = 80
_ITEM = "  - "


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """The prompt, each text in finished lines."""

    draft: tuple[Code, ...]
    title: tuple[Code, ...]
    self_approved: tuple[Code, ...]
    covered: tuple[Code, ...]
    never: tuple[Code, ...]
    facts: tuple[Code, ...]
    control: tuple[Code, ...]
    answers: Code


def notice_view(
    catalogue: Catalogue, seals: Mapping[str, Seal] | None = None, *, draft: bool = False
) -> NoticeView:
    """Compute the view of ``NOTICE.txt``; where nothing is known of approvals, of none."""
    package = catalogue.package
    details = f"Every event and every value is described in PRIVACY.md of {package}."
    everywhere, own, _ = off_variables(catalogue.product)
    answer = f"The answer is kept in {answer_file(catalogue)}, where it can be changed."
    control = f"{answer} {everywhere} or {own} in the environment switches it off as well."
    return NoticeView(
        draft=draft_lines(draft),
        title=wrapped(f"May {catalogue.display_name} collect usage data?"),
        self_approved=_self_approved(seals or {}),
        covered=_items(catalogue.notice[key] for key in used_lines(catalogue)),
        never=_items(line.line for line in catalogue.never),
        facts=wrapped(f"{pseudonymity(catalogue)} {details}"),
        control=wrapped(control),
        answers=Code("[Y/n]" if catalogue.consent_default else "[y/N]"),
    )


def _self_approved(seals: Mapping[str, Seal]) -> tuple[Code, ...]:
    """Return the mark of what was approved by those who own or wrote it; none if nothing was.

    Which events and slots it is stands in ``PRIVACY.md``: their names tell users nothing. The mark
    is about the product's review, not about what is collected, so it asks for no consent version.
    """
    own = [seal for seal in seals.values() if seal.is_self_approved]
    if not own:
        return ()
    what = "this collection" if len(own) == len(seals) else "part of this collection"
    text = f"those who own or wrote {what} approved it themselves; nobody else reviewed it."
    return wrapped(f"Self-approved: {text}")


def consent_arguments(catalogue: Catalogue) -> tuple[tuple[Code, Code], ...]:
    """Return what the running program needs to ask: arguments of the runtime's catalogue."""
    return (
        (Code("consent_version"), Code(str(catalogue.consent_version))),
        (Code("consent_default"), Code(str(catalogue.consent_default))),
        (Code("consent_file"), literal(catalogue.consent_file)),
    )


def _items(texts: Iterator[str]) -> tuple[Code, ...]:
    return tuple(line for text in texts for line in wrapped(text, first=_ITEM, hang="    "))


def wrapped(text: str, *, first: str = "", hang: str = "") -> tuple[Code, ...]:
    """Break a text into lines of at most `COLUMNS`; a longer word is cut.

    Args:
        text: Text of any kind.
        first: What the first line begins with.
        hang: What all other lines begin with.
    """
    lines: list[Code] = []
    line, is_empty = first, True
    for word in _pieces(displayed(text), COLUMNS - width_of(first)):
        if not is_empty and width_of(line) + 1 + width_of(word) > COLUMNS:
            lines.append(Code(line))
            line, is_empty = hang, True
        line, is_empty = f"{line}{word}" if is_empty else f"{line} {word}", False
    return (*lines, Code(line.rstrip()))


def _pieces(text: str, room: int) -> Iterator[str]:
    """Yield the words of *text*, none wider than *room*."""
    for word in text.split():
        piece = ""
        for letter in word:
            if width_of(piece + letter) > room:
                yield piece
                piece = ""
            piece += letter
        yield piece


def width_of(text: str) -> int:
    """Return the columns that a terminal gives *text*; ideographs take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
