"""Starting the detached sender: windowless, with null streams, and nothing secret in sight.

What the new process is told stands in its arguments: the generated package, the store, the endpoint
and where to import the key from. The key itself is in no argument, variable or file.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._catalogue import Catalogue
    from declarant._settings import Settings

#: Run by the new interpreter. "-I" keeps the working directory and PYTHON* variables out of its
#: path; the host's own path comes as arguments, after the interpreter's own entries.
_BOOT = (
    "import sys;p=[a for a in sys.argv[5:] if a not in sys.path];sys.path+=p;"
    "from declarant._detached import main;main(*sys.argv[1:5])"
)


def can_spawn(settings: Settings) -> bool:
    """Tell whether a sender process could work: a real Python, and a key it can import."""
    name = os.path.basename(sys.executable or "").lower()
    frozen = getattr(sys, "frozen", False) or not name.startswith(("python", "pypy"))
    return not frozen and settings.ikey_ref is not None


def command(catalogue: Catalogue, settings: Settings) -> list[str]:
    """Return the sender's command line."""
    assert settings.ikey_ref is not None
    return [
        sys.executable,
        "-I",
        "-c",
        _BOOT,
        catalogue.package,
        settings.store_folder,
        settings.endpoint,
        settings.ikey_ref,
        *_import_path(catalogue.package, settings.ikey_ref),
    ]


def spawn_sender(catalogue: Catalogue, settings: Settings) -> bool:
    """Start the detached sender; False if the system refused."""
    arguments = command(catalogue, settings)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    try:
        if sys.platform == "win32":
            _spawn_windows(arguments, environment, settings.store_folder)
        else:
            _spawn_posix(arguments, environment)
    except (OSError, ValueError, NotImplementedError):
        return False
    return True


def _import_path(*modules: str) -> list[str]:
    """Return the host's absolute import path without its working directory.

    A folder in which the host's own modules lie is kept even if it is the working directory: the
    host runs code from there already.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        here = ""
    needed = {"declarant", *(name.partition(":")[0].partition(".")[0] for name in modules)}
    homes = {os.path.realpath(home) for home in map(_home, needed) if home}
    kept: list[str] = []
    for entry in sys.path:
        if not entry or not os.path.isabs(entry):
            continue
        real = os.path.realpath(entry)
        if (real != here or real in homes) and entry not in kept:
            kept.append(entry)
    return kept


def _home(module: str) -> str | None:
    """Return the folder from which top-level *module* was imported."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if not isinstance(file, str):
        return None
    folder = os.path.dirname(os.path.abspath(file))
    is_package = os.path.basename(file).startswith("__init__.")
    return os.path.dirname(folder) if is_package else folder


if sys.platform == "win32":

    def _spawn_windows(
        arguments: list[str], environment: dict[str, str], working_folder: str
    ) -> None:
        import subprocess

        subprocess.Popen(  # noqa: S603  our own interpreter and module
            arguments,
            env=environment,
            cwd=working_folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            creationflags=subprocess.DETACHED_PROCESS
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.CREATE_NO_WINDOW,
        )

else:

    def _spawn_posix(arguments: list[str], environment: dict[str, str]) -> None:
        # posix_spawn, not subprocess: importing that costs a command 8 ms at exit.
        null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
        os.posix_spawn(arguments[0], arguments, environment, file_actions=null, setsid=True)
