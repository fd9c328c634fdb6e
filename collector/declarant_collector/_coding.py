"""Content coding: bounded decompression of gzip and raw deflate.

Owns what a body's coding may be. Never yields more than the limit, whatever the input expands to.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from declarant_collector._rules import Violation, violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_collector._rules import Policy

__all__ = ["decompress"]

_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 16_384
"""Bytes that are unpacked at once: what stands behind a member is copied with each."""
_RAW, _ZLIB, _GZIP = -zlib.MAX_WBITS, zlib.MAX_WBITS, 16 + zlib.MAX_WBITS


def decompress(
    body: bytes, coding: str, *, max_bytes: int, policy: Policy
) -> tuple[bytes, Violation | None]:
    """Return the decoded body, and what was wrong or odd about it.

    Args:
        body: Bytes as received.
        coding: ``identity``, ``gzip`` or ``deflate``, lower case; anything else is refused.
        max_bytes: Upper bound of the decoded length, in bytes.
        policy: Which local rules are on.

    Source:
        onecollector.md 1.4 and A27 to A31.
    """
    if coding in ("identity", ""):
        return body, None
    if coding == "gzip":
        return _inflate(body, _GZIP, max_bytes, flag=None)
    if coding != "deflate":
        message = "expected gzip, deflate (raw) or no coding, got another; change the coding"
        return b"", violation("CODING_UNKNOWN", "Content-Encoding", message)
    if body.startswith(_GZIP_MAGIC):
        message = "expected raw deflate, got gzip; label it gzip"
        flag = violation("GZIP_AS_DEFLATE", "Content-Encoding", message)
        return _inflate(body, _GZIP, max_bytes, flag=flag)
    return _inflate_deflate(body, max_bytes, policy)


def _inflate_deflate(body: bytes, max_bytes: int, policy: Policy) -> tuple[bytes, Violation | None]:
    decoded, problem = _inflate(body, _RAW, max_bytes, flag=None)
    if problem is None or problem.rule.id != "CODING_BROKEN" or not _has_zlib_header(body):
        return decoded, problem
    unwrapped, trouble = _inflate(body, _ZLIB, max_bytes, flag=None)
    if trouble is not None and trouble.rule.id == "CODING_BROKEN":
        return b"", problem
    if not policy.is_on("ZLIB_WRAPPED"):
        return unwrapped, trouble
    message = "expected raw deflate (RFC 1951), got a zlib wrapper; leave header and checksum out"
    return b"", violation("ZLIB_WRAPPED", "Content-Encoding", message)


def _has_zlib_header(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _inflate(
    body: bytes, window_bits: int, max_bytes: int, *, flag: Violation | None
) -> tuple[bytes, Violation | None]:
    parts: list[bytes] = []
    size = 0
    inflater = zlib.decompressobj(window_bits)
    for rest in _pieces(body):
        while rest:
            if inflater.eof:
                if window_bits != _GZIP:
                    return b"", _broken("bytes after the end")
                inflater = zlib.decompressobj(window_bits)
            try:
                # One byte beyond the limit is enough to know that it is broken.
                parts.append(inflater.decompress(rest, max_bytes + 1 - size))
            except zlib.error:
                return b"", _broken("bytes that are not")
            size += len(parts[-1])
            if size > max_bytes:
                message = f"expected at most {max_bytes} bytes after decompression, got more; split"
                return b"", violation("DECODED_TOO_LARGE", "body", message)
            rest = inflater.unused_data
    if not inflater.eof:
        return b"", _broken("a stream cut short" if body else "nothing")
    return b"".join(parts), flag


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]


def _broken(found: str) -> Violation:
    message = f"expected bytes in the named coding, got {found}; compress the body as labelled"
    return violation("CODING_BROKEN", "Content-Encoding", message)
