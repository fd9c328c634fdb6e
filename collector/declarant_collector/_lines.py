"""From a decoded body to JSON values: one object a line, strictly read.

Owns lines, UTF-8 and JSON. Knows nothing of envelopes.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from declarant_collector._rules import Violation, violation
from declarant_collector._values import is_object

if TYPE_CHECKING:
    from declarant_collector._rules import Policy

__all__ = ["Line", "is_array", "read_lines"]

_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of the stream.

    Attributes:
        text: The line as received, undecodable bytes replaced.
        value: The JSON object, or None if the line holds none.
        violations: What is wrong with it so far; the parse phase adds to it.
    """

    text: str
    value: dict[str, object] | None
    violations: list[Violation] = field(default_factory=list[Violation])

    @property
    def name(self) -> str:
        """The event's name, or an empty string if it cannot be told."""
        name = self.value.get("name") if self.value else None
        return name if isinstance(name, str) else ""


def is_array(body: bytes) -> bool:
    """Return whether the body is one JSON array instead of lines (A24)."""
    return body[:64].lstrip(b" \t\r\n").startswith(b"[")


def read_lines(body: bytes, policy: Policy) -> tuple[list[Line], list[Violation]]:
    """Read a decoded body.

    Returns:
        The events' lines, and what is wrong with the body as a whole. A trailing newline makes no
        event (A25, A26); blank lines make none either, but break a local rule.
    """
    problems: list[Violation] = []
    if body.startswith(_BOM):
        problems.append(violation("BYTE_ORDER_MARK", "", "expected {, got a byte order mark"))
        body = body[len(_BOM) :]
    raw_lines = body.split(b"\n")
    if not raw_lines[-1]:
        raw_lines.pop()
    lines: list[Line] = []
    for raw in raw_lines:
        if raw.strip():
            lines.append(_read(raw))
        elif raw_lines != [raw]:
            problems.append(violation("BLANK_LINE", "", "expected an event, got a blank line"))
    if not lines:
        problems.append(violation("EMPTY_BODY", "", "expected at least one event, got none"))
    for line in lines:
        line.violations = list(policy.kept(line.violations))
    return lines, list(policy.kept(problems))


def _read(raw: bytes) -> Line:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"expected UTF-8, got another byte at offset {error.start}"
        broken = violation("UTF8_INVALID", "", message)
        return Line(text=raw.decode("utf-8", "replace"), value=None, violations=[broken])
    reader = _Reader()
    try:
        value = reader.read(text)
    except RecursionError:
        return _unreadable(text, "JSON_DEPTH", "expected less nesting")
    except json.JSONDecodeError as error:
        return _unreadable(text, "JSON_INVALID", f"expected JSON, got an error at {error.pos}")
    except ValueError:
        # Python refuses integers of more than 4,300 digits.
        return _unreadable(text, "JSON_INVALID", "expected a number a parser can hold")
    if not is_object(value):
        return _unreadable(text, "EVENT_NOT_OBJECT", "expected a JSON object, got another value")
    if "\\ud" in text.lower() and _has_lone_surrogate(value):
        reader.notes.append(
            violation("JSON_LONE_SURROGATE", "", "expected surrogates in pairs, got one alone")
        )
    return Line(text=text, value=value, violations=reader.notes)


def _unreadable(text: str, rule_id: str, message: str) -> Line:
    return Line(text=text, value=None, violations=[violation(rule_id, "", message)])


def _has_lone_surrogate(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    except RecursionError:
        return False
    return False


class _Reader:
    """A JSON reader that notes what the standard library's passes over in silence."""

    def __init__(self) -> None:
        self.notes: list[Violation] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=self._constant, parse_float=self._float
        )

    def read(self, text: str) -> object:
        value: object = self._decoder.decode(text)
        return value

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        built = dict(pairs)
        if len(built) != len(pairs):
            # One count of all: a body may repeat the last of a hundred thousand.
            counts = Counter(name for name, _ in pairs)
            twice = next(name for name, count in counts.items() if count > 1)
            message = "expected each key once, got it twice; leave one out"
            self.notes.append(violation("JSON_DUPLICATE_KEY", twice, message))
        return built

    def _constant(self, word: str) -> float:
        message = "expected a JSON number, got NaN or Infinity; leave the field out"
        self.notes.append(violation("JSON_NON_FINITE", "", message))
        return float(word)

    def _float(self, digits: str) -> float:
        number = float(digits)
        if number in (float("inf"), float("-inf")):
            message = "expected a number a double can hold, got a larger one"
            self.notes.append(violation("JSON_NON_FINITE", "", message))
        return number
