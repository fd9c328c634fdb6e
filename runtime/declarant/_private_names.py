"""Names of code that are private: a key of a known form, or this machine's user or name.

Owns which names of classes and functions may not be told although they have the form of names. A
program can call its classes anything at run time, after what it was given.
"""

from __future__ import annotations

from declarant._late import importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["without_private"]

#: No key of a known form is shorter, and none has no digit in it; so most names cost one look.
_MIN_TOKEN = 14
#: The same of a user's or machine's name without its joints.
_MIN_HERE = 3
#: Characters of a name that are parted into words; a longer one was not written by anybody.
_MAX_NAME = 512


def without_private(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the dotted names that hold nothing private."""
    return tuple(name for name in names if not (_is_named_here(name) or _has_token(name)))


def _is_named_here(name: str) -> bool:
    """Tell whether a name of this user or machine stands in one of code as a word or as several.

    `load_wilhelmina_model` and `JoDoeError` hold those of wilhelmina and of jo.doe; `annotate` does
    not hold that of anna.
    """
    # Loaded at the first error: neither of the two loads a pattern by itself.
    with importing:
        from declarant._scrubbing.machine import names_here

    bare = {"".join(filter(str.isalnum, here.casefold())) for here in names_here()}
    folded = "".join(filter(str.isalnum, name.casefold()))
    wanted = {here for here in bare if len(here) >= _MIN_HERE and here in folded}
    if not wanted:
        return False
    if len(name) > _MAX_NAME:
        return True
    words = [word.casefold() for word in _words_of(name)]
    longest = max(map(len, wanted))
    return any(run in wanted for run in _runs_of(words, longest))


def _words_of(name: str) -> Iterator[str]:
    """Yield the words of a name of code, parted by case, digits and all that is neither.

    Of capitals before a small letter the last begins the next word: HTTP and Error.
    """
    start = 0
    for at in range(1, len(name) + 1):
        if at == len(name) or _is_joint(name, at):
            yield "".join(filter(str.isalnum, name[start:at]))
            start = at


def _is_joint(name: str, at: int) -> bool:
    before, after = name[at - 1], name[at]
    if not (before.isalpha() and after.isalpha()):
        return not (before.isdigit() and after.isdigit())
    if after.isupper():
        return not before.isupper() or name[at + 1 : at + 2].islower()
    return False


def _runs_of(words: list[str], longest: int) -> Iterator[str]:
    """Yield each word, and those that follow each other as one, up to a length."""
    for first in range(len(words)):
        run = ""
        for word in words[first:]:
            run += word
            if len(run) > longest:
                break
            yield run


def _has_token(name: str) -> bool:
    return any(map(_is_token, name.split(".")))


def _is_token(part: str) -> bool:
    if len(part) < _MIN_TOKEN or not any(map(str.isdigit, part)):
        return False
    with importing:
        from declarant._scrubbing.tokens import has_token

    return has_token(part)
