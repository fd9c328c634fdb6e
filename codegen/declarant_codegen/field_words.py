"""The words of a field's name, in whatever spelling.

Owns how a name is split: ``api_key``, ``apiKey`` and ``API_KEY2`` hold the words ``api`` and
``key``, and ``skip`` is one word, in which ``ip`` does not stand.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["LONGEST_RUN", "name_words", "word_runs"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

LONGEST_RUN = 4
"""Words of a name that are read as one: ``api_key`` is found in ``apiKey`` and ``apikey``."""


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, in lower case; digits are words of their own."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=4096)
def word_runs(name: str) -> frozenset[str]:
    """Return every run of up to `LONGEST_RUN` neighbouring words, joined."""
    words = name_words(name)
    return frozenset(
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + LONGEST_RUN, len(words)) + 1)
    )
