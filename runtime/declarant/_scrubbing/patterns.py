"""Patterns that are compiled when a text first needs them.

Compiling all of them takes longer than scrubbing a thousand messages, and most messages need few.
Every pattern is linear: it begins with a literal, or looks behind so that it starts once for each
run of its characters; nothing that is repeated holds a repetition.
"""

from __future__ import annotations

import re

__all__ = ["BLANK", "Lazy"]

#: A class of the blanks that may stand on a line: also those that do not break, thin and wide ones.
BLANK = r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]"


class Lazy:
    """A pattern; called, it is compiled.

    Attributes:
        source: The pattern's text.
        flags: Flags of `re`.
    """

    __slots__ = ("_compiled", "flags", "source")

    def __init__(self, source: str, flags: int = 0) -> None:
        """Note a pattern."""
        self.source = source
        self.flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __call__(self) -> re.Pattern[str]:
        """Return the compiled pattern."""
        if self._compiled is None:
            self._compiled = re.compile(self.source, self.flags)
        return self._compiled
