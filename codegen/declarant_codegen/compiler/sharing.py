"""Pieces of code that many modules hold alike, each made once.

Owns the question whether a piece can be taken again. A catalogue declares the same few kinds of
value over and over, and what is emitted for each follows from its schema and its name alone, but
for the names that a module's constants have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from declarant_codegen.compiler.constants import Constants
from declarant_codegen.compiler.json_values import is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable

__all__ = ["Pieces", "shape_of"]

Made = TypeVar("Made")

_MOST = 20_000
"""Pieces kept at once; some 2,000 bytes each."""


def shape_of(schema: object, words: Container[str]) -> str | None:
    """Return all that a schema asks of a value, as a key.

    None if it may refer to other schemas, or is no object of the kind that ``json`` reads.

    Args:
        schema: A JSON Schema.
        words: Keywords that ask nothing; those of ours (``x-``) ask nothing either.
    """
    kind = type(schema)
    if kind is not dict or not is_object(schema):
        return None
    asked = {
        keyword: value
        for keyword, value in schema.items()
        if keyword not in words and not keyword.startswith("x-")
    }
    try:
        # Unlike JSON text, and unlike ==, this tells 1 from 1.0 and from true, and lists from what
        # only looks like one.
        shape = repr(asked)
    except RecursionError:
        return None
    return None if "'$" in shape else shape


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece(Generic[Made]):
    """What was made, the constants that it asked for, their names in it, and its imports."""

    made: Made
    asked: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    imports: tuple[str, ...]


class Pieces(Generic[Made]):
    """Pieces of one kind, by what they are made from."""

    def __init__(self) -> None:
        self._first: dict[Hashable, _Piece[Made]] = {}
        self._renamed: dict[tuple[Hashable, tuple[str, ...]], Made] = {}

    def __len__(self) -> int:
        return len(self._first) + len(self._renamed)

    def take(self, key: Hashable, constants: Constants, make: Callable[[Constants], Made]) -> Made:
        """Return the piece for *key* as it stands in the module that has *constants*.

        Args:
            key: All that the piece follows from.
            constants: The module's; they hold afterwards what the piece needs.
            make: Makes the piece, and asks for the same constants whatever their names are.
        """
        piece = self._first.get(key)
        if piece is None:
            piece = self._make(key, make)
        names = tuple(constants.name(hint, text) for hint, text in piece.asked)
        constants.use_all(piece.imports)
        if names == piece.names:
            return piece.made
        # The module had one of the texts under another name already.
        renamed = self._renamed.get((key, names))
        if renamed is None:
            texts = (text for _, text in piece.asked)
            renamed = make(Constants.named(dict(zip(texts, names, strict=True))))
            self._renamed[key, names] = renamed
        return renamed

    def _make(self, key: Hashable, make: Callable[[Constants], Made]) -> _Piece[Made]:
        fresh = Constants()
        made = make(fresh)
        asked = fresh.asked
        piece = _Piece(
            made=made,
            asked=asked,
            names=tuple(fresh.name(hint, text) for hint, text in asked),
            imports=fresh.imports,
        )
        if len(self) >= _MOST:
            self._first.clear()
            self._renamed.clear()
        self._first[key] = piece
        return piece
