"""What violations say: the expected and the found side of each keyword, in words."""

from __future__ import annotations

from declarant_codegen.compiler.nodes import ALL_TYPES, Bound, Members, Test
from declarant_codegen.words import counted

__all__ = ["bound_words", "member_words", "shown", "test_words", "type_words"]

_MAX_SHOWN = 10
_MAX_TEXT = 120
# keyword: (expectation, its unit, what was found)
_SIZE_WORDS = {
    "minLength": ("string of at least", "character", "a shorter string"),
    "maxLength": ("string of at most", "character", "a longer string"),
    "minItems": ("array of at least", "item", "a shorter array"),
    "maxItems": ("array of at most", "item", "a longer array"),
    "minProperties": ("object of at least", "property", "fewer properties"),
    "maxProperties": ("object of at most", "property", "more properties"),
}


def shown(value: object) -> str:
    """Write a value of the schema in printable ASCII, shortened where it is long."""
    text = ascii(value)
    if isinstance(value, str):
        text = f'"{text[1:-1]}"'
    elif isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 3] + "..."


def type_words(types: frozenset[str] | None) -> str:
    """Name the permitted JSON types, null last."""
    if types is None:
        return "JSON value"
    ordered = [kind for kind in ALL_TYPES[1:] if kind in types]
    return " or ".join([*ordered, "null"] if "null" in types else ordered)


def bound_words(bound: Bound, kind: str) -> tuple[str, str]:
    """Say a bound, and that it was missed."""
    if bound.sized:
        expected, unit, found = _SIZE_WORDS[bound.keyword]
        return f"{expected} {counted(int(bound.limit), unit)}", found
    size = "smaller" if ">" in bound.operator else "larger"
    if len(bound.operator) == 1:
        size = f"{size} or equal"
    article = "an" if size[0] in "aeiou" else "a"
    return f"{kind} {bound.operator} {bound.limit}", f"{article} {size} {kind}"


def test_words(test: Test) -> tuple[str, str]:
    """Say a pattern, format, multiple or uniqueness, and that it was missed."""
    if test.keyword == "pattern":
        return f"string matching {shown(test.argument)}", "a string that does not match"
    if test.keyword == "format":
        return f"string in the format {test.argument}", "a string in another form"
    if test.keyword == "uniqueItems":
        return "array of unique items", "a repeated item"
    return f"multiple of {test.argument}", "another number"


def member_words(members: Members) -> tuple[str, str]:
    """Say the permitted values, and that it was none of them."""
    listed = ", ".join(map(shown, members.values[:_MAX_SHOWN]))
    more = len(members.values) - _MAX_SHOWN
    if more > 0:
        listed += f" and {more} more"
    one = "" if len(members.values) == 1 else "one of "
    return f"{one}{listed}" if listed else "no value", "another value"
