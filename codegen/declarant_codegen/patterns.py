"""The patterns a catalogue may use, and what can be known of them.

A permitted pattern means the same in ECMA 262 (unicode mode, as editors and browsers read it) and
in Python, and takes time in proportion to the text, whatever the text.
"""

from __future__ import annotations

from functools import lru_cache

from declarant_codegen.compiler import pattern_python
from declarant_codegen.compiler.pattern_policy import first_problem, longest
from declarant_codegen.compiler.pattern_tree import (
    PatternProblem,
    PatternSyntaxError,
    parse_pattern,
)

__all__ = [
    "PatternProblem",
    "check_pattern",
    "is_pattern",
    "max_length",
    "to_python",
]


_MOST = 16_384
"""Patterns whose judgement is kept; more than most catalogues have, twice over for a diff."""


@lru_cache(maxsize=_MOST)
def check_pattern(text: str) -> PatternProblem | None:
    """Tell what keeps *text* from being a pattern of the catalogue.

    Returns:
        The first problem, with its position and how to mend it; None when there is none.
    """
    try:
        part, remarks = parse_pattern(text)
    except PatternSyntaxError as error:
        return error.problem
    return first_problem(text, part, remarks)


def is_pattern(text: str) -> bool:
    """Tell whether *text* is a regular expression at all, be it one of the catalogue or not."""
    try:
        parse_pattern(text)
    except PatternSyntaxError:
        return False
    return True


@lru_cache(maxsize=_MOST)
def max_length(text: str) -> int | None:
    """Give the length of the longest text that matches, in code points.

    Returns:
        None when there is no bound: the pattern is not anchored on both ends, or repeats freely.

    Raises:
        PatternSyntaxError: *text* is not a pattern that `check_pattern` could judge.
    """
    return longest(parse_pattern(text)[0])


def to_python(text: str) -> str:
    r"""Translate an ECMA pattern to Python's ``re`` for use with ``re.search``.

    Every shorthand is spelt out and ``$`` becomes ``\Z``, so that flags and Unicode versions of
    the running Python change nothing.

    Raises:
        PatternSyntaxError: *text* holds a construct that is not taken.
    """
    return pattern_python.to_python(parse_pattern(text)[0])
