"""What compiled validators need at run time: the violation record and exact JSON tests.

It may import nothing: generated code loads it on the way to the first event.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeGuard

INFINITY = float("inf")

# Only `isinstance` sees these: the bare classes would narrow to items of unknown type, which
# strictly checked code may not touch.
if TYPE_CHECKING:

    class JsonObject(dict[object, object]):
        """What a JSON object is to a type checker."""

    class JsonArray(list[object]):
        """What a JSON array is to a type checker."""

else:
    JsonObject = dict
    JsonArray = list

_HEX = "0123456789abcdefABCDEF"
_DIGITS = "0123456789"
_NAME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
_MAX_SHOWN_NAME = 64
_MAX_FRACTION = 9
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_searches: "dict[str, Callable[[str], object]]" = {}


class Violation:
    """One breach of an event schema, told without any of the event's values.

    Attributes:
        path: Where, such as ``ModelKitError.exception_stack[3].line``; empty for the whole value.
        keyword: The JSON Schema keyword that was breached.
        expected: What the schema asks for, in words.
        found: The type or the relation that was found, in words.
    """

    __slots__ = ("expected", "found", "keyword", "path")

    def __init__(self, path: str, keyword: str, expected: str, found: str) -> None:
        self.path = path
        self.keyword = keyword
        self.expected = expected
        self.found = found

    def _key(self) -> tuple[str, str, str, str]:
        return (self.path, self.keyword, self.expected, self.found)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Violation):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Violation{self._key()!r}"

    def __str__(self) -> str:
        return f"{self.path or 'value'}: expected {self.expected}, got {self.found}"


def undeclared(path: str, name: object) -> Violation:
    """Make the violation for a property that a closed object does not declare.

    The property's name is shown only if it looks like a name: a key may be data, too.
    """
    shown = "*"
    if isinstance(name, str) and 0 < len(name) <= _MAX_SHOWN_NAME:
        shown = "*" if name.strip(_NAME_CHARACTERS) else name
    where = f"{path}.{shown}" if path else shown
    return Violation(where, "additionalProperties", "only declared properties", "an undeclared one")


def lone_surrogate(event_name: str) -> Violation:
    """Make the violation for half a surrogate pair: UTF-8 has no bytes for it."""
    return Violation(event_name, "type", "Unicode text", "a text with a lone surrogate")


def type_word(value: object) -> str:
    """Name the JSON type of *value* with its article, or its Python type if it is not JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a number" if -INFINITY < value < INFINITY else "a number that is not finite"
    for kind, word in ((str, "a string"), (list, "an array"), (dict, "an object")):
        if isinstance(value, kind):
            return word
    return f"a value that is not JSON ({type(value).__name__})"


def is_number(value: object) -> "TypeGuard[float]":
    """Tell whether *value* is a JSON number: finite, and not a boolean."""
    if isinstance(value, float):
        return -INFINITY < value < INFINITY
    return isinstance(value, int) and not isinstance(value, bool)


def is_integer(value: object) -> "TypeGuard[float]":
    """Tell whether *value* is a JSON integer; ``1.0`` is one."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def is_json(value: object) -> bool:
    """Tell whether *value* is JSON through and through: known types, finite numbers, text keys."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, JsonObject):
            if not all(isinstance(key, str) for key in item):
                return False
            pending.extend(item.values())
        elif isinstance(item, JsonArray):
            pending.extend(item)
        elif not (item is None or isinstance(item, (str, bool)) or is_number(item)):
            return False
    return True


def has_text_keys(value: "dict[object, object]") -> bool:
    """Tell whether all names of an object are text, as JSON's are."""
    return all(isinstance(key, str) for key in value)


def json_equal(left: object, right: object) -> bool:
    """Compare two JSON values as JSON Schema does: ``1`` is ``1.0``, ``false`` is not ``0``."""
    if isinstance(left, JsonObject) and isinstance(right, JsonObject):
        return left.keys() == right.keys() and all(json_equal(left[k], right[k]) for k in left)
    if isinstance(left, JsonArray) and isinstance(right, JsonArray):
        return len(left) == len(right) and all(map(json_equal, left, right))
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _identity(value: object) -> object:
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, JsonArray):
        return ("array", tuple(map(_identity, value)))
    if isinstance(value, JsonObject):
        return ("object", frozenset((key, _identity(item)) for key, item in value.items()))
    return value


def is_unique(items: "Sequence[object]") -> bool:
    """Tell whether no two *items* are equal by JSON Schema's equality; linear time."""
    return len({_identity(item) for item in items}) == len(items)


def _decimal(number: float) -> tuple[int, int]:
    """Split *number*, as JSON writes it, into digits and a power of ten."""
    digits, _, power = repr(number).partition("e")
    whole, _, fraction = digits.partition(".")
    return int(whole + fraction), int(power or 0) - len(fraction)


def is_multiple(value: float, divisor: float) -> bool:
    """Tell whether *value* is a multiple of *divisor*, both taken as the decimals JSON wrote.

    A whole float is the integer that it is, as an integer field writes it: the digits that Python
    shows of one beyond 2**53 are those of a neighbour.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and isinstance(divisor, int):
        return value % divisor == 0
    digits, power = (value, 0) if isinstance(value, int) else _decimal(value)
    step, step_power = (divisor, 0) if isinstance(divisor, int) else _decimal(divisor)
    least = min(power, step_power)
    return bool(digits * 10 ** (power - least) % (step * 10 ** (step_power - least)) == 0)


def matches(pattern: str, text: str) -> bool:
    """Search *text* for *pattern*, a Python regular expression; compiled once a process.

    Compiled code calls it only for patterns that have no plain string form, so that most
    programs never load ``re`` (about 8 ms) to emit an event.
    """
    search = _searches.get(pattern)
    if search is None:
        # Late on purpose: that is all a start needs.
        from declarant._late import importing

        with importing:
            import re

        search = _searches[pattern] = re.compile(pattern).search
    return search(text) is not None


def _number_at(text: str, start: int, end: int) -> int:
    part = text[start:end]
    return -1 if len(part) != end - start or part.strip(_DIGITS) else int(part)


def is_date(text: str) -> bool:
    """Tell whether *text* is a ``full-date``. Source: RFC 3339, 5.6 and 5.7."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    year, month, day = _number_at(text, 0, 4), _number_at(text, 5, 7), _number_at(text, 8, 10)
    if year < 0 or not 1 <= month <= 12:
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _DAYS[month - 1] + leap


def _offset_minutes(text: str) -> "int | None":
    """Read ``Z`` or ``+hh:mm`` as minutes east of UTC."""
    if text in ("Z", "z"):
        return 0
    if len(text) != 6 or text[0] not in "+-" or text[3] != ":":
        return None
    hours, minutes = _number_at(text, 1, 3), _number_at(text, 4, 6)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59):
        return None
    return (hours * 60 + minutes) * (1 if text[0] == "+" else -1)


def is_time(text: str) -> bool:
    """Tell whether *text* is a ``full-time``; leap seconds only at 23:59:60 UTC.

    Fractions of a second have at most nine digits here, so that the length is bounded.
    Source: RFC 3339, 5.6 and 5.7 (which leave the number of digits open).
    """
    if len(text) < 9 or text[2] != ":" or text[5] != ":":
        return False
    end = 8
    if text[8] == ".":
        rest = text[9:].lstrip(_DIGITS)
        end = len(text) - len(rest)
        if not 1 <= end - 9 <= _MAX_FRACTION:
            return False
    offset = _offset_minutes(text[end:])
    hour, minute, second = _number_at(text, 0, 2), _number_at(text, 3, 5), _number_at(text, 6, 8)
    if offset is None or not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60):
        return False
    return second < 60 or (hour * 60 + minute - offset) % 1440 == 1439


def is_date_time(text: str) -> bool:
    """Tell whether *text* is a ``date-time``. Source: RFC 3339, 5.6."""
    return text[10:11] in ("T", "t") and is_date(text[:10]) and is_time(text[11:])


def is_uuid(text: str) -> bool:
    """Tell whether *text* is a UUID in its 36-character form, any case. Source: RFC 4122, 3."""
    return (
        len(text) == 36
        and text[8] == text[13] == text[18] == text[23] == "-"
        and text.count("-") == 4
        and not text.strip(_HEX + "-")
    )
