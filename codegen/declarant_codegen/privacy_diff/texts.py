"""Containment of sets of texts: lengths by arithmetic, patterns by automata."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarant_codegen.acceptance import accepts, listed
from declarant_codegen.compiler.pattern_policy import least_width, longest
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    PatternSyntaxError,
    Sequence,
    parse_pattern,
)
from declarant_codegen.formats import FORMATS
from declarant_codegen.privacy_diff.automata import NEVER, Lengths, TooLargeError, find_outside
from declarant_codegen.privacy_diff.pattern_parts import is_plainly_within, likely_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarant_codegen.compiler.pattern_tree import Part

__all__ = ["outside_texts", "some_text"]

_DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = (
    "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:[.][0-9]{1,9})?"
    "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
# Every text of the format matches; of uuid, every match is one, too.
_SHAPES = {
    "date": f"^{_DATE}$",
    "time": f"^{_TIME}$",
    "date-time": f"^{_DATE}[Tt]{_TIME}$",
    "uuid": "^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}
_KEYWORDS = ("minLength", "maxLength", "pattern", "format")
_EXACT_SHAPES = frozenset({"uuid"})


def outside_texts(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> list[str] | None:
    """Look for texts that *inner* takes and *outer* may not.

    Returns:
        None if there is proof that *outer* takes every text of *inner*; else texts that may be
        outside, which is to be checked, or none at all if the question could not be decided.
    """
    members = listed(outer)
    wanted: list[_Demand] = []
    if members is not None:
        wanted.append(("enum", tuple(text for text in members if isinstance(text, str))))
    wanted += [
        (keyword, outer[keyword])
        for keyword in _KEYWORDS
        if keyword in outer and outer[keyword] != inner.get(keyword)
    ]
    given = _key(inner)
    found: list[str] = []
    is_proven = True
    for demand in wanted:
        texts = _outside(given, demand)
        is_proven = is_proven and texts is None
        found += texts or ()
    return None if is_proven else found


def some_text(schema: Mapping[str, Any]) -> list[str]:
    """Return texts that a schema may take, which is to be checked; shortest first."""
    return list(_outside(_key(schema), ("enum", ())) or ())


_Given = tuple[int, int | None, str | None, str | None]
_Demand = tuple[str, Any]


def _key(schema: Mapping[str, Any]) -> _Given:
    return (
        schema.get("minLength", 0),
        schema.get("maxLength"),
        schema.get("pattern"),
        schema.get("format"),
    )


@lru_cache(maxsize=16384)
def _outside(given: _Given, demand: _Demand) -> tuple[str, ...] | None:
    """Decide one keyword of the outer schema; None is proof that it asks nothing new."""
    low, high, pattern, form = given
    lengths = Lengths(low, high)
    outer = _outer(*demand)
    examples = (FORMATS[form].example,) if form is not None else ()
    if outer is None:
        return examples
    if isinstance(outer, Lengths) and _is_implied(lengths, outer):
        return None
    try:
        parts = tuple(_tree(text) for text in (pattern, _SHAPES.get(form or "")) if text)
        if any(_is_plain(part, outer) for part in parts):
            return None
        text = _plain_text(given, demand, parts) or find_outside(parts, lengths, outer)
    except (TooLargeError, PatternSyntaxError):
        return examples
    return None if text is None else (text, *examples)


def _is_plain(part: Part, outer: Part | Lengths) -> bool:
    """Return whether it is plain that whatever matches *part* is one of *outer*."""
    if not isinstance(outer, Lengths):
        return is_plainly_within(part, outer)
    return _is_implied(Lengths(least_width(part), longest(part)), outer)


def _plain_text(given: _Given, demand: _Demand, parts: tuple[Part, ...]) -> str | None:
    """Return a text outside a pattern that is found without a search, or None."""
    keyword, value = demand
    if keyword != "pattern" or not parts:
        return None
    inner = {key: item for key, item in zip(_KEYWORDS, given, strict=True) if item is not None}
    for text in likely_texts(parts[0], _tree(value)):
        if accepts(inner, text) and not accepts({keyword: value}, text):
            return text
    return None


def _outer(keyword: str, value: Any) -> Part | Lengths | None:
    """Return what a keyword asks for, or None if no automaton says it exactly."""
    if keyword == "minLength":
        return Lengths(value)
    if keyword == "maxLength":
        return Lengths(0, value)
    if keyword == "enum":
        return Choice(tuple(map(_literal, value))) if value else NEVER
    if keyword == "format":
        return _tree(_SHAPES[value]) if value in _EXACT_SHAPES else None
    try:
        return _tree(value)
    except PatternSyntaxError:
        return None


def _is_implied(inner: Lengths, outer: Lengths) -> bool:
    if inner.high is not None and inner.low > inner.high:
        return True
    if inner.low < outer.low:
        return False
    return outer.high is None or (inner.high is not None and inner.high <= outer.high)


def _tree(pattern: str) -> Part:
    return parse_pattern(pattern)[0]


def _literal(text: str) -> Part:
    signs = (Chars(((ord(sign), ord(sign)),)) for sign in text)
    return Sequence((Edge("^"), *signs, Edge("$")))
