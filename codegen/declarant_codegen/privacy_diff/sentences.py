"""The sentences that users read: the lines of the notice, what is never collected, the controls.

Owns their comparison. Whether other words promise as much is for people to say, so other words
widen; they ask no consent anew, which is a matter of what falls under them.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from declarant_codegen.privacy_diff.changes import (
    NEUTRAL,
    SAME_CALL,
    SAME_EVENTS,
    WIDENING,
    Change,
    Verdict,
)
from declarant_codegen.wording import shown_value
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["SENTENCES", "compare_sentences", "lines_words"]

SENTENCES = "sentences"
"""Member of the projected rules that holds them, with the product's name that stands in them."""

_WORDS_OF_NAME = 4
_SIGNS = frozenset(',;:!?()[]{}<>"')
_TURNS = frozenset(
    (
        *("ever", "hardly", "least", "less", "more", "neither", "never", "no", "nobody", "none"),
        *("nor", "not", "nothing", "only", "rarely", "seldom", "sometimes", "without"),
    )
)
"""Words that turn or weaken a sentence, wherever they stand in it."""

_OTHER = Verdict(WIDENING, "users read other words; whether they promise as much cannot be proven")
_RENAMED = Verdict(NEUTRAL, "users read the same words with the product's other name")
_UNKNOWN = Verdict(WIDENING, "nothing proves that users read what was approved")


def compare_sentences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield every change of what users read, between two catalogues' rules.

    A line of the notice that is new or gone is a change of the notice's lines, and judged there.
    """
    old, new = before.get(SENTENCES), after.get(SENTENCES)
    if old == new:
        return
    if old is None or new is None:
        yield _change("consent", _all(old), _all(new), _UNKNOWN)
        return
    names = (old["display_name"], new["display_name"])
    for kind in ("notice", "controls"):
        lines, others = old[kind], new[kind]
        places = {*lines, *others} if kind == "controls" else lines.keys() & others.keys()
        for key in sorted(places):
            was, now = lines.get(key), others.get(key)
            if was != now:
                pair = ([was] if was is not None else [], [now] if now is not None else [])
                yield _judged(f"consent.{kind}.{key}", *pair, names)
    was_never, is_never = (Counter[str](sentences["never"]) for sentences in (old, new))
    gone, come = was_never - is_never, is_never - was_never
    if gone or come:
        yield _judged("consent.never", [*gone.elements()], [*come.elements()], names)


def lines_words(lines: Iterable[str], others: Iterable[str], rules: Mapping[str, Any]) -> str:
    """Return the notice's lines, with what users read under those that the other has not.

    Args:
        lines: Their keys.
        others: The keys of the other catalogue's lines.
        rules: The projected rules that have *lines*.
    """
    texts = rules.get(SENTENCES, {}).get("notice", {})
    fresh = {*lines} & texts.keys() - {*others}
    shown = [f"{key} ({shown_value(texts[key])})" if key in fresh else key for key in lines]
    return listing(sorted(shown), last="and") if shown else "none"


def _judged(path: str, was: list[str], now: list[str], names: tuple[str, str]) -> Change:
    # The old name wherever it stands: a sentence that has both names is another one.
    renamed = sorted(_replaced(text, *names) for text in was)
    is_renamed = all(map(_is_name, names)) and renamed == sorted(now)
    return _change(path, _quoted(was), _quoted(now), _RENAMED if is_renamed else _OTHER)


def _is_name(text: str) -> bool:
    """Return whether a product's name is one, and can hold no words that change a promise.

    A name in small letters could be any word of a sentence.
    """
    words = text.split()
    return (
        0 < len(words) <= _WORDS_OF_NAME
        and not _SIGNS & {*text}
        and not any(word[0].islower() or word.lower() in _TURNS for word in words)
    )


def _replaced(text: str, old: str, new: str) -> str:
    """Return a sentence with the old name's every whole occurrence as the new one."""
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)


def _change(path: str, before: str, after: str, verdict: Verdict) -> Change:
    return Change(
        subject="catalogue",
        path=path,
        kind="sentence_changed",
        before=before,
        after=after,
        privacy=verdict,
        callers=SAME_CALL,
        readers=SAME_EVENTS,
    )


def _all(sentences: Mapping[str, Any] | None) -> str:
    if sentences is None:
        return "not recorded"
    kept = (*sentences["notice"].values(), *sentences["never"], *sentences["controls"].values())
    return _quoted(kept)


def _quoted(texts: Iterable[str]) -> str:
    return "; ".join(map(shown_value, sorted(texts))) or "none"
