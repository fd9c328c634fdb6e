"""Patterns as plain string operations.

Most patterns of a catalogue are a few character classes in a row. Asking `str` directly is quicker
than `re`, and spares a program the loading of `re` on its way to the first event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.compiler.constants import literal
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    Part,
    Repeat,
    Sequence,
    parse_pattern,
)

if TYPE_CHECKING:
    from declarant_codegen.compiler.character_sets import Ranges

__all__ = ["Lowered", "lower"]

_MAX_CLASS = 256
_MAX_INLINE = 24
_DIGITS = ((48, 57),)
_LETTERS = ((65, 90), (97, 122))
_NAME_START = ((65, 90), (95, 95), (97, 122))
_NAME = (*_DIGITS, *_NAME_START)
# Of ASCII text these ask exactly for the class, at a third of the cost of `strip`.
_METHODS: dict[Ranges, str] = {
    _DIGITS: "isdigit",
    _LETTERS: "isalpha",
    (*_DIGITS, *_LETTERS): "isalnum",
}

NameConstant = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A pattern as bounds of the length and further conditions, valid once the bounds hold.

    Attributes:
        low: Least length.
        high: Greatest length, None for no bound.
        conditions: Given the variable and a way to name long constants, boolean expressions.
    """

    low: int
    high: int | None
    conditions: Callable[[str, NameConstant], list[str]]


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters of one class, *low* to *high* times."""

    ranges: Ranges
    low: int
    high: int | None


@lru_cache(maxsize=4096)
def lower(pattern: str) -> Lowered | None:
    """Lower an ECMA pattern, or give None where only a regular expression will do."""
    part, _ = parse_pattern(pattern)
    parts = part.parts if isinstance(part, Sequence) else ()
    if len(parts) < 2 or parts[0] != Edge("^") or parts[-1] != Edge("$"):
        return None
    inner = _flatten(parts[1:-1])
    return _lower_words(inner) or _lower_runs(inner) or _lower_list(inner)


def _flatten(parts: tuple[Part, ...]) -> list[Part]:
    flat: list[Part] = []
    for part in parts:
        if isinstance(part, Sequence):
            flat.extend(_flatten(part.parts))
        else:
            flat.append(part)
    return flat


def _lower_words(parts: list[Part]) -> Lowered | None:
    """Lower a choice of plain words."""
    if len(parts) != 1 or not isinstance(parts[0], Choice):
        return None
    words = [_word(option) for option in parts[0].options]
    known = sorted({word for word in words if word is not None})
    if None in words:
        return None
    members = "{" + ", ".join(map(literal, known)) + "}"
    return Lowered(
        low=min(map(len, known)),
        high=max(map(len, known)),
        conditions=lambda variable, _: [f"{variable} in {members}"],
    )


def _word(part: Part) -> str | None:
    points: list[int] = []
    for item in _flatten((part,)):
        if not isinstance(item, Chars) or not _is_single(item.ranges):
            return None
        points.append(item.ranges[0][0])
    return "".join(map(chr, points))


def _is_single(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _runs(parts: list[Part]) -> list[_Run] | None:
    """Read parts as runs of at most one variable length, joining equal neighbours."""
    runs: list[_Run] = []
    for part in parts:
        repeat = part if isinstance(part, Repeat) else Repeat(part, 1, 1)
        inner = repeat.part
        if not isinstance(inner, Chars) or _size(inner.ranges) > _MAX_CLASS:
            return None
        runs.append(_Run(inner.ranges, repeat.low, repeat.high))
    variable = sum(run.low != run.high for run in runs)
    return runs if variable <= 1 else None


def _size(ranges: Ranges) -> int:
    return sum(high - low + 1 for low, high in ranges)


@lru_cache(maxsize=1024)
def _text(ranges: Ranges) -> str:
    return "".join(chr(point) for low, high in ranges for point in range(low, high + 1))


def _lower_runs(parts: list[Part]) -> Lowered | None:
    """Lower classes in a row, of which at most one has a variable length."""
    runs = _runs(parts)
    if runs is None or any(run.ranges == () for run in runs):
        return None
    runs = _absorbed(runs)
    low = sum(run.low for run in runs)
    high: int | None = 0
    for run in runs:
        high = None if high is None or run.high is None else high + run.high
    return Lowered(low=low, high=high, conditions=lambda var, name: _conditions(runs, var, name))


def _absorbed(runs: list[_Run]) -> list[_Run]:
    """Join neighbours of one class."""
    joined: list[_Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and last.ranges == run.ranges and _size(run.ranges) > 1:
            high = None if last.high is None or run.high is None else last.high + run.high
            joined[-1] = _Run(run.ranges, last.low + run.low, high)
        else:
            joined.append(run)
    return joined


def _conditions(runs: list[_Run], variable: str, name: NameConstant) -> list[str]:
    if [run.ranges for run in runs] == [_NAME_START, _NAME] and runs[0].low == runs[0].high == 1:
        return [f"{variable}.isascii()", f"{variable}.isidentifier()"]
    middle = next((i for i, run in enumerate(runs) if run.low != run.high), len(runs))
    conditions: list[str] = []
    at = _fixed(runs[:middle], 0, variable, name, conditions)
    if middle == len(runs):
        return conditions
    after = runs[middle + 1 :]
    end = -sum(run.low for run in after)
    tail: list[str] = []
    _fixed(after, end, variable, name, tail)
    body = runs[middle]
    around = [*runs[:middle], *after]
    whole = all(_within(run.ranges, body.ranges) for run in around)
    part = variable if whole else _slice(variable, at, end)
    filled = sum(run.low for run in runs) > 0
    conditions.extend(_all_in(part, body.ranges, name, quick=whole and filled))
    return conditions + tail


def _fixed(
    runs: list[_Run], at: int, variable: str, name: NameConstant, conditions: list[str]
) -> int:
    """Add conditions for runs of fixed length from offset *at*; give the offset after them."""
    word = ""
    for run in [*runs, None]:
        if run is not None and _is_single(run.ranges):
            word += chr(run.ranges[0][0]) * run.low
            continue
        if word:
            where = _place(variable, at, len(word))
            conditions.append(f"{where} == {literal(word)}")
            at += len(word)
            word = ""
        if run is None or run.low == 0:
            continue
        where = _place(variable, at, run.low)
        if run.low == 1:
            conditions.append(f"{where} in {_class(run.ranges, name)}")
        else:
            conditions.extend(_all_in(where, run.ranges, name, quick=False))
        at += run.low
    return at


def _place(variable: str, at: int, length: int) -> str:
    return f"{variable}[{at}]" if length == 1 else _slice(variable, at, at + length)


def _slice(variable: str, start: int, end: int) -> str:
    if start == 0 and end == 0:
        return variable
    return f"{variable}[{start or ''}:{end or ''}]"


def _within(inner: Ranges, outer: Ranges) -> bool:
    return all(any(a <= low and high <= b for a, b in outer) for low, high in inner)


def _class(ranges: Ranges, name: NameConstant) -> str:
    text = literal(_text(ranges))
    return text if len(text) <= _MAX_INLINE else name(text)


def _all_in(part: str, ranges: Ranges, name: NameConstant, *, quick: bool) -> list[str]:
    """Ask that all characters are of one class; *quick* if the part is known not to be empty."""
    method = _METHODS.get(ranges)
    if method and quick:
        return [f"{part}.isascii()", f"{part}.{method}()"]
    return [f"not {part}.strip({_class(ranges, name)})"]


def _lower_list(parts: list[Part]) -> Lowered | None:
    """Lower ``X(?:sX)*``: items of one form between a separator that the form cannot hold."""
    if not parts or not isinstance(parts[-1], Repeat) or parts[-1].low != 0:
        return None
    loop = parts[-1]
    body = _flatten((loop.part,))
    if not body or body[1:] != parts[:-1]:
        return None
    if not isinstance(body[0], Chars) or not _is_single(body[0].ranges):
        return None
    item = _lower_runs(body[1:])
    separator = body[0].ranges
    runs = _runs(body[1:])
    if item is None or runs is None or any(_within(separator, run.ranges) for run in runs):
        return None
    mark = literal(chr(separator[0][0]))
    high = None
    if item.high is not None and loop.high is not None:
        high = item.high * (loop.high + 1) + loop.high

    def conditions(variable: str, name: NameConstant) -> list[str]:
        inner = [_length("part", item.low, item.high), *item.conditions("part", name)]
        every = " and ".join(filter(None, inner))
        found = [] if loop.high is None else [f"{variable}.count({mark}) <= {loop.high}"]
        return [*found, f"all({every} for part in {variable}.split({mark}))"]

    return Lowered(low=item.low, high=high, conditions=conditions)


def _length(variable: str, low: int, high: int | None) -> str:
    if high is None:
        return f"len({variable}) >= {low}" if low else ""
    return f"len({variable}) == {low}" if low == high else f"{low} <= len({variable}) <= {high}"
