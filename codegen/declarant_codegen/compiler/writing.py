"""Lines of Python and the paths that violations carry."""

from __future__ import annotations

import keyword
import re
from functools import lru_cache

from declarant_codegen.compiler.constants import literal

__all__ = ["Lines", "Path", "is_name", "negate"]

_WIDTH = 88
_INDENTS = tuple("    " * depth for depth in range(100))


class Lines:
    """Indented source lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0

    def add(self, text: str) -> None:
        """Add one line at the current depth."""
        self.lines.append(_INDENTS[self.depth] + text)

    def condition(self, opening: str, text: str, *, negated: bool = False) -> None:
        """Add ``if`` or ``elif`` with a condition, over several lines where it is long."""
        line = f"{opening} {negate(text) if negated else text}:"
        if len(line) + 4 * self.depth <= _WIDTH:
            self.add(line)
            return
        self.add(f"{opening} not (" if negated else f"{opening} (")
        word = " or " if len(_terms(text, " or ")) > 1 else " and "
        for index, term in enumerate(_terms(text, word)):
            self.add(f"    {word.lstrip() if index else ''}{term}")
        self.add("):")

    def otherwise(self, opening: str, text: str) -> None:
        """Add the branch for a value of which *text* does not hold, the last of a chain."""
        if text == "False" and opening == "elif":
            self.add("else:")
        else:
            self.condition(opening, text, negated=True)

    def call(self, outer: str, inner: str, arguments: list[str]) -> None:
        """Add ``outer(inner(arguments))``, over several lines where it is long."""
        made = f"{inner}({', '.join(arguments)})"
        room = _WIDTH - 4 * self.depth
        if len(outer) + len(made) + 2 <= room:
            self.add(f"{outer}({made})")
            return
        self.add(f"{outer}(")
        if len(made) + 4 <= room:
            self.add(f"    {made}")
        else:
            self.add(f"    {inner}(")
            for argument in arguments:
                self.add(f"        {argument},")
            self.add("    )")
        self.add(")")

    def text(self) -> str:
        """Give all lines as one text."""
        return "\n".join(self.lines) + "\n"


def _terms(text: str, word: str) -> list[str]:
    """Split a condition at each *word* that stands outside of parentheses and literals."""
    terms: list[str] = []
    start = depth = at = 0
    while at < len(text):
        sign = text[at]
        if sign in "\"'":
            at = _literal_end(text, at)
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith(word, at):
            terms.append(text[start:at])
            start = at + len(word)
        at += 1
    return [*terms, text[start:]]


def _literal_end(text: str, at: int) -> int:
    """Give the offset of the quote that ends the literal which begins at *at*."""
    quote = text[at]
    at += 1
    while text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return at


def _is_wrapped(text: str) -> bool:
    """Tell whether the first parenthesis closes at the very end."""
    if not text.startswith("("):
        return False
    depth = at = 0
    while at < len(text):
        sign = text[at]
        if sign in "\"'":
            at = _literal_end(text, at)
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            break
        at += 1
    return at == len(text) - 1


_CALL = re.compile(r"(?:not )?[a-zA-Z_]\w*\([\w, ]*\)\Z")
_COMPARISON = re.compile(r"(\w+|len\(\w+\)) (is|==|<|<=|>|>=|in) ([\w.-]+|\"[\w.-]*\")\Z")
#: A variable in a set of literals; a text with escapes in it is left to the general form.
_MEMBERSHIP = re.compile(r"""(\w+) in (\{(?:[\w., -]|"[^"\\]*"|'[^'\\]*')+\})\Z""")
_OPPOSITES = {
    "is": "is not",
    "==": "!=",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "in": "not in",
}


@lru_cache(maxsize=4096)
def negate(text: str) -> str:
    """Write the opposite of a condition, plainly where it is a plain one."""
    if _CALL.match(text):
        return text[4:] if text.startswith("not ") else f"not {text}"
    plain = _COMPARISON.match(text)
    if plain:
        left, operator, right = plain.groups()
        return f"{left} {_OPPOSITES[operator]} {right}"
    member = _MEMBERSHIP.match(text)
    if member:
        return f"{member[1]} not in {member[2]}"
    if _is_wrapped(text):
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
