"""Secrets that a login takes as its next word, with neither a name nor a sign before them.

Sources: the manual of `vault login`; Redis' command AUTH and its `redis-cli -a`; RFC 4954 for AUTH
in SMTP; PostgreSQL, "The Password File".
"""

from __future__ import annotations

from declarant._scrubbing.kept_path import has_file_ending
from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.secret_names import NO_SECRETS, QUOTES, is_chosen
from declarant._scrubbing.urls import is_public_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["without_logins", "without_password_lines"]

#: Between two words of a command, in a line or a list of arguments.
_NEXT = r"(?:[ ]{1,4}|[\"'],[ ]{0,4}[\"'])"
_WORD = r"[^\s\"'`,;=()<>\[\]{}-][^\s\"'`,;=()<>\[\]{}]{0,255}={0,2}"
_END = r"(?:\\{1,2}r)?(?:\\{1,2}n)?(?:[\"'`]\]?(?=[\s.,;:)'\"]|\Z)|\n|\Z)"
_LOGIN = Lazy(
    rf"(?<![\w./-])(?P<name>"
    rf"vault{_NEXT}login(?:{_NEXT}-[\w-]{{1,40}}(?:=[^\s\"',]{{1,64}})?){{0,3}}"
    rf"|AUTH(?:{_NEXT}(?P<user>{_WORD})(?={_NEXT}{_WORD}{_END}))?)"
    rf"(?P<join>{_NEXT})(?P<value>{_WORD})(?P<end>{_END})?"
)
_REDIS = Lazy(
    rf"(?P<name>(?<![\w-])redis-cli(?![\w-])[^\n;|&]{{0,200}}?[ '\"]-a)(?P<join>{_NEXT})"
    rf"(?P<value>{_WORD})"
)
#: A line of a file of passwords: host, port, database, user and password.
_PGPASS = Lazy(
    r"(?P<host>(?<![\w.*:/\\-])[\w*][\w.*-]{0,252}):(?P<port>[0-9]{4,5}|\*)"
    r":(?P<database>[\w*$-]{1,63}):(?P<user>[\w.*$@-]{1,63}):(?P<value>[^\s\"'`:]{4,128})(?![\w:])"
)
_LEVELS = frozenset(
    ("trace", "debug", "info", "warn", "warning", "error", "critical", "fatal", "notice")
)
#: What may be asked for after AUTH, in SMTP and FTP. Source: IANA's SASL mechanisms; RFC 4217.
_MECHANISMS = frozenset(
    (
        *("plain", "login", "ntlm", "external", "anonymous", "gssapi", "oauthbearer", "xoauth2"),
        *("cram-md5", "digest-md5", "tls", "tls-c", "ssl", "scram-sha-1", "scram-sha-256"),
        *("scram-sha-1-plus", "scram-sha-256-plus", "gs2-krb5", "default", "otp", "skey"),
    )
)
_TOKENS = ("s.", "b.", "r.", "hvs.", "hvb.", "hvr.")
_OPENING = frozenset(QUOTES)
_PROMPTS = frozenset("$>#")
_PGPASS_COLONS = 4
_PORTS = ("*", "543", "643")  # PostgreSQL's, those that count on from it, PgBouncer's
_MAX_PROMPT = 8  # characters before a command
_MAX_STATUS = 3  # digits of a number that tells how it went


def without_logins(text: str) -> str:
    """Return marked text without the words that logins take for secrets."""
    if "AUTH" in text or "vault" in text:
        text = _LOGIN().sub(_login, text)
    return _REDIS().sub(_redis, text) if "redis-cli" in text else text


def without_password_lines(text: str) -> str:
    """Return marked text without users and passwords in lines of PostgreSQL's password file."""
    return _PGPASS().sub(_line, text) if text.count(":") >= _PGPASS_COLONS else text


def _login(match: re.Match[str]) -> str:
    value = match["value"].rstrip(".:!?")
    user = match["user"]
    if _says_no_secret(value) or not (_is_command(match, value) or _is_secret(value)):
        # The first of two words is the secret if the second one only ends the sentence.
        return _without(match, "user") if user is not None and is_chosen(user) else match[0]
    told = _without(match, "value")
    is_name = user is not None and not _says_no_secret(user)
    at = match.start("user") - match.start()
    return f"{told[:at]}{MARK}{told[at + len(user) :]}" if user and is_name else told


def _is_command(match: re.Match[str], value: str) -> bool:
    """Tell whether a line, or what stands in quotes, is such a command and nothing else."""
    if match["end"] is None:
        return False
    before = match.string[max(0, match.start() - _MAX_PROMPT) : match.start()]
    line = before.rpartition("\n")[2]
    if before[-1:] in _OPENING or line.strip() in _PROMPTS:
        return True
    return not line and (match["name"].startswith("vault") or not _is_plain(value))


def _is_secret(word: str) -> bool:
    """Tell whether a word of a sentence has to be one."""
    return word.startswith(_TOKENS) or is_chosen(word)


def _is_plain(word: str) -> bool:
    return word.isalpha() and (word.islower() or word.isupper() or word.istitle())


def _says_no_secret(word: str) -> bool:
    lowered = word.lower()
    is_status = word.isdigit() and len(word) <= _MAX_STATUS
    return lowered in NO_SECRETS or lowered in _MECHANISMS or word == MARK or is_status


def _without(match: re.Match[str], group: str) -> str:
    """Return a match with the mark for one of its words, but not for a full stop behind it."""
    start = match.start(group) - match.start()
    word = match[group].rstrip(".:!?")
    return f"{match[0][:start]}{MARK}{match[0][start + len(word) :]}"


def _line(match: re.Match[str]) -> str:
    """Replace user and password, unless it is a place in code, a time or an address."""
    host, database, user = match["host"], match["database"], match["user"]
    has_names = all(any(map(str.isalpha, name)) or "*" in name for name in (database, user))
    is_address = not (host + database + user).lower().strip("0123456789abcdef")
    is_told = (
        match["port"].startswith(_PORTS) or "*" in host + database or is_chosen(match["value"])
    )
    is_other = is_address or has_file_ending(host) or user.lower() in _LEVELS
    if is_other or not has_names or not is_told:
        return match[0]
    kept = host if host == "*" or is_public_host(host) else MARK
    return f"{kept}:{match['port']}:{database}:{MARK}:{MARK}"


def _redis(match: re.Match[str]) -> str:
    return f"{match['name']}{match['join']}{MARK}"
