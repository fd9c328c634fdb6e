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
    "import sys;p=[a for a in sys.argv[6:] if a not in sys.path];sys.path+=p;"
    "from declarant._detached import main;main(*sys.argv[1:6])"
)

#: Senders that this process started and has not yet seen the end of.
_started: list[int] = []


def can_spawn(settings: Settings) -> bool:
    """Tell whether a sender process could work: a real Python, and a key it can import."""
    name = os.path.basename(sys.executable or "").lower()
    frozen = getattr(sys, "frozen", False) or not name.startswith(("python", "pypy"))
    return not frozen and settings.ikey_ref is not None


def command(catalogue: Catalogue, settings: Settings) -> list[str]:
    """Return the sender's command line.

    Raises:
        OSError: A module's place cannot be told.
    """
    assert settings.ikey_ref is not None
    return [
        sys.executable,
        "-I",
        # Which of PYTHON* is to hold there: a host without it may have no room for such files, and
        # CPython keeps one that was cut, to fail at it for ever.
        *(["-B"] if sys.dont_write_bytecode else []),
        "-c",
        _BOOT,
        catalogue.package,
        settings.store_folder,
        settings.endpoint,
        settings.ikey_ref,
        str(settings.sender_interval_s),
        *_import_path(catalogue.package, settings.ikey_ref),
    ]


def spawn_sender(catalogue: Catalogue, settings: Settings) -> bool:
    """Start the detached sender; False if the system refused."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    try:
        arguments = command(catalogue, settings)
        if sys.platform == "win32":
            _spawn_windows(arguments, environment, settings.store_folder)
        else:
            _bury_ended()
            _started.append(_spawn_posix(arguments, environment))
    except (OSError, ValueError, TypeError, NotImplementedError):
        return False
    return True


def _import_path(*modules: str) -> list[str]:
    """Return the host's absolute import path without its working directory.

    The folders from which the host imported the modules that a sender needs are always there; when
    one is the working directory it comes last: the host runs code from there already, but nothing
    in it may stand in for a library.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        here = ""
    needed = ("declarant", *(name.partition(":")[0].partition(".")[0] for name in modules))
    homes = [home for home in map(_home, needed) if home is not None]
    entries = [entry for entry in map(os.fspath, sys.path) if os.path.isabs(entry)]
    kept = [entry for entry in entries if os.path.realpath(entry) != here]
    kept += [home for home in homes if os.path.realpath(home) != here]
    kept += [home for home in homes if os.path.realpath(home) == here]
    return list(dict.fromkeys(kept))


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

    def _spawn_posix(arguments: list[str], environment: dict[str, str]) -> int:
        # posix_spawn, not subprocess: importing that costs a command 8 ms at exit.
        actions: list[tuple[int, int] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)
        ]
        actions += [(os.POSIX_SPAWN_CLOSE, fd) for fd in _inheritable()]
        return os.posix_spawn(
            arguments[0], arguments, environment, file_actions=actions, setsid=True
        )

    def _inheritable() -> list[int]:
        """Return open descriptors that a new program would inherit.

        A pipe that a host passes on to its children must not keep its reader waiting for a sender.
        """
        try:
            numbers = sorted(int(name) for name in os.listdir("/dev/fd"))
        except (OSError, ValueError):
            return []
        return [fd for fd in numbers if fd > 2 and _is_inheritable(fd)]

    def _is_inheritable(fd: int) -> bool:
        try:
            return os.get_inheritable(fd)
        except OSError:
            # The one that listed the folder.
            return False

    def _bury_ended() -> None:
        """Fetch what ended senders left: a host that lives long should not collect zombies."""
        for process in tuple(_started):
            try:
                ended, _ = os.waitpid(process, os.WNOHANG)
            except ChildProcessError:
                # The host waited for all its children.
                ended = process
            if ended == process:
                _started.remove(process)
