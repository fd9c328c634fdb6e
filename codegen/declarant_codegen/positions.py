"""Read JSON with the place of every value, strictly by RFC 8259.

Owns reading: text in, value and offsets and problems out. It opens no file and knows no schema.
A correct file is read by the standard library's scanner written in C; offsets are looked for only
when somebody asks for a line, by a second, slower reading.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

from declarant_codegen.json_values import is_object
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_DEPTH = 64
"""Deepest nesting of arrays and objects that is read; no schema of the dialect needs 30."""

_SPACE = re.compile(r"[ \t\n\r]*")
_MEMBER = re.compile(r'\s*[{,]\s*("[^"\\]*(?:\\.[^"\\]*)*")\s*:\s*')
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"-?[A-Za-z]+")
_LITERALS = {"true": True, "false": False, "null": None}
# Numbers that may be too large, and halves of surrogate pairs. Two expressions that each begin with
# one kind of character are found in a fifth of the time of one that joins them.
_LONG_NUMBER = re.compile(r"[0-9](?:[0-9]{15}|[eE][-+]?[0-9]{2})")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_MAX_INTEGER = 2**64 - 1
_MAX_DIGITS = 20
_CONTAINERS = frozenset((dict, list))
_MOST_PROBLEMS = 1_000
"""Problems of one text that are told; who reads them has long seen what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One breach of RFC 8259 or of this reader's limits: rule, offset in the text, message."""

    rule_id: str
    offset: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text holds.

    Attributes:
        value: The value; of equal keys the first, of numbers out of range 0. None if not *whole*.
        whole: Whether the text could be read to its end.
        problems: Everything wrong with it, in the text's order.
    """

    value: Any
    whole: bool
    problems: tuple[Problem, ...] = ()


class _DoubtError(Exception):
    """The quick reading met something that the slow one must judge."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DoubtError
    return members


def _no_constant(_word: str) -> NoReturn:
    raise _DoubtError


def _certain_integer(text: str) -> int:
    value = int(text) if len(text) <= _MAX_DIGITS else None
    if value is None or abs(value) > _MAX_INTEGER:
        raise _DoubtError
    return value


def _certain_fraction(text: str) -> float:
    value = float(text)
    if abs(value) == float("inf"):
        raise _DoubtError
    return value


_quick = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
_plain = json.JSONDecoder()  # for text that was read already: it calls nothing back
# For text in which a digest may look like a long number, or one is.
_careful = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_no_constant,
    parse_int=_certain_integer,
    parse_float=_certain_fraction,
)


def read_json(text: str) -> Reading:
    """Return what *text* holds, with every problem up to the first breach of the grammar.

    A text with a thousand problems is not read any further.
    """
    if not _SURROGATE.search(text):
        decoder = _careful if _LONG_NUMBER.search(text) else _quick
        try:
            value = decoder.decode(text)
        except (ValueError, RecursionError, _DoubtError):
            pass  # the slow reading says what and where
        else:
            if text.count("{") + text.count("[") <= MAX_DEPTH or _depth(value) <= MAX_DEPTH:
                return Reading(value=value, whole=True)
    scan = _Scan(text=text)
    return scan.read()


def _depth(value: Any) -> int:
    """Return how many arrays and objects lie within each other at most."""
    depth = 0
    level = [value] if type(value) in _CONTAINERS else []
    while level:
        depth += 1
        members = chain.from_iterable([_members_of(item) for item in level])
        level = [item for item in members if type(item) in _CONTAINERS]
    return depth


def _members_of(container: Any) -> Iterable[Any]:
    return container.values() if is_object(container) else container


def offsets(text: str) -> dict[str, int]:
    """Return the offset of every value by its JSON pointer; of a member, of its key."""
    scan = _Scan(text=text)
    scan.read()
    return scan.places


def line_at(text: str, offset: int) -> int:
    """Return the line, from 1, that *offset* lies on."""
    return bisect_left(_breaks(text), offset) + 1


@lru_cache(maxsize=2)
def _breaks(text: str) -> list[int]:
    """Return the offset of each line break; a file with a problem may have thousands of them."""
    return [found.start() for found in re.finditer("\n", text)]


def escape_token(key: str) -> str:
    """Return *key* as a token of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


class _BreakError(Exception):
    """The text does not follow the grammar from here on; nothing after it can be judged."""


@dataclass(slots=True, kw_only=True)
class _Scan:
    """One slow reading: recursive descent that notes each place."""

    text: str
    places: dict[str, int] = field(default_factory=dict[str, int])
    problems: list[Problem] = field(default_factory=list[Problem])

    def read(self) -> Reading:
        value: Any = None
        whole = True
        try:
            at = self._skip(0)
            self.places[""] = at
            value, at = self._value(at, "", 1)
            at = self._skip(at)
            if at != len(self.text):
                self._break("JSON_SYNTAX", at, "expected the end of the file, found more text")
        except _BreakError:
            whole = False
        return Reading(value=value if whole else None, whole=whole, problems=tuple(self.problems))

    def _value(self, at: int, pointer: str, depth: int) -> tuple[Any, int]:
        first = self.text[at : at + 1]
        if first == '"':
            return self._string(at)
        if first in ("{", "["):
            if depth > MAX_DEPTH:
                found = f"expected at most {MAX_DEPTH} levels of nesting, found more"
                self._break("JSON_TOO_DEEP", at, f"{found}; flatten the schema")
            read = self._object if first == "{" else self._array
            return read(at + 1, pointer, depth)
        return self._scalar(at)

    def _object(self, at: int, pointer: str, depth: int) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        at = self._skip(at)
        if self.text.startswith("}", at):
            return members, at + 1
        while True:
            if not self.text.startswith('"', at):
                self._expected(at, "a key in double quotes")
            key, after = self._string(at)
            path = f"{pointer}/{escape_token(key)}"
            is_new = key not in members
            if is_new:
                self.places[path] = at
            else:
                self._note_duplicate(key, at, path)
            after = self._punctuation(after, ":", 'a ":" after the key')
            value, after = self._value(self._skip(after), path if is_new else "", depth + 1)
            if is_new:
                members[key] = value
            at = self._skip(after)
            if self.text.startswith("}", at):
                return members, at + 1
            at = self._skip(self._punctuation(at, ",", 'a "," or "}"'))

    def _array(self, at: int, pointer: str, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        at = self._skip(at)
        if self.text.startswith("]", at):
            return items, at + 1
        while True:
            path = f"{pointer}/{len(items)}"
            self.places.setdefault(path, at)
            value, at = self._value(at, path, depth + 1)
            items.append(value)
            at = self._skip(at)
            if self.text.startswith("]", at):
                return items, at + 1
            at = self._skip(self._punctuation(at, ",", 'a "," or "]"'))

    def _string(self, at: int) -> tuple[str, int]:
        try:
            value, end = _quick.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            self._break("JSON_SYNTAX", error.pos, _string_problem(error.msg))
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            found = "expected whole characters, found half of a surrogate pair as a \\u escape"
            self._note("JSON_ENCODING", at, f"{found}; write the character itself")
            value = value.encode("utf-8", "replace").decode()
        return value, end

    def _scalar(self, at: int) -> tuple[Any, int]:
        match = _NUMBER.match(self.text, at)
        word = _WORD.match(self.text, at)
        if match and not word:
            return self._number(match), match.end()
        if word and word.group() in _LITERALS:
            return _LITERALS[word.group()], word.end()
        if word and word.group().lstrip("-") in ("NaN", "Infinity"):
            found = f"expected a JSON number, found {word.group()}"
            self._note("JSON_NOT_A_NUMBER", at, f"{found}; write a finite number")
            return 0, word.end()
        return self._expected(at, "a value")

    def _number(self, match: re.Match[str]) -> int | float:
        whole, fraction, exponent = match.groups()
        if fraction is None and exponent is None:
            if len(whole) <= _MAX_DIGITS and abs(int(whole)) <= _MAX_INTEGER:
                return int(whole)
        else:
            value = float(match.group())
            if abs(value) != float("inf"):
                return value
        found = "expected a number of at most 64 bits or of a double's range, found a larger one"
        self._note("JSON_NUMBER_TOO_LARGE", match.start(), f"{found}; write a smaller number")
        return 0

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _punctuation(self, at: int, mark: str, words: str) -> int:
        at = self._skip(at)
        if not self.text.startswith(mark, at):
            self._expected(at, words)
        return at + 1

    def _note(self, rule_id: str, offset: int, message: str) -> None:
        self.problems.append(Problem(rule_id=rule_id, offset=offset, message=message))
        if len(self.problems) >= _MOST_PROBLEMS:
            raise _BreakError

    def _note_duplicate(self, key: str, at: int, path: str) -> None:
        first = line_at(self.text, self.places.get(path, at))
        found = f"expected each key once, found {quote(key)} again (first on line {first})"
        self._note("JSON_DUPLICATE_KEY", at, f"{found}; remove one of the two")

    def _expected(self, at: int, words: str) -> NoReturn:
        rest = self.text[at : at + 1]
        found = "the end of the file" if not rest else quote(rest)
        self._break("JSON_SYNTAX", at, f"expected {words}, found {found}; mend the JSON")

    def _break(self, rule_id: str, at: int, message: str) -> NoReturn:
        self._note(rule_id, at, message)
        raise _BreakError


def _string_problem(words: str) -> str:
    if "Unterminated" in words:
        return 'expected a closing double quote, found the end of the file; add the "'
    if "control" in words:
        found = "expected printable text in a string, found a control character or line break"
        return f"{found}; write it as an escape or remove it"
    found = "expected a JSON escape such as \\n or \\\\, found an unknown one"
    return f"{found}; double the backslash to mean a backslash"


def member_offsets(text: str, *path: str) -> dict[str, int]:
    """Return the offset of each key of one object in a correct text, quickly.

    Args:
        text: JSON that was read without problems.
        path: Keys that lead from the root to the object; nothing if one is missing.
    """
    at = 0
    for wanted in path:
        places = (value for key, _, value in _members(text, at) if key == wanted)
        at = next(places, len(text))  # where no object is
    return {key: offset for key, offset, _ in _members(text, at)}


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Yield key, its offset and its value's offset of the object at *at*; none of other values."""
    match = _MEMBER.match(text, at)
    while match:
        quoted = match[1]
        yield _plain.decode(quoted) if "\\" in quoted else quoted[1:-1], match.start(1), match.end()
        _, at = _plain.raw_decode(text, match.end())
        match = _MEMBER.match(text, at)
