"""Schema text as Python source: the one door between what an author wrote and generated code.

Owns every escape. Whatever a function here returns is `Code`, and nothing but `Code` reaches a
template's output, so no name, description, pattern or value can run or break anything.
"""

from __future__ import annotations

import keyword
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.compiler.constants import literal as json_literal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Code", "comment", "docstring", "fstring", "identifier", "literal", "wrap"]

LINE_LENGTH = 88
"""Columns of a generated line: the formatter's own default, so that it is told nothing."""

# Categories that a reader cannot see, or that reorder or break what they see: controls, formats
# (bidirectional ones among them), surrogates, private and unassigned code points, line separators.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


class Code(str):
    """Finished Python source; made in this module and by the keyword compiler only."""

    __slots__ = ()


def literal(value: object) -> Code:
    """Write a JSON value as a Python literal in ASCII."""
    return Code(json_literal(value))


@lru_cache(maxsize=16384)
def identifier(name: str) -> Code:
    """Return *name* as an identifier.

    Raises:
        ValueError: It is none. The rules refuse such names long before.
    """
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
        raise ValueError(f"expected a Python identifier, found {name!a}")
    return Code(name)


def comment(text: str) -> Code:
    """Write *text* as the rest of a comment line: printable ASCII, one line."""
    return Code(text if text.isascii() and text.isprintable() else ascii(text)[1:-1])


def fstring(text: str) -> Code:
    """Write constant *text* for the inside of an f-string in single quotes."""
    escaped = ascii(text)[1:-1]
    if "'" in text and '"' not in text:
        # ascii() chose double quotes and left the single ones bare.
        escaped = escaped.replace("'", "\\'")
    return Code(escaped.replace("{", "{{").replace("}", "}}"))


def docstring(paragraphs: Iterable[Iterable[str]]) -> tuple[Code, ...]:
    """Lay finished docstring lines out for a template, which puts the quotes around them.

    Args:
        paragraphs: Lines that `wrap` made, in groups that an empty line separates.
    """
    lines: list[Code] = []
    for paragraph in paragraphs:
        if lines:
            lines.append(Code(""))
        lines += [Code(line) for line in paragraph]
    if lines and lines[0].startswith('"'):
        lines[0] = Code("\\" + lines[0])
    if lines and _ends_with_bare_quote(lines[-1]):
        lines[-1] = Code(lines[-1][:-1] + '\\"')
    return tuple(lines)


def _ends_with_bare_quote(line: str) -> bool:
    before = line.removesuffix('"')
    backslashes = len(before) - len(before.rstrip("\\"))
    return before != line and backslashes % 2 == 0


def wrap(text: str, *, indent: int, first: str = "", hang: str = "") -> tuple[str, ...]:
    """Break free text into docstring lines, escaped; white space counts as one space.

    Args:
        text: Text of any kind.
        indent: Columns that the docstring itself is indented by.
        first: Finished text before the first line.
        hang: Finished text before all other lines.
    """
    width = LINE_LENGTH - indent
    lines: list[str] = []
    line = first
    is_empty = True
    for word in _escaped_words(text):
        if not is_empty and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, is_empty = hang, True
        line += word if is_empty else f" {word}"
        is_empty = False
    return (*lines, line.rstrip())


def _escaped_words(text: str) -> Iterable[str]:
    words = text.split()
    # Most texts need no look at each word.
    if text.isascii() and "\\" not in text and '""' not in text and text.isprintable():
        return words
    return map(_escaped_word, words)


def _escaped_word(word: str) -> str:
    if word.isascii() and word.isprintable() and "\\" not in word and '""' not in word:
        return word
    escaped = "".join(map(_escaped_letter, word))
    return escaped.replace('""', '\\"\\"')


def _escaped_letter(letter: str) -> str:
    if letter == "\\":
        return "\\\\"
    if unicodedata.category(letter) not in _UNSEEN:
        return letter
    point = ord(letter)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
