"""The names that generated code uses; nothing else of this package is promised to it."""

from __future__ import annotations

from declarant._catalogue import (
    UNSET,
    Catalogue,
    EventType,
    ExtField,
    Unset,
    load_catalogue,
)
from declarant._ext import SOURCES
from declarant._from_exception import UNKNOWN_FUNCTIONS, UNKNOWN_TYPES, FromException
from declarant._json_types import JsonSequence
from declarant._settings import release_key
from declarant._text import text
from declarant._violations import (
    INFINITY,
    JsonArray,
    JsonObject,
    Violation,
    has_text_keys,
    is_date,
    is_date_time,
    is_integer,
    is_json,
    is_multiple,
    is_number,
    is_time,
    is_unique,
    is_uuid,
    json_equal,
    matches,
    type_word,
    undeclared,
)
from declarant.scrub import scrub

__all__ = [
    "INFINITY",
    "SOURCES",
    "UNKNOWN_FUNCTIONS",
    "UNKNOWN_TYPES",
    "UNSET",
    "Catalogue",
    "EventType",
    "ExtField",
    "FromException",
    "JsonArray",
    "JsonObject",
    "JsonSequence",
    "Unset",
    "Violation",
    "has_text_keys",
    "is_date",
    "is_date_time",
    "is_integer",
    "is_json",
    "is_multiple",
    "is_number",
    "is_time",
    "is_unique",
    "is_uuid",
    "json_equal",
    "load_catalogue",
    "matches",
    "release_key",
    "scrub",
    "text",
    "type_word",
    "undeclared",
]
