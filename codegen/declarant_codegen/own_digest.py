"""What a generated text says of itself.

Owns the stamp of a generated module, by which its package knows it while it runs.
"""

from __future__ import annotations

import hashlib

__all__ = ["stamped"]

_DIGITS = 12
"""As many as the header shows of its source's digest: enough against accident, and no seal."""

_BLANK_STAMP = f'stamp="{"0" * _DIGITS}"'


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
