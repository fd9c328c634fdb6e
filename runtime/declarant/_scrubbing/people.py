"""Names of users and machines, where the words around them say that they are names."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.no_names import NO_NAMES, OF_HOSTNAMES, OF_USERS
from declarant._scrubbing.patterns import BLANK, Lazy
from declarant._scrubbing.told_names import (
    without_device_ids,
    without_told_hosts,
    without_told_users,
)
from declarant._scrubbing.urls import is_public_host

__all__ = ["without_names"]

_QUOTED_VALUE = (
    r""""[^"\n]{1,256}"|'[^'\n]{1,256}'|`[^`\n]{1,256}`"""
    r"|\u2018[^\u2019\n]{1,256}\u2019|\u201c[^\u201d\n]{1,256}\u201d"
    r"""|\\{1,8}["'][^"'\n]{1,256}["']"""
)
_WORD = r"[A-Z][\w'\u2019.-]*"
_VALUE = (
    rf"(?P<value>{_QUOTED_VALUE}"
    rf"""|{_WORD} {_WORD}(?: {_WORD})?"""
    r"""|[^\s,;:&"'`<>()\[\]{}|=][^\s,;&"'`<>()\[\]{}|]*)"""
)


def _label(first: str, rest: str) -> str:
    """Return the pattern of a word that stands alone, or as `currentUser` in a compound.

    It begins with its letters, not with what must not be before them, so that it is found fast.
    """
    capital = first.upper()
    return rf"[{capital}{first}](?:(?<={capital})|(?<![A-Za-z]{first})){rest}"


_NAME = r"(?:[ _-]?(?:[Nn]ame|NAME))"
_USERS = (
    *(_label("u", rf"ser(?:{_NAME}|[ _-]?(?:[Ii]d|ID))?"), rf"USER(?:{_NAME}|[ _-]?ID)?"),
    *(_label("l", rf"ogin{_NAME}?"), "LOGIN", "LOGNAME", "logname", _label("u", "id"), "UID"),
    *(_label("a", rf"ccount{_NAME}?"), _label("a", "uthor"), _label("o", "wner")),
    *(_label("f", rf"(?:ull|irst){_NAME}"), _label("l", rf"ast{_NAME}")),
    *(_label("g", f"iven{_NAME}"), _label("r", f"eal{_NAME}"), _label("s", "urname")),
    *("sAMAccountName", "userPrincipalName"),
)
_MACHINES = (
    *(_label("h", f"ost{_NAME}"), f"HOST{_NAME}"),
    *(_label("m", f"achine{_NAME}?"), f"MACHINE{_NAME}?"),
    *(_label("c", f"omputer{_NAME}?"), "COMPUTERNAME", _label("n", f"ode{_NAME}")),
    _label("w", "orkstation"),
)
#: Words for machines that may be public.
_HOSTS = (_label("h", "ost"), "HOST", _label("s", "erver(?==)"), "[Dd]ata [Ss]ource", "PGHOST")
_LABELLED = Lazy(
    rf"(?P<label>{'|'.join((*_USERS, *_MACHINES, *_HOSTS))})"
    rf"""(?P<join>[\\"'\]]{{0,8}}{BLANK}{{0,4}}(?:=>|:=|[=:\uff1a\uff1d]){BLANK}{{0,4}}){_VALUE}"""
)
_QUOTED = Lazy(
    rf"(?P<label>{'|'.join((*_USERS, *_MACHINES, *_HOSTS))}|[Rr]esolve)"
    rf"(?P<join>[ ]{{1,2}})(?P<value>{_QUOTED_VALUE})"
)
_MAYBE_PUBLIC = re.compile(r"(?:pg)?host|server|data source|resolve", re.IGNORECASE)
_SPOKEN = Lazy(
    r"(?<![A-Za-z])(?P<label>(?:for|as|by|of|from|to|no|invalid|unknown|illegal)"
    r"(?: the| invalid| unknown)? (?:user|account|login)"
    r"|(?:authentication|log[io]n|access|permission) (?:failed|failure|denied) for(?: user)?"
    r"|(?:logg?(?:ed)?|sign(?:ed)?)[ -]in as|(?:running|authenticated|connected) as(?: user)?"
    r"|(?P<public>(?:on|unknown|resolve|reach|connect to|for|from) (?:the )?"
    r"(?:host|machine|computer|hostname)|resolve host:|(?P<alone>(?<!_)hostname)))"
    r"(?P<join>[ ]<?)(?P<value>[\w.$-]{2,})",
    re.IGNORECASE,
)
#: A user of whom a sentence says something.
_SUBJECT = Lazy(
    r"(?<![A-Za-z-])(?P<label>[Uu]ser)(?P<join>[ ])(?P<value>[\w.$-]{2,64})"
    r"(?=[ ](?:not|is|has|was|does|can|cannot|could|did|already|lacks"
    r"|(?:is|has|does|ca)n['\u2019]t)(?![\w-]))"
)
_IDS = Lazy(r"(?<=[0-9])\([\w.-]{1,64}\)")
_UNAME = Lazy(r"(?<=node)(name)?=(['\"])[^'\"\n]{1,255}['\"]")
_ACCOUNTS = Lazy(r"(?<![\w-])(?:DESKTOP|LAPTOP|WIN)-[0-9A-Z]{6,11}(?![\w-])")
_NAMED_HOST = Lazy(
    r"(?<![\w.-])[\w.-]+\.(?P<ending>local|lan|internal|corp|home|localdomain|intranet)"
    r"(?P<port>:[0-9]{2,5}(?![\w:]))?(?![\w(]|[.]\w)"
)
#: Endings that are attributes of modules too.
_ATTRIBUTES = frozenset(("local", "internal", "home"))
_PRIVATE = (".local", ".lan", ".internal", ".corp", ".home", ".intranet")
_CLOUD_HOST = Lazy(r"(?<![\w-])ip-[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}(?:[.][\w.-]+)?")
_DEVICE = Lazy(
    r"(?<![\w-])[\w-]+(?:['\u2019]s[ -]|s-)"
    r"(?:MacBook|iMac|iPhone|iPad|Mac|PC|Laptop|Computer|Surface)"
    r"(?:[ -](?:Pro|Air|[Mm]ini|Max))?(?![A-Za-z])"
)

_HINTS = (
    *("user", "login", "logname", "account", "owner", "author", "uid", "name", "host", "machine"),
    *(
        "computer",
        "workstation",
        "logged in",
        "signed in",
        "sign in",
        "server",
        "source",
        "upn",
        "pghost",
    ),
    *("running as", "authenticated as", "connected as", "resolve"),
    *("failed for", "failure for", "denied for"),
)
_MIN_NUMBER = 3  # digits of a user's number; fewer are a count
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\\"


def without_names(text: str) -> str:
    """Return marked text without names of users and machines."""
    lowered = text.lower()
    if any(hint in lowered for hint in _HINTS):
        if "uid=" in lowered:
            text = _IDS().sub(f"({MARK})", text)
        text = _LABELLED().sub(_labelled, text)
        text = _QUOTED().sub(_labelled, text)
        text = _SPOKEN().sub(_spoken, text)
        text = _SUBJECT().sub(_subject, text) if "ser " in text else text
    text = without_told_hosts(without_told_users(text, lowered), lowered)
    text = without_device_ids(text, lowered)
    if "uname_result(" in text:
        text = _UNAME().sub(rf"\g<1>=\g<2>{MARK}\g<2>", text)
    return _without_machines(text, lowered)


def _without_machines(text: str, lowered: str) -> str:
    """Return *text* without names that systems give to machines."""
    if "-" in text:
        text = _ACCOUNTS().sub(MARK, text)
        if "ip-" in lowered:
            text = _CLOUD_HOST().sub(MARK, text)
    if "." in text and any(ending in lowered for ending in _PRIVATE):
        text = _NAMED_HOST().sub(_named_host, text)
    if any(kind in lowered for kind in ("mac", "iphone", "ipad", "laptop", "pc", "surface")):
        text = _DEVICE().sub(MARK, text)
    return text


def _labelled(match: re.Match[str]) -> str:
    value = match["value"]
    core = value.strip(_QUOTES)
    if core[:1] not in _QUOTES and value[:1] not in _QUOTES:
        core = core.rstrip(".!?:")
    is_public = _MAYBE_PUBLIC.fullmatch(match["label"]) is not None
    if not _is_name(core, may_be_public=is_public):
        return match[0]
    at = value.index(core)
    before, after = value[:at], value[at + len(core) :]
    return f"{match['label']}{match['join']}{before}{MARK}{after}"


def _spoken(match: re.Match[str]) -> str:
    core = match["value"].rstrip(".-")
    if match["alone"] and core.lower() in OF_HOSTNAMES:
        return match[0]
    if core.lower() in OF_USERS and match["label"].lower().endswith("user"):
        return match[0]
    if not _is_name(core, may_be_public=bool(match["public"])):
        return match[0]
    return f"{match['label']}{match['join']}{MARK}{match['value'][len(core) :]}"


def _subject(match: re.Match[str]) -> str:
    return match[0] if match["value"].lower() in OF_USERS else _labelled(match)


def _is_name(core: str, *, may_be_public: bool) -> bool:
    """Tell whether a labelled value names somebody, or a machine that is not public."""
    if not core or core == MARK or core.lower() in NO_NAMES or core[0] == "-":
        return False
    if core.isdigit() and len(core) < _MIN_NUMBER:
        return False
    return not (may_be_public and is_public_host(core))


def _named_host(match: re.Match[str]) -> str:
    # threading.local is an attribute; a machine's name has a dash, a number or a port with it.
    found, port = match[0], match["port"] or ""
    is_attribute = match["ending"] in _ATTRIBUTES and not port and "-" not in found
    return found if is_attribute and not any(map(str.isdigit, found)) else MARK + port
