"""Guesses that a removal and an addition are one rename. No verdict relies on them."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.wording import in_words, value_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

__all__ = ["event_renames", "field_renames"]

_LIKELY = 0.75
_TELLING = frozenset(("pattern", "enum", "const", "properties", "items", "x-unit", "x-scrub"))
"""Keywords of a field that is hardly like another one by chance."""

_SAME_SHAPE = 0.4  # so that of two fields of one shape, the more alike name wins
_MOST_PAIRS = 4_096  # beyond it, only events of the very same content or end of name are paired


def field_renames(gone: Mapping[str, Any], come: Mapping[str, Any]) -> dict[str, str]:
    """Return a hint for each removed and each added field that look like one rename."""
    fields = (*gone.items(), *come.items())
    shapes = {name: value_words(schema) for name, schema in fields}
    contents = {name: in_words(schema) for name, schema in fields}
    only = _only_pairs(contents, gone, come)

    def score(old: str, new: str) -> float:
        if gone[old].get("type") != come[new].get("type"):
            return 0.0
        likeness = _alike(old, new) + (_SAME_SHAPE if shapes[old] == shapes[new] else 0.0)
        is_told = (old, new) in only and not _TELLING.isdisjoint(gone[old])
        return max(likeness, _LIKELY) if is_told else likeness

    return _hints(_pairs(gone, come, score))


def _only_pairs(
    contents: Mapping[str, str], gone: Iterable[str], come: Iterable[str]
) -> set[tuple[str, str]]:
    """Return the pairs of the same content that no other removed or added field has."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for side, names in enumerate((gone, come)):
        for name in names:
            found.setdefault(contents[name], ([], []))[side].append(name)
    return {(old[0], new[0]) for old, new in found.values() if len(old) == len(new) == 1}


def event_renames(gone: Mapping[str, Any], come: Mapping[str, Any]) -> dict[str, str]:
    """Return a hint for each removed and each added event that look like one rename."""
    bodies = {
        name: json.dumps({**event, "name": None}, sort_keys=True)
        for name, event in (*gone.items(), *come.items())
    }
    fields = {
        name: frozenset(event["data"].get("properties", ()))
        for name, event in (*gone.items(), *come.items())
    }

    def score(old: str, new: str) -> float:
        if bodies[old] == bodies[new]:
            return 1.0 + _alike(old, new)
        if not fields[old] & fields[new]:
            return 0.0
        shared = len(fields[old] & fields[new]) / len(fields[old] | fields[new])
        return (_alike(old, new) + shared) / 2

    if len(gone) * len(come) <= _MOST_PAIRS:
        return _hints(_pairs(gone, come, score))
    pairs = _paired(gone, come, bodies.__getitem__)
    used = {name for pair in pairs for name in pair}
    # Many events at once are renamed by another prefix.
    ends = {**_ends(gone), **_ends(come)}
    left, right = ([name for name in names if name not in used] for names in (gone, come))
    others = _paired(left, right, ends.__getitem__)
    return _hints([*pairs, *(pair for pair in others if fields[pair[0]] & fields[pair[1]])])


def _paired(
    gone: Iterable[str], come: Iterable[str], key: Callable[[str], str]
) -> list[tuple[str, str]]:
    """Pair names of equal keys, in their order."""
    olds: dict[str, list[str]] = {}
    news: dict[str, list[str]] = {}
    for found, names in ((olds, gone), (news, come)):
        for name in sorted(names):
            found.setdefault(key(name), []).append(name)
    pairs: list[tuple[str, str]] = []
    for same in sorted(olds.keys() & news.keys()):
        pairs += zip(olds[same], news[same], strict=False)
    return pairs


def _ends(names: Collection[str]) -> dict[str, str]:
    """Return each name without the words that all begin with."""
    first, last = min(names), max(names)
    size = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    while size and not all(name[size : size + 1].isupper() for name in names):
        size -= 1
    return {name: name[size:] for name in names}


@lru_cache(maxsize=65_536)
def _alike(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _pairs(
    gone: Mapping[str, Any], come: Mapping[str, Any], score: Callable[[str, str], float]
) -> list[tuple[str, str]]:
    """Pair the likeliest first; nothing is paired twice."""
    if len(gone) * len(come) > _MOST_PAIRS:
        return []
    scored = sorted((-score(old, new), old, new) for old in gone for new in come)
    pairs: list[tuple[str, str]] = []
    used: set[tuple[str, str]] = set()
    for value, old, new in scored:
        if -value >= _LIKELY and ("old", old) not in used and ("new", new) not in used:
            used |= {("old", old), ("new", new)}
            pairs.append((old, new))
    return pairs


def _hints(pairs: list[tuple[str, str]]) -> dict[str, str]:
    hints: dict[str, str] = {}
    for old, new in pairs:
        hints[old] = f"looks renamed to {new}; counted as a removal and an addition"
        hints[new] = f"looks renamed from {old}; counted as a removal and an addition"
    return hints
