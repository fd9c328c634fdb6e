"""URLs: the scheme and a public host are kept, everything else of them goes.

A path, a query and a fragment hold names, identifiers and signatures as often as not; the user and
the password before the host always do.
"""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.secret_names import SECRET_NAME

__all__ = ["is_public_host", "without_urls"]

_URL = Lazy(r"(?<=[A-Za-z0-9])://[^\s\"'<>`\\]*")
#: JDBC's URLs take their parameters as they are, blanks too. A secret ends where the next parameter
#: begins; with none behind it nothing tells where, so it reaches to the end of the line or quotes.
_JDBC = Lazy(r"(?<![A-Za-z])jdbc:[^\n\"'`<>]{1,2048}")
_NEXT_PARAMETER = r"(?=[;&][\w.-]{1,40}=)"
_JDBC_VALUE = Lazy(
    rf"(?P<name>[;?&][\w.-]{{0,40}}?(?:{SECRET_NAME})[\w.-]{{0,16}}=)"
    r"[^;&]+(?:[;&](?![\w.-]{1,40}=)[^;&]{0,256}){0,3}"
    rf"|(?P<user>[;?&](?:user(?:name)?|uid)=)[^;&]+{_NEXT_PARAMETER}",
    re.IGNORECASE,
)
_QUERY = Lazy(r"\?[\w.%~+-]+=[^\s\"'<>`]*")
_TARGET = Lazy(r"(?<=with url: )/[^\s\"'<>`]*")
#: As urllib3 says it.
_BAD_HOST = Lazy(r"'[^'\n]{1,256}'(?= is not a valid host)")
_HOST = Lazy(r"(?P<host>[\w.-]+|\[[^\]]*\]?)(?P<port>:[0-9]{1,5})?")

#: Endings of names that only one network knows.
_PRIVATE = frozenset(
    (
        *("corp", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain"),
        *("private", "test", "arpa"),
    )
)
_CLOSERS = ".,;:!?)]}"


def without_urls(text: str) -> str:
    """Return marked text whose URLs hold a scheme and at most a public host and its port."""
    if "jdbc:" in text:
        text = _JDBC().sub(_jdbc, text)
    if "://" in text:
        text = _URL().sub(_url, text)
    if "with url: " in text:
        text = _TARGET().sub(MARK, text)
    if "valid host" in text:
        text = _BAD_HOST().sub(f"'{MARK}'", text)
    return _QUERY().sub(_query, text) if "?" in text and "=" in text else text


def is_public_host(name: str) -> bool:
    """Tell whether a host's name says nothing of a person: a name of the public Internet."""
    lowered = name.lower().rstrip(".")
    if lowered == "localhost":
        return True
    labels = lowered.split(".")
    ending = labels[-1]
    return (
        len(labels) > 1
        and all(labels)
        and ending not in _PRIVATE
        and len(ending) > 1
        and (ending.isalpha() or ending.startswith("xn--"))
    )


def _jdbc(match: re.Match[str]) -> str:
    return _JDBC_VALUE().sub(rf"\g<name>\g<user>{MARK}", match[0])


def _url(match: re.Match[str]) -> str:
    if _scheme_before(match) == "file":
        return match[0]  # a path
    found = match[0]
    core = found.rstrip(_CLOSERS)
    closers = found[len(core) :]
    rest = core[3:]
    authority = _authority_of(rest)
    host = _HOST().fullmatch(authority.rpartition("@")[2])
    tail = rest[len(authority) :]
    # A password may hold what ends an authority: what looks like the host is part of it then.
    if host is None or "@" in tail or not is_public_host(host["host"]):
        kept = MARK if rest else ""
    else:
        kept = host[0] + (f"/{MARK}" if tail.strip("/") else tail)
    return f"://{kept}{closers}"


def _authority_of(rest: str) -> str:
    """Return what stands before the first of "/", "?" and "#"."""
    for end in "/?#":
        rest = rest.partition(end)[0]
    return rest


def _scheme_before(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 5) : match.start()].lower()
    return "file" if before.endswith("file") and not before[:-4].isalnum() else ""


def _query(match: re.Match[str]) -> str:
    core = match[0].rstrip(_CLOSERS)
    return f"?{MARK}{match[0][len(core) :]}"
