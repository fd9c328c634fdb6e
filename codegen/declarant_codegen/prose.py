r"""Whether a pattern takes prose: sentences, mail addresses, paths, web addresses.

Owns the shapes in which personal text leaks, and the proof that no text of a pattern has one. The
pattern's tree is walked once with the set of places that a shape may have reached, which is exact
at every length and costs no search: what a part does to a set of places is the union of what it
does to each.

A position is *free* if it takes more different letters than hexadecimal digits have; only free
letters make the words of a shape, so what is written out (``^not found$``, ``^(?:read|write)$``) is
a choice and no prose. Names joined by anything but white space, ``%``, ``@``, ``/`` and ``\`` are
text of a fixed form, and so are two names joined by one ``/``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.compiler.character_sets import CLASSES, merge
from declarant_codegen.compiler.pattern_tree import (
    Chars,
    Choice,
    Edge,
    Repeat,
    Sequence,
    parse_pattern,
)
from declarant_codegen.patterns import check_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant_codegen.compiler.character_sets import Ranges
    from declarant_codegen.compiler.pattern_tree import Part

__all__ = [
    "ANY_TEXT",
    "MAIL",
    "PATHS",
    "SENTENCES",
    "WEB",
    "has_free_letter",
    "prose_in",
    "prose_of",
]

ANY_TEXT, SENTENCES, MAIL, PATHS, WEB = (
    "text of any form",
    "sentences",
    "mail addresses",
    "paths",
    "web addresses",
)

MOST_FIXED_LETTERS = 6
"""Different letters, in either case, of a position that is not free: hexadecimal digits have six.
Letters beyond ASCII count one each."""

# What one character can be to a shape.
_FREE, _FIXED, _DIGIT, _SPACE, _AT, _SLASH, _BACKSLASH, _COLON, _MARK, _OTHER, _SPACELESS = (
    1 << bit for bit in range(11)
)
_ANY = (1 << 11) - 1
_LETTER = _FREE | _FIXED
_NAMED = _LETTER | _DIGIT | _MARK | _COLON
_INSIDE = _ANY & ~(_SPACE | _SLASH)

_SIGNS = {
    "@": _AT,
    "/": _SLASH,
    "\\": _BACKSLASH,
    ":": _COLON,
    ".": _MARK,
    "-": _MARK,
    "_": _MARK,
    # Encoded for an address, a space is "%20" and a slash "%2F".
    "%": _SPACE,
}
# Characters beyond ASCII that stand for one of it, as a fullwidth "@", by the sign they stand for.
# Source: the compatibility decompositions of Unicode (NFKC); and slashes that only look like one.
_COMPATIBLE = {
    "@": (0xFE6B, 0xFF20),
    "/": (0x2044, 0x2215, 0xFF0F),
    "\\": (0xFE68, 0xFF3C),
    ":": (0xFE13, 0xFE55, 0xFF1A),
    "%": (0xFE6A, 0xFF05),
}
# Scripts that write sentences without spaces: Thai to Burmese, Khmer, and from the radicals of
# Chinese to its last extension, with the kana between them.
_SPACELESS_SCRIPTS = (
    (0x0E00, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_SIZE_OF_ASCII = 0x80

_Shape = tuple[tuple[int, int], ...]
"""Pairs of what any run of characters may be before the next one, and what that one must be."""

_WORD: _Shape = ((_ANY, _FREE), (0, _FREE))
_SHAPES: tuple[tuple[str, _Shape], ...] = (
    # Two words, and a space somewhere between them. Each has two letters at least, here and below:
    # a text of less than five characters tells nothing about anybody.
    (SENTENCES, (*_WORD, (_ANY, _SPACE), *_WORD)),
    (SENTENCES, ((_ANY, _SPACELESS), *((0, _SPACELESS),) * 4)),
    # jo@ex, where the part before the sign can be chosen.
    (
        MAIL,
        (
            *((_ANY, _FREE | _DIGIT), (0, _FREE | _DIGIT), (_ANY & ~_SPACE, _AT)),
            *((0, _LETTER), (0, _LETTER)),
        ),
    ),
    # ab\cd: a Windows path, or the account that Windows writes like one.
    (PATHS, ((_ANY, _NAMED), (0, _NAMED), (0, _BACKSLASH), (0, _FREE), (0, _FREE))),
    # /ab/cd, of which one name can be chosen: three names, or two below the root.
    (
        PATHS,
        (
            *((_ANY, _SLASH), (0, _LETTER), (0, _LETTER)),
            *((_INSIDE, _SLASH), (0, _FREE), (0, _FREE)),
        ),
    ),
    (
        PATHS,
        (
            *((_ANY, _SLASH), (0, _FREE), (0, _FREE)),
            *((_INSIDE, _SLASH), (0, _LETTER), (0, _LETTER)),
        ),
    ),
    # c:/ab
    (PATHS, ((_ANY, _LETTER), (0, _COLON), (0, _SLASH), (0, _FREE), (0, _FREE))),
    # s://ab
    (
        WEB,
        (
            *((_ANY, _LETTER | _DIGIT), (0, _COLON), (0, _SLASH), (0, _SLASH)),
            *((_INSIDE, _FREE), (0, _FREE)),
        ),
    ),
)


def _states() -> Iterator[tuple[int, int, int]]:
    """Yield each place in a shape, as a bit, with what keeps it and what leads to the next one."""
    bit = 1
    for _, shape in _SHAPES:
        for loop, wanted in shape:
            yield bit, loop, wanted
            bit <<= 1
        yield bit, _ANY, 0
        bit <<= 1


_STATES = tuple(_states())


def _ends() -> tuple[int, dict[int, str]]:
    """Return the bits where shapes begin, and by the bit where one is complete what it is."""
    starts, done, bit = 0, dict[int, str](), 1
    for kind, shape in _SHAPES:
        starts |= bit
        bit <<= len(shape)
        done[bit] = kind
        bit <<= 1
    return starts, done


_STARTS, _DONE = _ends()


@lru_cache(maxsize=4096)
def prose_in(pattern: str) -> tuple[str, ...]:
    """Return which kinds of prose some text of a permitted pattern holds; none of other patterns.

    A pattern that is not anchored on both ends takes `ANY_TEXT`.
    """
    if check_pattern(pattern) is not None:
        return ()
    part = parse_pattern(pattern)[0]
    options = part.options if isinstance(part, Choice) else (part,)
    if not all(map(_is_anchored, options)):
        return (ANY_TEXT,)
    return prose_of(part)


def prose_of(part: Part) -> tuple[str, ...]:
    """Return which kinds of prose some text holds that is a text of *part* from end to end."""
    reached = _after(part, _STARTS)
    return tuple(dict.fromkeys(kind for bit, kind in _DONE.items() if reached & bit))


def has_free_letter(part: Part) -> bool:
    """Return whether a text of *part* has a position with more letters than hexadecimal digits."""
    if isinstance(part, Chars):
        return bool(_signs(part.ranges) & _FREE)
    if isinstance(part, Repeat):
        return has_free_letter(part.part)
    if isinstance(part, Edge):
        return False
    return any(map(has_free_letter, part.parts if isinstance(part, Sequence) else part.options))


def _is_anchored(option: Part) -> bool:
    parts = option.parts if isinstance(option, Sequence) else ()
    return len(parts) > 1 and parts[0] == Edge("^") and parts[-1] == Edge("$")


def _after(part: Part, places: int) -> int:
    """Return the places that a text of *part* leads to from any of *places*.

    An anchor inside is taken to hold everywhere, which can only add texts.
    """
    if isinstance(part, Chars):
        return _step(places, _signs(part.ranges))
    if isinstance(part, Edge):
        return places
    if isinstance(part, Sequence):
        for child in part.parts:
            places = _after(child, places)
        return places
    if isinstance(part, Choice):
        return _after_one_of(part, places)
    return _after_repeat(part, places)


def _after_one_of(choice: Choice, places: int) -> int:
    # An alphabet that is written as alternatives is an alphabet.
    single = [option.ranges for option in choice.options if isinstance(option, Chars)]
    reached = 0
    if single:
        reached = _step(places, _signs(merge([span for ranges in single for span in ranges])))
    for option in choice.options:
        if not isinstance(option, Chars):
            reached |= _after(option, places)
    return reached


def _after_repeat(repeat: Repeat, places: int) -> int:
    for _ in range(repeat.low):
        following = _after(repeat.part, places)
        if following == places:  # soon so: no shape leads back to an earlier place
            break
        places = following
    reached = new = places
    left = repeat.high - repeat.low if repeat.high is not None else -1
    while new and left:
        new = _after(repeat.part, new) & ~reached
        reached |= new
        left -= 1
    return reached


@lru_cache(maxsize=65536)
def _step(places: int, signs: int) -> int:
    """Return the places after one character that can be any of *signs*."""
    reached = 0
    for bit, loop, wanted in _STATES:
        if places & bit:
            if signs & loop:
                reached |= bit
            if signs & wanted:
                reached |= bit << 1
    return reached


@lru_cache(maxsize=4096)
def _signs(ranges: Ranges) -> int:
    """Return what a character of a set can be to a shape."""
    found = _ascii_signs(ranges)
    letters = {chr(point | 0x20) for point in _ascii(ranges) if chr(point).isalpha()}
    beyond = _size_outside(ranges, CLASSES["s"])
    if len(letters) + beyond > MOST_FIXED_LETTERS:
        found |= _FREE
    elif letters or beyond:
        found |= _FIXED
    if sum(_overlap(ranges, script) for script in _SPACELESS_SCRIPTS) > MOST_FIXED_LETTERS:
        found |= _SPACELESS
    if any(_overlap(ranges, space) for space in CLASSES["s"]):
        found |= _SPACE
    if beyond:
        for sign, points in _COMPATIBLE.items():
            if any(_overlap(ranges, (point, point)) for point in points):
                found |= _SIGNS[sign]
    return found


def _ascii_signs(ranges: Ranges) -> int:
    found = 0
    digits = 0
    for point in _ascii(ranges):
        sign = chr(point)
        if sign.isdigit():
            digits += 1
        elif not sign.isalpha() and not _overlap(CLASSES["s"], (point, point)):
            found |= _SIGNS.get(sign, _OTHER)
    return found | ((_DIGIT if digits > 1 else _FIXED) if digits else 0)


def _ascii(ranges: Ranges) -> Iterator[int]:
    for low, high in ranges:
        yield from range(low, min(high + 1, _SIZE_OF_ASCII))


def _size_outside(ranges: Ranges, others: Ranges) -> int:
    """Return how many code points beyond ASCII a set has, without *others*."""
    beyond = (_SIZE_OF_ASCII, 0x10FFFF)
    taken = sum(
        _overlap(ranges, (max(low, _SIZE_OF_ASCII), high))
        for low, high in others
        if high >= _SIZE_OF_ASCII
    )
    return _overlap(ranges, beyond) - taken


def _overlap(ranges: Ranges, span: tuple[int, int]) -> int:
    return sum(max(0, min(high, span[1]) - max(low, span[0]) + 1) for low, high in ranges)
