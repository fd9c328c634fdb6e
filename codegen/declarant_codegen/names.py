"""Names: forms, reserved words, collisions.

Owns what a name may be and how names turn into file and module names. Source of the event name's
form: onecollector.md 3.6.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from declarant_codegen.cs40 import ENVELOPE
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_FIELD_NAME = 100
"""Longest property name, in characters. Source: onecollector.md 3.6."""

RESERVED_PREFIXES = ("ext.", "env_", "PartA_", "/")
"""Prefixes with a meaning of their own downstream. Source: onecollector.md 3.6."""

INTERNAL_NAMES = frozenset({"client"})
"""Arguments that every generated emitter has of its own."""

# Lists of our own: the running Python's would make findings depend on its version.
_PYTHON_TEXT = (
    "and as assert async await break case class continue def del elif else except finally for from "
    "global if import in is lambda match nonlocal not or pass raise return try type while with "
    "yield false none true bool bytes cls dict eval exec float frozenset int isinstance len list "
    "object print range repr self set str super tuple"
)
_PYTHON = frozenset(_PYTHON_TEXT.split(" "))
_PACKAGES = frozenset(
    {"declarant", "declarant_codegen", "declarant_collector", "requests", "platformdirs", "tests"}
)
# Source: Windows, "Naming Files, Paths, and Namespaces": no file or folder there is called so.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FIELD = re.compile(r"[a-z][a-z0-9_]*")
_TWINS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"))
_SHADOWED = {name.lower(): name for name in (*ENVELOPE, "baseType", "baseData")}


@lru_cache(maxsize=16384)
def snake_case(name: str) -> str:
    """Return an event's name as its module and file are called (``model_kit_action``)."""
    words = _WORD_STARTS.sub("_", name.replace(".", "_"))
    return re.sub("_+", "_", words).lower()


@lru_cache(maxsize=16384)
def skeleton(name: str) -> str:
    """Return what is left of a name when case, underscores and look-alike letters are gone."""
    plain = snake_case(name).replace("_", "")
    for twin, letter in _TWINS:
        plain = plain.replace(twin, letter)
    return plain


@lru_cache(maxsize=16384)
def check_field_name(name: str, *, is_top: bool) -> tuple[str, str] | None:
    """Return (rule id, message) of what is wrong with a field's name, or None.

    Args:
        name: The property's name.
        is_top: Whether it stands in the event's data itself, not inside a nested object.
    """
    prefix = next((prefix for prefix in RESERVED_PREFIXES if name.startswith(prefix)), None)
    if prefix:
        found = f"expected a name outside the reserved prefixes, found {quote(name)}"
        return "FIELD_RESERVED_PREFIX", f"{found}; remove the prefix {quote(prefix)}"
    shadowed = _SHADOWED.get(name.replace("_", "").lower()) if is_top else None
    if shadowed:
        found = f"expected a name that the envelope does not have, found {quote(name)}"
        return "FIELD_SHADOWS_ENVELOPE", f"{found} (the envelope's {quote(shadowed)}); rename it"
    if not _FIELD.fullmatch(name) or len(name) > MAX_FIELD_NAME:
        better = snake_case(re.sub("[^A-Za-z0-9_]+", "_", name)).strip("_")
        is_better = (
            name.isascii() and bool(_FIELD.fullmatch(better)) and len(better) < MAX_FIELD_NAME
        )
        mend = f"rename it to {quote(better)}" if is_better else "rename it"
        expected = f"expected a snake_case name of at most {MAX_FIELD_NAME} of a-z, 0-9 and"
        return "FIELD_NAME_FORM", f'{expected} "_", found {quote(name)}; {mend}'
    if name in _PYTHON:
        found = f"expected a name that Python leaves free, found {quote(name)}"
        return "FIELD_NAME_PYTHON", f"{found}; rename it, as in {quote(name + '_name')}"
    if is_top and name in INTERNAL_NAMES:
        found = f"expected a name that emitters leave free, found {quote(name)}"
        return "FIELD_NAME_INTERNAL", f"{found}, an argument of every emitter; rename it"
    return None


def collisions(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (later name, earlier name) for each pair that people or file systems confuse."""
    seen: dict[str, str] = {}
    for name in names:
        key = skeleton(name)
        if key in seen:
            yield name, seen[key]
        else:
            seen[key] = name


def check_package_name(name: str) -> str | None:
    """Return what is wrong with the generated package's name, or None."""
    if name in _PYTHON or name in _PACKAGES or name in sys.stdlib_module_names:
        found = f"expected a package name that is free, found {quote(name)}"
        return f"{found}, which Python or Declarant has; rename it"
    if name in _DEVICES:
        found = f"expected a package name that a folder can have everywhere, found {quote(name)}"
        return f"{found}, a device on Windows; rename it"
    return None


def has_prefix(name: str, prefix: str) -> bool:
    """Return whether an event's name is the prefix and then a word of its own."""
    rest = name[len(prefix) :]
    return name.startswith(prefix) and bool(rest) and not rest[0].islower()
