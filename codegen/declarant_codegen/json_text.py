"""JSON text of generated files: stable, ASCII, and laid out for reading and for diffs.

Owns the layout: a value stands on one line if it fits, otherwise one member a line.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["json_text"]

_WIDTH = 100


def json_text(value: Any) -> str:
    """Return *value* as JSON with a final line break; keys keep their order."""
    return _text(value, "") + "\n"


def _text(value: Any, indent: str) -> str:
    flat = json.dumps(value)
    if not isinstance(value, (dict, list)) or not value or len(flat) + len(indent) <= _WIDTH:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        members = [f"{json.dumps(key)}: {_text(item, inner)}" for key, item in value.items()]
        opening, closing = "{", "}"
    else:
        members = [_text(item, inner) for item in value]
        opening, closing = "[", "]"
    lines = f",\n{inner}".join(members)
    return f"{opening}\n{inner}{lines}\n{indent}{closing}"
