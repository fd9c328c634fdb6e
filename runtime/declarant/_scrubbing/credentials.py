"""Secrets that stand beside a word which says so: keys with values, lists, headers, phrases."""

from __future__ import annotations

import base64
import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.options import VALUE, without_options
from declarant._scrubbing.patterns import BLANK, Lazy

__all__ = ["without_credentials"]

_END_OF_NAME = rf"""[\\"'\]]{{0,8}}{BLANK}{{0,4}}"""
#: What joins a name and its value, also as East Asian keyboards write it.
_JOINT = r"(?:=>|:=|==?|[:\uff1a\uff1d])"

_HINTS = (
    *("pass", "pw", "secret", "token", "key", "auth", "cred", "sig", "cookie", "session"),
    *("connection", "bearer", "basic", "webhook", "sid", "otp", "-u", "login", "code", "pin"),
    *("mysql", "openssl", "kennwort", "contrase", "senha", "wachtwoord", "has\u0142o"),
    *("l\u00f6senord", "\u043f\u0430\u0440\u043e\u043b", "\u5bc6\u7801", "\u5bc6\u78bc"),
    *("\u30d1\u30b9\u30ef\u30fc\u30c9", "\ube44\ubc00\ubc88\ud638"),
)

#: Whatever their value is, it is a secret.
_SECRET_NAMES = (
    *("pass(?:word|wd|phrase|code)", "(?<![a-z])pass", "(?<![a-z])pw", "pwd", "secret"),
    *("(?:admin|db|ftp|ldap|my|mysql|pg|root|smtp|sql|ssh|user)_?pass", "(?<![a-z])bearer"),
    # In German, Spanish, French, Portuguese, Dutch, Polish, Swedish, Russian, Chinese, Japanese and
    # Korean.
    *("passwort", "kennwort", "contrase(?:\u00f1|n)a", "mots? de passe", "senha", "wachtwoord"),
    *(
        "has\u0142o",
        "l\u00f6senord",
        "\u043f\u0430\u0440\u043e\u043b\u044c",
        "\u5bc6[\u7801\u78bc]",
    ),
    *("\u30d1\u30b9\u30ef\u30fc\u30c9", "\ube44\ubc00\ubc88\ud638"),
    "(?:auth|authori[sz]ation|backup|confirmation|device|login|mfa|oauth|recovery|sms)[-_ ]?code",
    "(?:one[- ]time|security|verification)[-_ ]?code",
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
    rf"(?P<join>{_END_OF_NAME}(?:{_JOINT}|(?<=[\"']),){BLANK}{{0,4}})(?P<value>{VALUE})",
    re.IGNORECASE,
)
#: Names whose values are many, and any such name with a list in brackets.
_LISTED = Lazy(
    rf"(?P<name>(?P<secret>{'|'.join(_SECRET_NAMES)})|token)(?P<many>e?s)?"
    rf"(?P<join>{_END_OF_NAME}{_JOINT}{BLANK}{{0,4}})"
    r"(?P<open>[\[(]|(?<=s)\{)(?P<value>[^\[\](){}\n]*)",
    re.IGNORECASE,
)
#: A value that stands alone below its name, as prompts are answered and YAML is written; a block
#: of YAML is taken to the end of its line.
_BELOW = Lazy(
    rf"(?P<name>(?:{'|'.join(_SECRET_NAMES)})s?)"
    rf"(?P<join>[\"']?{BLANK}{{0,4}}[:\uff1a]{BLANK}{{0,4}}(?P<block>[|>][+-]?)?{BLANK}{{0,4}}"
    rf"(?:\r?\n|(?:\\{{1,2}}r)?\\{{1,2}}n){BLANK}{{0,16}}(?:-{BLANK})?)"
    r"(?P<value>[^\s\\:#-][^\r\n\\]*)",
    re.IGNORECASE,
)
#: In a connection string a value may hold blanks; it ends at a semicolon that another key follows.
_CONNECTION = Lazy(
    r"(?P<name>password|pwd|accountkey|sharedaccesskey|accesskey|secret)"
    r"(?P<join>[ ]?=[ ]?)"
    r"(?P<value>[^;\n\"']{1,256}(?:;[^;=\s\"']{1,64}(?=;|\s|\Z)){0,3})(?P<end>;)?",
    re.IGNORECASE,
)
#: A name and its value with a blank between them, alone in quotes: a line that a parser shows.
_ALONE = Lazy(
    r"(?P<name>(?<=[\"'])[\w-]{0,40}"
    r"(?:pass(?:word|wd|phrase)|secret|token|(?:access|api|account|private|secret)[-_]?key))"
    rf"(?P<join>{BLANK}{{1,4}})(?P<value>[^\s\"'\\]{{4,}})(?=(?:\\{{1,2}}[rn])?(?:\\{{1,2}}[rn])?[\"'])",
    re.IGNORECASE,
)
_PIN = Lazy(
    r"(?P<name>(?<![A-Za-z])PIN)(?P<join>[ ]?(?:[:=]|is)[ ]{0,4})(?P<value>[0-9]{4,8})(?!\w)"
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
#: `b'Basic YTpi'`: shorter than a word could be told from a secret by its letters.
_BASIC = Lazy(r"(?P<name>[Bb]asic)(?P<join>[ ])(?P<value>[A-Za-z0-9+/]{4,512}={0,2})(?![\w=])")
_PHRASE = Lazy(
    r"(?P<name>(?<![a-z])(?:password|passwd|passphrase|passcode|secret key|api key|access key))"
    rf"(?P<join>(?P<verb>[ ](?:is|was|to|of|equals)(?P<colon>:)?)?[ ]{{1,4}})(?P<value>{VALUE})",
    re.IGNORECASE,
)
#: A prompt, with what was typed behind it.
_PROMPT = Lazy(
    r"(?P<name>(?<![a-z])(?:password|passphrase|passcode|pin) for (?:user )?)"
    r"(?P<whom>[\"']?[^\s\"':]{1,128}[\"']?)(?P<join>:[ ]{0,4})(?P<value>[^\s\"',;]*)",
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
_CLOSERS = ")]}>\"'`.,:!?\\"
_SPECIAL = frozenset("<[|{")
_DONE = frozenset(("", MARK))
_BARE_JOINTS, _GOES_ON = frozenset(("=", "\uff1d")), frozenset(";&")
_MIN_PHRASE, _MIN_BEARER, _MIN_TOKEN, _MIN_VALUE = 4, 8, 16, 6
#: Of these a word is no secret where a sentence goes on, but is one after a bare "=".
_ARTICLES = frozenset(("a", "an", "at", "do", "in", "is", "of", "or", "to", "the", "was", "for"))


def without_credentials(text: str) -> str:
    """Return marked text without the values of what is named as a secret."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    if "auth" in lowered or "cookie" in lowered:
        text = _HEADER().sub(_always, text)
    if ";" in text and "=" in text:
        text = _CONNECTION().sub(_connection, text)
    if ":" in text:
        text = _BELOW().sub(_below, text) if "\n" in text or "\\n" in text else text
        text = _PROMPT().sub(_prompt, text) if " for " in text else text
    if "[" in text or "(" in text or "{" in text:
        text = _LISTED().sub(_listed, text)
    text = _NAMED().sub(_named, text)
    text = _SCHEME().sub(_scheme, _BASIC().sub(_basic, text) if "asic " in text else text)
    text = without_options(text, _always) if "-" in text else text
    if "PIN" in text:
        text = _PIN().sub(_always, text)
    return _PHRASE().sub(_phrase, _ALONE().sub(_alone, text))


def _parts(value: str) -> tuple[str, str, str]:
    """Return a value's opening quote or bracket, what is inside, and what closes it."""
    inside = value.lstrip("bBrRuU") if value[:2].lower() in _PREFIXED else value
    inside = inside.lstrip("\\")
    opening = inside[:1]
    if opening not in _QUOTES and opening != "(":
        # A quote or bracket that closes what holds the value, and a full stop, are not its own.
        core = value.rstrip(_CLOSERS)
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


def _connection(match: re.Match[str]) -> str:
    value = match["value"]
    before = match.string[max(0, match.start() - 2) : match.start()].rstrip()
    if match["end"] is None and not before.endswith(";"):
        return match[0]
    if value.strip().lower() in _NO_SECRETS - _ARTICLES:
        return match[0]
    return f"{match['name']}{match['join']}{MARK}{match['end'] or ''}"


def _below(match: re.Match[str]) -> str:
    value = match["value"].strip()
    inside = value.strip(_QUOTES)
    is_alone = bool(match["block"]) or len(value.split()) == 1 or value[0] in _QUOTES
    if not is_alone or value[-1] in ":{[" or inside.lower() in _NO_SECRETS or MARK in value:
        return match[0]
    return match["name"] + match["join"] + MARK


def _prompt(match: re.Match[str]) -> str:
    whom, value = match["whom"], match["value"]
    if whom.lower() in _NO_SECRETS:
        return match[0]
    is_word = value.isalpha() and (match.end() < len(match.string) or value.lower() in _NO_SECRETS)
    kept = value if is_word else MARK if value else ""
    return f"{match['name']}{MARK}{match['join']}{kept}"


def _listed(match: re.Match[str]) -> str:
    value = match["value"].strip()
    if not value or value == MARK or value.lower() in _NO_SECRETS:
        return match[0]
    if not match["secret"]:
        # Tokens are words too: of these each has letters and digits in it.
        words = [word.strip(" \"'") for word in value.split(",") if word.strip()]
        is_secret = value[0] in _QUOTES and match["many"] and all(map(_is_mixed, words))
    else:
        is_secret = bool(match["many"]) or value[0] in _QUOTES
    if not is_secret:
        return match[0]
    before = match[0][: match.start("value") - match.start()]
    return before + MARK


def _is_mixed(word: str) -> bool:
    is_long = len(word) >= _MIN_PHRASE and word.isascii() and word[:1] not in _SPECIAL
    return is_long and any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def _alone(match: re.Match[str]) -> str:
    value = match["value"]
    is_word = value.islower() or value.istitle() or value.isupper()
    is_word = is_word and value.isalpha() and "_" not in match["name"]
    return match[0] if is_word or value.lower() in _NO_SECRETS else _replaced(match, value, "", "")


def _basic(match: re.Match[str]) -> str:
    """Replace what is base64 of a user, a colon and a password."""
    value = match["value"]
    try:
        plain = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return match[0]
    is_pair = ":" in plain and plain.isprintable()
    return _replaced(match, value, "", "") if is_pair else match[0]


def _named(match: re.Match[str]) -> str:
    opening, inside, closing = _parts(match["value"])
    is_bare = match["join"] in _BARE_JOINTS
    goes_on = match.string[match.end() : match.end() + 1] in _GOES_ON
    if is_bare and not opening and goes_on and "'" not in closing and '"' not in closing:
        inside, closing = match["value"], ""  # ends at a semicolon, so a full stop is its own
    no_secrets = _NO_SECRETS - _ARTICLES if is_bare and match["secret"] else _NO_SECRETS
    if inside.lower() in no_secrets or not inside.strip("*.-x") or inside.strip("[({|>+-") in _DONE:
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
        # A function's signature is a type, such as float32.
        least = _MIN_VALUE if name.lower() == "sig" else _MIN_BEARER
        return has_digit and len(inside) >= least and not inside.startswith("(")
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
    is_secret = opening or match["colon"] or (match["verb"] and not inside.isalpha())
    return _replaced(match, inside, opening, closing) if is_secret else match[0]
