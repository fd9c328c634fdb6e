"""Secrets in headers of HTTP, and after the name of a scheme that such headers use."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.secret_names import END_OF_NAME, NO_SECRETS
from declarant._scrubbing.values import always, replaced

__all__ = ["without_header_values", "without_scheme_values"]

#: The rest of a list of parameters: to the end of the line, or of what holds it in single quotes,
#: for its own quotes are double ones. Source: RFC 9110, section 11.4.
_REST = r"(?:[^\n']|'(?=\w))*"
_HEADER = Lazy(
    r"(?P<name>(?:proxy-)?authorization|(?:set-)?cookie2?|(?:www|proxy)-authenticate)"
    rf"(?P<join>{END_OF_NAME}(?:[:=]|(?<=[\"']),)[ \t]{{0,4}})"
    r"""(?P<value>[bBrRuU]?"(?:[^"\\\n]|\\.|"(?=\w)|(?<=\\)")*"?"""
    r"""|[bBrRuU]?'(?:[^'\\\n]|\\.|'(?=\w)|(?<=\\)')*'?"""
    r"""|\\{1,8}"(?:[^"\n]|"(?=\w))*"?|\\{1,8}'(?:[^'\n]|'(?=\w))*'?"""
    rf"""|[A-Za-z][\w-]{{2,32}}[ ]+[\w-]{{1,32}}[ ]?=[ ]?{_REST}"""
    r"""|(?:bearer|basic|token|negotiate|ntlm|apikey|sharedkey|key)[ ]+[^\s"',;]+"""
    rf"""|{MARK}(?=[\s"',;]|\Z)|[^\s"'](?:[^\n"']|["'](?=[\w;]))*)""",
    re.IGNORECASE,
)
_SCHEMES = ("bearer", "basic", "negotiate", "ntlm", "apikey", "sharedkey", "token")
_SCHEME = Lazy(
    rf"(?<![A-Za-z])(?P<name>{'|'.join(_SCHEMES)})"
    r"(?P<join>[ ]+)(?P<value>[^\s\"'`,;()<>{}\[\]]{6,})",
    re.IGNORECASE,
)
#: Schemes with parameters, told by the first of them.
_WITH_PARAMETERS = (
    *("digest", "oauth", "hawk", "aws4-hmac-sha256", "signature", "sharedaccesssignature"),
)
_PARAMETERS = Lazy(
    rf"(?<![A-Za-z])(?P<name>{'|'.join(_WITH_PARAMETERS)})"
    rf"(?P<join>[ ]+)(?P<value>(?:username|realm|oauth_\w{{1,24}}|id|mac|credential"
    rf"|s[rg]|sig|keyid)=\\{{0,8}}\"?{_REST})",
    re.IGNORECASE,
)
#: `b'Basic YTpi'`: shorter than a word could be told from a secret by its letters.
_BASIC = Lazy(r"(?P<name>[Bb]asic)(?P<join>[ ])(?P<value>[A-Za-z0-9+/]{4,512}={0,2})(?![\w=])")

_MIN_BEARER, _MIN_TOKEN = 8, 16


def without_header_values(text: str, lowered: str) -> str:
    """Return marked text without the values of headers that hold secrets."""
    if "auth" in lowered or "cookie" in lowered:
        return _HEADER().sub(always, text)
    return text


def without_scheme_values(text: str, lowered: str) -> str:
    """Return marked text without what stands behind the name of a scheme."""
    if "=" in text and any(scheme in lowered for scheme in _WITH_PARAMETERS):
        text = _PARAMETERS().sub(always, text)
    if "asic " in text:
        text = _BASIC().sub(_basic, text)
    return _SCHEME().sub(_scheme, text) if any(map(lowered.__contains__, _SCHEMES)) else text


def _basic(match: re.Match[str]) -> str:
    """Replace what is base64 of a user, a colon and a password."""
    import base64  # late: few texts hold any

    value = match["value"]
    try:
        plain = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return match[0]
    is_pair = ":" in plain and plain.isprintable()
    return replaced(match, value, "", "") if is_pair else match[0]


def _scheme(match: re.Match[str]) -> str:
    core = match["value"].rstrip(".:!?")
    rest = match["value"][len(core) :]
    if core.lower() in NO_SECRETS:
        return match[0]
    least = _MIN_TOKEN if match["name"].lower() == "token" else _MIN_BEARER
    has_digit = any(map(str.isdigit, core))
    is_word = core.islower() or core.isupper() or core.istitle()
    is_padded = core.endswith("=")
    if (len(core) >= least and (has_digit or is_padded or not is_word)) or len(core) >= 2 * least:
        return replaced(match, core, "", rest)
    return match[0]
