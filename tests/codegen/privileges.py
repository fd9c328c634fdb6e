"""What root may and others may not, on Unix."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
"""A user who owns nothing."""


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Give up what root may: the kernel asks no permission of root."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
