"""Regular expressions of ECMA 262 (unicode mode) as a tree.

Owns the grammar. It judges nothing: what a catalogue may use is `pattern_policy`'s matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from declarant_codegen.compiler.character_sets import (
    CLASSES,
    LAST,
    LINE_ENDS,
    Ranges,
    invert,
    merge,
)

__all__ = [
    "Chars",
    "Choice",
    "Edge",
    "Part",
    "PatternProblem",
    "PatternSyntaxError",
    "Repeat",
    "Sequence",
    "parse_pattern",
]

_SYNTAX = "^$\\.*+?()[]{}|/"
_CONTROL = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_HEX = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternProblem:
    """What is wrong with a pattern.

    Attributes:
        position: Offset in the pattern, in code points from 0.
        message: What was found and how to mend it.
    """

    position: int
    message: str


class PatternSyntaxError(ValueError):
    """A pattern that is not a regular expression, or holds a construct that is not taken."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.problem = PatternProblem(position=position, message=message)


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set, given as sorted, disjoint ranges of code points."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between characters: ``^``, ``$``, ``b`` (word boundary) or ``B``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several options."""

    options: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part *low* to *high* times; no *high* means without bound."""

    part: Part
    low: int
    high: int | None


Part = Chars | Edge | Sequence | Choice | Repeat


class _Reader:
    """A recursive descent over one pattern; remarks are things legal but outside the policy."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.remarks: list[PatternProblem] = []

    def fail(self, message: str, at: int | None = None) -> PatternSyntaxError:
        return PatternSyntaxError(self.at if at is None else at, message)

    def remark(self, position: int, message: str) -> None:
        self.remarks.append(PatternProblem(position=position, message=message))

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> bool:
        if self.text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def choice(self) -> Part:
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Part:
        parts: list[Part] = []
        while self.at < len(self.text) and self.peek() not in "|)":
            parts.append(self.quantified())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def quantified(self) -> Part:
        start = self.at
        part = self.atom()
        counts = self.counts()
        if counts is None:
            return part
        if isinstance(part, Edge):
            raise self.fail("an anchor cannot be repeated; remove the quantifier", start)
        if self.take("?"):
            self.remark(self.at - 1, 'lazy quantifier; remove the "?": it changes no verdict')
        if self.peek() and self.peek() in "*+?{":
            raise self.fail("a quantifier after a quantifier; write (?:...) around the first")
        return Repeat(part, *counts)

    def counts(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        start = self.at
        if not self.take("{"):
            return None
        body, closed, _ = self.text[self.at :].partition("}")
        low, comma, high = body.partition(",")
        if not closed or not _is_count(low) or not (high == "" or _is_count(high)):
            raise self.fail('"{" that opens no quantifier such as {1,64}; write \\{', start)
        self.at += len(body) + 1
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            raise self.fail("a quantifier whose bounds are out of order; swap them", start)
        return least, most

    def atom(self) -> Part:
        start = self.at
        sign = self.peek()
        self.at += 1
        if sign in "^$":
            return Edge(sign)
        if sign == ".":
            return Chars(invert(LINE_ENDS))
        if sign == "(":
            return self.group(start)
        if sign == "[":
            return self.char_class(start)
        if sign == "\\":
            return self.escape(start)
        if sign in "*+?{}]":
            raise self.fail(f'"{sign}" with nothing to act on; write \\{sign} for itself', start)
        return Chars(((ord(sign), ord(sign)),))

    def group(self, start: int) -> Part:
        if self.take("?:"):
            pass
        elif self.peek() == "?":
            raise self.fail(
                "a look-around, named group or inline flag; only (?:...) is taken", start
            )
        else:
            self.remark(start, "a capturing group; write (?:...)")
        self.depth += 1
        if self.depth > 20:
            raise self.fail("groups deeper than 20; write the pattern flatter", start)
        part = self.choice()
        self.depth -= 1
        if not self.take(")"):
            raise self.fail("a group that is never closed; add )", start)
        return part

    def escape(self, start: int) -> Part:
        sign = self.peek()
        if sign and sign in "bB":
            self.at += 1
            self.remark(start, "a word boundary; state the neighbouring characters instead")
            return Edge(sign)
        if sign in CLASSES:
            self.at += 1
            return Chars(CLASSES[sign])
        point = self.escaped_point(start, _SYNTAX)
        return Chars(((point, point),))

    def escaped_point(self, start: int, literal: str) -> int:
        sign = self.peek()
        self.at += 1
        if sign and sign in literal:
            return ord(sign)
        if sign in _CONTROL:
            return _CONTROL[sign]
        if sign == "0" and not self.peek().isdigit():
            return 0
        if sign == "c" and self.peek().isascii() and self.peek().isalpha():
            self.at += 1
            return ord(self.text[self.at - 1]) % 32
        if sign == "x":
            return self.hexadecimal(start, 2)
        if sign == "u":
            return self.unicode_escape(start)
        raise self.fail(_bad_escape(sign), start)

    def unicode_escape(self, start: int) -> int:
        if not self.take("{"):
            point = self.hexadecimal(start, 4)
            if 0xD800 <= point < 0xDC00 and self.take("\\u"):
                low = self.hexadecimal(start, 4)
                if not 0xDC00 <= low < 0xE000:
                    raise self.fail("half a surrogate pair; write \\u{...}", start)
                return 0x10000 + (point - 0xD800) * 0x400 + (low - 0xDC00)
            return point
        digits, closed, _ = self.text[self.at :].partition("}")
        if not closed or not digits or not _HEX.issuperset(digits) or int(digits, 16) > LAST:
            raise self.fail("\\u{...} that names no code point; write 1 to 6 hex digits", start)
        self.at += len(digits) + 1
        return int(digits, 16)

    def hexadecimal(self, start: int, count: int) -> int:
        digits = self.text[self.at : self.at + count]
        if len(digits) != count or not _HEX.issuperset(digits):
            raise self.fail(f"an escape without its {count} hex digits; add them", start)
        self.at += count
        return int(digits, 16)

    def char_class(self, start: int) -> Part:
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        while not self.take("]"):
            if self.at >= len(self.text):
                raise self.fail("a class that is never closed; add ]", start)
            ranges.extend(self.class_range())
        merged = merge(ranges)
        if not merged:
            self.remark(start, "an empty class; name the characters")
        return Chars(invert(merged) if negated else merged)

    def class_range(self) -> Ranges:
        start = self.at
        first = self.class_atom()
        if self.peek() != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return first
        self.at += 1
        second = self.class_atom()
        if len(first) != 1 or len(second) != 1 or first[0][0] != first[0][1]:
            raise self.fail('a range that ends in a class such as \\d; escape "-" as \\-', start)
        if second[0][0] != second[0][1]:
            raise self.fail('a range that ends in a class such as \\d; escape "-" as \\-', start)
        if second[0][0] < first[0][0]:
            raise self.fail("a range whose ends are out of order; swap them", start)
        return ((first[0][0], second[0][0]),)

    def class_atom(self) -> Ranges:
        start = self.at
        sign = self.peek()
        self.at += 1
        if sign == "[":
            self.remark(start, '"[" inside a class; write \\[ (newer ECMA modes nest classes)')
        if sign != "\\":
            return ((ord(sign), ord(sign)),)
        if self.peek() in CLASSES:
            self.at += 1
            return CLASSES[self.text[self.at - 1]]
        if self.take("b"):
            return ((8, 8),)
        point = self.escaped_point(start, _SYNTAX + "-")
        return ((point, point),)


def _is_count(text: str) -> bool:
    return 0 < len(text) <= 9 and text.isascii() and text.isdigit()


def _bad_escape(sign: str) -> str:
    if not sign:
        return "a backslash at the end; write \\\\ for a backslash"
    if sign in "123456789k":
        return "a back reference; repeat the group's own pattern instead"
    if sign in "pP":
        return "a Unicode property; name the characters or ranges instead"
    if sign in "AZzG":
        return f"\\{sign}, which is not ECMA 262; write ^ or $"
    return "an escape that ECMA 262 does not know in unicode mode; remove the backslash"


@lru_cache(maxsize=16384)
def parse_pattern(text: str) -> tuple[Part, tuple[PatternProblem, ...]]:
    """Read *text*.

    Returns:
        The tree, and remarks about constructs that are legal but that no catalogue may use.

    Raises:
        PatternSyntaxError: *text* is no pattern that means the same in ECMA 262 and here.
    """
    reader = _Reader(text)
    part = reader.choice()
    if reader.at < len(text):
        raise reader.fail('")" that closes nothing; write \\) for itself')
    return part, tuple(reader.remarks)
