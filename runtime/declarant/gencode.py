"""The names that generated code uses; nothing else of this package is promised to it."""

from __future__ import annotations

from declarant._catalogue import UNSET, Catalogue, EventType, ExtField, Unset
from declarant._ext import SOURCES
from declarant._text import text
from declarant._violations import Violation
from declarant.scrub import scrub

__all__ = [
    "SOURCES",
    "UNSET",
    "Catalogue",
    "EventType",
    "ExtField",
    "Unset",
    "Violation",
    "scrub",
    "text",
]
