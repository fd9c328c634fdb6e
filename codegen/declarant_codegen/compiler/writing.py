"""Lines of Python and the paths that violations carry."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from functools import lru_cache

from declarant_codegen.compiler.constants import literal

__all__ = ["Call", "Lines", "Path", "is_name", "negate"]

_WIDTH = 88
_INDENTS = tuple("    " * depth for depth in range(100))


class Lines:
    """Indented source lines, of which some are laid out once it is known where paths begin.

    Attributes:
        lines: What was added.
        depth: How far what is added next is indented.
    """

    def __init__(self, depth: int = 0) -> None:
        self.lines: list[str | Call] = []
        self.depth = depth

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

    def call(self, name: str, path: Path, *, before: str, after: str) -> None:
        """Add ``name(before, path, after)`` on one line."""
        self.lines.append(
            Call(depth=self.depth, name=name, before=(before,), path=path, after=(after,))
        )

    def append(self, made: str, path: Path, after: tuple[str, ...]) -> None:
        """Add ``found.append(made(path, after))``, over several lines where it is long."""
        self.lines.append(
            Call(depth=self.depth, outer="found.append", name=made, path=path, after=after)
        )

    def text(self, root: str = "") -> str:
        """Give all lines as one text, in which paths begin at *root*."""
        laid: list[str] = []
        for line in self.lines:
            if isinstance(line, str):
                laid.append(line)
            else:
                laid += line.laid(root)
        return "\n".join(laid) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The statement ``outer(name(before, path, after))``, or one without what is around it."""

    depth: int
    name: str
    path: Path
    after: tuple[str, ...]
    before: tuple[str, ...] = ()
    outer: str = ""

    def laid(self, root: str) -> list[str]:
        """Give its lines; only one that has an *outer* call may have several."""
        arguments = (*self.before, self.path.expression(root), *self.after)
        made = f"{self.name}({', '.join(arguments)})"
        indent = _INDENTS[self.depth]
        if not self.outer:
            return [f"{indent}{made}"]
        room = _WIDTH - len(indent)
        if len(self.outer) + len(made) + 2 <= room:
            return [f"{indent}{self.outer}({made})"]
        lines = [f"{indent}{self.outer}("]
        if len(made) + 4 <= room:
            lines.append(f"{indent}    {made}")
        else:
            lines.append(f"{indent}    {self.name}(")
            lines += [f"{indent}        {argument}," for argument in arguments]
            lines.append(f"{indent}    )")
        return [*lines, f"{indent})"]


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
    def root(cls) -> Path:
        """Begin at the value itself; what it is called is told last."""
        return cls(((True, ""),))

    @classmethod
    def variable(cls, name: str) -> Path:
        """Begin at a path that a variable holds."""
        return cls(((False, name),))

    @property
    def is_root(self) -> bool:
        """Whether it is the value itself, whatever that is called."""
        return self._parts == ((True, ""),)

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

    def expression(self, root: str) -> str:
        """Write the path as a Python expression, *root* before a start that is no variable."""
        known, start = self._parts[0]
        first = literal(root + start) if known else start
        if len(self._parts) == 1:
            return first
        rest = (literal(text) if known else text for known, text in self._parts[1:])
        return " + ".join((first, *rest))


def is_name(text: str) -> bool:
    """Tell whether *text* can follow ``def is_valid_``."""
    return text.isascii() and f"_{text}".isidentifier()
