"""Secrets and users among the arguments of programs, in a line or a list."""

from __future__ import annotations

import re

from declarant._scrubbing.patterns import Lazy
from declarant._scrubbing.values import VALUE, always

__all__ = ["without_options"]

#: An option and its value, also as neighbours in a list of arguments.
_OPTION = Lazy(
    r"(?P<name>(?<![\w-])--?(?:[\w-]{0,40}[-_])?"
    r"(?:pass(?:word|wd|phrase)?|pwd|token|secret|(?:api|access|private|secret|account)[-_]?key"
    r"|auth|credentials?|pat))"
    # Not the next name of the option, nor the variable that stands for it.
    rf"(?P<join>[\"']?,?[ ]{{1,4}})(?!/[ ]|\(env[ ]var:)(?P<value>{VALUE})",
    re.IGNORECASE,
)
_USER_OPTION = Lazy(
    r"(?P<name>(?<![\w-])(?:-u|-U|--user|--proxy-user|--login|--auth))"
    r"(?P<join>[\"']?,?[ =]{0,4}[\"']?)(?P<value>[^\s\"':,]+:[^\s\"',]+)"
)
#: Where it can be nothing else, a user stands without a password too.
_ONLY_USER = Lazy(
    r"(?P<name>(?<![\w-])(?:--user-?name|(?:login|mysql\w{0,8}|psql|pg_\w{1,8}|ftp|kinit|ssh)"
    r"(?![\w-])[^\n;|&]{0,200}?[ '\"](?:-[ulU]|--user)))"
    r"(?P<join>[\"']?,?[ =]{1,4}[\"']?)(?P<value>[^\s\"',:=-][^\s\"',:]*)"
)
#: Programs that take a password so, glued to the option or not.
_SHORT_OPTION = Lazy(
    r"(?P<name>(?<![\w-])(?:sshpass|login|mysql\w{0,8})(?![\w-])[^\n;|&]{0,200}?[ '\"]-p)"
    r"(?P<join>[\"', =]{0,4})(?P<value>[^\s\"',=-][^\s\"',]*)"
)
_OPENSSL = Lazy(
    r"(?P<name>(?<![\w-])openssl(?![\w-])[^\n;|&]{0,200}?[ '\"]-(?:k|passin|passout|pass))"
    r"(?P<join>[\"',]{0,3}[ ]{1,4}[\"']?)(?P<value>[^\s\"',-][^\s\"',]*)"
)


def without_options(text: str) -> str:
    """Return marked text without such values of options."""
    text = _OPTION().sub(always, text)
    text = _USER_OPTION().sub(always, text)
    text = _SHORT_OPTION().sub(always, text)
    text = _ONLY_USER().sub(always, text)
    return _OPENSSL().sub(always, text) if "openssl" in text else text
