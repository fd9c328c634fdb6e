"""Reads a request's body from the connection: by length or in chunks, never without a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from email.message import Message

__all__ = ["Body", "FramingError", "content_length", "read_body"]

MAX_DRAIN_BYTES = 64 * 1024 * 1024
"""What is read and thrown away so that a client gets to see its 413; beyond, the line is cut."""

_MAX_LINE = 1024
_PIECE = 65_536


class Stream(Protocol):
    """The reading half of a connection."""

    def read(self, size: int, /) -> bytes:
        """Return *size* bytes, fewer only at the end."""
        ...

    def readline(self, size: int, /) -> bytes:
        """Return a line, cut at *size* bytes."""
        ...


class FramingError(Exception):
    """A request whose target or extent cannot be told; the connection is of no further use.

    Attributes:
        status: HTTP status to answer.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What was read: the bytes kept, the count of others, and whether all was read."""

    kept: bytes
    unread_bytes: int = 0
    is_complete: bool = True


def content_length(headers: Message) -> int | None:
    """Return the announced length in bytes, or None if the body comes in chunks.

    Raises:
        FramingError: No length, more than one, or one beside chunks.
    """
    lengths = headers.get_all("Content-Length") or []
    codings = headers.get_all("Transfer-Encoding") or []
    if codings:
        if lengths or [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise FramingError(400)
        return None
    if not lengths:
        raise FramingError(411)
    digits = lengths[0].strip()
    if len(lengths) > 1 or not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise FramingError(400)
    return int(digits)


def read_body(stream: Stream, length: int | None, *, max_bytes: int) -> Body:
    """Read a body, keeping at most *max_bytes*.

    Args:
        stream: The connection.
        length: Announced length in bytes; None reads chunks.
        max_bytes: How many bytes to keep; one more is never needed to know that it is too many.

    Raises:
        FramingError: The chunks make no sense, or the client went away.
    """
    if length is None:
        return _read_chunks(stream, max_bytes)
    if length > max_bytes:
        is_complete = length <= MAX_DRAIN_BYTES
        if is_complete:
            _skip(stream, length)
        return Body(kept=b"", unread_bytes=length, is_complete=is_complete)
    return Body(kept=_read_exactly(stream, length))


def _read_exactly(stream: Stream, length: int) -> bytes:
    content = stream.read(length) if length else b""
    if len(content) < length:
        raise FramingError(400)
    return content


def _skip(stream: Stream, length: int) -> None:
    while length:
        length -= len(_read_exactly(stream, min(length, _PIECE)))


def _read_chunks(stream: Stream, max_bytes: int) -> Body:
    kept: list[bytes] = []
    size = 0
    while length := _chunk_length(stream):
        size += length
        if size > MAX_DRAIN_BYTES:
            return Body(kept=b"", unread_bytes=size, is_complete=False)
        if size > max_bytes:
            kept.clear()
            _skip(stream, length)
        else:
            kept.append(_read_exactly(stream, length))
        if stream.readline(_MAX_LINE) not in (b"\r\n", b"\n"):
            raise FramingError(400)
    for _ in range(_MAX_LINE):
        if stream.readline(_MAX_LINE) in (b"\r\n", b"\n"):
            content = b"".join(kept)
            return Body(kept=content, unread_bytes=size - len(content))
    raise FramingError(400)


def _chunk_length(stream: Stream) -> int:
    line = stream.readline(_MAX_LINE)
    digits = line.partition(b";")[0].strip()
    # Blanks between two digits are none to `fromhex`.
    if not line.endswith(b"\n") or not digits.isalnum() or len(digits) > 8:
        raise FramingError(400)
    try:
        # int() takes signs, blanks and underscores; a chunk length has none.
        return int(bytes.fromhex(digits.decode("ascii").zfill(8)).hex(), 16)
    except ValueError as error:
        raise FramingError(400) from error
