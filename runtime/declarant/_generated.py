"""Importing generated code, and what it means that an import fails.

Either the code is damaged, which it will be for as long as the process lives, or something kept it
from being read this time: an audit hook of the host, or a machine that has run out of something.
"""

from __future__ import annotations

import errno
import sys

from declarant._errors import PackageDamaged
from declarant._guard import is_hosts
from declarant._late import importing

#: What a machine runs out of, and has again later. Not memory: where there is none, trying again at
#: each emit is more than can be done, and a stand-in that drops is the least.
_FOR_NOW = frozenset((errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EINTR))
_MEND = "run `declarant generate`, or install the package again"


def imported(module: str, name: str, *, once: bool = False) -> object:
    """Return what a generated module calls *name*.

    Args:
        module: The module's full name.
        name: Of something in it.
        once: Nobody will try again, so that whatever keeps it from being imported is damage.

    Raises:
        PackageDamaged: There is none, or the module cannot be imported.
        Exception: The module cannot be imported now: what a host's hook raised, or what the machine
            has run out of. The next attempt may do.
    """
    try:
        with importing:
            __import__(module)
        return getattr(sys.modules[module], name)
    except BaseException as error:
        if is_hosts(error) or not (isinstance(error, Exception) or _ends_in(error, module)):
            raise
        if not once and _may_pass(error, module):
            raise
        # The class alone: whatever else it says may be a line of code.
        found = f"one that fails with {type(error).__name__}"
        raise PackageDamaged(
            f"{module}: expected a generated module, found {found}; {_MEND}"
        ) from None


def of_another_generation(what: str) -> str:
    """Return the words for *what* is not of its package's generation."""
    return f"{what}: expected code of its package's generation, found code of another; {_MEND}"


def is_being_imported(module: str) -> bool:
    """Tell whether *module* is half imported, by this thread or another."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return getattr(spec, "_initializing", False) is True


def _ends_in(error: BaseException, module: str) -> bool:
    """Tell whether the module's own code raised what ends a process (``SystemExit``).

    A signal may arrive during an import: what its handler raises is the host's, as is a
    ``KeyboardInterrupt``, wherever it strikes.
    """
    return _origin(error) == module and not isinstance(error, KeyboardInterrupt)


def _may_pass(error: BaseException, module: str) -> bool:
    """Tell whether the import may succeed another time."""
    if isinstance(error, MemoryError):
        return False
    if sys.is_finalizing():
        # The interpreter takes its modules down: what is missing is it, not the package.
        return True
    if isinstance(error, RecursionError):
        return True
    if isinstance(error, OSError) and error.errno in _FOR_NOW:
        return True
    origin = _origin(error).partition(".")[0]
    ours = (module.partition(".")[0], __name__.partition(".")[0])
    return origin not in ours and origin not in sys.stdlib_module_names


def _origin(error: BaseException) -> str:
    """Return the name of the module whose code raised *error*."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name: object = "" if trace is None else trace.tb_frame.f_globals.get("__name__")
    return name if isinstance(name, str) else ""
