"""Privacy classes and their order."""

from __future__ import annotations

from typing import Literal

__all__ = ["DEFAULT_CEILING", "SENSITIVITIES", "Sensitivity"]

Sensitivity = Literal["low", "middle", "identifier", "free_text"]
"""A field's privacy class, from the least to the most sensitive."""

SENSITIVITIES: tuple[Sensitivity, ...] = ("low", "middle", "identifier", "free_text")
"""Every class in rising order, so that an index compares two of them."""

DEFAULT_CEILING: Sensitivity = "identifier"
"""Highest class that may ride along with an identifier that the catalogue's rule does not name."""
