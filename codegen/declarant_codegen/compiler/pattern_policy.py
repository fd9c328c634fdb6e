"""What a catalogue may ask of a pattern: bounded size, and no catastrophic backtracking."""

from __future__ import annotations

from itertools import combinations
from math import prod

from declarant_codegen.compiler.character_sets import Ranges, merge
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    Part,
    PatternProblem,
    Repeat,
    Sequence,
)

__all__ = ["first_problem", "longest"]

MAX_PATTERN = 500
MAX_COUNT = 10_000
# Ways a matcher may have to try for one start position; above it lies polynomial growth.
MAX_WAYS = 1_000
_UNBOUNDED_WAYS = 1_000_000


def longest(part: Part) -> int | None:
    """Give the longest match of a pattern that is anchored on both ends, else None."""
    options = part.options if isinstance(part, Choice) else (part,)
    widths = [_anchored_width(option) for option in options]
    known = [width for width in widths if width is not None]
    return max(known) if len(known) == len(widths) else None


def _anchored_width(part: Part) -> int | None:
    parts = part.parts if isinstance(part, Sequence) else (part,)
    if len(parts) < 2 or parts[0] != Edge("^") or parts[-1] != Edge("$"):
        return None
    return width(part)


def width(part: Part) -> int | None:
    """Give the most characters that *part* can take, None for no bound."""
    if isinstance(part, Chars):
        return 1
    if isinstance(part, Edge):
        return 0
    if isinstance(part, Repeat):
        inner = width(part.part)
        if inner == 0:
            return 0
        return None if inner is None or part.high is None else inner * part.high
    children = part.parts if isinstance(part, Sequence) else part.options
    widths = [width(child) for child in children]
    known = [item for item in widths if item is not None]
    if len(known) != len(widths):
        return None
    return sum(known) if isinstance(part, Sequence) else max(known)


def least_width(part: Part) -> int:
    """Give the fewest characters that *part* takes."""
    if isinstance(part, Chars):
        return 1
    if isinstance(part, Edge):
        return 0
    if isinstance(part, Repeat):
        return part.low * least_width(part.part)
    if isinstance(part, Sequence):
        return sum(map(least_width, part.parts))
    return min(map(least_width, part.options))


def first_problem(
    text: str, part: Part, remarks: tuple[PatternProblem, ...]
) -> PatternProblem | None:
    """Judge a pattern that could be read; give the first thing a catalogue may not have."""
    if len(text) > MAX_PATTERN:
        return PatternProblem(
            position=MAX_PATTERN,
            message=f"a pattern of {len(text)} characters; shorten it to {MAX_PATTERN}",
        )
    if remarks:
        return min(remarks, key=lambda problem: problem.position)
    message = _count_problem(part) or _ambiguity(part)
    return PatternProblem(position=0, message=message) if message else None


def _count_problem(part: Part) -> str | None:
    if isinstance(part, Repeat):
        if max(part.low, part.high or 0) > MAX_COUNT:
            return f"a quantifier above {MAX_COUNT}; lower it"
        return _count_problem(part.part)
    return next(filter(None, map(_count_problem, _children(part))), None)


def _children(part: Part) -> tuple[Part, ...]:
    if isinstance(part, Sequence):
        return part.parts
    if isinstance(part, Choice):
        return part.options
    return (part.part,) if isinstance(part, Repeat) else ()


def _ambiguity(part: Part) -> str | None:
    """Tell where one text could be matched in many ways, which is what makes matching slow."""
    for loop in _loops(part):
        message = _loop_problem(loop)
        if message:
            return message
    if _ways(_flatten(part)) > MAX_WAYS:
        return (
            "neighbouring quantifiers over overlapping characters; put a separator between them "
            "that the first cannot take, or merge them into one class with one quantifier"
        )
    return None


def _loops(part: Part) -> list[Repeat]:
    """List the quantified parts that are more than one character."""
    found = [inner for child in _children(part) for inner in _loops(child)]
    if isinstance(part, Repeat) and not isinstance(part.part, Chars):
        found.append(part)
    return found


def _loop_problem(loop: Repeat) -> str | None:
    if loop.high is not None and loop.high <= 1:
        return None
    if least_width(loop.part) == 0:
        return "a quantifier over something that may be empty; make one part of it required"
    if any(_overlapping(choice) for choice in _choices(loop.part)):
        return (
            "alternatives that begin with the same characters inside a quantifier; "
            "put what they share before the group"
        )
    body = _flatten(loop.part)
    if any(len(chain) > 1 for chain in _chains(body + body)):
        return (
            "nested quantifiers over overlapping characters; begin each repetition with a "
            "separator that the inner part cannot take"
        )
    return None


def _choices(part: Part) -> list[Choice]:
    found = [inner for child in _children(part) for inner in _choices(child)]
    if isinstance(part, Choice):
        found.append(part)
    return found


def _overlapping(choice: Choice) -> bool:
    return any(
        _meet(_first(one), _first(other)) or least_width(one) == 0
        for one, other in combinations(choice.options, 2)
    )


def _flatten(part: Part) -> list[Part]:
    if isinstance(part, Sequence):
        return [inner for child in part.parts for inner in _flatten(child)]
    return [] if isinstance(part, Edge) else [part]


def _ways(parts: list[Part]) -> int:
    """Bound the ways in which a run of parts can share out one text."""
    return max((prod(map(_span, chain)) for chain in _chains(parts) if len(chain) > 1), default=1)


def _chains(parts: list[Part]) -> list[list[Part]]:
    """Group the variable parts that can take each other's text; each part begins a chain."""
    chains: list[list[Part]] = []
    for index, part in enumerate(parts):
        if _is_variable(part):
            chains.append([part, *_sharers(part, parts[index + 1 :])])
    return chains


def _sharers(part: Part, following: list[Part]) -> list[Part]:
    """List the variable parts after *part* that could take what *part* has taken."""
    found: list[Part] = []
    for other in following:
        shared = _can_give(part, other)
        if shared and _is_variable(other):
            found.append(other)
        if not shared and least_width(other) > 0:
            break
    return found


def _can_give(part: Part, other: Part) -> bool:
    """Tell whether *part* could stop earlier and *other* take over at that place."""
    if isinstance(part, Chars):
        return False
    if isinstance(part, Repeat) and isinstance(part.part, Chars):
        return _meet(part.part.ranges, _first(other))
    if isinstance(part, Choice):
        return _meet(_all_chars(part), _first(other))
    body = _flatten(part)
    if isinstance(part, Repeat):
        body = _flatten(part.part)
    whole = all(_meet(_all_chars(p), _all_chars(other)) for p in body if least_width(p) > 0)
    return whole or (bool(body) and _is_variable(body[-1]) and _can_give(body[-1], other))


def _is_variable(part: Part) -> bool:
    if isinstance(part, Choice):
        return _overlapping(part) or any(_is_variable(p) for o in part.options for p in _flatten(o))
    if isinstance(part, Repeat):
        return part.low != part.high or any(_is_variable(p) for p in _flatten(part.part))
    return False


def _span(part: Part) -> int:
    if isinstance(part, Repeat):
        if part.high is None:
            return _UNBOUNDED_WAYS
        return min(_UNBOUNDED_WAYS, part.high - part.low + 1)
    return len(_children(part)) + 1


def _first(part: Part) -> Ranges:
    """Give the characters with which *part* can begin."""
    if isinstance(part, Chars):
        return part.ranges
    if isinstance(part, Edge):
        return ()
    if isinstance(part, Repeat):
        return _first(part.part)
    if isinstance(part, Choice):
        return merge([span for option in part.options for span in _first(option)])
    spans: list[tuple[int, int]] = []
    for child in part.parts:
        spans.extend(_first(child))
        if least_width(child) > 0:
            break
    return merge(spans)


def _all_chars(part: Part) -> Ranges:
    if isinstance(part, Chars):
        return part.ranges
    return merge([span for child in _children(part) for span in _all_chars(child)])


def _meet(one: Ranges, other: Ranges) -> bool:
    return any(a <= d and c <= b for a, b in one for c, d in other)
