"""The one base of what a generation can fail with, so that the front tells it in one line."""

from __future__ import annotations

__all__ = ["CodegenError"]


class CodegenError(Exception):
    """A generation could not be finished, and nothing was written; the message says why."""
