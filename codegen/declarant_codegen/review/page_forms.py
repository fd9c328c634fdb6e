"""The reviewer's page as text, as JSON and as a view for Markdown.

Owns the layout. Text goes to terminals and tickets, so it is plain and nothing in it is cut but
long payloads, which say so; JSON has everything whole.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from declarant_codegen.change_views import change_view, for_others, spoken, words_view
from declarant_codegen.markdown_text import (
    code_span,
    markdown,
    paragraph,
    table_row,
)
from declarant_codegen.pattern_words import LETTERS_NOTE
from declarant_codegen.privacy_diff import to_json
from declarant_codegen.privacy_diff.report import words_json, words_shown
from declarant_codegen.python_text import Code
from declarant_codegen.words import counted, listing, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.change_views import ChangeView
    from declarant_codegen.own_words import WordsChange
    from declarant_codegen.privacy_diff import Change
    from declarant_codegen.review.page import Page
    from declarant_codegen.review.page_rows import Row
    from declarant_codegen.review.payloads import Payload

__all__ = ["PageView", "page_json", "page_text", "page_view"]

SHOWN_CHARACTERS = 1500
"""Characters of a payload that text and Markdown show."""

_NOT_SENT = "null"
"""Stands for a payload that is too long."""

ACCEPTED_TITLE = "What is accepted for a time, against a rule"

CONTENT_TITLE = "What would be approved, as the approval records it, with exact expressions"

WORDS_TITLE = "Words that changed since, which needs no approval"

FORMAT = 1
"""Of the JSON document; rises when a member changes its meaning or goes."""


def page_json(page: Page) -> dict[str, Any]:
    """Return a page as a JSON value, whole."""
    return {
        "format": FORMAT,
        "subject": page.subject,
        "title": page.title,
        "state": page.state,
        "needed": list(page.needed),
        "missing": list(page.missing),
        "mark": page.mark,
        "in_short": list(page.summary),
        "facts": [{"label": label, "words": words} for label, words in page.facts],
        "is_first": page.is_first,
        **{key: value for key, value in to_json(page.changes).items() if key != "format"},
        "words": None if page.words is None else words_json(page.words),
        "consent": list(page.consent),
        "values": [asdict(row) for row in page.rows],
        "content": list(page.content),
        "identifiers": [
            {"place": place, "meaning": meaning, "reset": reset}
            for place, meaning, reset in page.identifiers
        ],
        "accepted": [asdict(item) for item in page.accepted],
        "payloads": [
            {
                "size": item.size.value,
                "bytes": item.length,
                "given": dict(item.given),
                "line": item.line,
            }
            for item in page.payloads
        ],
        "questions": list(page.questions),
        "approvals": [
            {
                "date": item.date,
                "by": item.by,
                "role": item.role,
                "reference": item.reference,
                "self_approved": item.self_approved,
                "sha256": item.digest,
                "seal": item.seal,
                "approved": list(item.words),
            }
            for item in page.history
        ],
        "command": page.command,
    }


def page_text(page: Page) -> str:
    """Return a page as text."""
    lines = [f"Review of {page.title}", "", f"State: {page.state}"]
    lines += [f"  {words}" for words in (*page.summary, *_decision(page))]
    for title, body in _sections(page):
        lines += ["", title, *body]
    return "\n".join(map(shown, lines)) + "\n"


def _decision(page: Page) -> Iterator[str]:
    if page.mark:
        yield page.mark
    if page.needed:
        yield f"To be approved by: {listing(page.needed, last='and')}"
    if page.missing and page.missing != page.needed:
        yield f"Still missing: {listing(page.missing, last='and')}"
    if page.command:
        yield f"To approve: {page.command}"


def _sections(page: Page) -> Iterator[tuple[str, list[str]]]:
    yield "About", [f"  {label}: {words}" for label, words in page.facts]
    changes = [line for change in page.changes for line in _change(page, change)]
    yield (
        "What would be new" if page.is_first else "What changes, since it was approved last",
        changes or ["  Nothing."],
    )
    if not page.is_first:
        words = [line for change in page.words or () for line in _words(change)]
        yield WORDS_TITLE, words or [f"  {_no_words(page)}"]
    yield "What users were told", [f"  {words}" for words in page.consent]
    if page.rows:
        yield (
            "Every value",
            [f"  {LETTERS_NOTE}", *(line for row in page.rows for line in _row(row))],
        )
    yield CONTENT_TITLE, [f"  - {words}" for words in page.content]
    links = [f"  {place}: {words} {reset}" for place, words, reset in page.identifiers]
    yield "What links events to each other", links or ["  Nothing."]
    if page.accepted:
        yield ACCEPTED_TITLE, [f"  - {item}" for item in page.accepted]
    if page.payloads:
        yield (
            "Samples, as they would be sent",
            [line for item in page.payloads for line in _payload(item)],
        )
    questions = [f"  {number}. {words}" for number, words in enumerate(page.questions, 1)]
    yield "Open questions", questions or ["  None."]
    history = [
        f"  {item.date}: {item.by}, {item.role}{_own(item.self_approved)}: {item.reference} "
        f"(seal {item.seal[:12]})"
        for item in page.history
    ]
    yield "Approvals so far", history or ["  None."]


def _own(is_own: bool) -> str:
    return " (self-approved)" if is_own else ""


def _plain(page: Page, change: Change) -> tuple[str, ...]:
    """Return what a value can be now, in words, if the change is one of a value that is there."""
    rows = page.rows if change.after != "none" else ()
    return tuple(row.values for row in rows if row.place == change.path and row.expression)


def _change(page: Page, change: Change) -> Iterator[str]:
    yield f"  {change.place}: {change.kind.replace('_', ' ')}"
    yield f"    before: {change.before}"
    yield f"    after: {change.after}"
    yield from (f"    in plain words: {words}" for words in _plain(page, change))
    yield f"    privacy: {change.privacy.verdict.value}, because {change.privacy.reason}"
    for who, direction, judgement in for_others(change):
        yield f"    {who} ({direction}): {judgement}"
    if change.hint:
        yield f"    hint: {change.hint}"


def _words(change: WordsChange) -> Iterator[str]:
    yield f"  {change.place}: {change.keyword}"
    yield f"    before: {words_shown(change.before)}"
    yield f"    after: {words_shown(change.after)}"


def _no_words(page: Page) -> str:
    """Say why no change of words is shown."""
    return "Not known: the approval does not hold them." if page.words is None else "Nothing."


def _row(row: Row) -> Iterator[str]:
    unit = f", in {row.unit}" if row.unit else ""
    yield f"  {row.place} ({row.status}; class {row.sensitivity}): {row.meaning}"
    yield f"    can be: {row.values}{unit}"
    if row.scrubber:
        yield f"    scrubbed as {row.scrubber} before it is stored"
    for item in row.scrubbings:
        yield f'    of "{item.text}" is kept "{item.kept}"'
    if row.reason:
        yield f"    why it is needed: {row.reason}"
    if row.notice:
        yield f"    users are told: {row.notice}"


def _payload(payload: Payload) -> Iterator[str]:
    yield f"  {_size(payload)}:"
    yield f"    {_cut(payload.line or _NOT_SENT)}"


def _size(payload: Payload) -> str:
    length = payload.length
    told = "too long to be sent" if length is None else counted(length, "byte")
    return f"{payload.size.value}, {told}"


def _cut(line: str) -> str:
    if len(line) <= SHOWN_CHARACTERS:
        return line
    rest = counted(len(line) - SHOWN_CHARACTERS, "character")
    return f"{line[:SHOWN_CHARACTERS]} ... ({rest} more; --format json has all)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """The page for the template ``REVIEW.md``: every text in it is Markdown already."""

    title: Code
    state: Code
    summary: tuple[Code, ...]
    decision: tuple[Code, ...]
    facts: tuple[tuple[Code, Code], ...]
    heading: Code
    letters: Code
    scrubbings: tuple[Code, ...]
    accepted_title: Code
    content_title: Code
    changes: tuple[ChangeView, ...]
    words: tuple[ChangeView, ...]
    no_words: Code
    consent: tuple[Code, ...]
    rows: tuple[Code, ...]
    content: tuple[Code, ...]
    identifiers: tuple[Code, ...]
    accepted: tuple[Code, ...]
    payloads: tuple[tuple[Code, Code], ...]
    questions: tuple[tuple[Code, Code], ...]
    history: tuple[Code, ...]


def page_view(page: Page) -> PageView:
    """Compute the view of a page."""
    return PageView(
        title=markdown(page.title),
        state=markdown(page.state),
        summary=tuple(map(paragraph, page.summary)),
        decision=tuple(map(paragraph, _decision(page))),
        facts=tuple((markdown(label), markdown(words)) for label, words in page.facts),
        heading=Code("What would be new" if page.is_first else "What changes"),
        letters=Code(LETTERS_NOTE),
        accepted_title=Code(ACCEPTED_TITLE),
        content_title=Code(CONTENT_TITLE),
        changes=tuple(
            change_view(change, "; ".join(_plain(page, change))) for change in page.changes
        ),
        words=tuple(map(words_view, page.words or ())),
        no_words=Code("" if page.is_first or page.words else _no_words(page)),
        consent=tuple(map(paragraph, page.consent)),
        rows=tuple(map(_row_view, page.rows)),
        scrubbings=tuple(
            table_row((code_span(row.place), code_span(item.text), code_span(item.kept)))
            for row in page.rows
            for item in row.scrubbings
        ),
        content=tuple(map(spoken, page.content)),
        identifiers=tuple(
            table_row((code_span(place), markdown(words), markdown(reset)))
            for place, words, reset in page.identifiers
        ),
        accepted=tuple(paragraph(str(item)) for item in page.accepted),
        payloads=tuple(
            (Code(_size(item)), _fenced(_cut(item.line or _NOT_SENT))) for item in page.payloads
        ),
        questions=tuple(
            (Code(str(number)), paragraph(words)) for number, words in enumerate(page.questions, 1)
        ),
        history=tuple(
            table_row(
                (
                    Code(item.date),
                    markdown(item.by),
                    markdown(f"{item.role}{_own(item.self_approved)}"),
                    markdown(item.reference),
                    code_span(item.seal[:12]),
                )
            )
            for item in page.history
        ),
    )


def _row_view(row: Row) -> Code:
    meaning = [markdown(row.meaning)]
    if row.scrubber:
        meaning.append(Code(f"Scrubbed as {code_span(row.scrubber)} before it is stored."))
    if row.reason:
        meaning.append(Code(f"Why it is needed: {markdown(row.reason)}"))
    return table_row(
        (
            code_span(row.place),
            markdown(row.status),
            Code(" ".join(meaning)),
            markdown(row.values) if row.is_plain else code_span(row.values),
            markdown(row.unit or "-"),
            markdown(row.sensitivity),
            markdown(row.notice or "-"),
        )
    )


def _fenced(line: str) -> Code:
    """Write a payload inside a code block of its own, whatever backticks it holds."""
    fence = "```"
    while fence in line:
        fence += "`"
    return Code(f"{fence}json\n{shown(line)}\n{fence}")
