"""What a parsed JSON value is, in terms that type checkers follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a parsed value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a parsed value is a JSON array."""
    return isinstance(value, list)


def is_same(one: object, other: object) -> bool:
    """Return whether two parsed values are written alike; a False may be for the order of keys.

    Python calls ``true`` and ``1`` equal, and ``1`` and ``1.0``; JSON text does not.
    """
    return one == other and repr(one) == repr(other)
