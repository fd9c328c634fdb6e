"""What the headers of an answer order beyond its status: silence, waiting, the clock's correction.

Every reader here takes whatever stands in a header, and answers None for what it cannot use.

Source: onecollector facts 2.3 to 2.6, B18, B19, B26 to B38, B42, B43.
"""

from __future__ import annotations

from email.utils import mktime_tz, parsedate_tz
from typing import TYPE_CHECKING

from declarant import _clocks
from declarant._kill_switch import ALL, is_event_name
from declarant._limits import KILL_LAST_S, MAX_TOKEN_CHARS, RETRY_AFTER_LAST_S
from declarant._settings import tenant_token
from declarant._transport import KillOrder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_THIS_REQUEST = "this-request-only"
#: No number in a header is larger than a signed integer of 64 bits. Source: facts B19, B37.
_LARGEST = 2**63 - 1
#: Digits of that number.
_MAX_DIGITS = 19
#: A longer text is no date. The longest form has 33 characters.
_MAX_DATE = 64
#: Milliseconds of a clock correction; 12 digits are 31 years.
_MAX_DELTA_DIGITS = 12


def kill_order(tokens: Iterable[str], durations: Iterable[str], ikey: str) -> KillOrder | None:
    """Return what an answer orders the sender of *ikey* to be silent about.

    A token names the tenant by its token or by the whole key, with or without "o:" before it;
    behind it stands nothing, ":all", or ":" and the name of one event. What names another tenant is
    not for us, and the answer to one tenant's request silences no other.

    Args:
        tokens: Values of the `kill-tokens` headers, each a list.
        durations: Values of the `kill-duration` headers, then of `kill-duration-seconds`.
        ikey: The key of the request.
    """
    seconds = next((s for s in map(_duration_s, durations) if s is not None), None)
    if seconds is None:
        return None
    named = (_event(token, ikey) for value in tokens for token in _tokens(value))
    events = frozenset(event for event in named if event is not None)
    return KillOrder(events, seconds) if events else None


def retry_after_s(values: Iterable[str], date: str = "") -> float | None:
    """Return the seconds that `Retry-After` asks to wait; None if it asks for nothing.

    Args:
        values: Its values: seconds, or a date (RFC 9110, 10.2.3).
        date: The answer's own `Date`, by which a date is counted if our clock is wrong.
    """
    waits = [wait for wait in (_wait_s(value, date) for value in values) if wait is not None]
    longest = max(waits, default=0.0)
    return min(longest, RETRY_AFTER_LAST_S) if longest > 0 else None


def time_delta(values: Iterable[str]) -> str | None:
    """Return the milliseconds of `time-delta-millis` as they are to be sent back, or None."""
    for value in values:
        text = value.strip(" \t")
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DELTA_DIGITS:
            return text
    return None


def _tokens(value: str) -> Iterator[str]:
    for listed in value.split(","):
        for token in listed.strip(" \t\r\n").split(" "):
            plain = token.isascii() and token.isprintable()
            if token and plain and len(token) <= MAX_TOKEN_CHARS:
                yield token


def _event(token: str, ikey: str) -> str | None:
    """Return the event that *token* silences for *ikey*, ALL, or None."""
    rest = token[2:] if token[:2].lower() == "o:" else token
    subject, _, suffix = rest.partition(":")
    if subject.lower() not in (tenant_token(ikey).lower(), ikey.lower()):
        return None
    if suffix.lower() in ("", "all"):
        return ALL
    return suffix if is_event_name(suffix) else None


def _duration_s(value: str) -> float | None:
    """Return the seconds of a kill; 0 for "this request only"; None if it orders nothing."""
    if value.strip(" \t").lower() == _THIS_REQUEST:
        return 0.0
    seconds = _number(value)
    return min(float(seconds), KILL_LAST_S) if seconds else None


def _number(value: str) -> int | None:
    digits = value.strip(" \t")
    if not (digits.isascii() and digits.isdigit()):
        return None
    digits = digits.lstrip("0") or "0"
    number = int(digits) if len(digits) <= _MAX_DIGITS else _LARGEST + 1
    return number if number <= _LARGEST else None


def _wait_s(value: str, date: str) -> float | None:
    number = _number(value)
    if number is not None:
        return float(number)
    until = _seconds_since_1970(value)
    if until is None:
        return None
    now = _seconds_since_1970(date)
    return until - (_clocks.now() if now is None else now)


def _seconds_since_1970(date: str) -> float | None:
    try:
        parsed = parsedate_tz(date) if len(date) <= _MAX_DATE else None
        return None if parsed is None else float(mktime_tz(parsed))
    except (ValueError, TypeError, IndexError, OverflowError):
        # Whatever the library makes of a text that only looks like a date.
        return None
