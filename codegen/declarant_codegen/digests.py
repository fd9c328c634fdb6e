"""The digest by which a text file is known, in manifests, seals and headers."""

from __future__ import annotations

import hashlib

__all__ = ["text_digest"]


def text_digest(raw: bytes) -> str:
    """Return the SHA-256 (hex) of a text file, the same for either kind of line ending."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()
