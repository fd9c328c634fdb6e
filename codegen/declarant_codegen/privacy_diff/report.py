"""Changes as text for people and as JSON for programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from declarant_codegen.privacy_diff.changes import CALLERS, READERS, WIDENING, Compatibility
from declarant_codegen.words import listing, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from declarant_codegen.own_words import WordsChange
    from declarant_codegen.privacy_diff.changes import Change, Judgement

__all__ = [
    "not_compared",
    "render_text",
    "summary",
    "to_json",
    "words_json",
    "words_shown",
]


_COLUMNS = 100
_TITLES = {
    "consent_default_changed": "offered answer changed",
    "expires_changed": "expiry changed",
    "is_exception_changed": "origin changed",
    "never_changed": "promises changed",
    "notice_changed": "notice lines changed",
    "presence_changed": "presence changed",
    "retention_days_changed": "retention changed",
    "sentence_changed": "what users read changed",
}
"""What a kind of change is called, where its words alone would mislead."""

_LEGEND = """\
widening: more may be sent than before, or of more people, or it is more sensitive, kept longer or
  promised less; and whatever cannot be proven otherwise. It needs an approval.
narrowing: only less may be sent. neutral: the same may be sent.
breaking: callers, the programs that send these events, or readers, those who query what was stored,
  may have to follow. compatible: they need not.
"""


_WORDS_HEADING = "Words that changed; they change nothing that is sent and need no approval"


def render_text(
    changes: Iterable[Change], words: Iterable[WordsChange] = (), unknown: Iterable[str] = ()
) -> str:
    """Return changes as text, one paragraph each, what the verdicts mean, and a line of counts.

    Args:
        changes: What is judged.
        words: What became of the words, which is shown and not counted.
        unknown: Subjects whose earlier words nothing holds.
    """
    listed = list(changes)
    paragraphs = [_paragraph(change) for change in listed]
    legend = [_LEGEND] if listed else []
    told = [_words(change) for change in words]
    heading = [f"{_WORDS_HEADING}:\n"] if told else []
    silent = [f"{text}\n"] if (text := not_compared(unknown)) else []
    return "\n".join([*paragraphs, *legend, *heading, *told, *silent, summary(listed)]) + "\n"


def _words(change: WordsChange) -> str:
    return (
        f"{change.place}: {change.keyword}\n"
        f"  before:  {words_shown(change.before)}\n"
        f"  after:   {words_shown(change.after)}\n"
    )


def _paragraph(change: Change) -> str:
    lines = [
        f"{change.place}: {_TITLES.get(change.kind) or change.kind.replace('_', ' ')}",
        *_filled("  before:  ", change.before),
        *_filled("  after:   ", change.after),
        f"  privacy: {change.privacy.verdict.value}: {change.privacy.reason}",
        f"  callers ({CALLERS}): {_told(change.callers)}",
        f"  readers ({READERS}): {_told(change.readers)}",
    ]
    if change.hint:
        lines.append(f"  hint:    {change.hint}")
    return "\n".join(lines) + "\n"


def _filled(label: str, words: str) -> Iterator[str]:
    """Yield lines of *words*, broken only where a part ends and never inside quoted text."""
    line, indent = label, " " * len(label)
    for part in _PART.findall(words):
        if len(line) > len(indent) and len(line) + len(part.rstrip()) > _COLUMNS:
            yield line.rstrip()
            line = indent
        line += part
    yield line


# What stands in double quotes is JSON, which may hold semicolons of its own.
_PART = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^";]|;(?! ))+(?:; )?|; ')


def _told(judgement: Judgement) -> str:
    return f"{judgement.verdict.value}: {judgement.reason}"


def summary(changes: Iterable[Change]) -> str:
    """Return one line: how many changes, and of which verdicts."""
    counts = _counts(list(changes))
    if not counts["changes"]:
        return "no change that matters for privacy, callers or readers"
    noun = "change" if counts["changes"] == 1 else "changes"
    return (
        f"{counts['changes']} {noun}: {counts['widening']} widening, {counts['neutral']} neutral, "
        f"{counts['narrowing']} narrowing for privacy; {counts['breaking_callers']} breaking for "
        f"callers, {counts['breaking_readers']} breaking for readers"
    )


def not_compared(unknown: Iterable[str]) -> str:
    """Say of which subjects the earlier words are not known; empty for none."""
    names = list(unknown)
    if not names:
        return ""
    return f"Words not compared, as their approvals hold none: {listing(names, last='and')}"


def words_shown(texts: Iterable[str]) -> str:
    """Return texts in quotes, whole, or ``none``; what cannot be seen is escaped."""
    return ", ".join(f'"{shown(text)}"' for text in texts) or "none"


def words_json(changes: Iterable[WordsChange]) -> list[dict[str, Any]]:
    """Return changes of words as a JSON value with the same content as the text."""
    return [
        {
            "place": change.place,
            "subject": change.subject,
            "path": change.path,
            "keyword": change.keyword,
            "before": list(change.before),
            "after": list(change.after),
        }
        for change in changes
    ]


def _counts(changes: list[Change]) -> dict[str, int]:
    counts = {"changes": len(changes)}
    for verdict in type(WIDENING):
        counts[verdict.value] = sum(change.privacy.verdict is verdict for change in changes)
    breaking = Compatibility.BREAKING
    counts["breaking_callers"] = sum(change.callers.verdict is breaking for change in changes)
    counts["breaking_readers"] = sum(change.readers.verdict is breaking for change in changes)
    return counts


def to_json(changes: Iterable[Change]) -> dict[str, Any]:
    """Return changes as a JSON value with the same content as the text."""
    listed = list(changes)
    return {
        "format": 1,
        "summary": _counts(listed),
        "changes": [_as_json(change) for change in listed],
    }


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "place": change.place,
        "subject": change.subject,
        "path": change.path,
        "kind": change.kind,
        "keywords": list(change.keywords),
        "before": change.before,
        "after": change.after,
        "privacy": {"verdict": change.privacy.verdict.value, "reason": change.privacy.reason},
        "callers": {"direction": CALLERS, **_judgement(change.callers)},
        "readers": {"direction": READERS, **_judgement(change.readers)},
        "hint": change.hint or None,
    }


def _judgement(judgement: Judgement) -> dict[str, str]:
    return {"verdict": judgement.verdict.value, "reason": judgement.reason}
