"""The order in which text is scrubbed, the bound on that work, and its end.

What comes earlier may be part of what comes later: a token of a URL, a user of a path. The whole is
repeated until it changes nothing, so that what a path leaves is scrubbed as well.
"""

from __future__ import annotations

from declarant._scrubbing.addresses import without_addresses
from declarant._scrubbing.credentials import without_credentials
from declarant._scrubbing.directories import without_directory_names
from declarant._scrubbing.kept_path import decoded, is_package_relative, kept_of_path, names_of
from declarant._scrubbing.machine import names_here, pattern_of
from declarant._scrubbing.marks import MARK, capped, marked, shown
from declarant._scrubbing.numbers import without_numbers
from declarant._scrubbing.paths import without_paths
from declarant._scrubbing.people import without_names
from declarant._scrubbing.plain import plain
from declarant._scrubbing.report_values import without_report_values
from declarant._scrubbing.tokens import without_random_words, without_tokens
from declarant._scrubbing.urls import without_urls
from declarant.scrub import SCRUBBED

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["MAX_INPUT", "MAX_TAIL", "scrubbed", "scrubbed_path", "unbounded"]

#: Characters of a text that are looked at: the first of a message, the last of a path.
MAX_INPUT = 8_192
#: Characters that are dropped from the end of a longer message once it is scrubbed: the bound may
#: have cut something there that could not be told any more. What is told by its beginning (a path,
#: a block, a value in quotes) is removed up to the bound; nothing else is as long as this.
MAX_TAIL = 2_048
#: Paths that are remembered, and the longest of them in characters: about a megabyte in all.
_MAX_PATHS = 512
_MAX_PATH = 512
#: Rounds after which a text that still changes is dropped.
_MAX_ROUNDS = 8

_BEFORE_PATHS = (
    without_tokens,
    without_urls,
    without_report_values,
    without_credentials,
    without_directory_names,
    without_numbers,
    without_addresses,
)


_paths: dict[tuple[str, int, tuple[str, ...]], str] = {}


def scrubbed_path(path: str, max_length: int, roots: tuple[str, ...]) -> str:
    """Return what may be kept of a path, as `scrubbed`, and remember it.

    The calls of a traceback lie in few files, the same ones in the next traceback.
    """
    if len(path) > _MAX_PATH or type(path) is not str:
        return scrubbed("path", path, max_length, roots)
    key = (path, max_length, roots)
    found = _paths.get(key)
    if found is None:
        found = scrubbed("path", path, max_length, roots)
        if len(_paths) >= _MAX_PATHS:
            _paths.clear()
        _paths[key] = found
    return found


def scrubbed(
    scrubber: str,
    text: str,
    max_length: int,
    roots: tuple[str, ...],
    names: tuple[str, ...] | None = None,
) -> str:
    """Return what may be kept of a text, at most *max_length* characters.

    Args:
        scrubber: "message" or "path".
        text: Any text.
        max_length: Longest result, in code points.
        roots: Roots of packages.
        names: Names that no text may hold; those of this machine and its user if None.
    """
    is_path = scrubber == "path"
    result = unbounded(scrubber, _bounded(text, is_path=is_path), roots, names)
    if len(text) > MAX_INPUT and not is_path:
        result = result if len(result) > MAX_TAIL else SCRUBBED
        max_length = min(max_length, max(len(result) - MAX_TAIL, len(SCRUBBED)))
    for _ in range(_MAX_ROUNDS):
        if len(result) <= max_length:
            return result
        # Cut text is other text, and may hold what the whole did not.
        result = unbounded(scrubber, capped(result, max_length), roots, names)
    return capped(SCRUBBED, max_length)


def unbounded(
    scrubber: str, text: str, roots: tuple[str, ...], names: tuple[str, ...] | None = None
) -> str:
    """Return what may be kept of a text, however long it is."""
    is_path = scrubber == "path"
    pattern = _here() if names is None else pattern_of(names)
    text = plain(text)
    text = _kept(text, roots) if is_path else text
    for _ in range(_MAX_ROUNDS):
        result = shown(_one_round(marked(plain(text)), None if is_path else roots, pattern))
        result = _kept(result, roots) if is_path else result
        if result == text:
            return result
        text = result
    return SCRUBBED


def _bounded(text: str, *, is_path: bool) -> str:
    if len(text) <= MAX_INPUT:
        return text
    if not is_path:
        return text[:MAX_INPUT]
    # Of the first name in it a part may be missing.
    end = text[-MAX_INPUT:]
    begins = [at for at in (end.find("/"), end.find("\\")) if at != -1]
    return end[min(begins) :] if begins else SCRUBBED


def _one_round(text: str, roots: tuple[str, ...] | None, names: re.Pattern[str] | None) -> str:
    """Return what one round of all steps leaves of a marked text; without roots it is a path."""
    for step in _BEFORE_PATHS:
        text = step(text)
    text = text if roots is None else without_paths(text, roots)
    text = without_random_words(without_names(text))
    return text if names is None else names.sub(MARK, text)


def _kept(text: str, roots: tuple[str, ...]) -> str:
    """Return what may be kept of a text that is a path as a whole."""
    path = decoded(text[5:] if text[:5].lower() == "file:" else text)
    if "/" not in path and "\\" not in path:
        return path
    parts = names_of(path)
    kept = kept_of_path(path, roots)
    is_relative = path[0] not in "/\\~" and "\\" not in path and len(parts) > 1
    is_kept = is_relative and "/" not in kept and is_package_relative(parts)
    return path if is_kept else shown(kept)


_known: list[re.Pattern[str] | None] = []


def _here() -> re.Pattern[str] | None:
    if not _known:
        _known.append(pattern_of(names_here()))
    return _known[0]
