"""Python's cycle collector, kept away from short runs.

Owns one switch: a command that reads a catalogue, answers and ends frees nothing before its end.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["without_cycle_collector"]


@contextmanager
def without_cycle_collector() -> Generator[None]:
    """Keep the cycle collector away; saves such a run a fifth of its time. Decorates, too."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
