"""Names of code that are private: a key of a known form, or this machine's user or name.

Owns which names of classes and functions may not be told although they have the form of names. A
program can call its classes anything at run time, after what it was given.
"""

from __future__ import annotations

from declarant._late import importing

__all__ = ["without_private"]

#: No key of a known form is shorter, and none has no digit in it; so most names cost one look.
_MIN_TOKEN = 14


def without_private(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the dotted names no part of which is private."""
    return tuple(name for name in names if not any(map(_is_private, name.split("."))))


def _is_private(part: str) -> bool:
    # Loaded at the first error: neither of the two loads a pattern by itself.
    with importing:
        from declarant._scrubbing.machine import is_named_here

    if is_named_here(part):
        return True
    if len(part) < _MIN_TOKEN or not any(map(str.isdigit, part)):
        return False
    with importing:
        from declarant._scrubbing.tokens import has_token

    return has_token(part)
