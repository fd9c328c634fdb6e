r"""Schema text as Markdown: prose, code spans and table rows that show a text and do nothing else.

Owns the escapes of CommonMark and of GitHub's additions to it (tables, bare links, mentions, math).
White space counts as one space. What cannot be seen is shown as an escape, such as ``\u202e``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.python_text import Code
from declarant_codegen.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["code_span", "displayed", "markdown", "paragraph", "table_row", "value_span"]

_PLAIN = re.compile(r"[A-Za-z0-9 ,.;'\"()?%/=+-]*")
# What a bare link or an emoji would begin with.
_LINK = re.compile(r":(?=[\w/])|(?<=www)[.]", re.IGNORECASE)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_ESCAPES = str.maketrans({**{mark: f"\\{mark}" for mark in "\\`*_{}[]#~$@!"}, **_ENTITIES})
_BLOCK_START = re.compile(r"([0-9]{1,9})([.)])|([-+=])")
_BACKTICKS = re.compile(r"`+")


def displayed(text: str) -> str:
    """Return *text* as a reader of the rendered page sees it."""
    return shown(" ".join(text.split()))


def markdown(text: str) -> Code:
    """Write *text* for the inside of a paragraph, a heading or a table's cell."""
    if text.isascii() and _PLAIN.fullmatch(text) and "  " not in text and "www." not in text:
        return Code(text.strip())
    escaped = displayed(text).translate(_ESCAPES)
    return Code(_LINK.sub(lambda found: f"\\{found[0]}", escaped))


def paragraph(text: str) -> Code:
    """Write *text* for the start of a paragraph or of a list's item."""
    inline = markdown(text)
    found = _BLOCK_START.match(inline)
    if found is None:
        return inline
    mark = found.start(2) if found[2] else 0
    return Code(f"{inline[:mark]}\\{inline[mark:]}")


@lru_cache(maxsize=4096)
def code_span(text: str) -> Code:
    """Write *text* as a code span; in a table it must pass `table_row`."""
    inside = displayed(text)
    if not inside:
        return Code("")
    if "`" not in inside:
        return Code(f"`{inside}`")
    fence = "`" * (max(map(len, _BACKTICKS.findall(inside))) + 1)
    return Code(f"{fence} {inside} {fence}")


@lru_cache(maxsize=4096)
def value_span(text: str) -> Code:
    """Write what a value can be; patterns read better as code."""
    plain = markdown(text)
    return plain if "\\" not in plain and "&" not in plain else code_span(text)


def table_row(cells: Iterable[Code]) -> Code:
    """Join finished cells into one row of a table."""
    # Prose has no bar of its own any more; in code spans a table takes a backslash off each.
    inside = " | ".join(cell.replace("|", "\\|") for cell in cells)
    return Code(f"| {inside} |")
