"""Addresses of people and machines: e-mail, user@host, IPv4, IPv6, MAC."""

from __future__ import annotations

import re

from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy

__all__ = ["is_ipv6", "without_addresses"]

#: Characters of what stands before the "@"; "=", ":" and "/" are not, though a standard allows "=".
_LOCAL = rf"\w.!#$%&*+?^~'{MARK}-"
#: A user, a password perhaps, a host, and a path; a user before a slash has a password behind it.
_EMAIL = Lazy(
    rf"(?<![{_LOCAL}])(?:(?<![/\\])(?P<account>\w[\w.-]{{0,63}}/))?(?P<user>[{_LOCAL}]+)(?P<secret>:[^\s:@/\\\"'<>]+)?(?:@|%40)"
    rf"(?P<host>[\w.{MARK}-]+|\[[^\]\s]*\]?)(?P<remote>:[\w.~-]+/[\w./~-]+|[/?#][^\s\"'<>]*)?"
)
#: Up to three words with capitals before an address in angle brackets.
_WORD = r"[A-Z][\w'.-]{0,30}"
_NAMED = Lazy(rf"(?<![\w'.-])(?:{_WORD} )?(?:{_WORD} )?{_WORD} <{MARK}>")
_QUOTED_EMAIL = Lazy(r'"[^"@\n]{1,64}"@[\w.-]+')
_MAC = Lazy(
    r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}"
    r"(?:\1[0-9A-Fa-f]{2}\1[0-9A-Fa-f]{2})?(?!\1?[0-9A-Za-z])"
    r"|(?<![0-9A-Za-z.])[0-9A-Fa-f]{4}[.][0-9A-Fa-f]{4}[.][0-9A-Fa-f]{4}(?![0-9A-Za-z]|[.][0-9])"
)
_IPV4 = Lazy(
    r"(?<![0-9A-Za-z.])[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}"
    r"(?![0-9A-Za-z]|[.][0-9]|[.](?:dev|post|rc|whl|tar|zip|egg|dist)|-cp[0-9]|-py[0-9])"
)
_IPV6 = Lazy(r"(?<![0-9A-Fa-f:.])[0-9A-Fa-f:.]{3,}(?:%\w+)?")

#: What says that four numbers are a version.
_VERSION_BEFORE = Lazy(
    r"(?:versions?|ver|release|build|revision|[=<>~!]=)[ :=]{0,3}[\"'(]?$", re.IGNORECASE
)
#: No product has come that far, and home networks and loopback begin so.
_NO_VERSIONS = frozenset(("127", "192"))
_NAMES_BEFORE = frozenset(("mail", "e-mail", "email", "mailto", "to", "from", "cc", "user", "by"))

_MAX_OCTET, _IPV4_DOTS = 255, 3
_MAX_IPV6 = 45  # characters, of an IPv4-mapped one
_GROUPS, _MAC_JOINTS = 8, 5
_SHORT_GROUP = 2
_MAX_SUFFIXES = 3
_MIN_NAME = 2


def without_addresses(text: str) -> str:
    """Return marked text without addresses."""
    if "@" in text or "%40" in text:
        text = _EMAIL().sub(_email, _QUOTED_EMAIL().sub(MARK, text))
        text = _NAMED().sub(f"<{MARK}>", text)
    colons, dots = text.count(":"), text.count(".")
    if max(colons, text.count("-")) >= _MAC_JOINTS or dots > 1:
        text = _MAC().sub(_mac, text)
    if colons > 1:
        text = _IPV6().sub(_ipv6, text)
    return _IPV4().sub(_ipv4, text) if dots >= _IPV4_DOTS else text


def is_ipv6(text: str) -> bool:
    """Tell whether *text* is an IPv6 address that is neither a time, a slice nor a C++ scope."""
    if len(text) > _MAX_IPV6 or text.count("::") > 1 or ":::" in text:
        return False
    head, dotted = _without_ipv4(text)
    groups = head.split(":")
    named = [group for group in groups if group]
    if any(len(group) > 4 or "." in group for group in named):
        return False
    count = len(named) + (2 if dotted else 0)
    if "::" not in head:
        return count == _GROUPS and all(groups if not dotted else groups[:-1])
    if head.startswith(":") and not head.startswith("::"):
        return False
    if head.endswith(":") and not head.endswith("::") and not dotted:
        return False
    if dotted:
        return count < _GROUPS
    # std::add, face::feed, x[1::2] and ::1 are no addresses, or none that tell anything.
    has_digit = any(map(str.isdigit, head))
    is_long = any(len(group) > _SHORT_GROUP for group in named)
    return count < _GROUPS and count > 1 and has_digit and is_long


def _without_ipv4(text: str) -> tuple[str, bool]:
    """Part the IPv4 address that an IPv6 address may end in; its last colon stays."""
    if "." not in text:
        return text, False
    at = text.rfind(":") + 1
    octets = text[at:].split(".")
    is_dotted = len(octets) == _IPV4_DOTS + 1 and all(
        octet.isdigit() and int(octet[:4]) <= _MAX_OCTET for octet in octets
    )
    return (text[:at], True) if is_dotted else (text, False)


def _email(match: re.Match[str]) -> str:
    user, secret = match["user"], match["secret"] or ""
    host, remote = match["host"].rstrip(".-"), match["remote"] or ""
    account = match["account"] or ""
    is_path = "%5c" in user.lower() or "%2f" in user.lower()  # an encoded one, read later
    if is_path or not _is_address(user.strip("'"), secret, host):
        return match[0]
    quote = "'" if user.startswith("'") else ""
    label = f"{user}:" if secret and user.lower() in _NAMES_BEFORE else ""
    after = match["host"][len(host) :]
    # A Git remote, or a URL without its scheme: what follows the host is as private as it.
    is_remote = not after and (remote.startswith(":") or (secret and not label))
    # Of actions/checkout@v4 the first part is kept, of user/password@db.example.com nothing.
    kept = "" if is_remote or "." in host else account
    return f"{kept}{quote}{label}{MARK}{after}{'' if is_remote else remote}"


def _is_address(user: str, secret: str, host: str) -> bool:
    """Tell user@host from a decorator, a matrix product and a version."""
    if secret or MARK in user or MARK in host or host.startswith("["):
        return True
    if "." in host and user:
        last = host.rpartition(".")[2]
        return (len(last) > 1 and not last.isdigit()) or host.count(".") == _IPV4_DOTS
    is_name = len(host) >= _MIN_NAME and host[0].isalpha()
    return len(user) >= _MIN_NAME and is_name and not user.lower().startswith("sha")


def _mac(match: re.Match[str]) -> str:
    found = match[0]
    if match[1] is None:
        is_mixed = not found.replace(".", "").isdigit() and any(map(str.isdigit, found))
        return MARK if is_mixed else found
    return MARK


def _ipv6(match: re.Match[str]) -> str:
    found = match[0]
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    lead = ""
    if before.isalnum() or before == "_":
        if found.startswith("::") or not found.startswith(":"):
            return found
        lead = ":"
    core, percent, zone = found[len(lead) :].partition("%")
    address = _address_in(core)
    rest = core[len(address) :]
    if not address or ((after.isalnum() or after == "_") and not rest and not percent):
        return found
    return f"{lead}{MARK}{rest}{percent + zone if rest else ''}"


def _address_in(core: str) -> str:
    """Return the IPv6 address that a run begins with; "" without one.

    A full stop or a colon may follow, or a port, or a line and a column.
    """
    address = core.rstrip(".")
    for _ in range(_MAX_SUFFIXES):
        if is_ipv6(address):
            return address
        address = address.rstrip(":")
        if is_ipv6(address):
            return address
        head, _, number = address.rpartition(":")
        if not number.isdigit():
            break
        address = head
    return ""


def _ipv4(match: re.Match[str]) -> str:
    found = match[0]
    octets = found.split(".")
    if any(int(octet) > _MAX_OCTET for octet in octets):
        return found
    if octets[0] in _NO_VERSIONS:
        return MARK
    before = match.string[max(0, match.start() - 16) : match.start()]
    return found if _VERSION_BEFORE().search(before) else MARK
