"""The values of an event that is emitted from an exception, read once they are asked for.

Loaded with all generated code, so it holds next to nothing: what reads exceptions is `_exceptions`,
which is loaded at the first one.
"""

from __future__ import annotations

from declarant._late import importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from declarant._exceptions import ExceptionFacts

#: What stands for a class whose name no form of which fits the schema, which takes one of these.
UNKNOWN_TYPES = ("builtins.Exception", "Exception")
#: What stands for such a function.
UNKNOWN_FUNCTIONS = ("<unknown>", "unknown")


class FromException:
    """An event's values, in the order of its arguments, for `Client.submit`.

    That asks for them after its gate: of an event that is off, nothing is read.
    """

    __slots__ = ("_error", "_read", "_values")

    def __init__(
        self, error: BaseException, read: Callable[[ExceptionFacts], tuple[object, ...]]
    ) -> None:
        """Keep *error*, and *read*, the generated function that says which value goes where."""
        self._error = error
        self._read = read
        self._values: tuple[object, ...] | None = None

    def __iter__(self) -> Iterator[object]:
        """Return the values; the exception is read at the first time only."""
        values = self._values
        if values is None:
            # Late on purpose: most processes meet no error.
            with importing:
                from declarant._exceptions import ExceptionFacts

            values = self._values = self._read(ExceptionFacts(self._error))
        return iter(values)
