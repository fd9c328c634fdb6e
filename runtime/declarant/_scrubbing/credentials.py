"""Secrets that stand beside a word which says so: keys with values, headers, options, phrases."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy

__all__ = ["without_credentials"]

#: A value after its name: quoted, quoted inside a quoted text, in parentheses, or up to a blank.
#: What is quoted and never ends reaches to the end of its line, for it may have been cut.
_VALUE = (
    r"""(?:[bBrRuU]?"(?:[^"\\\n]|\\.)*"?|[bBrRuU]?'(?:[^'\\\n]|\\.)*'?"""
    r"""|\\{1,8}"[^"\n]*"?|\\{1,8}'[^'\n]*'?|`[^`\n]*`?|\([^()\n]*\)?"""
    r"""|[^\s"'`(;&,][^\s;&]*)"""
)
_END_OF_NAME = r"""[\\"'\]]{0,8}[ \t]{0,4}"""

_HINTS = (
    *("pass", "pw", "secret", "token", "key", "auth", "cred", "sig", "cookie", "session"),
    *("connection", "bearer", "basic", "webhook", "sid", "otp", "-u", "login"),
    "mysql",
)

#: Whatever their value is, it is a secret.
_SECRET_NAMES = (
    *("pass(?:word|wd|phrase|code)", "(?<![a-z])pass", "(?<![a-z])pw", "pwd", "secret"),
    *("credentials?", "connection[-_ ]?string", "(?<![a-z])otp", "webhook(?:[-_ ]?url)?"),
    "(?:api|access|account|client|encryption|functions|license|master|primary|private)[-_ ]?key",
    "(?:sas|secondary|secret|service|shared|signing|storage|subscription)[-_ ]?key",
)
#: Words of other trades too: a parser's token, a function's signature.
_MAYBE_NAMES = (
    *("token", "(?<![a-z])auth", "(?<![a-z])sig(?:nature)?", "(?<![a-z])sid"),
    "(?<![a-z])(?:j|php)?sess(?:ion)?[-_ ]?id",
)
_NAMED = Lazy(
    rf"(?P<name>(?P<secret>{'|'.join(_SECRET_NAMES)})|{'|'.join(_MAYBE_NAMES)})"
    rf"(?P<join>{_END_OF_NAME}(?:=>|:=|==?|:|(?<=[\"']),)[ \t]{{0,4}})(?P<value>{_VALUE})",
    re.IGNORECASE,
)
#: In a connection string a value may hold blanks; it ends at the next semicolon.
_CONNECTION = Lazy(
    r"(?P<name>password|pwd|accountkey|sharedaccesskey|accesskey|secret)"
    r"(?P<join>[ ]?=[ ]?)(?P<value>[^;\n\"']{1,256})(?=;)",
    re.IGNORECASE,
)
_HEADER = Lazy(
    r"(?P<name>(?:proxy-)?authorization|(?:set-)?cookie2?|www-authenticate)"
    rf"(?P<join>{_END_OF_NAME}(?:[:=]|(?<=[\"']),)[ \t]{{0,4}})"
    r"""(?P<value>[bBrRuU]?"(?:[^"\\\n]|\\.)*"?|[bBrRuU]?'(?:[^'\\\n]|\\.)*'?"""
    r"""|\\{1,8}"[^"\n]*"?"""
    r"""|(?:bearer|basic|token|negotiate|ntlm|apikey|sharedkey|key)[ ]+[^\s"',;]+"""
    rf"""|{MARK}(?=[\s"',;]|\Z)|[^\s"'][^\n"']*)""",
    re.IGNORECASE,
)
_SCHEME = Lazy(
    r"(?<![A-Za-z])(?P<name>bearer|basic|negotiate|ntlm|apikey|sharedkey|token)"
    r"(?P<join>[ ]+)(?P<value>[^\s\"'`,;()<>{}\[\]]{6,})",
    re.IGNORECASE,
)
#: An option and its value, also as neighbours in a list of arguments.
_OPTION = Lazy(
    r"(?P<name>(?<![\w-])--?(?:[\w-]{0,40}[-_])?"
    r"(?:pass(?:word|wd|phrase)?|pwd|token|secret|(?:api|access|private|secret|account)[-_]?key"
    r"|auth|credentials?|pat))"
    rf"(?P<join>[\"']?,?[ ]{{1,4}})(?P<value>{_VALUE})",
    re.IGNORECASE,
)
_USER_OPTION = Lazy(
    r"(?P<name>(?<![\w-])(?:-u|-U|--user|--proxy-user|--login|--auth))"
    r"(?P<join>[\"']?,?[ =]{0,4}[\"']?)(?P<value>[^\s\"':,]+:[^\s\"',]+)"
)
#: Programs that take a password so, glued to the option or not.
_SHORT_OPTION = Lazy(
    r"(?P<name>(?<![\w-])(?:sshpass|login|mysql\w{0,8})(?![\w-])[^\n;|&]{0,200}?[ '\"]-p)"
    r"(?P<join>[\"', =]{0,4})(?P<value>[^\s\"',=-][^\s\"',]*)"
)
_PHRASE = Lazy(
    r"(?P<name>(?<![a-z])(?:password|passwd|passphrase|passcode|secret key|api key|access key))"
    rf"(?P<join>(?P<verb>[ ](?:is|was|to|of|equals))?[ ]{{1,4}})(?P<value>{_VALUE})",
    re.IGNORECASE,
)

#: Words that stand where a secret could, and are none.
_NO_SECRETS = frozenset(
    (
        *("", "none", "null", "nil", "true", "false", "yes", "no", "undefined", "empty", "unset"),
        *("required", "missing", "invalid", "incorrect", "wrong", "expired", "expected", "unknown"),
        *("must", "is", "was", "not", "cannot", "could", "should", "has", "may", "the", "a", "an"),
        *("str", "string", "int", "integer", "bytes", "object", "optional", "redacted", "hidden"),
        *("for", "and", "or", "in", "to", "from", "of", "with", "does", "do", "too", "field"),
        *("value", "authentication", "authorization", "token", "got", "found", "using", "failed"),
        *("used", "needed", "set", "given", "provided", "denied", "error", "at", "unexpected"),
    )
)
_QUOTES = "\"'`"
_SPECIAL = frozenset("<[|{")
_MIN_PHRASE, _MIN_BEARER, _MIN_TOKEN, _MIN_VALUE = 4, 8, 16, 6


def without_credentials(text: str) -> str:
    """Return marked text without the values of what is named as a secret."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    if "auth" in lowered or "cookie" in lowered:
        text = _HEADER().sub(_always, text)
    if ";" in text and "=" in text:
        text = _CONNECTION().sub(_always, text)
    text = _NAMED().sub(_named, text)
    text = _SCHEME().sub(_scheme, text)
    if "-" in text:
        text = _OPTION().sub(_always, text)
        text = _USER_OPTION().sub(_always, text)
        text = _SHORT_OPTION().sub(_always, text)
    return _PHRASE().sub(_phrase, text)


def _parts(value: str) -> tuple[str, str, str]:
    """Return a value's opening quote or bracket, what is inside, and what closes it."""
    inside = value.lstrip("bBrRuU") if value[:2].lower() in _PREFIXED else value
    inside = inside.lstrip("\\")
    opening = inside[:1]
    if opening not in _QUOTES and opening != "(":
        # A quote or bracket that closes what holds the value, and a full stop, are not its own.
        core = value.rstrip(")]}>\"'`.,:!?\\")
        return "", core, value[len(core) :]
    start = value.index(opening) + 1
    closing = ")" if opening == "(" else opening
    end = len(value) - 1 if len(value) > start and value.endswith(closing) else len(value)
    end = len(value[:end].rstrip("\\")) if value[:start].endswith("\\" + opening) else end
    return value[:start], value[start:end], value[end:]


_PREFIXED = frozenset(prefix + quote for prefix in "bru" for quote in _QUOTES)


def _replaced(match: re.Match[str], inside: str, opening: str, closing: str) -> str:
    if inside == MARK:
        return match[0]
    return f"{match['name']}{match['join']}{opening}{MARK}{closing}"


def _always(match: re.Match[str]) -> str:
    opening, inside, closing = _parts(match["value"])
    if inside.lower() in _NO_SECRETS:
        return match[0]
    return _replaced(match, inside, opening, closing)


def _named(match: re.Match[str]) -> str:
    opening, inside, closing = _parts(match["value"])
    if inside.lower() in _NO_SECRETS or not inside.strip("*.-x"):
        return match[0]
    if not match["secret"] and not _is_maybe_secret(match["name"], match["join"], inside, opening):
        return match[0]
    return _replaced(match, inside, opening, closing)


def _is_maybe_secret(name: str, join: str, inside: str, opening: str) -> bool:
    """Tell whether the value of a word of other trades too is a secret."""
    if MARK in inside:
        return True
    if inside[0] in _SPECIAL or (inside.isdigit() and len(inside) <= _MIN_VALUE):
        return False
    has_digit = any(map(str.isdigit, inside))
    if name.lower().startswith("sig"):
        return has_digit and len(inside) >= _MIN_BEARER and not inside.startswith("(")
    if opening == "(":
        return name.lower() == "auth" and len(inside) > 1
    is_entry = any(quote in join for quote in _QUOTES)
    if "=" in join or is_entry:
        return len(inside) >= _MIN_PHRASE
    return len(inside) >= _MIN_TOKEN or (has_digit and len(inside) >= _MIN_VALUE)


def _scheme(match: re.Match[str]) -> str:
    core = match["value"].rstrip(".:!?")
    rest = match["value"][len(core) :]
    if core.lower() in _NO_SECRETS:
        return match[0]
    least = _MIN_TOKEN if match["name"].lower() == "token" else _MIN_BEARER
    has_digit = any(map(str.isdigit, core))
    is_word = core.islower() or core.isupper() or core.istitle()
    is_padded = core.endswith("=")
    if (len(core) >= least and (has_digit or is_padded or not is_word)) or len(core) >= 2 * least:
        return _replaced(match, core, "", rest)
    return match[0]


def _phrase(match: re.Match[str]) -> str:
    opening, inside, closing = _parts(match["value"])
    if inside.lower() in _NO_SECRETS:
        return match[0]
    if opening == "(":
        return match[0]
    is_secret = opening or (match["verb"] and not inside.isalpha())
    return _replaced(match, inside, opening, closing) if is_secret else match[0]
