"""Where a product's files lie: offline store, answer about consent, an administrator's policy."""

from __future__ import annotations

import os
import sys

_IS_XDG = sys.platform.startswith("linux")

_HOME = "USERPROFILE" if sys.platform == "win32" else "HOME"

_POLICY = "telemetry-policy.json"


def store_folder(product: str) -> str:
    """Return the folder of *product*'s offline store (not created here).

    The place is `platformdirs.user_state_dir(product)` plus "telemetry". On Linux the same rule is
    spelled out here, because importing platformdirs costs more than the rest of a start
    (docs/decisions/0002-import-budget.md); a test holds the two equal.

    Returns:
        An absolute path, or "" for a user who has no home: there is no place for a store then.
    """
    if _IS_XDG and "ANDROID_DATA" not in os.environ:
        folder = os.path.join(_xdg("XDG_STATE_HOME", "~/.local/state"), product, "telemetry")
    elif os.environ.get(_HOME) == "":
        folder = ""  # platformdirs takes it for the root of the file system
    else:
        # Late on purpose: 10 to 20 ms, see above.
        import platformdirs

        folder = os.path.join(platformdirs.user_state_dir(product, appauthor=False), "telemetry")
    return folder if os.path.isabs(folder) else ""


def consent_file(product: str, below_home: str) -> str:
    """Return the file that holds the user's answer (not created here).

    Args:
        product: The product's machine name.
        below_home: The catalogue's own place, relative to the user's home folder; "" for
            telemetry.json in the platform's folder of settings.

    Returns:
        An absolute path, or "" for a user who has no home: nothing was answered there then.
    """
    if below_home:
        path = os.path.join(_expanded("~"), *below_home.split("/"))
    elif _IS_XDG and "ANDROID_DATA" not in os.environ:
        path = os.path.join(_xdg("XDG_CONFIG_HOME", "~/.config"), product, "telemetry.json")
    elif os.environ.get(_HOME) == "":
        path = ""
    else:
        # Late on purpose, as above.
        import platformdirs

        path = os.path.join(
            platformdirs.user_config_dir(product, appauthor=False), "telemetry.json"
        )
    return path if os.path.isabs(path) else ""


def policy_file(product: str) -> str:
    """Return the file by which who administers this machine may switch *product*'s telemetry off.

    No variable of a user moves it where a system has a fixed place.
    """
    if sys.platform == "win32":
        base = os.environ.get("ProgramData", "C:\\ProgramData")  # noqa: SIM112  its name there
    elif sys.platform == "darwin":
        base = "/Library/Application Support"
    else:
        base = "/etc"
    return os.path.join(base, product, _POLICY)


def _xdg(variable: str, otherwise: str) -> str:
    base = os.environ.get(variable, "").strip()
    return base if os.path.isabs(base) else _expanded(otherwise)


def _expanded(path: str) -> str:
    """Return *path* with the user's home folder for its "~"; as it is for a user who has none.

    A variable that is set to nothing is taken as one that is not set, as the rule for XDG's
    variables has it. `os.path.expanduser` takes it for the root of the file system, where root
    alone may write.
    """
    if os.environ.get(_HOME) != "":
        return os.path.expanduser(path)
    try:
        import pwd  # late: not on Windows

        home = pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        return path
    return home + path[1:] if os.path.isabs(home) else path
