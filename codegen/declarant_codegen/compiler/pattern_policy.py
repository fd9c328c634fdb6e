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

__all__ = ["all_chars", "first_problem", "least_width", "longest", "width"]

MAX_PATTERN = 500
MAX_COUNT = 10_000
# Ways a matcher may have to try for one start position; above it lies polynomial growth.
MAX_WAYS = 1_000
# Ways through optional groups and ambiguous alternatives that are looked at.
MAX_PATHS = 64
# Pairs of parts that are looked at for text that both could take; about a second's work.
MAX_PAIRS = 200_000
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
    try:
        for loop in _loops(part):
            message = _loop_problem(loop)
            if message:
                return message
        paths = _paths(part)
        _refuse_endless(paths, 1)
        ways = sum(map(_ways, paths))
    except _TooMuchError as error:
        return str(error)
    if ways > MAX_WAYS:
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
    paths = _paths(loop.part)
    starts = [_first(Sequence(tuple(path))) for path in paths]
    alike = any(_meet(one, other) for one, other in combinations(starts, 2))
    if alike or any(_overlapping(choice) for choice in _choices(loop.part)):
        return (
            "alternatives that begin with the same characters inside a quantifier; "
            "put what they share before the group"
        )
    _refuse_endless(paths, 2 * len(paths))
    if any(len(chain) > 1 for one in paths for next_ in paths for chain in _chains(one + next_)):
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


class _TooMuchError(Exception):
    """A pattern that takes too long to judge; its text says of what there is too much."""


def _paths(part: Part) -> list[list[Part]]:
    """List the ways through optional groups and through alternatives that can be ambiguous.

    What is left in a path are characters, loops, and alternatives that one character decides.
    """
    if isinstance(part, Edge):
        return [[]]
    if isinstance(part, Sequence):
        paths: list[list[Part]] = [[]]
        for child in part.parts:
            paths = _bounded([path + tail for path in paths for tail in _paths(child)])
        return paths
    if isinstance(part, Choice) and (_overlapping(part) or any(map(_bends, part.options))):
        return _bounded([path for option in part.options for path in _paths(option)])
    if isinstance(part, Repeat) and part.high == 1 and not isinstance(part.part, Chars):
        inner = _paths(part.part)
        return inner if part.low == 1 else _bounded([[], *inner])
    return [[part]]


def _bounded(paths: list[list[Part]]) -> list[list[Part]]:
    if len(paths) > MAX_PATHS:
        raise _TooMuchError(
            "too many optional groups or alternatives that begin with the same characters; "
            "put what they share before the group"
        )
    return paths


def _refuse_endless(paths: list[list[Part]], times: int) -> None:
    """Refuse *paths* whose pairs of parts, looked at so many times, are too many."""
    pairs = sum(len(path) * sum(map(_is_variable, path)) for path in paths)
    if pairs * times > MAX_PAIRS:
        raise _TooMuchError(
            "too many quantifiers beside too many alternatives; leave some of either away"
        )


def _bends(part: Part) -> bool:
    """Tell whether *part* holds a quantifier that leaves a choice."""
    return (isinstance(part, Repeat) and part.low != part.high) or any(map(_bends, _children(part)))


def _ways(parts: list[Part]) -> int:
    """Bound the ways in which a run of parts can share out one text."""
    return max((prod(map(_span, chain)) for chain in _chains(parts) if len(chain) > 1), default=1)


def _chains(parts: list[Part]) -> list[list[Part]]:
    """Group the variable parts that can take each other's text; each part begins a chain."""
    chains: list[list[Part]] = []
    sharers = {at: _sharers(at, parts) for at, part in enumerate(parts) if _is_variable(part)}
    for start in sharers:
        linked = [start]
        known = {start}
        for index in linked:
            new = [other for other in sharers[index] if other not in known]
            linked += new
            known.update(new)
        chains.append([parts[index] for index in linked])
    return chains


def _sharers(index: int, parts: list[Part]) -> list[int]:
    """List the variable parts after one that could take what that one has taken."""
    found: list[int] = []
    for other in range(index + 1, len(parts)):
        shared = _can_give(parts[index], parts[other])
        if shared and _is_variable(parts[other]):
            found.append(other)
        if not shared and least_width(parts[other]) > 0:
            break
    return found


def _can_give(part: Part, other: Part) -> bool:
    """Tell whether *part*, a loop, could stop earlier and *other* take over at that place."""
    if not isinstance(part, Repeat):
        return False
    if isinstance(part.part, Chars):
        return _meet(part.part.ranges, _first(other))
    return any(_gives_whole(path, other) or _gives_tail(path, other) for path in _paths(part.part))


def _gives_whole(path: list[Part], other: Part) -> bool:
    """Tell whether *other* can take all that one repetition requires."""
    taken = all_chars(other)
    return all(_meet(all_chars(part), taken) for part in path if least_width(part) > 0)


def _gives_tail(path: list[Part], other: Part) -> bool:
    """Tell whether *other* can take the end of a repetition."""
    for part in reversed(path):
        if _is_variable(part) and _can_give(part, other):
            return True
        if least_width(part) > 0 and not _meet(all_chars(part), all_chars(other)):
            return False
    return False


def _is_variable(part: Part) -> bool:
    if not isinstance(part, Repeat):
        return False
    return part.low != part.high or _bends(part.part)


def _span(part: Part) -> int:
    """Bound the number of places where a loop could stop."""
    if not isinstance(part, Repeat) or part.high is None:
        return _UNBOUNDED_WAYS
    inner = 1 if isinstance(part.part, Chars) else width(part.part)
    return _UNBOUNDED_WAYS if inner is None else min(_UNBOUNDED_WAYS, inner * part.high + 1)


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


def all_chars(part: Part) -> Ranges:
    """Give every character that *part* can take anywhere."""
    if isinstance(part, Chars):
        return part.ranges
    return merge([span for child in _children(part) for span in all_chars(child)])


def _meet(one: Ranges, other: Ranges) -> bool:
    return any(a <= d and c <= b for a, b in one for c, d in other)
