"""Tests for the containers that `json` makes; they tell strict type checkers what is inside."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether *value* is a dict; one that `json` made has strings for keys."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Tell whether *value* is a list or a tuple."""
    return isinstance(value, (list, tuple))
