"""Texts of a fixed form that could be a path.

Owns what is asked about them. A form proves how a text looks, not what it names: "a/b" is a public
model's name and a file in a folder alike, so only the program that fills it can keep paths out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from declarant_codegen.acceptance import accepts
from declarant_codegen.compiler.pattern_tree import PatternSyntaxError, parse_pattern
from declarant_codegen.field_words import word_runs
from declarant_codegen.privacy_diff.automata import NEVER, Lengths, TooLargeError, find_outside
from declarant_codegen.words import listing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from declarant_codegen.field_rows import FieldRow
    from declarant_codegen.never_lines import NeverLine

__all__ = ["path_question", "path_sample"]

_PATH = parse_pattern(r"[A-Za-z0-9_][\\/][A-Za-z0-9_]|^[\\/][A-Za-z0-9_]")[0]
"""Two words with a slash or a backslash between them, or a word after one that begins the text."""

_PATH_WORDS = frozenset({"path", "file", "filename", "folder", "directory", "dir"})
_TELLING = ("Downloads/scan.pt", "a/b", "a\\b")
_UNDECIDED = ""


def path_question(row: FieldRow, never: tuple[NeverLine, ...]) -> str | None:
    """Return what a reviewer is asked about one value; None if it cannot hold a path.

    Args:
        row: The value.
        never: What users are promised.
    """
    sample = None if row.single is None else path_sample(row.single)
    if sample is None:
        return None
    such = f"text such as {json.dumps(sample)}" if sample else "slashes or backslashes"
    promised = [json.dumps(line.line) for line in never if _is_about_paths(line)]
    but = f" (users are promised, never: {listing(promised, last='and')})" if promised else ""
    return (
        f"{row.place} can hold {such}, which could be a relative path{but}: what keeps the program "
        "from sending one?"
    )


def path_sample(schema: Mapping[str, Any]) -> str | None:
    """Return a text that a patterned schema takes and that could be a path.

    Returns:
        None if there is none, or no pattern; an empty text if it could not be decided.
    """
    if "pattern" not in schema or "enum" in schema or "const" in schema:
        return None
    for text in _TELLING:
        if accepts({**schema, "type": "string"}, text):
            return text
    lengths = Lengths(schema.get("minLength", 0), schema.get("maxLength"))
    try:
        tree = parse_pattern(schema["pattern"])[0]
        return find_outside((tree, _PATH), lengths, NEVER)
    except (TooLargeError, PatternSyntaxError):
        return _UNDECIDED


def _is_about_paths(line: NeverLine) -> bool:
    return any(_PATH_WORDS & word_runs(name) for name in line.names)
