"""Changes as a view for Markdown: those that are judged, and those of words alone.

Owns how a change reads in Markdown, on the reviewer's page and in ``declarant diff``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from declarant_codegen.markdown_text import code_span, markdown, paragraph
from declarant_codegen.privacy_diff.changes import CALLERS, READERS
from declarant_codegen.privacy_diff.report import not_compared, summary, words_shown
from declarant_codegen.python_text import Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from declarant_codegen.own_words import WordsChange
    from declarant_codegen.privacy_diff import Change

__all__ = [
    "ChangeView",
    "DiffView",
    "change_view",
    "diff_view",
    "for_others",
    "spoken",
    "words_view",
]

ChangeView = tuple[Code, tuple[Code, ...]]
"""A headline, and what is said below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffView:
    """The changes for the template ``DIFF.md``: every text in it is Markdown already."""

    changes: tuple[ChangeView, ...]
    words: tuple[ChangeView, ...]
    silent: Code
    summary: Code


def diff_view(
    changes: Iterable[Change], words: Iterable[WordsChange], unknown: Iterable[str]
) -> DiffView:
    """Compute the view of a diff; *unknown* are the subjects whose words are not compared."""
    listed = list(changes)
    return DiffView(
        changes=tuple(map(change_view, listed)),
        words=tuple(map(words_view, words)),
        silent=paragraph(not_compared(unknown)),
        summary=paragraph(summary(listed)),
    )


def change_view(change: Change, plain: str = "") -> ChangeView:
    """Compute the view of a change that is judged; *plain* tells what it comes to in words."""
    told = [f"Before: {change.before}", f"After: {change.after}"]
    lines = [
        *([f"In plain words: {plain}"] if plain else []),
        f"Privacy: {change.privacy.verdict.value}, because {change.privacy.reason}",
        *(
            f"{who.capitalize()} ({direction}): {judgement}"
            for who, direction, judgement in for_others(change)
        ),
        *([f"Hint: {change.hint}"] if change.hint else []),
    ]
    head = f"{code_span(change.place)}: {change.kind.replace('_', ' ')}"
    return Code(head), (*map(spoken, told), *map(markdown, lines))


def words_view(change: WordsChange) -> ChangeView:
    """Compute the view of a change of words alone."""
    head = f"{code_span(change.place)}: {markdown(change.keyword)}"
    return Code(head), (
        Code(f"Before: {markdown(words_shown(change.before))}"),
        Code(f"After: {markdown(words_shown(change.after))}"),
    )


def for_others(change: Change) -> tuple[tuple[str, str, str], ...]:
    """Return (who, direction, words) of how callers and readers fare."""
    return tuple(
        (who, direction, f"{judgement.verdict.value}, because {judgement.reason}")
        for who, direction, judgement in (
            ("callers", CALLERS, change.callers),
            ("readers", READERS, change.readers),
        )
    )


def spoken(line: str) -> Code:
    """Write ``label: words``, the words as code: they may hold a pattern."""
    label, colon, words = line.partition(": ")
    return Code(f"{paragraph(label)}: {code_span(words)}") if colon else paragraph(line)
