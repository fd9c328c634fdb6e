"""Words that say that what stands beside them is a secret, and words that are none there."""

from __future__ import annotations

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import BLANK, Lazy

__all__ = [
    "ANY_NAME",
    "ARTICLES",
    "END_OF_NAME",
    "HINTS",
    "JOINT",
    "LINE_END",
    "MAYBE_NAME",
    "NO_SECRETS",
    "QUOTES",
    "SECRET_NAME",
    "TAGS",
    "holds_name",
    "is_chosen",
    "tells_nothing",
]

END_OF_NAME = rf"""[\\"'\]]{{0,8}}{BLANK}{{0,4}}"""
#: What joins a name and its value, also as East Asian keyboards write it.
JOINT = r"(?:=>|:=|==?|[:\uff1a\uff1d])"
#: The end of a line, also as `repr` writes it.
LINE_END = r"(?:\r?\n|[\u2028\u2029\x85\x0b\x0c]|(?:\\{1,2}r)?\\{1,2}n|\\{1,2}u202[89])"
#: An anchor or a type before a value in YAML.
TAGS = rf"(?:[&!][\w!:/-]{{0,32}}{BLANK}{{1,4}}){{0,2}}"
QUOTES = "\"'`"

#: One of these is in every text that holds such a name.
HINTS = (
    *("pass", "pw", "secret", "token", "key", "auth", "cred", "sig", "cookie", "session"),
    *("bearer", "basic", "webhook", "sid", "otp", "-u", "login", "code", "pin"),
    *("mysql", "openssl", "redis-cli", "kennwort", "contrase", "senha", "wachtwoord", "has\u0142o"),
    *("l\u00f6senord", "\u043f\u0430\u0440\u043e\u043b", "\u5bc6\u7801", "\u5bc6\u78bc"),
    *("\u30d1\u30b9\u30ef\u30fc\u30c9", "\ube44\ubc00\ubc88\ud638", "digest"),
    *("connection string", "connectionstring", "connection-string", "connection_string"),
)

_SECRETS = (
    *("pass[ _-]?(?:phrase|word)", "pass(?:[_-]?(?:code|key)|wd)", "(?<![a-z])pass"),
    *("(?<![a-z])pw", "pwd", "secret(?:[_-]?key[_-]?base)?"),
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
_MAYBES = (
    *("token", "(?<![a-z])auth", "(?<![a-z])sig(?:nature)?", "(?<![a-z])sid"),
    "(?<![a-z])(?:j|php)?sess(?:ion)?[-_ ]?id",
)
_SUFFIX = "(?:[_-]?(?:[0-9]{1,2}|b(?:ase)?64|hash|plain(?:text)?|text|value))?"
#: Whatever their value is, it is a secret.
SECRET_NAME = f"(?:{'|'.join(_SECRETS)}){_SUFFIX}"
#: Words of other trades too: a parser's token, a function's signature.
MAYBE_NAME = f"(?:{'|'.join(_MAYBES)})"
ANY_NAME = f"(?:{SECRET_NAME}|{MAYBE_NAME}|authorization|cookie)"

_NAME = Lazy(f"{SECRET_NAME}|{MAYBE_NAME}")

#: Words that stand where a secret could, and are none.
NO_SECRETS = frozenset(
    (
        *("", "none", "null", "nil", "true", "false", "yes", "no", "undefined", "empty", "unset"),
        *("required", "requires", "missing", "invalid", "incorrect", "wrong", "expired"),
        *("expected", "unknown"),
        *("must", "is", "was", "not", "cannot", "could", "should", "has", "may", "the", "a", "an"),
        *("str", "string", "int", "integer", "bytes", "object", "optional", "redacted", "hidden"),
        *("for", "and", "or", "in", "to", "from", "of", "with", "does", "do", "too", "field"),
        *("value", "authentication", "authorization", "token", "got", "found", "using", "failed"),
        *("used", "needed", "set", "given", "provided", "denied", "error", "at", "unexpected"),
    )
)
#: Of these a word is no secret where a sentence goes on, but is one after a bare "=".
ARTICLES = frozenset(("a", "an", "at", "do", "in", "is", "of", "or", "to", "the", "was", "for"))
#: What a schema says of a field, in the place where its value could stand.
_SCHEMA_WORDS = frozenset(
    (
        *("type", "format", "minlength", "maxlength", "nullable", "default", "array", "boolean"),
        *("number", "password", "writeonly", "readonly", "items", "min", "max", "length"),
    )
)
#: Words with a digit that stand behind "password" or "key" and say of what kind it is.
_KINDS = ("sha", "md", "utf", "base", "aes", "rsa", "hs", "rs", "es", "ed", "x5", "oauth", "http")
_MIN_CHOSEN = 6  # characters of a password that nothing but the name before it tells
_MAX_NUMBER = 3  # digits of a length
_TO_BLANKS = {ord(char): " " for char in "\\\"'`,;:=[](){}<>\r\n\t" + MARK}


def holds_name(lowered: str) -> bool:
    """Tell whether a text in small letters holds the name of a secret.

    Far cheaper than one look for a name with its value, and most texts with a hint hold none.
    """
    return _NAME().search(lowered) is not None


def is_chosen(word: str) -> bool:
    """Tell whether a word is one that somebody chose or drew: letters and digits, and no kind."""
    is_mixed = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    is_kind = word.lower().startswith(_KINDS)
    return is_mixed and len(word) >= _MIN_CHOSEN and not is_kind and "(" not in word


def tells_nothing(text: str) -> bool:
    """Tell whether a value holds nothing but marks and words that are no secrets."""
    return all(
        word.lower() in NO_SECRETS
        or word.lower() in _SCHEMA_WORDS
        or (word.isdigit() and len(word) <= _MAX_NUMBER)
        for word in text.translate(_TO_BLANKS).split()
    )
