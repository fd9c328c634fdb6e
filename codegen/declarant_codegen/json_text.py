"""JSON text of generated files: stable, ASCII, and laid out for reading and for diffs.

Owns the layout: a value stands on one line if it fits, otherwise one member a line.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["json_text"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_WIDTH = 100


def json_text(value: Any, *, width: int = _WIDTH, plain: bool = False) -> str:
    """Return *value* as JSON with a final line break; keys keep their order.

    Args:
        value: Anything that JSON can hold.
        width: Columns up to which a member stays on one line.
        plain: Leave letters beyond ASCII as they are, in a file that people edit.
    """
    return _text(value, "", width, encode_basestring if plain else encode_basestring_ascii) + "\n"


def _text(value: Json, indent: str, width: int, string: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return string(value)
    if not isinstance(value, (dict, list)):
        return json.dumps(value)
    inner = indent + "  "
    if isinstance(value, dict):
        opening, closing = "{", "}"
        members = [
            f"{string(key)}: {_text(item, inner, width, string)}" for key, item in value.items()
        ]
    else:
        opening, closing = "[", "]"
        members = [_text(item, inner, width, string) for item in value]
    flat = f"{opening}{', '.join(members)}{closing}"
    # Text has no line break of its own, so one in *flat* tells that a member did not fit.
    if not members or (len(flat) + len(indent) <= width and "\n" not in flat):
        return flat
    lines = f",\n{inner}".join(members)
    return f"{opening}\n{inner}{lines}\n{indent}{closing}"
