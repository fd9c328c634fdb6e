"""Scrub vectors: texts beside a scrubber's name, with what is to be kept of each.

Owns their run against the scrubbers that the runtime ships. They are examples that authors wrote,
never anybody's data, so messages show them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from declarant._scrubbing.pipeline import scrubbed
from declarant.scrub import SCRUBBED, SCRUBBERS, scrub
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from declarant_codegen.bounds import Problem

__all__ = ["check_vectors"]

KEYWORD = "x-scrub-vectors"
_NEEDED = frozenset(("x-scrub", "maxLength", KEYWORD))


def check_vectors(
    schema: Mapping[str, Any],
    broken: frozenset[str] = frozenset(),
    roots: tuple[str, ...] | None = (),
) -> Iterator[Problem]:
    """Yield a finding if scrubbed text has no vectors, and for each that comes out otherwise.

    Vectors of which nothing is removed show nothing of a scrubber: they count as none.

    Args:
        schema: A resolved schema of scrubbed text, without keywords that the dialect found wrong.
        broken: Those keywords.
        roots: Roots of the product's packages; None if they are unknown, and with them what is
            to come out.
    """
    name, longest = schema.get("x-scrub"), schema.get("maxLength")
    if KEYWORD not in schema and KEYWORD not in broken:
        scrubber = "the scrubber" if name is None else f"the scrubber {quote(name)}"
        found = f"expected {quote(KEYWORD)} beside {scrubber}, found none"
        mend = 'add texts as they occur ("text"), with what is kept of each ("kept")'
        yield "SCRUB_VECTORS_MISSING", "x-scrub", f"{found}; {mend}"
    if not broken.isdisjoint(_NEEDED) or name is None or longest is None or roots is None:
        return
    if longest < len(SCRUBBED):
        return  # which is told under another rule
    vectors = schema.get(KEYWORD, ())
    if vectors and not any(_removes(name, vector["text"], roots) for vector in vectors):
        found = f"expected a text of which {quote(name)} removes something, found none"
        mend = "add one that holds what must not be kept, such as a mail address or a path"
        yield "SCRUB_VECTORS_MISSING", KEYWORD, f"{found}; {mend}"
    for index, vector in enumerate(vectors):
        kept = _kept(name, vector["text"], longest, roots)
        if kept != vector["kept"]:
            expected = f"expected {quote(name)} to keep {_shown(vector['kept'])}"
            found = f"{expected} of {_shown(vector['text'])}, found {_shown(kept)}"
            mend = 'correct "kept" if that tells nothing of anybody, else name another scrubber'
            yield "SCRUB_VECTOR_FAILED", f"{KEYWORD}/{index}", f"{found}; {mend}"


def _removes(name: str, text: str, roots: tuple[str, ...]) -> bool:
    """Tell whether a scrubber takes something out of a text, and be there room for all of it."""
    return _kept(name, text, len(text) + len(SCRUBBED), roots) != text


def _kept(name: str, text: str, longest: int, roots: tuple[str, ...]) -> str:
    """Return what a scrubber keeps on any machine: the names of this one are no part of it."""
    if name not in SCRUBBERS:
        return scrub(name, text, longest, roots)
    return scrubbed(name, text, longest, roots, ())


def _shown(text: str) -> str:
    """Return a whole text in printable ASCII, so that it can be copied into a schema."""
    return json.dumps(text).replace("\x7f", "\\u007f")
