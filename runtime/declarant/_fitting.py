"""Names of code in a form that a schema takes.

Owns what becomes of a name that it does not take. What is not made of identifiers is none of code's
own names but text that somebody put there, and nothing of it is kept.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeGuard

__all__ = ["fitting", "is_text", "whole"]

#: Parts of a dotted name that are looked at, from its end.
_PARTS = 32
#: Lengths that a part may be cut to.
_LENGTHS = (256, 128, 64, 32, 16)


def fitting(
    names: tuple[str, ...], fits: Callable[[object], bool], instead: tuple[str, ...]
) -> str:
    """Return a form of a name that *fits*.

    Args:
        names: The name, and shorter ones for the same thing, the best first.
        fits: Whether the schema takes a value.
        instead: What to return when none fits. Checked when the package is generated: the schema
            takes one of these.
    """
    for name in names:
        if fits(name):
            return name
        for form in _forms(name):
            if fits(form):
                return form
    return next(filter(fits, instead), instead[0])


def _forms(name: str) -> Iterator[str]:
    """Yield forms of a dotted name: in ASCII, without its first parts, and cut."""
    parts = name.split(".")[-_PARTS:]
    if not all(map(_is_word, parts)):
        return
    parts = ["".join(c if c.isascii() else "_" for c in part[: _LENGTHS[0]]) for part in parts]
    for first in range(len(parts)):
        yield ".".join(parts[first:])
    for length in _LENGTHS:
        yield parts[-1][:length]


def _is_word(part: str) -> bool:
    """Tell whether a part is an identifier, or one of Python's own such as `<lambda>`."""
    inside = part[1:-1] if part[:1] == "<" and part[-1:] == ">" else part
    return inside.isidentifier()


def is_text(found: object) -> TypeGuard[str]:
    """Tell whether something is a text, whatever it says of its class."""
    return issubclass(type(found), str)


def whole(text: str, most: int) -> str:
    """Return an exact `str` of a text that UTF-8 can carry.

    Args:
        text: Any text, of a subclass too, whatever that makes of its methods.
        most: How many characters of its beginning to keep; if negative, of its end.
    """
    cut = str.__getitem__(text, slice(most) if most > 0 else slice(most, None))
    if cut.isascii():
        return cut
    # File names that are no Unicode hold lone surrogates. Source: PEP 383.
    return cut.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
