"""What of an exception goes into an event: its type, text, stack and root cause.

Owns how exceptions are read. They are foreign code: what they answer is asked for in one guarded
place, everything else is read past them, from the interpreter's own slots, so that no class can lie
about it. Neither source text nor any value of a frame is looked at, nor kept where it stands for a
name. Texts leave here as they are; the encoder passes them through their field's scrubber, and cuts
them, before anything is stored.
"""

from __future__ import annotations

from declarant._code_files import file_of_code
from declarant._fitting import fitting, is_text, whole
from declarant._from_exception import UNKNOWN_FUNCTIONS, UNKNOWN_TYPES
from declarant._guard import contained
from declarant._private_names import without_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType, TracebackType

    Fits = Callable[[object], bool]

__all__ = ["UNREADABLE", "ExceptionFacts"]

#: Stands for the text of an exception that gives none.
UNREADABLE = "<unreadable>"

#: Characters of a text that are passed on; no scrubber looks at more of it.
_LONGEST = 16_384
#: Calls of a traceback that are walked; in a deeper one the innermost of the first ones are told.
_DEEPEST = 100_000
#: This package, by whatever name it is imported, and what its modules' names start with.
_PACKAGE = __name__.rpartition(".")[0]
_PACKAGE_START = f"{_PACKAGE}."
#: Links of a chain of causes that are followed; of a longer one the last of these is the root.
_FURTHEST = 20_000

# The interpreter's own slots: a class may define attributes of these names, which say anything.
_cause: Callable[[BaseException], BaseException | None] = vars(BaseException)["__cause__"].__get__
_context: Callable[[BaseException], BaseException | None]
_context = vars(BaseException)["__context__"].__get__
_suppresses: Callable[[BaseException], bool] = vars(BaseException)["__suppress_context__"].__get__
_traceback: Callable[[BaseException], TracebackType | None]
_traceback = vars(BaseException)["__traceback__"].__get__
_module: Callable[[type], object] = vars(type)["__module__"].__get__
_name: Callable[[type], str] = vars(type)["__name__"].__get__
_qualified_name: Callable[[type], str] = vars(type)["__qualname__"].__get__
_bases: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__
_entry: Callable[[dict[str, object], str], object] = vars(dict)["get"]


class NotAnException:
    """Takes the place of a type where there is none, so that the event is refused by its schema."""

    __slots__ = ()


class ExceptionFacts:
    """What generated emitters ask of one exception; no answer is ever an error.

    KeyboardInterrupt alone passes through: it is the user who ends the program, and cannot be told
    from one that an exception's own code raises.
    """

    __slots__ = ("_error", "_root", "_trace")

    def __init__(self, error: object) -> None:
        """Read *error*, which of a caller without a type checker may be anything."""
        self._error = _exception(error)
        # At once: asking an exception for its text may change its traceback.
        self._trace = None if self._error is None else _traceback(self._error)
        self._root: BaseException | None = None

    def type(self, fits: Fits) -> object:
        """Return the class with its module, as "builtins.ValueError", in a form that *fits*."""
        return NotAnException() if self._error is None else _type_of(self._error, fits)

    def message(self) -> str:
        """Return what the exception says."""
        return UNREADABLE if self._error is None else _text_of(self._error)

    def stack(self, most: int, fits_line: Fits, fits_function: Fits) -> list[dict[str, object]]:
        """Return the innermost *most* calls, the outermost of them first; none of this package's.

        Args:
            most: How many at most.
            fits_line: Whether the schema takes a line; 0 stands for one that it does not take.
            fits_function: Whether it takes a function's name.
        """
        return [
            {
                "file": file_of_code(whole(code.co_filename, -_LONGEST)),
                "line": line if fits_line(line) else 0,
                "function": fitting(_function(code), fits_function, UNKNOWN_FUNCTIONS),
            }
            for code, line in _innermost(self._trace, most)
        ]

    def root_type(self, fits: Fits, missing: object) -> object:
        """Return the class of the root cause, as `type`; *missing* if there is no other error."""
        root = self._root_cause()
        return missing if root is self._error or root is None else _type_of(root, fits)

    def root_message(self, missing: object) -> object:
        """Return what the root cause says; *missing* if there is no other error."""
        root = self._root_cause()
        return missing if root is self._error or root is None else _text_of(root)

    def _root_cause(self) -> BaseException | None:
        if self._root is None and self._error is not None:
            self._root = _root_of(self._error)
        return self._root


def _exception(found: object) -> BaseException | None:
    """Return an exception; None for what is none, whatever it says of its class."""
    is_one = issubclass(type(found), BaseException)
    return found if is_one else None  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def _answer(ask: Callable[[BaseException], object], error: BaseException) -> object:
    """Return what foreign code answers, or None if it fails, however it does."""
    return contained(lambda: ask(error), lambda: None)


def _text_of(error: BaseException) -> str:
    text = _answer(str, error)
    return whole(text, _LONGEST) if is_text(text) else UNREADABLE


def _type_of(error: BaseException, fits: Fits) -> str:
    kind = type(error)
    module, name = _module(kind), whole(_qualified_name(kind), -_LONGEST)
    names = (f"{whole(module, _LONGEST)}.{name}", name) if is_text(module) else (name,)
    return fitting(without_private(names), fits, UNKNOWN_TYPES)


def _function(code: CodeType) -> tuple[str, ...]:
    # With its class and the functions around it, where Python knows them (3.11).
    full = whole(getattr(code, "co_qualname", code.co_name), -_LONGEST)
    return without_private((full,)) or without_private((whole(code.co_name, -_LONGEST),))


def _innermost(trace: TracebackType | None, most: int) -> Iterator[tuple[CodeType, int]]:
    """Yield code and line of the innermost calls, in linear time and bounded memory.

    A command below an `ActionGroup` has calls of ours between the program's own: they say nothing
    of its error, and take the places of those that do.
    """
    kept: list[TracebackType] = []
    for _ in range(_DEEPEST):
        if trace is None:
            break
        if not _is_ours(trace.tb_frame):
            kept.append(trace)
            if len(kept) >= 2 * most:
                del kept[:-most]
        trace = trace.tb_next
    for call in kept[-most:]:
        # Calls that the compiler made up have no line.
        line: int | None = call.tb_lineno
        yield call.tb_frame.f_code, line or 0


def _is_ours(frame: FrameType) -> bool:
    # Not its own method: code can be run with globals of a class that answers anything.
    module = _entry(frame.f_globals, "__name__")
    return type(module) is str and (module == _PACKAGE or module.startswith(_PACKAGE_START))


def _root_of(error: BaseException) -> BaseException:
    """Return the first error of the chain that a traceback shows, or of a group at its start."""
    root, seen = error, {id(error)}
    for _ in range(_FURTHEST):
        before = _before(root)
        if before is None or id(before) in seen:
            break
        seen.add(id(before))
        root = before
    return root


def _before(error: BaseException) -> BaseException | None:
    """Return the error that came before: the named cause, else the context, else a member."""
    before = _cause(error)
    if before is None and not _suppresses(error):
        before = _context(error)
    return _first_member(error) if before is None else before


def _first_member(error: BaseException) -> BaseException | None:
    """Return the first error of a group; Python 3.10 has them from a package, so by their name."""
    if not any(_name(kind) == "BaseExceptionGroup" for kind in _bases(type(error))):
        return None
    return _exception(_answer(_ask_for_member, error))


def _ask_for_member(group: BaseException) -> object:
    return group.exceptions[0]  # type: ignore[attr-defined]
