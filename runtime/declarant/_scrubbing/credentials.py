"""Secrets that stand beside a word which says so: here keys with values, elsewhere the rest."""

from __future__ import annotations

import re

from declarant._scrubbing.calls import without_built, without_calls
from declarant._scrubbing.headers import without_header_values, without_scheme_values
from declarant._scrubbing.layouts import without_laid_out
from declarant._scrubbing.logins import without_logins, without_password_lines
from declarant._scrubbing.marks import MARK
from declarant._scrubbing.options import without_options
from declarant._scrubbing.patterns import BLANK, Lazy
from declarant._scrubbing.phrases import without_phrases, without_prompts
from declarant._scrubbing.programs import without_program_passwords
from declarant._scrubbing.records import without_encoded, without_records
from declarant._scrubbing.secret_names import (
    ARTICLES,
    END_OF_NAME,
    HINTS,
    JOINT,
    MAYBE_NAME,
    NO_SECRETS,
    QUOTES,
    SECRET_NAME,
    TAGS,
    holds_name,
)
from declarant._scrubbing.usage_errors import without_usage_values
from declarant._scrubbing.values import VALUE, parts_of, replaced

__all__ = ["without_credentials"]

_NAMED = Lazy(
    rf"(?P<name>(?P<secret>{SECRET_NAME})|{MAYBE_NAME})"
    rf"(?P<join>{END_OF_NAME}(?:(?:provided|given|used|entered|supplied|received){BLANK}?:"
    rf"|{JOINT}|(?<=[\"']),){BLANK}{{0,4}}{TAGS})(?P<value>{VALUE})",
    re.IGNORECASE,
)
#: In a connection string a value may hold blanks; it ends at a semicolon that another key follows.
_CONNECTION = Lazy(
    r"(?P<name>password|pwd|accountkey|sharedaccesskey|accesskey|secret)"
    r"(?P<join>[ ]?=[ ]?)"
    r"(?P<value>[^;\n\"']{1,256}(?:;[^;=\s\"']{1,64}(?=;|\s|\Z)){0,3})(?P<end>;)?",
    re.IGNORECASE,
)
#: Whom the program passwd speaks of: "passwd: user 'x' does not exist".
_OF_PASSWD = frozenset(("user", "you", "all", "password", "only", "permission", "no", "account"))
_SPECIAL = frozenset("<[|{")
_OBJECTS = frozenset(('{"', "{'"))
_DONE = frozenset(("", MARK))
_BARE_JOINTS, _GOES_ON = frozenset(("=", "\uff1d")), frozenset(";&")
_MIN_PHRASE, _MIN_SIGNATURE, _MIN_TOKEN, _MIN_VALUE = 4, 8, 16, 6


def without_credentials(text: str) -> str:
    """Return marked text without the values of what is named as a secret."""
    lowered = text.lower()
    text = without_password_lines(without_program_passwords(text, lowered))
    if not any(hint in lowered for hint in HINTS):
        return text
    text = without_built(without_logins(without_usage_values(text)))
    text = without_header_values(text, lowered)
    text = without_prompts(text)
    is_named = holds_name(lowered)
    text = _without_named(text, lowered) if is_named else text
    text = without_scheme_values(text, lowered)
    text = without_options(text) if "-" in text else text
    return without_phrases(text, lowered) if is_named or "pin" in lowered else text


def _without_named(text: str, lowered: str) -> str:
    """Return *text* without the values of names, wherever they stand beside these."""
    text = without_encoded(text, lowered)
    if ";" in text and "=" in text:
        text = _CONNECTION().sub(_connection, text)
    text = without_records(without_laid_out(without_calls(text)), lowered)
    return _NAMED().sub(_named, text)


def _connection(match: re.Match[str]) -> str:
    value = match["value"]
    before = match.string[max(0, match.start() - 2) : match.start()].rstrip()
    if match["end"] is None and not before.endswith(";"):
        return match[0]
    if value.strip().lower() in NO_SECRETS - ARTICLES:
        return match[0]
    return f"{match['name']}{match['join']}{MARK}{match['end'] or ''}"


def _named(match: re.Match[str]) -> str:
    opening, inside, closing = parts_of(match["value"])
    is_bare = match["join"] in _BARE_JOINTS
    goes_on = match.string[match.end() : match.end() + 1] in _GOES_ON
    if is_bare and not opening and goes_on and "'" not in closing and '"' not in closing:
        inside, closing = match["value"], ""  # ends at a semicolon, so a full stop is its own
    no_secrets = NO_SECRETS - ARTICLES if is_bare and match["secret"] else NO_SECRETS
    if inside.lower() in no_secrets or not inside.strip("*.-x") or inside.strip("[({|>+-") in _DONE:
        return match[0]
    if _is_class(match, inside) or _is_program(match, inside) or _is_laid_out(match, inside):
        return match[0]
    if inside[:1] == "\\" and not inside.strip("\\nrt"):
        return match[0]  # a line ends here
    if not match["secret"] and not _is_maybe_secret(match["name"], match["join"], inside, opening):
        return match[0]
    return replaced(match, inside, opening, closing)


def _is_class(match: re.Match[str], inside: str) -> bool:
    """Tell whether a name is the end of a class's, with a sentence behind it."""
    start = match.start()
    is_part = match["name"][0] == "C" and match.string[max(0, start - 1) : start].isalnum()
    return is_part and match["join"].startswith(":") and inside.isalpha()


def _is_program(match: re.Match[str], inside: str) -> bool:
    """Tell whether what looks like a name and its value is a program that says something."""
    is_sentence = match["name"].lower() == "passwd" and match["join"].endswith(": ")
    goes_on = match.string[match.end() : match.end() + 1] == " "
    return is_sentence and goes_on and inside.lower() in _OF_PASSWD


def _is_laid_out(match: re.Match[str], inside: str) -> bool:
    """Tell whether what follows is the key of the next pair, or an object that was looked at."""
    is_key = "," in match["join"] and match.string[match.end() : match.end() + 1] == ":"
    return is_key or inside[:2] in _OBJECTS


def _is_maybe_secret(name: str, join: str, inside: str, opening: str) -> bool:
    """Tell whether the value of a word of other trades too is a secret."""
    if MARK in inside:
        return True
    if inside[0] in _SPECIAL or (inside.isdigit() and len(inside) <= _MIN_VALUE):
        return False
    has_digit = any(map(str.isdigit, inside))
    if name.lower().startswith("sig"):
        # A function's signature is a type, such as float32.
        least = _MIN_VALUE if name.lower() == "sig" else _MIN_SIGNATURE
        return has_digit and len(inside) >= least and not inside.startswith("(")
    if opening == "(":
        return name.lower() == "auth" and len(inside) > 1
    is_entry = any(quote in join for quote in QUOTES)
    if "=" in join or is_entry:
        return len(inside) >= _MIN_PHRASE
    return len(inside) >= _MIN_TOKEN or (has_digit and len(inside) >= _MIN_VALUE)
