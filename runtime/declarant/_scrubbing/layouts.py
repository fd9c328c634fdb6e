"""Secrets that their layout parts from their name: lists, objects, lines below, blocks of YAML."""

from __future__ import annotations

import re

from declarant._scrubbing.brackets import closing_of
from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import BLANK, Lazy
from declarant._scrubbing.secret_names import (
    END_OF_NAME,
    JOINT,
    LINE_END,
    NO_SECRETS,
    QUOTES,
    SECRET_NAME,
    TAGS,
    is_chosen,
    tells_nothing,
)

__all__ = ["without_laid_out"]

#: A bracket behind a name, on its line or on the next.
_OPENED = Lazy(
    rf"(?P<name>{SECRET_NAME}(?P<many>e?s)?)"
    rf"{END_OF_NAME}{JOINT}{BLANK}{{0,4}}(?:{LINE_END}{BLANK}{{0,32}})?(?P<open>[\[({{])"
    rf"(?P<head>{BLANK}{{0,4}}(?:{LINE_END}|[bBrRuU]?[\"'`]|\\{{1,8}}[\"']|[\[{{]|[\w.-]{{1,64}}:))?",
    re.IGNORECASE,
)
#: Tokens are words too: only a list of them on one line, each with letters and digits in it.
_TOKENS = Lazy(
    rf"(?P<lead>tokens{END_OF_NAME}{JOINT}{BLANK}{{0,4}}[\[({{])(?P<value>[^\[\](){{}}\n]*)",
    re.IGNORECASE,
)
#: Names whose values are many, with commas between these.
_MANY = Lazy(rf"(?P<lead>{SECRET_NAME}s{END_OF_NAME}{JOINT}{BLANK}{{0,4}})", re.IGNORECASE)
_ITEM = Lazy(r"\"[^\"\n]{1,256}\"|'[^'\n]{1,256}'|[^\s,;\"'`(){}\[\]<>|]{1,256}")
_COMMA = Lazy(rf"{BLANK}{{0,4}},{BLANK}{{0,4}}(?:and{BLANK})?|{BLANK}(?:and|und|&){BLANK}")
#: A value that stands alone below its name, as prompts are answered and YAML is written; a block
#: of YAML is taken to the end of its line.
_BELOW = Lazy(
    rf"(?P<name>{SECRET_NAME}s?)"
    rf"(?P<join>{END_OF_NAME}[:=\uff1a\uff1d]{BLANK}{{0,4}}{TAGS}(?P<block>[|>][+-]?)?"
    rf"{BLANK}{{0,4}}(?:{LINE_END}{BLANK}{{0,32}}){{1,3}})"
    r"(?P<value>[^\s\\:#-][^\r\n\\\u2028\u2029]*)",
    re.IGNORECASE,
)
#: The same where the name is all that stands on its line.
_LINES = Lazy(
    rf"(?P<name>(?<![^\n\u2028\u2029]){BLANK}{{0,16}}(?:(?:enter|your|the|new|old|user) ){{0,3}}"
    rf"{SECRET_NAME}s?)(?P<join>{BLANK}{{0,4}}(?:{LINE_END}{BLANK}{{0,32}}){{1,3}})"
    r"(?P<value>[^\s\\:#-][^\r\n\\\u2028\u2029]*)",
    re.IGNORECASE,
)
#: Entries of a list and names with their values below a name, no further out than it.
_PARENT = Lazy(
    rf"{SECRET_NAME}s?[\"']?{BLANK}{{0,4}}:{BLANK}{{0,4}}"
    rf"(?=(?:{LINE_END}){{1,2}}{BLANK}{{0,32}}(?:-{BLANK}|[\"']?[\w.-]{{1,64}}[\"']?:))",
    re.IGNORECASE,
)
_CHILD = Lazy(
    rf"(?P<lead>(?:{LINE_END}){{1,2}}(?P<indent>{BLANK}{{0,32}})"
    rf"(?P<label>(?:-{BLANK}{{1,4}})?(?:[\"']?[\w.-]{{1,64}}[\"']?:(?={BLANK}|[\r\n\\]|\Z))?)"
    rf"{BLANK}{{0,4}})(?P<value>[^\r\n\\]*)"
)
_LINE_ENDS = ("\n", "\\n", "\u2028", "\u2029", "\\u202", "\x85", "\x0b", "\x0c")
_MAX_INDENT = 33  # characters before a name that are looked at
_MIN_MIXED = 4
_SPECIAL = frozenset("<[|{")
#: Around a mark.
_SPARE = "\"'`.,;"


def without_laid_out(text: str) -> str:
    """Return marked text without such secrets."""
    if "[" in text or "(" in text or "{" in text:
        text = _without_bracketed(text)
        text = _TOKENS().sub(_tokens, text) if "okens" in text else text
    if "," in text or " and " in text:
        text = _without_enumerated(text)
    if any(end in text for end in _LINE_ENDS):
        text = _LINES().sub(_line, _BELOW().sub(_below, _without_children(text)))
    return text


def _without_bracketed(text: str) -> str:
    parts: list[str] = []
    at = 0  # what is before it is in *parts*
    while (match := _OPENED().search(text, at)) is not None:
        start = match.start("open") + 1
        parts.append(text[at:start])
        at = start
        if _holds_secrets(match):
            at = closing_of(text, start)
            inside = text[start:at]
            parts.append(inside if tells_nothing(inside) else MARK)
    return "".join((*parts, text[at:]))


def _holds_secrets(match: re.Match[str]) -> bool:
    """Tell from its beginning whether a bracket holds values: `password={password}` has none."""
    head = (match["head"] or "").strip()
    if match["open"] == "{":
        return bool(match["many"] or match["head"])
    return bool(match["many"] or match["head"]) and not head.endswith(":")


def _tokens(match: re.Match[str]) -> str:
    value = match["value"].strip()
    words = [word.strip(" \"'") for word in value.split(",") if word.strip()]
    is_secret = value[:1] in ("'", '"') and all(map(_is_mixed, words))
    return match["lead"] + MARK if is_secret else match[0]


def _is_mixed(word: str) -> bool:
    is_long = len(word) >= _MIN_MIXED and word.isascii() and word[:1] not in _SPECIAL
    return is_long and any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def _without_enumerated(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (match := _MANY().search(text, at)) is not None:
        parts.append(text[at : match.end()])
        at = _end_of_items(text, match.end())
        if at > match.end():
            parts.append(MARK)
    return "".join((*parts, text[at:]))


def _end_of_items(text: str, start: int) -> int:
    """Return where the last of several values ends; *start* if there are not several."""
    item = _ITEM().match(text, start)
    if item is None or item[0].strip(QUOTES).lower() in NO_SECRETS:
        return start
    end = start
    while (comma := _COMMA().match(text, item.end())) is not None:
        item = _ITEM().match(text, comma.end())
        if item is None or _has_key(item[0]):
            break
        end = item.end()
    return end


def _has_key(item: str) -> bool:
    return item[0] not in QUOTES and max(item.find("="), item.find(":")) > 0


def _without_children(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (match := _PARENT().search(text, at)) is not None:
        own = _indent_of(text, match.start())
        parts.append(text[at : match.end()])
        at = match.end()
        is_open = False
        while (child := _CHILD().match(text, at)) is not None and _is_below(child, own, is_open):
            is_open = child["label"].endswith(":") and not child["value"]
            is_kept = tells_nothing(child["value"])
            parts.append(child[0] if is_kept else child["lead"] + MARK)
            at = child.end()
    return "".join((*parts, text[at:]))


def _is_below(child: re.Match[str], own: int, is_open: bool) -> bool:
    """Tell whether a line belongs to a name that is *own* characters in on its line.

    Args:
        child: The line.
        own: How far in the name is.
        is_open: Whether the line before it is a name without its value.
    """
    far = len(child["indent"])
    if child["label"][:1] == "-":
        return far >= own
    return far > own and bool(child["label"] or is_open)


def _indent_of(text: str, at: int) -> int:
    """Return how far in the line begins in which *at* is; far if what is before it is long."""
    before = text[max(0, at - _MAX_INDENT) : at]
    line = before[max(before.rfind("\n"), before.rfind("\\n") + 1) + 1 :]
    return len(line) - len(line.lstrip())


def _below(match: re.Match[str]) -> str:
    value = match["value"].strip()
    inside = value.strip(QUOTES)
    is_alone = bool(match["block"]) or len(value.split()) == 1 or value[0] in QUOTES
    is_opened = value[-1] in ":{[" or value[0] in "[({" or (len(value) == 1 and value in ")]}")
    if not is_alone:
        return _first_word(match)
    if is_opened or inside.lower() in NO_SECRETS or value.strip(_SPARE) == MARK:
        return match[0]
    return match["name"] + match["join"] + MARK


def _first_word(match: re.Match[str]) -> str:
    """Return a match whose value has words behind it: a text that somebody put into a sentence."""
    word = match["value"].split()[0].rstrip(_SPARE + ":;!?)]}")
    rest = match["value"][len(word) :]
    return match["name"] + match["join"] + MARK + rest if is_chosen(word) else match[0]


def _line(match: re.Match[str]) -> str:
    value = match["value"].strip()
    # A word with a capital is the next label, or a button.
    is_label = value.isalpha() and value.istitle()
    is_alone = len(value.split()) == 1 and value[-1] not in ":{["
    if not is_alone:
        return _first_word(match)
    if is_label or value.lower() in NO_SECRETS or MARK in value:
        return match[0]
    return match["name"] + match["join"] + MARK
