"""Text that goes into emitted code: literals, module constants and imported names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.compiler.json_values import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Constants", "literal"]


def literal(value: object) -> str:
    """Write a JSON value as a Python literal in ASCII, so that no schema text can break out.

    Raises:
        TypeError: *value* is not JSON.
    """
    if type(value) is str or isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _float(value)
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    if is_array(value):
        return f"[{', '.join(map(literal, value))}]"
    if is_object(value):
        pairs = (f"{literal(key)}: {literal(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    raise TypeError(f"expected a JSON value, found {type(value).__name__}; pass what json reads")


@lru_cache(maxsize=8192)
def _text(value: str) -> str:
    text = ascii(value)
    return text if '"' in value or "'" in value else f'"{text[1:-1]}"'


def _float(value: float) -> str:
    if value - value != 0:
        raise TypeError("expected a finite number, found one that is not; schemas are JSON")
    return repr(value)


class Constants:
    """The module constants and imports that a run of emitted functions needs.

    One text gets one name; a name that is taken by another text is numbered. Passing one instance
    to several emissions makes their names fit together.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._hints: dict[str, str] = {}
        self._imports: set[str] = set()

    @classmethod
    def named(cls, names: Mapping[str, str]) -> Constants:
        """Begin with the *names* that texts have elsewhere already."""
        constants = cls()
        constants._names.update(names)
        constants._texts.update((name, text) for text, name in names.items())
        return constants

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """The hint and the text by which each constant was first asked for, in that order."""
        return tuple((hint, text) for text, hint in self._hints.items())

    @property
    def texts(self) -> Mapping[str, str]:
        """Name to Python expression, in the order of first use."""
        return dict(self._texts)

    @property
    def imports(self) -> tuple[str, ...]:
        """Names to import from ``declarant.gencode``, sorted."""
        return tuple(sorted(self._imports))

    def name(self, hint: str, text: str) -> str:
        """Give the constant's name for the expression *text*; *hint* is free text."""
        known = self._names.get(text)
        if known is not None:
            return known
        wanted = "_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in hint).upper()
        name, number = wanted, 2
        while name in self._texts:
            name, number = f"{wanted}_{number}", number + 1
        self._names[text] = name
        self._texts[name] = text
        self._hints[text] = hint
        return name

    def use(self, name: str) -> str:
        """Note that *name* must be imported, and give it back."""
        self._imports.add(name)
        return name

    def use_all(self, names: Iterable[str]) -> None:
        """Note that all *names* must be imported."""
        self._imports.update(names)
