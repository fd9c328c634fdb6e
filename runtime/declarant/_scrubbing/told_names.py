"""Names of users and machines that a sentence of a program tells: no sign joins them to a label.

Sources: messages of sudo, id, su and passwd (GNU coreutils, shadow, sudo), of Python's `pwd`, of
libpq.
"""

from __future__ import annotations

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.no_names import NO_NAMES, OF_USERS
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.urls import is_public_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["without_device_ids", "without_told_hosts", "without_told_users"]

#: Who such a sentence speaks of, if it names nobody.
_NOBODY = frozenset(
    (
        *("users", "account", "it", "he", "she", "they", "you", "warning", "fatal", "chage", "id"),
        *("su", "sudo", "finger", "passwd", "login", "ssh", "sshd", "useradd", "usermod"),
        *("userdel", "chown", "getent", "pkill", "exists", "exist"),
    )
)
_QUOTED_NAME = r"'[^'\n]{1,64}'|\"[^\"\n]{1,64}\"|\u2018[^\u2019\n]{1,64}\u2019|`[^`'\n]{1,64}['`]"
_NAME = rf"(?P<value>{_QUOTED_NAME}|(?<![\w.$-])[\w.$-]{{2,64}})"
_BEFORE = Lazy(
    rf"(?P<lead>){_NAME}(?=: [Nn]o such (?:user|login|account)(?![\w-])| is not in the sudoers"
    r"| is not allowed to run sudo)"
)
_BEHIND = Lazy(
    r"(?P<lead>(?<![A-Za-z])(?:[Nn]o such user|[Uu]nknown (?:user|login)|su: [Uu]nknown id"
    r"|getpwnam\(\): name not found"
    rf"|password information for|passwd: password for)(?::? ))(?P<value>{_QUOTED_NAME}"
    r"|[\w.$-]{2,64})"
)
#: "... is not allowed to execute '/bin/ls' as root on zeus."
_ON_HOST = Lazy(r"(?P<lead>(?: as [\w.$-]{1,64}| run sudo) on )[\w-]{1,64}(?=[.]?(?:\s|\Z))")
_SENTENCES = (
    *("such ", "sudoers", "not allowed to", "getpwnam", "unknown ", "password information"),
    "passwd: ",
)
#: A server in quotes. Its port or a number tells a name from an attribute elsewhere, here a word.
_SERVER = Lazy(
    r"(?P<lead>(?<![A-Za-z])(?:(?P<any>server at )|(?:host|server|proxy|peer|broker|node"
    r"|resolve|reach|contact|(?:connect(?:ed|ing|ion)?|listening|running|bound|database|available"
    r"|endpoint|service|broker|proxy) (?:at|to|on|from)|at|host(?:name)? name) )\\{0,2}[\"'`])"
    r"(?P<value>[A-Za-z0-9][\w.-]{0,252})(?P<port>:[0-9]{1,5})?(?=\\{0,2}[\"'`])"
)
_PRIVATE = (".internal", ".local", ".home", ".lan", ".corp", ".intranet", ".localdomain")
#: An id of a device, where it is none of a kind of chip or its place.
_DEVICE_ID = Lazy(
    r"(?P<lead>(?<![A-Za-z])(?:[Dd]evice|DEVICE)[ _-]?(?:[Ii]d|ID|Identifier)"
    r"[\\\"']{0,4}[ ]{0,2}[=:][ ]{0,2}[\\\"']{0,4})(?P<value>[A-Za-z0-9][\w.:-]{2,127})(?P<end>;)?"
)
_CHIPS = (
    *("0x", "cpu", "gpu", "npu", "cuda", "xpu", "mps", "dml", "vulkan", "adreno", "hexagon"),
    *("auto", "hetero", "ven_", "dev_", "pci", "usb", "opencl", "rocm", "hip", "qnn", "tpu"),
)
_MIN_DEVICE, _MIN_NUMBER = 6, 8
_MIN_DOTS = 2  # of a machine's whole name, behind a word as common as "at"
_QUOTES = "'\"`\u2018\u2019"


def without_told_users(text: str, lowered: str) -> str:
    """Return marked text without users of whom a program says something."""
    if not any(map(lowered.__contains__, _SENTENCES)):
        return text
    text = _BEHIND().sub(_user, _BEFORE().sub(_user, text))
    return _ON_HOST().sub(rf"\g<lead>{MARK}", text) if "not allowed to" in text else text


def without_told_hosts(text: str, lowered: str) -> str:
    """Return marked text without servers in quotes that are not public."""
    if not any(quote in text for quote in "\"'`"):
        return text
    is_told = "server " in lowered or any(map(lowered.__contains__, _PRIVATE))
    return _SERVER().sub(_server, text) if is_told else text


def without_device_ids(text: str, lowered: str) -> str:
    """Return marked text without ids of devices."""
    return _DEVICE_ID().sub(_device, text) if "device" in lowered else text


def _user(match: re.Match[str]) -> str:
    value = match["value"]
    core = value.strip(_QUOTES).rstrip(".-")
    if not core or MARK in core or core.lower() in _NOBODY | OF_USERS | NO_NAMES:
        return match[0]
    return match["lead"] + value.replace(core, MARK)


def _server(match: re.Match[str]) -> str:
    value, port = match["value"], match["port"] or ""
    if is_public_host(value):
        return match[0]
    is_private = value.lower().endswith(_PRIVATE)
    if match["lead"].lower().startswith("at "):
        is_private = is_private and value.count(".") >= _MIN_DOTS and "_" not in value
    return f"{match['lead']}{MARK}{port}" if is_private or match["any"] else match[0]


def _device(match: re.Match[str]) -> str:
    value = match["value"].rstrip(".:")
    before = match.string[max(0, match.start() - 1) : match.start()]
    is_connection = match["end"] is not None or before == ";"
    has_digit = any(map(str.isdigit, value))
    least = _MIN_NUMBER if value.isdigit() else _MIN_DEVICE
    is_id = is_connection or (has_digit and len(value) >= least)
    if not is_id or value.lower().startswith(_CHIPS) or (value.isdigit() and len(value) < least):
        return match[0]
    return f"{match['lead']}{MARK}{match['value'][len(value) :]}{match['end'] or ''}"
