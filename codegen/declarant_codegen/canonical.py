"""Canonical JSON: one text, and so one digest, for one value.

Owns RFC 8785 (JSON Canonicalization Scheme): keys in the order of their UTF-16 code units, numbers
as ECMAScript writes them, strings with the fewest escapes, no white space.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from declarant_codegen.json_values import is_array, is_object

__all__ = ["NotCanonicalError", "canonical_digest", "canonical_json"]

_encode_text = json.JSONEncoder(ensure_ascii=False).encode
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
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, (int, float)):
        return _number(value)
    if is_array(value):
        return f"[{','.join(map(canonical_json, value))}]"
    if is_object(value):
        return f"{{{','.join(_members(value))}}}"
    raise NotCanonicalError(f"expected a JSON value, found {type(value).__name__}")


def canonical_digest(value: Any) -> str:
    """Return the SHA-256 (hex) of a value's canonical text in UTF-8.

    Raises:
        NotCanonicalError: As `canonical_json`.
    """
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


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
    return [f"{_text(key)}:{canonical_json(value[key])}" for key in ordered]


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotCanonicalError("expected Unicode text, found half a surrogate pair") from None
    return _encode_text(value)


def _number(value: float) -> str:
    if isinstance(value, int):
        if abs(value) <= 2**53:
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
