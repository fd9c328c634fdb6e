"""Exceptions that lie, fail or grow: the event is stored all the same; the host feels nothing."""

from __future__ import annotations

import contextlib
import sys
import tracemalloc
import types
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarant import DropReason, Outcome
from declarant._exceptions import ExceptionFacts
from declarant._fitting import fitting, whole
from declarant._scrubbing.pipeline import MAX_INPUT
from declarant.gencode import UNKNOWN_TYPES
from modelkit_events import CATALOGUE, emit_model_kit_error_from

if TYPE_CHECKING:
    from collections.abc import Callable

UNREADABLE = "<unreadable>"


@pytest.fixture
def tell(make_client, stored) -> Callable[[BaseException], dict[str, Any]]:
    """Emit from an exception, in strict mode, and return the stored data."""
    client = make_client(strict=True)

    def told(error: BaseException) -> dict[str, Any]:
        assert emit_model_kit_error_from(error, client=client) is Outcome.STORED
        envelope = stored()[-1]
        assert CATALOGUE.violations(envelope) == []
        return envelope["data"]

    return told


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001  any is welcome
        return caught


def saying(answer: Callable[[BaseException], object]) -> BaseException:
    """Return an exception whose text is what *answer* makes of it."""
    return type("Hostile", (Exception,), {"__str__": answer, "__module__": "made"})("x")


def fails(error: BaseException | type[BaseException]) -> Callable[[BaseException], object]:
    def answer(_: BaseException) -> object:
        raise error

    return answer


def raises_itself(self: BaseException) -> object:
    raise self


def recurses(self: BaseException) -> object:
    return str(self)


class Lying(str):
    """A text that says of itself what is not so."""

    __slots__ = ()

    def __len__(self) -> int:
        raise OSError

    def __getitem__(self, _: object) -> str:
        raise OSError

    def encode(self, *_: object) -> bytes:
        raise OSError

    def isascii(self) -> bool:
        raise OSError


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (fails(ValueError), UNREADABLE),
        (fails(SystemExit(3)), UNREADABLE),
        (fails(GeneratorExit), UNREADABLE),
        (fails(MemoryError), UNREADABLE),
        (fails(type("Own", (BaseException,), {})), UNREADABLE),
        (raises_itself, UNREADABLE),
        (recurses, UNREADABLE),
        (lambda _: 3, UNREADABLE),
        (lambda _: None, UNREADABLE),
        (lambda _: b"bytes", UNREADABLE),
        (lambda _: Lying("a text"), "a text"),
        (lambda _: "", ""),
        (lambda _: "\ud800 \x00\n", "\ufffd\ufffd\ufffd \x00\n"),
    ],
)
def test_whatever_the_text_is_the_event_is_stored(tell, answer, message):
    """An exception's own code may do anything but end the program."""
    error = raised(saying(answer))

    data = tell(error)

    assert data["exception_type"] == "made.Hostile"
    assert data["exception_message"] == message
    assert [frame["function"] for frame in data["exception_stack"]] == ["raised"]


def test_a_text_of_megabytes_is_not_copied(tell):
    """Only the beginning is looked at."""
    text = "word " * 4_000_000
    error = ValueError(text)
    tell(error)
    tracemalloc.start()
    try:
        data = tell(error)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(data["exception_message"]) == 200
    assert peak < 2_000_000


def test_more_is_passed_on_than_a_scrubber_reads():
    """So that it sees that a text was cut, and distrusts its end."""
    assert len(ExceptionFacts(ValueError("x" * 100_000)).message()) > MAX_INPUT


def test_ctrl_c_is_the_users(make_client, stored):
    """It cannot be told from one that a text's code raises, so it goes through, and only it."""
    client = make_client()

    with pytest.raises(KeyboardInterrupt):
        emit_model_kit_error_from(saying(fails(KeyboardInterrupt)), client=client)

    assert stored() == []
    assert emit_model_kit_error_from(KeyboardInterrupt(), client=client)


class Meta(type):
    """Says of its classes what is not so."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise OSError

    @property
    def __module__(cls) -> str:  # type: ignore[override]
        raise SystemExit

    @property
    def __mro__(cls) -> tuple[type, ...]:  # type: ignore[override]
        raise SystemExit

    def __instancecheck__(cls, _: object) -> bool:
        raise SystemExit


def never(self: object, *_: object) -> object:
    raise SystemExit(f"asked {type(self)}")


class Closed(Exception):  # noqa: N818
    """Answers nothing that is asked of it."""

    __slots__ = ()
    __getattribute__ = never  # type: ignore[assignment]
    __eq__ = never  # type: ignore[assignment]
    __hash__ = never  # type: ignore[assignment]
    __bool__ = never
    __len__ = never
    __iter__ = never
    __repr__ = never  # type: ignore[assignment]
    __str__ = never  # type: ignore[assignment]
    __reduce__ = never  # type: ignore[assignment]
    __cause__ = property(never)  # type: ignore[assignment]
    __context__ = property(never)  # type: ignore[assignment]
    __traceback__ = property(never)  # type: ignore[assignment]
    __suppress_context__ = property(never)  # type: ignore[assignment]
    exceptions = property(never)


class Disguised(Exception):  # noqa: N818
    """Says that it is of another class."""

    __class__ = int  # type: ignore[assignment]


class Texty:
    """Says that it is a text."""

    __class__ = str  # type: ignore[assignment]


def made(name: str, module: object = "made", base: type = Exception) -> BaseException:
    """Return an exception of a class with any name."""
    return type(name, (base,), {"__module__": module})("x")


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: Closed(), f"{__name__}.Closed"),
        (lambda: Disguised(), f"{__name__}.Disguised"),
        (lambda: Meta("Strange", (Exception,), {"__module__": "made"})(), "made.Strange"),
        (lambda: made("Named", 3), "Named"),
        (lambda: made("Named", None), "Named"),
        (lambda: made("Named", Texty()), "Named"),
        (lambda: made("Named", Closed()), "Named"),
        (lambda: made("Named", Lying("made")), "made.Named"),
        (lambda: made("Named", "/home/alice/acme"), "Named"),
        (lambda: made("Gr\u00f6\u00dfe"), "made.Gr__e"),
        (lambda: made("\u0417"), "made._"),
        (lambda: made("/home/alice"), "builtins.Exception"),
        (lambda: made("a b"), "builtins.Exception"),
        (lambda: made(""), "made."),
        (lambda: made("3D"), "made.3D"),
        (lambda: made("x" * 5000), "x" * 128),
        (lambda: made("Named", "m" * 5000), "Named"),
        (lambda: made("Named", "far.too." * 40 + "long"), "too.long.Named"),
        (lambda: made("Named.Inner"), "made.Named.Inner"),
    ],
)
def test_whatever_the_class_is_its_type_fits(tell, make, kind):
    """Names are read past the class's own words, and what fits no schema is brought to a form."""
    told = tell(raised(make()))["exception_type"]

    assert told == kind or (kind == "too.long.Named" and told.endswith(kind))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("f", "f"),
        ("<lambda>", "<lambda>"),
        ("<genexpr>", "<genexpr>"),
        ("gr\u00fcn", "gr_n"),
        ("/home/alice", "<unknown>"),
        ("<generic parameters of f>", "<unknown>"),
        ("alice@example.com", "<unknown>"),
        ("f" * 3000, "f" * 128),
        ("", "<unknown>"),
        ("\udc80", "<unknown>"),
    ],
)
def test_whatever_a_function_is_called_it_fits(tell, name, kept):
    """Code that is made at run time may be called anything."""
    code = compile("1 / 0", "<string>", "exec").replace(co_name=name)
    if hasattr(code, "co_qualname"):
        code = code.replace(co_qualname=name)
    error = None
    try:
        exec(code)
    except ZeroDivisionError as caught:
        error = caught
    assert error is not None

    assert tell(error)["exception_stack"][-1]["function"] == kept


def test_globals_that_answer_for_themselves_are_not_asked(tell):
    """Code can be run with a dictionary of any class."""

    class Globals(dict):
        def get(self, *_):
            raise SystemExit(3)

    with pytest.raises(ZeroDivisionError) as caught:
        exec("1 / 0", Globals(__name__="made"))

    assert tell(caught.value)["exception_type"] == "builtins.ZeroDivisionError"


def test_a_line_that_no_schema_takes_is_none(tell):
    """A file of a billion lines, or a line that the compiler made up."""
    code = compile("1 / 0", "x.py", "exec").replace(co_firstlineno=2_000_000_000)
    error = None
    try:
        exec(code)
    except ZeroDivisionError as caught:
        error = caught
    assert error is not None

    assert tell(error)["exception_stack"][-1] == {"file": "x.py", "line": 0, "function": "<module>"}


def test_a_traceback_of_any_depth_is_walked_for_a_while(tell):
    """The walk is bounded; what is told are calls of it."""
    frame = sys._getframe()
    trace = None
    for _ in range(150_000):
        trace = types.TracebackType(trace, frame, 0, 7)
    error = ValueError().with_traceback(trace)

    stack = tell(error)["exception_stack"]
    while trace is not None:  # else freeing it would recurse
        trace = trace.tb_next

    assert len(stack) == 32
    assert stack[0]["line"] == 7


def test_asking_for_the_text_does_not_change_what_is_told(tell):
    """An exception that raises itself when asked grows its own traceback."""
    error = raised(saying(raises_itself))

    first, second = tell(error), tell(error)

    assert [frame["function"] for frame in first["exception_stack"]] == ["raised"]
    assert "raises_itself" in [frame["function"] for frame in second["exception_stack"]]


def depth() -> int:
    frame, count = sys._getframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


def test_at_the_end_of_the_stack_the_event_is_dropped_and_counted(make_client):
    """Whatever room is left for calls, an emit answers; only the call of it may not fit."""
    client = make_client()
    error = raised(ValueError("x"))
    assert emit_model_kit_error_from(error, client=client)
    limit = sys.getrecursionlimit()
    outcomes = []
    for room in range(2, 120):
        outcome: object = None
        try:
            sys.setrecursionlimit(depth() + room)
        except RecursionError:
            continue  # the interpreter counts some calls that have no frame
        try:
            outcome = emit_model_kit_error_from(error, client=client)
        except RecursionError:
            pass
        finally:
            sys.setrecursionlimit(limit)
        outcomes.append(outcome)

    lost = sum(outcome is None for outcome in outcomes)
    assert lost <= 3, "an emit raised"
    assert outcomes[-1] is Outcome.STORED
    internal = [o for o in outcomes if o is not None and o is not Outcome.STORED]
    assert {outcome.drop_reason for outcome in internal} == {DropReason.INTERNAL}
    assert client.dropped[DropReason.INTERNAL] == len(internal)


_NAMES = st.text(max_size=40) | st.from_regex(r"[A-Za-z_.<>]{0,200}", fullmatch=True)
_TEXTS = st.text(max_size=300) | st.text(alphabet=st.characters(categories=["Cs", "Cc", "Lu"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=_NAMES, module=_NAMES | st.none() | st.integers(), text=_TEXTS, file=_TEXTS)
def test_any_exception_makes_a_valid_event(make_client, stored, folder, name, module, text, file):
    """Whatever its class, text, function and file are called."""
    for segment in folder.glob("*"):
        segment.unlink()
    client = make_client(strict=True)
    try:
        kind = type(name.replace("\0", "") or "N", (Exception,), {"__module__": module})
    except (ValueError, UnicodeEncodeError):
        kind = Exception  # not even Python takes such a name
    code = compile("raise error", "x.py", "exec").replace(co_filename=file, co_name=name)
    if hasattr(code, "co_qualname"):
        code = code.replace(co_qualname=name)
    error = kind(text)
    with contextlib.suppress(Exception):
        exec(code, {"error": error})

    assert emit_model_kit_error_from(error, client=client) is Outcome.STORED
    (envelope,) = stored()
    assert CATALOGUE.violations(envelope) == []
    client.close()


@given(
    names=st.lists(_NAMES.map(lambda name: whole(name, 300)), min_size=1, max_size=2),
    most=st.integers(0, 40),
    letters=st.sampled_from(["abcdefghijklmnopqrstuvwxyz.", "ABCXYZabcxyz_<>.", ""]),
)
def test_what_is_brought_to_a_form_fits(names, most, letters):
    """For any schema that takes one of the stand-ins."""

    def fits(value: object) -> bool:
        text = str(value)
        return text in UNKNOWN_TYPES[1:] or (len(text) <= most and not text.strip(letters))

    assert fits(fitting(tuple(names), fits, UNKNOWN_TYPES))


@pytest.mark.parametrize("most", [3, -3])
def test_whole_keeps_an_end_of_a_text(most):
    """The beginning, or the end where that is what counts."""
    kept = whole(Lying("abcdef"), most)

    assert (kept, type(kept)) == ("abc" if most > 0 else "def", str)
