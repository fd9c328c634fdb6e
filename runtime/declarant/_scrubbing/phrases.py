"""Secrets that a sentence, a prompt or a line of words tells: no sign joins them to their name."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import BLANK, Lazy
from declarant._scrubbing.secret_names import (
    END_OF_NAME,
    JOINT,
    NO_SECRETS,
    SECRET_NAME,
    is_chosen,
)
from declarant._scrubbing.values import VALUE, always, parts_of, replaced

__all__ = ["without_phrases", "without_prompts"]

#: A name and its value with a blank between them, alone in quotes: a line that a parser shows.
_ALONE = Lazy(
    r"(?P<name>(?<=[\"'])[\w-]{0,40}"
    r"(?:pass(?:word|wd|phrase)|secret|token|(?:access|api|account|private|secret)[-_]?key))"
    rf"(?P<join>{BLANK}{{1,4}})(?P<value>[^\s\"'\\]{{4,}})(?=(?:\\{{1,2}}[rn])?(?:\\{{1,2}}[rn])?[\"'])",
    re.IGNORECASE,
)
#: Numbers that are typed, with or without a word between.
_CODE = Lazy(
    r"(?P<name>(?<![A-Za-z])(?:PIN|OTP|(?i:(?:one[- ]time|security|verification|auth|login|recovery"
    r"|authentication|confirmation)[- _](?:pass)?code)))"
    r"(?P<join>[ ]?(?:[:=]|is)?[ ]{0,4})(?P<value>[0-9]{4,8})(?!\w)"
)
#: The same in an assignment or an option, in small letters too.
_PIN = Lazy(
    rf"(?P<name>(?<![A-Za-z])pin(?:[_ -]?(?:code|number))?)(?P<join>{END_OF_NAME}{JOINT}"
    rf"{BLANK}{{0,4}}[\"']?|(?<=--pin)[\"']?,?[ ]{{1,4}}[\"']?)(?P<value>[0-9]{{4,12}})(?!\w)",
    re.IGNORECASE,
)
_PHRASE = Lazy(
    rf"(?P<name>(?<![a-z])(?:(?P<common>password|passwd|pass ?phrase|passcode|secret key|api key"
    rf"|access key)|{SECRET_NAME}|[\w-]{{0,40}}_(?:{SECRET_NAME}|token)))"
    rf"(?P<join>(?P<verb>{BLANK}(?:is|was|to|of|equals)(?P<colon>:)?)?{BLANK}{{1,4}})"
    rf"(?P<value>{VALUE})",
    re.IGNORECASE,
)
#: A user and a password as a file for logins has them. Source: the manual of netrc(5).
_LOGIN = Lazy(
    r"(?P<name>(?<![\w-])(?:login|user(?:name)?)[ \t]{1,4})(?P<user>[^\s,;:=\"'()]{2,64})"
    r"(?P<join>,?\s{1,4}(?:and )?(?:password|passwd|pass|pw)[ \t]{1,4})"
    r"(?P<value>[^\s,;:=\"'()]{3,128})",
    re.IGNORECASE,
)
_MACHINE = Lazy(rf"(?<=machine )[\w.-]{{1,128}}(?=\s{{1,4}}login\s{{1,4}}{MARK})")
#: A prompt, with what was typed behind it.
_PROMPT = Lazy(
    r"(?P<name>(?<![a-z])(?:password|passphrase|passcode|pin) for (?:user )?)"
    r"(?P<whom>[\"']?[^\s\"':]{1,128}[\"']?)(?P<join>:[ ]{0,4})(?P<value>[^\s\"',;]*)",
    re.IGNORECASE,
)


def without_prompts(text: str) -> str:
    """Return marked text without whom a prompt asks for a password, and what is answered."""
    return _PROMPT().sub(_prompt, text) if ":" in text and " for " in text else text


def without_phrases(text: str, lowered: str) -> str:
    """Return marked text without the secrets that sentences tell."""
    if "pin" in lowered or "otp" in lowered or "code" in lowered:
        text = _PIN().sub(always, _CODE().sub(always, text))
    if "user" in lowered or "login" in lowered:
        text = _LOGIN().sub(_login, text)
        text = _MACHINE().sub(MARK, text) if "machine " in text else text
    return _PHRASE().sub(_phrase, _ALONE().sub(_alone, text))


def _prompt(match: re.Match[str]) -> str:
    whom, value = match["whom"], match["value"]
    if whom.lower() in NO_SECRETS:
        return match[0]
    is_word = value.isalpha() and (match.end() < len(match.string) or value.lower() in NO_SECRETS)
    kept = value if is_word else MARK if value else ""
    return f"{match['name']}{MARK}{match['join']}{kept}"


def _alone(match: re.Match[str]) -> str:
    value = match["value"]
    is_word = value.islower() or value.istitle() or value.isupper()
    is_word = is_word and value.isalpha() and "_" not in match["name"]
    return match[0] if is_word or value.lower() in NO_SECRETS else replaced(match, value, "", "")


def _login(match: re.Match[str]) -> str:
    user, value = match["user"].lower(), match["value"].lower()
    if user in NO_SECRETS or value in NO_SECRETS or user in ("and", MARK):
        return match[0]
    return f"{match['name']}{MARK}{match['join']}{MARK}"


def _phrase(match: re.Match[str]) -> str:
    opening, inside, closing = parts_of(match["value"])
    if inside.lower() in NO_SECRETS or opening == "(":
        return match[0]
    is_common = bool(match["common"])
    is_secret = is_chosen(inside)
    if opening:
        is_secret = is_secret or is_common
    elif match["verb"] and is_common:
        is_secret = bool(match["colon"]) or not inside.isalpha()
    return replaced(match, inside, opening, closing) if is_secret else match[0]
