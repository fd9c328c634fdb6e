"""Lines of Python and the paths that violations carry."""

from __future__ import annotations

import keyword

from declarant_codegen.compiler.constants import literal

__all__ = ["Lines", "Path", "is_name"]

_WIDTH = 100


class Lines:
    """Indented source lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0

    def add(self, text: str) -> None:
        """Add one line at the current depth."""
        self.lines.append("    " * self.depth + text)

    def condition(self, opening: str, text: str, *, negated: bool = False) -> None:
        """Add ``if`` or ``elif`` with a condition, over several lines where it is long."""
        line = f"{opening} {_negated(text) if negated else text}:"
        if len(line) + 4 * self.depth <= _WIDTH:
            self.add(line)
            return
        self.add(f"{opening} not (" if negated else f"{opening} (")
        self.add(f"    {text}")
        self.add("):")

    def text(self) -> str:
        """Give all lines as one text."""
        return "\n".join(self.lines) + "\n"


_SIMPLE = (" and ", " or ", " if ", " <", " >", " ==", " is ", " in ")


def _negated(text: str) -> str:
    if text.startswith("not ") and not any(word in text for word in _SIMPLE):
        return text[4:]
    if text.startswith("isinstance(") and not any(word in text for word in _SIMPLE):
        return f"not {text}"
    return f"not ({text})"


class Path:
    """Where a value stands: text known now, and variables known at run time."""

    __slots__ = ("_parts",)

    def __init__(self, parts: tuple[tuple[bool, str], ...]) -> None:
        self._parts = parts

    @classmethod
    def of(cls, root: str) -> Path:
        """Begin at a value that is called *root*."""
        return cls(((True, root),))

    @classmethod
    def variable(cls, name: str) -> Path:
        """Begin at a path that a variable holds."""
        return cls(((False, name),))

    def member(self, name: str) -> Path:
        """Go to the property *name*."""
        if name.isascii() and name.isidentifier() and not keyword.iskeyword(name):
            return self._with(f".{name}")
        return self._with(f"[{name!a}]")

    def index(self, variable: str) -> Path:
        """Go to the item whose number *variable* holds."""
        opened = self._with("[")
        return Path((*opened._parts, (False, f"str({variable})")))._with("]")

    def any_member(self) -> Path:
        """Go to a property whose name is data and is not told."""
        return self._with(".*")

    def _with(self, text: str) -> Path:
        known, last = self._parts[-1]
        if known:
            return Path((*self._parts[:-1], (True, last + text)))
        return Path((*self._parts, (True, text)))

    def expression(self) -> str:
        """Write the path as a Python expression."""
        return " + ".join(literal(text) if known else text for known, text in self._parts)


def is_name(text: str) -> bool:
    """Tell whether *text* can follow ``def is_valid_``."""
    return text.isascii() and f"_{text}".isidentifier()
