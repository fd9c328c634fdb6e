"""What a generated text says of itself, so that it can be judged without the manifest.

Owns the digest in its header (of the text without the digest, line endings folded), the stamp of a
generated module, and the signs that a merge leaves behind. The manifest's own digest is its own.
"""

from __future__ import annotations

import hashlib

__all__ = ["BLANK_DIGEST", "has_merge_signs", "is_whole", "stamped", "with_own_digest"]

_DIGITS = 12
"""As many as the header shows of its source's digest: enough against accident, and no seal."""

_MARK = "text: sha256:"
_ZEROS = "0" * _DIGITS

BLANK_DIGEST = f"{_MARK}{_ZEROS}"
"""Stands in a header until `with_own_digest` fills it in."""

_BLANK_STAMP = f'stamp="{_ZEROS}"'

_HEADER_WITHIN = 400
"""Characters from a text's start in which its header ends, though a merge kept it twice."""

_ONCE = (_MARK.encode(), b'\n  "sha256": "')
"""Digests of a text itself, the manifest's included; a union of two sides keeps both."""

_CONFLICT = (b"\n<<<<<<< ", b"\n||||||| ", b"\n=======\n", b"\n>>>>>>> ")


def with_own_digest(text: str) -> bytes:
    """Return a generated text as bytes, the digest in its header filled in.

    Raises:
        ValueError: Its header has no place for one.
    """
    before, found, after = text.partition(BLANK_DIGEST)
    if not found:
        raise ValueError("expected a header with a blank digest, found none")
    return f"{before}{_MARK}{_digest(f'{before}{_MARK}{after}'.encode())}{after}".encode()


def is_whole(raw: bytes) -> bool:
    """Tell whether a text is as some generation wrote it, by the digest in its header."""
    before, mark, after = raw.replace(b"\r\n", b"\n").partition(_MARK.encode())
    digest, rest = after[:_DIGITS], after[_DIGITS:]
    return bool(mark) and _digest(before + mark + rest).encode() == digest


def has_merge_signs(raw: bytes) -> bool:
    """Tell whether a text holds a conflict's marks, or both sides' headers.

    Some texts of users could hold such a line: ask this only of a text that is not as expected.
    """
    text = b"\n" + raw.replace(b"\r\n", b"\n")
    is_twice = any(text.count(mark, 0, _HEADER_WITHIN) > 1 for mark in _ONCE)
    return is_twice or any(mark in text for mark in _CONFLICT)


def stamped(text: str) -> tuple[str, str]:
    """Fill in a module's stamp, by which its package knows it while it runs.

    Returns:
        The module's text, and the stamp: the digest of the text without it.

    Raises:
        ValueError: It has no place for one.
    """
    # The last one: what a schema says of its event stands before it.
    before, found, after = text.rpartition(_BLANK_STAMP)
    if not found:
        raise ValueError("expected a module with a blank stamp, found none")
    stamp = _digest(f"{before}{after}".encode())
    return f'{before}stamp="{stamp}"{after}', stamp


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:_DIGITS]
