"""How commands end: what is reported, and that nothing of it changes how they end."""

from __future__ import annotations

import errno
import traceback

import click
import pytest
from click.testing import CliRunner

from declarant.click import ActionGroup


def raising(error):
    def body():
        click.echo("begun")
        raise error

    return body


def exiting(code):
    def body():
        click.get_current_context().exit(code)

    return body


class Coded(click.ClickException):
    exit_code = 9


class OwnError(BaseException):
    pass


#: Body, exit code of the process, outcome, and whether an error event is due.
ENDINGS = {
    "returns": (lambda: click.echo("done"), 0, "returned", False),
    "returns a number": (lambda: 3, 0, "returned", False),
    "ctx.exit()": (exiting(0), 0, "exited", False),
    "ctx.exit(3)": (exiting(3), 3, "exited", False),
    "sys.exit()": (raising(SystemExit()), 0, "exited", False),
    "sys.exit(0)": (raising(SystemExit(0)), 0, "exited", False),
    "sys.exit(4)": (raising(SystemExit(4)), 4, "exited", False),
    "sys.exit('words')": (raising(SystemExit("words")), 1, "exited", False),
    "ctx.abort()": (raising(click.Abort()), 1, "aborted", False),
    "ctx.fail()": (raising(click.UsageError("no")), 2, "refused", False),
    "a bad parameter": (raising(click.BadParameter("no")), 2, "refused", False),
    "a message": (raising(click.ClickException("no")), 1, "refused", False),
    "a message with a code": (raising(Coded("no")), 9, "refused", False),
    "ctrl-c": (raising(KeyboardInterrupt()), 1, "aborted", False),
    "end of input": (raising(EOFError()), 1, "aborted", False),
    "a broken pipe": (raising(BrokenPipeError(errno.EPIPE, "gone")), 1, "aborted", False),
    "EPIPE": (raising(OSError(errno.EPIPE, "gone")), 1, "aborted", False),
    "another OSError": (raising(OSError(errno.ENOENT, "missing")), 1, "failed", True),
    "an error": (raising(ValueError("no")), 1, "failed", True),
    "an end of iteration": (raising(StopIteration(3)), 1, "failed", True),
    "not even an Exception": (raising(OwnError()), 1, "failed", True),
}


def program(kind, body, **attributes):
    main = kind("main", commands=[click.Group("sub")], **attributes)
    main.commands["sub"].command("leaf")(body)
    return main


@pytest.mark.parametrize("name", ENDINGS)
def test_each_end_is_told_as_what_it_is(bench, name):
    """By outcome and exit code; only what nobody handled is an error."""
    body, code, outcome, is_error = ENDINGS[name]
    main = program(ActionGroup, body, telemetry=bench.telemetry)

    try:
        main.main(["sub", "leaf"], prog_name="main")
    except BaseException as error:  # noqa: BLE001  all of them are what is looked at
        left = error

    if isinstance(left, SystemExit):
        found = left.code if isinstance(left.code, int) else int(left.code is not None)
        assert found == code
    (call,) = bench.seen
    assert (call.outcome, call.exit_code, call.success) == (outcome, code, code == 0)
    assert [word.partition(" ")[0] for word in bench.told] == (
        ["beat", "error", "sub.leaf"] if is_error else ["beat", "sub.leaf"]
    )


@pytest.mark.parametrize("standalone", [True, False])
@pytest.mark.parametrize("name", ENDINGS)
def test_a_command_ends_as_without_us(bench, name, standalone):
    """The same exit code, output, exception object and innermost frames as below a plain group."""
    body = ENDINGS[name][0]

    def ended(main):
        runner = CliRunner()
        with runner.isolation() as streams:
            try:
                left = main.main(["sub", "leaf"], prog_name="main", standalone_mode=standalone)
            except BaseException as error:  # noqa: BLE001  all of them are what is looked at
                left = error
            said = [stream.getvalue() for stream in streams[:2] if stream]
        frames = []
        if isinstance(left, BaseException):
            stack = traceback.extract_tb(left.__traceback__)
            frames = [(frame.name, frame.lineno) for frame in stack if frame.filename == __file__]
            left.__traceback__ = None
        shape = [type(left), getattr(left, "args", left), getattr(left, "code", None)]
        shape += [getattr(left, "__cause__", None), type(getattr(left, "__context__", None))]
        return shape, frames[-1:], said

    plain = ended(program(click.Group, body))
    reported = ended(program(ActionGroup, body, telemetry=bench.telemetry))

    # A cause that Click makes anew each time is compared by what it says.
    assert repr(reported) == repr(plain)
    assert bench.told[0] == "beat"


def test_the_error_is_told_where_it_arose(bench):
    """The stack ends in the body; nothing keeps the exception alive afterwards."""
    import gc
    import weakref

    class KeptError(Exception):
        pass

    seen = []

    def deep():
        error = KeptError("x")
        seen.append(weakref.ref(error))
        raise error

    main = program(ActionGroup, deep, telemetry=bench.telemetry)
    bench.run(main, "sub", "leaf")
    gc.collect()

    stack = bench.events[1]["data"]["exception_stack"]
    assert stack[-1]["function"].endswith("deep")
    # The host's own calls and Click's; ours say nothing.
    files = [call["file"].replace("\\", "/") for call in stack]
    assert not [file for file in files if "declarant/" in file]
    assert not {"_run.py", "_group.py"} & {file.rpartition("/")[2] for file in files}
    assert "core.py" in {file.rpartition("/")[2] for file in files}
    assert seen[0]() is None


class Resource:
    """Fails, or does not, while it is closed."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if self.error is not None:
            raise self.error


#: What the body and the closing of the outermost context end with; and what is told of it.
CLOSINGS = {
    "nothing fails": (None, None, ["beat", "sub.leaf ok"], "returned", 0),
    "the closing fails": (
        *(None, ValueError("no")),
        *(["beat", "error ValueError", "sub.leaf failed"], "failed", 1),
    ),
    "both fail": (
        *(KeyError("no"), ValueError("no")),
        *(["beat", "error ValueError", "sub.leaf failed"], "failed", 1),
    ),
    "the body fails": (
        *(KeyError("no"), None),
        *(["beat", "error KeyError", "sub.leaf failed"], "failed", 1),
    ),
    "the closing exits": (None, SystemExit(3), ["beat", "sub.leaf failed"], "exited", 3),
    "the closing refuses": (None, Coded("no"), ["beat", "sub.leaf failed"], "refused", 9),
    "ctx.exit(4), and the closing fails": (
        *(click.exceptions.Exit(4), ValueError("no")),
        *(["beat", "error ValueError", "sub.leaf failed"], "failed", 1),
    ),
}


def held_program(kind, body_error, close, **attributes):
    """Return a program whose outermost group registers something with *close*."""

    def body():
        if body_error is not None:
            raise body_error

    return program(kind, body, callback=close, **attributes)


@pytest.mark.parametrize("way", ["call_on_close", "with_resource"])
@pytest.mark.parametrize("name", CLOSINGS)
def test_what_fails_while_the_outermost_context_is_closed_is_told(bench, name, way):
    """The program ends with it, so the command did; an error that nobody sees is none."""
    body_error, close_error, told, outcome, code = CLOSINGS[name]

    def close():
        context = click.get_current_context()
        if way == "with_resource":
            context.with_resource(Resource(close_error))
        else:
            context.call_on_close(lambda: Resource(close_error).__exit__())

    def ended(kind, **attributes):
        main = held_program(kind, body_error, close, **attributes)
        try:
            return main.main(["sub", "leaf"], prog_name="main")
        except BaseException as error:  # noqa: BLE001  all of them are what is looked at
            return type(error), getattr(error, "code", None)

    assert ended(ActionGroup, telemetry=bench.telemetry) == ended(click.Group)
    assert bench.told == told
    (call,) = bench.seen
    assert (call.outcome, call.exit_code) == (outcome, code)


def test_a_context_that_a_body_closes_itself_is_not_waited_for(bench):
    """What comes after that is the body's own end."""

    def body():
        root = click.get_current_context().find_root()
        root.close()
        for _ in range(2):
            root.call_on_close(lambda: None)

    main = program(ActionGroup, body, telemetry=bench.telemetry)
    main.main(["sub", "leaf"], prog_name="main", standalone_mode=False)

    assert bench.told == ["beat", "sub.leaf ok"]


def test_what_surrounds_a_command_line_is_no_part_of_it(bench):
    """A host that holds the context itself fails by itself."""

    def close():
        click.get_current_context().call_on_close(lambda: None)

    main = held_program(ActionGroup, None, close, telemetry=bench.telemetry)

    def run():
        with main.make_context("main", ["sub", "leaf"]) as context:
            main.invoke(context)
            assert bench.told == ["beat"]
            raise ValueError("later")

    with pytest.raises(ValueError, match="later"):
        run()

    assert bench.told == ["beat", "sub.leaf ok"]


def test_a_context_that_nobody_holds_is_not_waited_for(bench):
    """It may never be closed; what is there to be told is told at once, and once."""
    main = program(ActionGroup, lambda: None, telemetry=bench.telemetry)
    context = main.make_context("main", ["sub", "leaf"])
    context.call_on_close(lambda: None)

    main.invoke(context)
    assert bench.told == ["beat", "sub.leaf ok"]

    context.close()
    assert bench.told == ["beat", "sub.leaf ok"]


def test_a_held_context_that_is_used_twice_tells_of_both(bench):
    """The first command is told of at the latest when the second one begins."""

    def close():
        click.get_current_context().call_on_close(lambda: None)

    main = ActionGroup(
        "main", callback=close, invoke_without_command=True, telemetry=bench.telemetry
    )
    with main.make_context("main", []) as context:
        main.invoke(context)
        assert bench.told == ["beat"]
        main.invoke(context)

    actions = [word for word in bench.told if word != "beat"]
    assert len(actions) == 2
    assert len(bench.seen) == 2


@pytest.mark.parametrize("words", [["--help"], ["sub", "nothing"], ["telemetry", "status"]])
def test_no_command_no_closing(bench, words):
    """Where nothing is reported, a context that fails to close changes nothing of it."""

    def close():
        click.get_current_context().call_on_close(lambda: 1 / 0)

    main = held_program(ActionGroup, None, close, telemetry=bench.telemetry)
    plain = held_program(click.Group, None, close)
    plain.commands["telemetry"] = click.Group("telemetry", commands=[click.Command("status")])

    left = [type(bench.runner.invoke(it, words).exception) for it in (main, plain)]

    assert left[0] is left[1]
    assert bench.told == []
