"""Schema text as TOML strings.

Owns their escapes, as ``python_text`` owns Python's.
"""

from __future__ import annotations

from declarant_codegen.python_text import Code

__all__ = ["toml"]


def toml(text: str) -> Code:
    """Quote *text* as a TOML basic string in ASCII."""
    quoted = "".join(_toml_letter(letter) for letter in text)
    return Code(f'"{quoted}"')


def _toml_letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isascii() and letter.isprintable():
        return letter
    point = 0xFFFD if 0xD800 <= ord(letter) <= 0xDFFF else ord(letter)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
