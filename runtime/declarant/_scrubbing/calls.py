"""Secrets among the arguments of a call: one behind a name, or of a class that is called so."""

from __future__ import annotations

import re

from declarant._scrubbing.brackets import closing_of
from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import BLANK, Lazy
from declarant._scrubbing.secret_names import (
    END_OF_NAME,
    JOINT,
    NO_SECRETS,
    SECRET_NAME,
    tells_nothing,
)
from declarant._scrubbing.values import VALUE, always

__all__ = ["without_built", "without_calls"]

#: `auth=HTTPBasicAuth('u', 'p')`: the name in front says what the call makes.
_CALL = Lazy(
    rf"(?P<lead>(?:(?P<secret>{SECRET_NAME})|token|(?<![a-z])auth){END_OF_NAME}{JOINT}{BLANK}{{0,4}})"
    r"(?:new )?[A-Za-z_][\w.]{0,79}\(",
    re.IGNORECASE,
)
#: `ApiKey('x')`, `UsernamePasswordCredential('u', 'p')`, but no class of an error.
_BUILT = Lazy(
    r"(?<!\w)(?=[A-Z])(?!(?:Invalid|Missing|No|Bad|Wrong|Expired|Unknown|Empty|Weak|Incorrect)[A-Z])"
    r"\w{0,40}?(?:A(?:pi|PI)_?K(?:ey|EY)|(?:Access|Secret|Private|Account|Shared|Named)Key|Password"
    r"|Passphrase|Secret|Credentials?|Auth|BearerToken)"
    r"(?:Str|Bytes|Value|Credentials?|Token|String)?\("
)
_BUILDERS = ("Key(", "KEY(", "Key", "Passw", "Passphrase", "Secret", "Credential", "Auth", "Bearer")
_ARGUMENT = Lazy(
    r"(?P<name>(?<![\w.])(?:(?:secret_?)?value|plain_?text|text|raw|data))(?P<join>=)"
    rf"(?P<value>{VALUE})"
)
#: What a list of two that is called `auth` may hold as well: ways of doing it.
_PAIR = Lazy(
    rf"(?P<lead>(?<![A-Za-z])auth{END_OF_NAME}{JOINT}{BLANK}{{0,4}}\[{BLANK}{{0,4}})"
    r"(?P<user>\\{0,8}[\"'][^\"'\n]{0,256}[\"'])"
    rf"(?P<comma>,{BLANK}{{0,4}})(?P<value>\\{{0,8}}[\"'][^\"'\n]{{1,256}}[\"'])(?={BLANK}{{0,4}}\])",
    re.IGNORECASE,
)
_WAYS = frozenset(
    (
        *("basic", "digest", "bearer", "oauth", "oauth2", "ntlm", "kerberos", "negotiate", "jwt"),
        *("password", "publickey", "apikey", "api_key", "saml", "oidc", "ldap", "anonymous"),
        *("read", "write", "admin", "user", "sufficient", "optional", "hawk", "mutual", "cert"),
    )
)
#: Characters of arguments that are looked at.
_MOST_ARGUMENTS = 512
_MAX_HEAD = 64  # blanks and a prefix before what is quoted
_SIGNS = ("=", "'", '"')
_QUOTES = frozenset("'\"")
_MIN_PROSE = 3  # words of a sentence


def without_calls(text: str) -> str:
    """Return marked text without the calls that stand for the value of a secret's name."""
    if "(" in text:
        text = _without_named_calls(text)
    if "[" in text:
        text = _PAIR().sub(_pair, text)
    return text


def without_built(text: str) -> str:
    """Return marked text without what classes of secrets were called with."""
    if "(" not in text or not any(builder in text for builder in _BUILDERS):
        return text
    parts: list[str] = []
    at = 0
    while (match := _BUILT().search(text, at)) is not None:
        parts.append(text[at : match.end()])
        at = match.end()
        end = _end_of(text, at)
        if end == at:
            continue
        inside = text[at:end]
        if not _begins_quoted(text, at):
            parts.append(_ARGUMENT().sub(always, inside))
        else:
            parts.append(inside if _says_nothing(inside) else MARK)
        at = end
    return "".join((*parts, text[at:]))


def _without_named_calls(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (match := _CALL().search(text, at)) is not None:
        parts.append(text[at : match.end("lead")])
        at = match.end("lead")
        end = _end_of(text, match.end())
        inside = text[match.end() : end]
        is_secret = match["secret"] or _may_be_secret(match["lead"], inside)
        if not inside or not is_secret:
            parts.append(text[at : match.end()])
            at = match.end()
            continue
        parts.append(MARK)
        at = end + text.startswith(")", end)
    return "".join((*parts, text[at:]))


def _may_be_secret(lead: str, inside: str) -> bool:
    """Tell whether arguments behind a word of other trades too hold what may be a secret."""
    is_assigned = any(sign in lead for sign in _SIGNS)
    has_text = "'" in inside or '"' in inside
    return MARK in inside or (is_assigned and has_text and not _says_nothing(inside))


def _end_of(text: str, start: int) -> int:
    """Return where arguments end: at the bracket, or with their line if that was cut."""
    most = min(start + _MOST_ARGUMENTS, len(text))
    end = closing_of(text, start, most)
    if end < most:
        return end
    line = text.find("\n", start)
    if not _begins_quoted(text, start):
        return start
    return len(text) if line == -1 else line


def _begins_quoted(text: str, start: int) -> bool:
    head = text[start : start + _MAX_HEAD].lstrip()
    return head.lstrip("bBrRuU").lstrip("\\")[:1] in _QUOTES


def _says_nothing(inside: str) -> bool:
    """Tell whether arguments are marks, stars, or one sentence in quotes."""
    bare = inside.strip(" \"'bru\\")
    is_prose = len(bare.split()) >= _MIN_PROSE and not any(map(str.isdigit, bare))
    is_prose = is_prose and "'" not in bare and '"' not in bare
    return is_prose or not bare.strip("*") or tells_nothing(inside)


def _pair(match: re.Match[str]) -> str:
    words = {match[group].strip("\\\"'").lower() for group in ("user", "value")}
    if words <= _WAYS | NO_SECRETS:
        return match[0]
    return match["lead"] + MARK
