"""The root cause: what came first, along the chain that a traceback shows."""

from __future__ import annotations

import asyncio
import builtins
import importlib.util
import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarant._exceptions import ExceptionFacts

MISSING = object()


def anything(_: object) -> bool:
    return True


def root(error: BaseException) -> tuple[object, object]:
    """Return type and text of the root cause, or MISSING twice."""
    facts = ExceptionFacts(error)
    return facts.root_type(anything, MISSING), facts.root_message(MISSING)


def raised(function) -> BaseException:
    try:
        function()
    except BaseException as error:  # noqa: BLE001  any is welcome
        return error
    raise AssertionError("nothing was raised")


def alone() -> None:
    raise KeyError("a")


def named() -> None:
    try:
        alone()
    except KeyError as error:
        raise ValueError("b") from error


def handled() -> None:
    try:
        named()
    except ValueError:
        raise RuntimeError("c")  # noqa: B904  what this is about


def hidden() -> None:
    try:
        named()
    except ValueError:
        raise RuntimeError("c") from None


def named_besides() -> None:
    try:
        named()
    except ValueError:
        raise RuntimeError("c") from OSError("d")


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (alone, (MISSING, MISSING)),
        (named, ("builtins.KeyError", "'a'")),
        (handled, ("builtins.KeyError", "'a'")),
        (hidden, (MISSING, MISSING)),
        (named_besides, ("builtins.OSError", "d")),
    ],
)
def test_the_chain_is_that_of_a_traceback(function, expected):
    """A named cause wins over the context, and `from None` hides it."""
    assert root(raised(function)) == expected


class BaseExceptionGroup_(BaseException):  # noqa: N801  see below
    """A group as the package `exceptiongroup` makes them for Python 3.10: plain Python."""

    def __init__(self, errors: object) -> None:
        super().__init__("a group")
        self._errors = errors

    @property
    def exceptions(self) -> object:
        return self._errors


BaseExceptionGroup_.__name__ = "BaseExceptionGroup"
MAKERS = [BaseExceptionGroup_]
if importlib.util.find_spec("exceptiongroup"):
    import exceptiongroup

    MAKERS.append(lambda errors: exceptiongroup.BaseExceptionGroup("a group", errors))
if sys.version_info >= (3, 11):
    MAKERS.append(lambda errors: builtins.BaseExceptionGroup("a group", errors))


@pytest.mark.parametrize("make", MAKERS)
class TestGroups:
    """Groups, built in or not."""

    def test_a_group_came_from_its_first_error(self, make):
        """And that one from its own causes."""
        error = make((raised(named), OSError("other")))

        assert root(error) == ("builtins.KeyError", "'a'")

    def test_groups_may_hold_groups(self, make):
        """The first error of the innermost first group."""
        assert root(make((make((LookupError("x"),)), OSError()))) == ("builtins.LookupError", "x")

    def test_what_was_handled_came_before_the_group(self, make):
        """A context, too, is earlier than what the group holds."""

        def both() -> None:
            try:
                alone()
            except KeyError:
                raise make((OSError("later"),))  # noqa: B904  what this is about

        assert root(raised(both)) == ("builtins.KeyError", "'a'")

    def test_a_group_below_a_cause_is_opened(self, make):
        """The chain goes on inside."""

        def wrapped() -> None:
            raise RuntimeError from make((OSError("first"), KeyError("second")))

        assert root(raised(wrapped)) == ("builtins.OSError", "first")


@pytest.mark.parametrize("errors", [(), None, 3, ("no error",), [], OSError("not listed")])
def test_a_group_that_holds_no_error_is_its_own_root(errors):
    """What looks like a group may hold anything."""
    assert root(BaseExceptionGroup_(errors)) == (MISSING, MISSING)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs task groups, of Python 3.11")
def test_the_group_of_a_task_group_is_opened():
    """Structured concurrency wraps what failed."""

    async def main() -> None:
        async with asyncio.TaskGroup() as group:

            async def fails() -> None:
                await asyncio.sleep(0)
                named()

            group.create_task(fails())

    assert root(raised(lambda: asyncio.run(main()))) == ("builtins.KeyError", "'a'")


def test_a_chain_of_ten_thousand_is_followed_to_its_start():
    """Libraries that retry make long ones."""
    error = first = ValueError("first")
    for number in range(10_000):
        following = ValueError(number)
        following.__context__ = error
        error = following

    assert root(error) == ("builtins.ValueError", "first")
    assert first.__context__ is None


def test_a_longer_chain_is_followed_for_a_while():
    """The work is bounded; what is told is one of the chain."""
    error = ValueError(0)
    for number in range(1, 50_000):
        following = ValueError(number)
        following.__cause__ = error
        error = following

    kind, text = root(error)

    assert (kind, text) == ("builtins.ValueError", str(49_999 - 20_000))


@given(
    links=st.lists(
        st.tuples(st.sampled_from(["__cause__", "__context__"]), st.integers(0, 7)), max_size=20
    ),
    suppressed=st.sets(st.integers(0, 7)),
)
def test_any_chain_ends(links, suppressed):
    """Whatever refers to whatever, in circles too, an answer comes and is one of them."""
    errors = [ValueError(number) for number in range(8)]
    for (link, to), at in zip(links, itertools.cycle(range(8)), strict=False):
        setattr(errors[at], link, errors[to])
    for number in suppressed:
        errors[number].__suppress_context__ = True

    kind, text = root(errors[0])

    if kind is MISSING:
        assert text is MISSING
    else:
        assert (kind, text in map(str, range(8))) == ("builtins.ValueError", True)


def test_a_circle_ends_where_it_closes():
    """The last that is new is the root."""
    first, second, third = ValueError("1"), KeyError("2"), OSError("3")
    first.__cause__, second.__cause__, third.__cause__ = second, third, first

    assert root(first) == ("builtins.OSError", "3")
