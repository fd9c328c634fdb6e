"""Guesses that a removal and an addition are one rename. No verdict relies on them."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from declarant_codegen.wording import value_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["event_renames", "field_renames"]

_LIKELY = 0.75
_SAME_SHAPE = 0.4  # so that of two fields of one shape, the more alike name wins
_MOST_PAIRS = 4_096  # beyond it, only things of the very same content are paired


def field_renames(gone: Mapping[str, Any], come: Mapping[str, Any]) -> dict[str, str]:
    """Return a hint for each removed and each added field that look like one rename."""
    shapes = {name: value_words(schema) for name, schema in (*gone.items(), *come.items())}

    def score(old: str, new: str) -> float:
        if gone[old].get("type") != come[new].get("type"):
            return 0.0
        return _alike(old, new) + _SAME_SHAPE * (shapes[old] == shapes[new])

    return _hints(_pairs(gone, come, score))


def event_renames(gone: Mapping[str, Any], come: Mapping[str, Any]) -> dict[str, str]:
    """Return a hint for each removed and each added event that look like one rename."""
    bodies = {
        name: repr(sorted((key, repr(value)) for key, value in event.items() if key != "name"))
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
    pairs: list[tuple[str, str]] = []
    for body in {bodies[name] for name in gone}:
        olds = sorted(name for name in gone if bodies[name] == body)
        news = sorted(name for name in come if bodies[name] == body)
        pairs += zip(olds, news, strict=False)
    return _hints(pairs)


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
