"""The names of this machine and of its user, which no text may hold.

The only look at the environment that scrubbing takes: once in a process, when the first message is
scrubbed. The names are never stored and never leave this module but as a pattern.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

__all__ = ["names_here", "pattern_of"]

#: Shorter names cannot be told apart from words.
_MIN_NAME = 4
_USER_VARIABLES = ("LOGNAME", "USER", "LNAME", "USERNAME")

#: Names of accounts and machines that are words of messages too, and say nothing of anybody.
_COMMON = frozenset(
    (
        *("admin", "administrator", "agent", "azureuser", "build", "builder", "codespace"),
        *("container", "default", "demo", "desktop", "developer", "docker", "guest", "home"),
        *("host", "jenkins", "jovyan", "laptop", "linux", "local", "localhost", "localdomain"),
        *("mobile", "model", "models", "nobody", "node", "notebook", "onnx", "operator", "owner"),
        *("python", "root", "runner", "runneradmin", "sandbox", "server", "service", "student"),
        *("system", "temp", "test", "tester", "ubuntu", "unknown", "user", "users", "vagrant"),
        *("vscode", "windows", "work", "worker", "workstation"),
    )
)

_here: tuple[str, ...] | None = None


def names_here() -> tuple[str, ...]:
    """Return the names of the current user and machine that can be told apart from words."""
    global _here
    if _here is None:
        _here = _telling((*_user_names(), *_machine_names()))
    return _here


#: Where a name may begin: no letter or digit before it, or the end of a word of camelCase.
_BEGINS = r"(?:(?<![^\W_])|(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[^\W\d_]))"
#: Where it may end. An underscore parts words: it joins a name to others in the names of files.
_ENDS = r"(?:(?![^\W_])|(?<=[^\W\d_])(?=[0-9])|(?<=[^\WA-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))"


def pattern_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return the pattern of names that stand as words, in any case; None if there is none.

    A word is one of a text, or one of a name of code, such as `AliceLoader` and `load_alice2`.
    """
    if not names:
        return None
    import re  # late: an error's class is compared without it

    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(f"{_BEGINS}(?i:{'|'.join(map(re.escape, longest_first))}){_ENDS}")


def _telling(names: tuple[str, ...]) -> tuple[str, ...]:
    kept = {
        name
        for name in map(str.strip, names)
        if len(name) >= _MIN_NAME and not name.isdigit() and name.casefold() not in _COMMON
    }
    return tuple(sorted(kept))


def _user_names() -> tuple[str, ...]:
    given = [os.environ.get(variable, "") for variable in _USER_VARIABLES]
    home = os.path.basename(os.path.expanduser("~").rstrip("/\\"))
    return (*given, home, *(() if any(given) else _account_name()))


def _account_name() -> tuple[str, ...]:
    """Return the account's name from the system, which may be slow to ask."""
    try:
        import pwd

        return (pwd.getpwuid(os.getuid()).pw_name,)
    except (ImportError, KeyError):  # Windows; an account without a name
        return ()


def _machine_names() -> tuple[str, ...]:
    name = os.environ.get("COMPUTERNAME", "") or os.environ.get("HOSTNAME", "")
    uname = getattr(os, "uname", None)
    names = (name, uname().nodename) if uname else (name,)
    return (*names, *(given.partition(".")[0] for given in names))
