"""Types of parsed JSON, told so that a strict type checker knows what is inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

__all__ = ["is_array", "is_object"]


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether *value* is a JSON object; ``json`` makes every name a text."""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[list[object]]:
    """Tell whether *value* is a JSON array."""
    return isinstance(value, list)
