"""Passwords and users that programs take for short options, as words, or through a pipe.

What a short option means is its program's own: `-p` is a port for one, a password for another. So
either the program is known, or a user stands before the password. Sources: the manuals of sqlcmd,
bcp, twine, ipmitool, mosquitto, zip, ssh-keygen, PuTTY, OpenLDAP, Net-SNMP, keytool, 7-Zip, RAR,
Samba, lftp, `net use`, `docker login`.
"""

from __future__ import annotations

import re

from declarant._scrubbing.kept_path import has_file_ending
from declarant._scrubbing.marks import MARK
from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.secret_names import NO_SECRETS
from declarant._scrubbing.values import VALUE, always, parts_of

__all__ = ["without_program_passwords"]

#: Where an option, a switch or a pipe begins.
_BEGINNINGS = (" -", "|", "'-", '"-', "/user:", "/USER:", "/User:")
#: One of these is, in small letters, in every text that holds what is removed here.
_HINTS = (
    *("sqlcmd", "bcp", "osql", "twine", "ipmitool", "mosquitto_", "zip", "ssh-keygen", "plink"),
    *("pscp", "psftp", "ldap", "snmp", "keytool", "jarsigner", "psexec", "7z", "rar", "smbclient"),
    *("rpcclient", "lftp", "/user:", "-stdin", "-u", "--with-token", "chpasswd", "sudo "),
)

#: What follows an option or a word: the next word of a line, or of a list of arguments.
_TO_VALUE = r"(?:[\\\"']{1,4},[ ]{0,4}|[ =]{1,4})"
_NEXT = r"(?:[\\\"']{1,4},[ ]{0,4}[\\\"']{1,4}|[ ]{1,4})"
#: Anything of one command.
_WITHIN = r"(?:[.]exe)?(?![\w-])[^\n;|&]{0,300}?[ \"']"
#: Neither the next option nor what was removed.
_NEW = rf"(?![\\\"']{{0,4}}[{MARK}<-])"


def _taking(programs: str, options: str) -> str:
    return rf"(?i:{programs}){_WITHIN}-(?:{options})"


_PASSWORD = Lazy(
    r"(?P<name>(?<![\w-])(?:"
    + "|".join(
        (
            _taking("sqlcmd|bcp|osql|ipmitool|mosquitto_[a-z]{2,5}|(?:un)?zip", "P"),
            _taking("twine|psexec(?:64)?", "p"),
            _taking("ssh-keygen", "[NP]"),
            _taking("plink|pscp|psftp", "pw"),
            _taking("ldap[a-z]{3,10}", "[ws]"),
            _taking("snmp[a-z]{3,12}", "[AXc]"),
            _taking("keytool|jarsigner", "[a-z]{1,8}pass"),
        )
    )
    + rf"))(?P<join>{_TO_VALUE}){_NEW}(?P<value>{VALUE})"
)
_USER = Lazy(
    r"(?P<name>(?<![\w-])"
    + _taking(
        "sqlcmd|bcp|osql|twine|ipmitool|mosquitto_[a-z]{2,5}|smbclient|rpcclient|lftp", "[uU]"
    )
    + rf")(?P<join>{_TO_VALUE}){_NEW}(?P<value>{VALUE})"
)
#: Glued to its option.
_GLUED = Lazy(
    r"(?P<name>(?<![\w-])(?i:(?P<packer>7z[arz]?|(?:un)?rar)|sqlcmd|bcp|osql)"
    rf"{_WITHIN}(?P<option>-(?(packer)h?p|[PU])))"
    rf"(?![\"']?(?:[{MARK}<\s,\])-]|\Z))"
    r"(?P<value>(?:(?<='-[pPU])|(?<='-hp))[^'\n]{1,256}|(?:(?<=\"-[pPU])|(?<=\"-hp))[^\"\n]{1,256}"
    rf"|{VALUE})"
)
#: A user with the password behind a percent sign. Source: smbclient(1).
_PERCENT = Lazy(
    rf"(?P<name>(?<![\w-])(?:-U|--user))(?P<join>{_TO_VALUE})"
    r"(?P<value>[\"']?[^\s\"'%,:]{1,128}%[^\s\"']{1,256}[\"']?)"
)
#: Of a program that is not known: a user, few other options, and a short one that is a password.
_USER_AND_PASSWORD = Lazy(
    r"(?P<name>(?<![\w-])(?<!install )(?<!install', ')(?:-[uU]|--user(?:-?name)?|--login)"
    rf"{_TO_VALUE}[\"']?)"
    r"(?P<user>[^\s\"',;:|&-][^\s\"',;:|&]{0,127})"
    rf"(?P<between>(?:{_NEXT}--?[\w-]{{1,40}}(?:{_NEXT}[^\s\"',;|&-][^\s\"',;|&]{{0,127}})?){{0,3}}?"
    rf"{_NEXT}-[pP])(?P<join>{_TO_VALUE}){_NEW}(?P<value>{VALUE})"
)
_NET_USE = Lazy(
    rf"(?P<name>(?<![\w-])net(?:[.]exe)?{_NEXT}use(?:[\"'](?=,)|(?=[ ])))"
    r"(?P<value>[^\n;|&]{0,400}?/user:[^\n;|&]{0,400})",
    re.IGNORECASE,
)
_NET_USER = Lazy(r"(?P<switch>/user:)[^\s\"',]+", re.IGNORECASE)
_WORD = Lazy(r"\"[^\"\n]+\"|'[^'\n]+'|[^\s\"',]+")
#: What is printed into a program that reads a password there.
_PIPED = Lazy(
    r"(?P<name>(?<![\w-])(?:echo|printf)(?:[ ]{1,4}-[neE]{1,3})?)(?P<join>[ ]{1,4})"
    r"(?P<value>[^\s|][^|\n]{0,512})(?=\|[^\n|;&]{0,200}?(?:--?[a-z-]{0,24}stdin(?![\w-])|--with-token"
    r"|(?<!\w)chpasswd|(?<!\w)sudo [^\n|]{0,40}?-S(?!\w)))"
)
_HERE = Lazy(rf"(?P<name>-stdin[^\n;|&<]{{0,100}}<<<)(?P<join>[ ]{{0,4}})(?P<value>{VALUE})")
_VARIABLE = Lazy(r"\$(?:[({].*|[A-Za-z_]\w{0,63})\Z", re.DOTALL)

#: Levels of a journal, after `journalctl -u unit -p`.
_LEVELS = frozenset(
    ("emerg", "alert", "crit", "err", "error", "warning", "notice", "info", "debug")
)
_QUOTES = "\"'"


def without_program_passwords(text: str, lowered: str) -> str:
    """Return marked text without such passwords, and without the users beside them."""
    if not any(map(text.__contains__, _BEGINNINGS)) or not any(map(lowered.__contains__, _HINTS)):
        return text
    if "-" in text:
        text = _PASSWORD().sub(always, text)
        text = _GLUED().sub(_glued, text)
        text = _PERCENT().sub(always, text)
        text = _USER_AND_PASSWORD().sub(_user_and_password, text)
        text = _USER().sub(always, text)
    if "/user:" in lowered and "net" in lowered:
        text = _NET_USE().sub(_net_use, text)
    if "|" in text or "<<<" in text:
        text = _HERE().sub(_piped, _PIPED().sub(_piped, text))
    return text


def _glued(match: re.Match[str]) -> str:
    opening, inside, closing = parts_of(match["value"])
    if inside.lower() in NO_SECRETS:
        return match[0]
    return f"{match['name']}{opening}{MARK}{closing}"


def _user_and_password(match: re.Match[str]) -> str:
    """Replace both, unless the option is one for a port, a path or a level."""
    opening, inside, closing = parts_of(match["value"])
    is_path = "/" in inside or "\\" in inside or has_file_ending(inside)
    is_other = is_path or ":" in inside or not any(map(str.isalpha, inside))
    if is_other or has_file_ending(match["user"]) or inside.lower() in _LEVELS | NO_SECRETS:
        return match[0]
    told = f"{match['between']}{match['join']}{opening}{MARK}{closing}"
    return f"{match['name']}{MARK}{told}"


def _net_use(match: re.Match[str]) -> str:
    """Replace the user, and the first word behind the share that is no switch."""
    value = match["value"]
    is_behind = False
    for found in _WORD().finditer(value):
        word = found[0].strip(_QUOTES)
        if not is_behind:
            is_behind = word[:2] in ("\\\\", "//") or word == MARK
        elif word[:1] != "/":
            if word.lower() not in NO_SECRETS and word != "*":
                at = found.start() + (found[0][0] in _QUOTES)
                value = f"{value[:at]}{MARK}{value[at + len(word) :]}"
            break
    return match["name"] + _NET_USER().sub(rf"\g<switch>{MARK}", value)


def _piped(match: re.Match[str]) -> str:
    value = match["value"].rstrip()
    after = match["value"][len(value) :]
    if _VARIABLE().match(value.strip(_QUOTES)) or value == MARK:
        return match[0]
    return f"{match['name']}{match['join']}{MARK}{after}"
