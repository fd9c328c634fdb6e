"""The string formats that are really enforced, and the edition of the text each one follows."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMATS", "Format"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One enforced value of the keyword ``format``.

    Attributes:
        name: As schemas write it.
        edition: The document and section whose grammar is enforced.
        max_length: Longest valid text, in code points.
        test: The function of ``declarant.gencode`` that decides, ``str`` to ``bool``.
        example: A valid text.
        words: What it holds, for readers who read no schemas.
    """

    name: str
    edition: str
    max_length: int
    test: str
    example: str
    words: str


def _table(*formats: Format) -> Mapping[str, Format]:
    return MappingProxyType({entry.name: entry for entry in formats})


# Fractions of a second are held to nine digits (the RFC sets no bound): every format is bounded.
FORMATS: Mapping[str, Format] = _table(
    Format(
        name="date",
        edition="RFC 3339 section 5.6, full-date",
        max_length=10,
        test="is_date",
        example="2026-11-22",
        words="a day",
    ),
    Format(
        name="date-time",
        edition="RFC 3339 section 5.6, date-time; at most nine digits of fraction",
        max_length=len("2026-11-22T23:59:60.123456789+00:00"),
        test="is_date_time",
        example="2026-11-22T08:30:06.283Z",
        words="a day and a time of it, with the offset from UTC",
    ),
    Format(
        name="time",
        edition="RFC 3339 section 5.6, full-time; at most nine digits of fraction",
        max_length=len("23:59:60.123456789+00:00"),
        test="is_time",
        example="08:30:06Z",
        words="a time of day, with the offset from UTC",
    ),
    Format(
        name="uuid",
        edition="RFC 4122 section 3, 36 characters in either case",
        max_length=36,
        test="is_uuid",
        example="2eb8aa08-aa98-11ea-b4aa-73b441d16380",
        words="a UUID, which is 32 hexadecimal digits and four hyphens",
    ),
)
