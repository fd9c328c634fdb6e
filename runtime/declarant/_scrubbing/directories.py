"""Names in directories and accounts of clouds: LDAP's distinguished names, resources of AWS."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.urls import is_public_host

__all__ = ["without_directory_names"]

_KEYS = "CN|OU|DC|UID|SN|O|L|ST"
#: One name with another behind it; and the last, with another before it. Source: RFC 4514.
_FIRST = Lazy(
    rf"(?P<key>(?<![A-Za-z])(?:{_KEYS})=)(?P<value>[^,=+;\n\"'<>()]{{1,128}})"
    rf"(?=,[ ]?(?:{_KEYS}|C|STREET)=)",
    re.IGNORECASE,
)
_LAST = Lazy(
    rf"(?P<key>(?:(?<=,)|(?<=, ))(?:{_KEYS})=)(?P<value>[^,=+;\s\"'<>()]{{1,128}})",
    re.IGNORECASE,
)
#: An account's number and what follows it. Source: AWS, "Amazon Resource Names".
_RESOURCE = Lazy(
    r"(?P<kept>(?<![A-Za-z])arn:aws[a-z-]{0,12}:[\w-]{0,40}:[\w-]{0,40}:)[^\s\"'<>,;)]+"
)


def without_directory_names(text: str) -> str:
    """Return marked text without such names."""
    if "," in text and "=" in text:
        lowered = text.lower()
        if "cn=" in lowered or "ou=" in lowered or "uid=" in lowered or "dc=" in lowered:
            text = _LAST().sub(_named, _FIRST().sub(_named, text))
    return _RESOURCE().sub(_resource, text) if "arn:aws" in text else text


def _named(match: re.Match[str]) -> str:
    is_public = is_public_host(match["value"].lstrip("*."))
    return match[0] if is_public else f"{match['key']}{MARK}"


def _resource(match: re.Match[str]) -> str:
    return f"{match['kept']}{MARK}"
