"""Text that hides what it is: control, bidirectional and invisible characters, look-alikes.

Owns the judgement of characters in any string of a file. Names are judged in ``names``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from declarant_codegen.json_values import is_array, is_object
from declarant_codegen.positions import escape_token
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

# In plain ASCII only an escape or a raw DEL can hide anything; most files end the check here.
_ESCAPE = re.compile(r"\\[bfnrtu]")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufffc")
_PROSE = frozenset({"description", "x-purpose", "x-reason", "text", "kept"})
_VALUES = frozenset({"enum", "const", "examples", "pattern", "title"})
_MIXABLE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH", "MATHEMATICAL")
# Letters of other alphabets that are drawn like Latin ones in common fonts.
_TWINS = frozenset("асеорхуіјѕԁһԛԝАВЕКМНОРСТХІЈЅαονρτικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_WORD = re.compile(r"\w+")


def check_text(text: str, value: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (rule id, JSON pointer, message) for each string that hides something.

    Args:
        text: The file's text.
        value: What it holds.
    """
    if text.isascii() and "\x7f" not in text and not _ESCAPE.search(text):
        return
    yield from _walk(value, "", "")


def _walk(value: Any, pointer: str, keyword: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, str):
        yield from _judge(value, pointer, keyword)
    elif is_array(value):
        for index, item in enumerate(value):
            yield from _walk(item, f"{pointer}/{index}", keyword)
    elif is_object(value):
        for key, member in value.items():
            place = f"{pointer}/{escape_token(key)}"
            yield from _judge(key, place, "title")
            yield from _walk(member, place, key)


def _judge(text: str, pointer: str, keyword: str) -> Iterator[tuple[str, str, str]]:
    if text.isascii() and text.isprintable():
        return
    seen: set[str] = set()
    for letter in text:
        rule = _rule(letter, keyword)
        if rule and rule[0] not in seen:
            seen.add(rule[0])
            found = f"expected visible text, found {rule[1]} U+{ord(letter):04X}"
            yield rule[0], pointer, f"{found}; remove it"
    yield from _lookalikes(text, pointer, keyword)


def _rule(letter: str, keyword: str) -> tuple[str, str] | None:
    if letter in _BIDI:
        return "TEXT_BIDI", "the bidirectional control"
    category = unicodedata.category(letter)
    if category in ("Cc", "Zl", "Zp"):
        is_break = letter == "\n" and keyword in _PROSE
        return None if is_break else ("TEXT_CONTROL", "the control character")
    if category in ("Cf", "Co", "Cs") or letter in _BLANK:
        return "TEXT_INVISIBLE", "the invisible character"
    if "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef":
        return "TEXT_INVISIBLE", "the variation selector"
    return None


def _lookalikes(text: str, pointer: str, keyword: str) -> Iterator[tuple[str, str, str]]:
    """Yield a finding for a word of mixed alphabets or, in values, one of twins alone."""
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        letters = [letter for letter in word if letter.isalpha()]
        foreign = [letter for letter in letters if _is_mixable(letter)]
        is_mixed = bool(foreign) and len(foreign) < len(letters)
        is_twin = keyword in _VALUES and bool(letters) and all(c in _TWINS for c in letters)
        if is_mixed or is_twin:
            found = f"expected letters of one alphabet, found the word {quote(word)}"
            yield "TEXT_LOOKALIKE", pointer, f"{found}; write it in Latin letters"
            return


def _is_mixable(letter: str) -> bool:
    return not letter.isascii() and unicodedata.name(letter, "").startswith(_MIXABLE)
