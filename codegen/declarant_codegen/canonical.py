"""Canonical JSON: one text, and so one digest, for one value.

Owns RFC 8785 (JSON Canonicalization Scheme): keys in the order of their UTF-16 code units, numbers
as ECMAScript writes them, strings with the fewest escapes, no white space.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = [
    "NotCanonicalError",
    "canonical_digest",
    "canonical_json",
    "is_plain",
    "parsed_json",
    "plain_json",
    "sha256_of",
]

_encode_text = json.JSONEncoder(ensure_ascii=False).encode
_encode_sorted = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
_CONTAINERS = frozenset((dict, list))
_PLAIN = frozenset((str, int, bool, type(None))) | _CONTAINERS
# A member or an item that is, or looks like, a number that ECMAScript may write otherwise.
_UNCERTAIN = re.compile(r"[:,\[]-?(?:[0-9]+[.eE]|[0-9]{16}|[NI])")
_MOST_EXACT = 2**53  # Source: IEEE 754, the significand of a double
_PLAIN_DIGITS = 21  # Source: ECMA 262, Number::toString, steps 6 to 8
_LEADING_ZEROS = -6  # Source: the same, step 8


class NotCanonicalError(ValueError):
    """A value that RFC 8785 gives no text: no JSON, or not exact as an IEEE 754 double."""


def canonical_json(value: Any) -> str:
    """Return the one text of a parsed JSON value.

    Raises:
        NotCanonicalError: A number that no double holds exactly, a lone surrogate, a key that is
            not text, or anything that is not JSON. Source: RFC 8785, 3.2.2 and 3.2.3.
    """
    text = plain_json(value)
    return _canonical(value) if text is None else text


def parsed_json(value: Any) -> str:
    """Return the same of a value that is as ``json`` read it, in a third of the time.

    All its keys are text then and all its types are JSON's own, so that its text alone tells
    whether the standard library wrote it as the RFC does.

    Raises:
        NotCanonicalError: As `canonical_json`.
    """
    if type(value) is dict:
        text = _encode_sorted(value)
        if text.isascii() and not _UNCERTAIN.search(text):
            return text
    return canonical_json(value)


def plain_json(value: Any) -> str | None:
    """Return the canonical text of a value that the standard library writes so, None of others.

    Raises:
        NotCanonicalError: A lone surrogate.
    """
    if not is_plain(value):
        return None
    text = _encode_sorted(value)
    _refuse_surrogates(text)
    return text


def is_plain(value: Any) -> bool:
    """Return whether the standard library, ordering keys, writes a value as the RFC does.

    That is so where all keys are ASCII, as their order is the same then, and no number is a
    fraction or larger than a double counts exactly.
    """
    waiting: list[Any] = [[value]]
    while waiting:
        item = waiting.pop()
        if is_object(item) and not _are_ascii(item):
            return False
        members: Collection[Any] = item.values() if is_object(item) else item
        kinds = set(map(type, members))
        if not kinds <= _PLAIN:
            return False
        if int in kinds and any(type(one) is int and abs(one) > _MOST_EXACT for one in members):
            return False
        if not kinds.isdisjoint(_CONTAINERS):
            waiting.extend(one for one in members if type(one) in _CONTAINERS)
    return True


def _are_ascii(keys: Iterable[Any]) -> bool:
    try:
        return "".join(keys).isascii()
    except TypeError:
        return False


def _canonical(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, (int, float)):
        return _number(value)
    if is_array(value):
        return f"[{','.join(map(_canonical, value))}]"
    if is_object(value):
        return f"{{{','.join(_members(value))}}}"
    raise NotCanonicalError(f"expected a JSON value, found {type(value).__name__}")


def canonical_digest(value: Any) -> str:
    """Return the SHA-256 (hex) of a value's canonical text in UTF-8.

    Raises:
        NotCanonicalError: As `canonical_json`.
    """
    return sha256_of(canonical_json(value))


def sha256_of(text: str) -> str:
    """Return the SHA-256 (hex) of a canonical text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def _members(value: dict[str, Any]) -> list[str]:
    if not all(isinstance(key, str) for key in value):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise NotCanonicalError("expected keys that are text, found another type")
    ordered = sorted(value)
    if not all(map(str.isascii, ordered)):
        try:
            # The RFC orders by UTF-16 code units, which differs from code points above U+FFFF.
            ordered.sort(key=lambda key: key.encode("utf-16-be"))
        except UnicodeEncodeError:
            raise NotCanonicalError("expected Unicode text, found half a surrogate pair") from None
    return [f"{_text(key)}:{_canonical(value[key])}" for key in ordered]


def _text(value: str) -> str:
    _refuse_surrogates(value)
    return _encode_text(value)


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotCanonicalError("expected Unicode text, found half a surrogate pair") from None


def _number(value: float) -> str:
    if isinstance(value, int):
        if abs(value) <= _MOST_EXACT:
            return str(value)
        return _number(_exact_double(value))
    if not math.isfinite(value):
        raise NotCanonicalError("expected a finite number, found one that is not")
    if not value:
        return "0"
    sign = "-" if value < 0 else ""
    digits, point = _digits(abs(value))
    return sign + _layout(digits, point)


def _exact_double(value: int) -> float:
    try:
        near = float(value)
    except OverflowError:
        near = math.inf
    if near != value:
        raise NotCanonicalError(f"expected a number that a double holds, found {value}")
    return near


def _digits(value: float) -> tuple[str, int]:
    """Split into the fewest digits that read back the same, and where the point stands in them."""
    mantissa, _, power = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    return digits.rstrip("0"), point


def _layout(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= _PLAIN_DIGITS:
        return digits + "0" * (point - count)
    if 0 < point <= _PLAIN_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if _LEADING_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
