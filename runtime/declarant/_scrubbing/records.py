"""Secrets in records: a name and a value as neighbours, elements of XML, encoded pairs."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import BLANK, Lazy
from declarant._scrubbing.secret_names import (
    ANY_NAME,
    END_OF_NAME,
    JOINT,
    MAYBE_NAME,
    NO_SECRETS,
    SECRET_NAME,
    tells_nothing,
)
from declarant._scrubbing.values import VALUE, always

__all__ = ["without_encoded", "without_records"]

_QUOTES = r"[\\\"'`]{0,8}"
_LABEL = (
    r"(?<![A-Za-z])(?:name|key|field|id|type|header|label|param(?:eter)?|property|var(?:iable)?"
    r"|env)"
)
_HELD = r"(?:value|val|text|content|data|default)"
_IS = rf"{END_OF_NAME}{JOINT}{BLANK}{{0,4}}"
#: A name of a secret that is the value of its record, with its quotes.
_SAID = (
    rf"{_QUOTES}[\w.:/-]{{0,40}}?(?:{SECRET_NAME}[\w.-]{{0,24}}|{ANY_NAME}s?)"
    rf"(?![\w-]){_QUOTES}"
)
_GAP = r"(?:[\s,;-]|\\{1,2}[nrt]){1,24}"
#: Other attributes between the two, few and short.
_OTHERS = (
    rf"(?:[\"'\\]{{0,8}}(?!{_HELD})[\w-]{{1,24}}{_IS}{_QUOTES}[^\\\"'<>=\n,;]{{0,48}}{_QUOTES}"
    rf"{_GAP}){{0,2}}"
)
_NAME_VALUE = Lazy(
    rf"(?P<name>(?:{_LABEL}{_IS}{_SAID}|<[\w.:-]{{0,40}}?{SECRET_NAME})"
    rf"{_GAP}{_OTHERS}[\"'\\]{{0,8}}{_HELD})(?P<join>{_IS})(?P<value>{VALUE})",
    re.IGNORECASE,
)
_VALUE_NAME = Lazy(
    rf"(?P<name>(?<![A-Za-z]){_HELD})(?P<join>{_IS})"
    r"(?P<value>\"[^\"\n]{1,256}\"|'[^'\n]{1,256}'|\\{1,8}\"[^\"\\\n]{1,256}\\{1,8}\""
    rf"|[^\s\"',;<>(){{}}\[\]\\]{{1,256}})(?={_GAP}{_OTHERS}{_QUOTES}{_LABEL}{_IS}{_SAID})",
    re.IGNORECASE,
)

_LESS, _MORE = r"(?:<|&lt;|&#60;|%3C|\\{1,2}u003c)", r"(?:>|&gt;|&#62;|%3E|\\{1,2}u003e)"
_ELEMENT = Lazy(
    rf"(?P<name>{_LESS}[\w.:-]{{0,40}}?{SECRET_NAME}s?[\w.-]{{0,24}}"
    rf"(?:\s(?:(?!{_MORE})[^<>]){{0,256}})?{_MORE}(?:<!\[CDATA\[)?)(?P<join>\s{{0,64}})"
    rf"(?P<value>(?:(?!{_LESS}|\]\]>)[^<>]){{1,1024}})(?=(?:\]\]>|\s{{0,64}}){_LESS}(?:/|%2F))",
    re.IGNORECASE,
)

#: A quote, a joint and the end of a value, as URLs, HTML and scripts in it write them. Percent
#: signs may be encoded too. Sources: RFC 3986; HTML, "Named character references"; RFC 8259.
_QUOTE_CODE = (
    r"(?:&(?:quot|apos|#0{0,3}3[49]|#x0{0,3}2[27]);|%(?:25){0,2}2[27]|\\{1,3}(?:u00|x)2[27])"
)
_JOINT_CODE = (
    r"(?:&(?:equals|colon|#0{0,3}61|#0{0,3}58|#x0{0,3}3[ad]);|%(?:25){0,2}3[ad]"
    r"|\\{1,3}(?:u00|x)3[ad])"
)
_BLANK_CODE = r"(?:[ +]|%(?:25){0,2}20|&nbsp;|&#160;)"
_END_CODE = (
    rf"(?:[\s<>\"'&]|{_QUOTE_CODE}|%(?:25){{0,2}}(?:26|2C|0A|0D|3B|7D|5D)|\\{{1,3}}(?:u00|x)26)"
)
_ENCODED = Lazy(
    rf"(?P<name>(?P<secret>{SECRET_NAME})|{MAYBE_NAME})"
    rf"(?P<join>(?:{_QUOTE_CODE}{_BLANK_CODE}{{0,4}}(?:{JOINT}|{_JOINT_CODE})|{_JOINT_CODE})"
    rf"{_BLANK_CODE}{{0,4}}{_QUOTE_CODE}?)"
    rf"(?P<value>(?:(?!{_END_CODE}).)+)",
    re.IGNORECASE,
)
_CODES = ("%3", "%2", "&#", "&quot", "&apos", "&equals", "&colon", "u00", "\\x")
_MIN_MAYBE = 4


def without_records(text: str, lowered: str) -> str:
    """Return marked text without the values of records and elements that a name says are secret."""
    if "val" in lowered or "text" in lowered or "content" in lowered or "da" in lowered:
        text = _NAME_VALUE().sub(_record, text)
        text = _VALUE_NAME().sub(_record, text)
    if "</" in text or "&lt;/" in lowered or "%3c" in lowered or "u003c" in lowered:
        text = _ELEMENT().sub(_element, text)
    return text


def without_encoded(text: str, lowered: str) -> str:
    """Return marked text without the values in pairs that are encoded."""
    if any(code in lowered for code in _CODES):
        return _ENCODED().sub(_encoded, text)
    return text


def _record(match: re.Match[str]) -> str:
    return match[0] if tells_nothing(match["value"]) else always(match)


def _element(match: re.Match[str]) -> str:
    value = match["value"]
    core = value.rstrip()
    if core.lower() in NO_SECRETS or core == MARK:
        return match[0]
    return f"{match['name']}{match['join']}{MARK}{value[len(core) :]}"


def _encoded(match: re.Match[str]) -> str:
    value = match["value"]
    is_short = not match["secret"] and len(value) < _MIN_MAYBE
    if is_short or value.lower() in NO_SECRETS or value == MARK:
        return match[0]
    return f"{match['name']}{match['join']}{MARK}"
