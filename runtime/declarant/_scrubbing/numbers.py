"""Numbers that stand for a person or a machine: GUID, SID, social security, phone, card, IBAN."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy

__all__ = ["is_luhn", "without_numbers"]

_GUID = Lazy(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-"
    r"[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
#: Without its dashes, nothing but 32 digits, of both cases or decimal alone; `chance` has the rest.
_BARE_GUID = Lazy(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])")
#: A country, two check digits, and groups of four or none. Source: ISO 13616.
_IBAN = Lazy(
    r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}"
    r"(?:[0-9A-Z]{11,30}|[ ][0-9A-Z]{4}[ ][0-9A-Z]{4}[ ][0-9A-Z ]{3,26})(?![0-9A-Za-z])"
)
_SID = Lazy(r"(?<![0-9A-Za-z])S-1-[0-9]{1,3}-[0-9]+-[0-9][0-9-]*")
_SOCIAL = Lazy(r"(?<![0-9A-Za-z.-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9A-Za-z]|[.-][0-9])")
#: Five groups of five, as products are sold.
_PRODUCT_KEY = Lazy(
    r"(?<![0-9A-Za-z-])[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}(?![0-9A-Za-z-])"
)
#: Looked ahead for, so that a number before a card's does not hide it.
_CARD = Lazy(
    r"[0-9](?<![0-9A-Za-z][0-9])(?=(?P<rest>[0-9]{12,18}(?![0-9A-Za-z])"
    r"|[0-9]{3}(?P<gap>[ \u00a0.-])[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{1,7}(?![0-9])"
    r"|[0-9]{3}(?P<amex>[ \u00a0.-])[0-9]{6}(?P=amex)[0-9]{5}(?![0-9])))"
)
_DIGIT = Lazy("[0-9]")
_FOREIGN_PHONE = Lazy(r"(?<![\w+.])(?:\+|00)[1-9][0-9 ().\u00a0/-]{7,24}")
_NATIONAL_PHONE = Lazy(
    r"(?<![\w.+-])(?:1[ .-])?(?:\([2-9][0-9]{2}\)[ ]?|[2-9][0-9]{2}[.-])"
    r"[2-9][0-9]{2}[ .-][0-9]{4}(?![\w-]|[.][0-9])"
)
_PHONES = ("phone", "tel", "mobile", "fax", "whatsapp")
_LABELLED_PHONE = Lazy(
    r"(?<![A-Za-z])(?P<label>(?:tele)?phone|tel|mobile|fax|whatsapp)"
    r"(?P<join>(?:[ _]?(?:no|number|nr))?[.\"']{0,2}[ ]?[:=]?[ ]?[\"']?)"
    r"(?P<value>[+(]?[0-9][0-9 ().\u00a0/-]{5,24})",
    re.IGNORECASE,
)

_MIN_DIGITS, _MAX_DIGITS = 9, 15
_MIN_LABELLED = 6  # digits of the shortest number that is looked for
_GUID_DASHES = 4
_FEWEST_DIGITS = 4  # that differ: fewer are zeros, or a pattern of bits
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34


def without_numbers(text: str) -> str:
    """Return marked text without such numbers."""
    dashes = text.count("-")
    if dashes >= _GUID_DASHES:
        text = _GUID().sub(MARK, _SID().sub(MARK, _PRODUCT_KEY().sub(_product_key, text)))
    if len(_DIGIT().findall(text)) < _MIN_LABELLED:
        return text
    text = _IBAN().sub(_iban, _BARE_GUID().sub(_bare_guid, text))
    if dashes > 1:
        text = _SOCIAL().sub(MARK, text)
    text = _without_cards(text)
    if "+" in text or "00" in text:
        text = _FOREIGN_PHONE().sub(_phone, text)
    if dashes > 1 or ")" in text or "." in text:
        text = _NATIONAL_PHONE().sub(MARK, text)
    lowered = text.lower()
    if any(label in lowered for label in _PHONES):
        text = _LABELLED_PHONE().sub(_labelled, text)
    return text


def is_luhn(digits: str) -> bool:
    """Tell whether a card's check digit is right, and whether an issuer begins its numbers so."""
    if digits[0] not in "23456" or len(set(digits)) == 1:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _without_cards(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _CARD().finditer(text):
        card = match[0] + match["rest"]
        if match.start() < at or not is_luhn("".join(filter(str.isdigit, card))):
            continue
        parts += text[at : match.start()], MARK
        at = match.start() + len(card)
    return "".join((*parts, text[at:])) if parts else text


def _bare_guid(match: re.Match[str]) -> str:
    found = match[0]
    is_drawn = any(map(str.isdigit, found)) and len(set(found)) > _FEWEST_DIGITS
    return MARK if is_drawn else found


def _iban(match: re.Match[str]) -> str:
    """Replace an account's number up to the last place where its check digits are right."""
    found = match[0]
    ends = [at for at, char in enumerate(found) if char == " "]
    for end in (len(found), *reversed(ends)):
        if _has_check_digits(found[:end].replace(" ", "")):
            return MARK + found[end:]
    return found


def _has_check_digits(account: str) -> bool:
    if not _SHORTEST_IBAN <= len(account) <= _LONGEST_IBAN:
        return False
    turned = account[4:] + account[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def _product_key(match: re.Match[str]) -> str:
    found = match[0]
    is_key = any(map(str.isdigit, found)) and any(map(str.isupper, found))
    return MARK if is_key else found


def _phone(match: re.Match[str]) -> str:
    core = match[0].rstrip(" ().-/\u00a0")
    digits = sum(map(str.isdigit, core))
    if core.startswith("00") and not set(core) & set(" ()/-"):
        return match[0]  # a number that is filled up with zeros
    is_phone = _MIN_DIGITS <= digits <= _MAX_DIGITS + 2
    return MARK + match[0][len(core) :] if is_phone else match[0]


def _labelled(match: re.Match[str]) -> str:
    core = match["value"].rstrip(" ().-/\u00a0")
    if sum(map(str.isdigit, core)) < _MIN_LABELLED:
        return match[0]
    return f"{match['label']}{match['join']}{MARK}{match['value'][len(core) :]}"
