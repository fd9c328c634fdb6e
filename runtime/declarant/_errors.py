"""The runtime's exceptions.

    DeclarantError
    +- ConfigError (ValueError)    a set-up argument is wrong; raised by configure()
    +- InvalidEvent (ValueError)   strict mode only: an event does not fit its schema
    +- PackageDamaged              strict mode and tools: generated code is damaged or mixed
    +- StoreError (OSError)        the offline store cannot be used; raised by tools, not by emit

No message holds an event's values or an instrumentation key.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from declarant._violations import Violation


class DeclarantError(Exception):
    """Base of every exception that this package raises on purpose."""


class ConfigError(DeclarantError, ValueError):
    """A set-up argument cannot be used; the message says which and what was expected."""


class PackageDamaged(DeclarantError):  # noqa: N818  it names what the package is, as the drop reason does
    """Generated code cannot be imported, or is of two generations; the message names the module."""


class StoreError(DeclarantError, OSError):
    """The offline store cannot be read or written."""


class InvalidEvent(DeclarantError, ValueError):  # noqa: N818  it names what the event is, as the drop reason does
    """An event does not fit its schema (raised in strict mode only).

    Attributes:
        event: Name of the event on the wire.
        violations: Each breach, in schema order; field paths and rules, never values.
    """

    def __init__(self, event: str, violations: Sequence[Violation]) -> None:
        """Describe *violations* of *event* in one line each."""
        self.event = event
        self.violations = tuple(violations)
        # Each path starts with the event's name.
        super().__init__("; ".join(map(str, self.violations)) or event)


def os_reason(error: OSError) -> str:
    """Return why something failed on disk: the system's word, or what we raised it with."""
    return error.strerror or str(error) or "no reason"


def os_place(error: OSError) -> str:
    """Return the same behind the file or folder that it is about, where the error names one."""
    named = isinstance(error.filename, str) and error.strerror
    return f"{error.filename}: {error.strerror}" if named else os_reason(error)
