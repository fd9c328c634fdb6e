"""What is reported of which command, however it came to be registered."""

from __future__ import annotations

import asyncio
import os
import time
import warnings
from unittest import mock

import click
import pytest
from click.testing import CliRunner

from declarant.click import ActionGroup, telemetry_group
from modelkit_events import CATALOGUE

GOOD = ["beat", "build ok"]


@pytest.fixture
def program(bench):
    @click.group(cls=ActionGroup, telemetry=bench.telemetry)
    def main():
        pass

    @main.command()
    def build():
        click.echo("built")

    return main


def test_a_command_is_one_heartbeat_and_one_action(bench, program):
    """The heartbeat comes before the body, the action after."""
    seen = []

    @program.command()
    def look():
        seen.extend(bench.told)

    assert bench.run(program, "look").exit_code == 0

    assert seen == ["beat"]
    assert bench.told == ["beat", "look ok"]


def test_every_invocation_is_one_of_its_own(bench, program):
    """In one process, too."""
    bench.run(program, "build")
    bench.run(program, "build")

    assert bench.told == GOOD * 2


def test_nested_groups_are_reported(bench, program):
    """Plain groups below, added before or after, are as good; their names come first."""
    inner = click.Group("inner")
    outer = click.Group("outer", commands=[inner])
    program.add_command(outer)
    inner.add_command(click.Command("late", callback=lambda: None))

    assert bench.run(program, "outer", "inner", "late").exit_code == 0

    assert bench.told == ["beat", "outer.inner.late ok"]


class LazyGroup(click.Group):
    """As in Click's documentation: commands are imported when asked for."""

    def list_commands(self, ctx):
        return ["slow", *super().list_commands(ctx)]

    def get_command(self, ctx, cmd_name):
        if cmd_name == "slow":
            return click.Command("slow", callback=lambda: None)
        return super().get_command(ctx, cmd_name)


class LazyActionGroup(LazyGroup, ActionGroup):
    pass


def test_lazy_commands_are_reported(bench, program):
    """Below a plain lazy group, and in an ActionGroup that is one itself."""
    program.add_command(LazyGroup("lazy"))
    own = LazyActionGroup("own", telemetry=bench.telemetry)

    bench.run(program, "lazy", "slow")
    bench.run(own, "slow")

    assert bench.told == ["beat", "lazy.slow ok", "beat", "slow ok"]


def test_a_collection_is_reported(bench, program):
    """As a group below one, and as one that draws from one."""
    below = click.CommandCollection("all", sources=[program])
    top = click.Group("top", commands=[click.Command("x", callback=lambda: None)])
    program.add_command(click.CommandCollection("more", sources=[top]))

    bench.run(program, "more", "x")
    bench.run(below, "build")

    assert bench.told == ["beat", "more.x ok", "beat", "build ok"]


def test_an_action_group_below_a_plain_one_is_reported(bench, program):
    """The plain one has nothing to do with it."""
    other = click.Command("other", callback=lambda: None)
    top = click.Group("top", commands=[program, other])

    bench.run(top, "main", "build")
    bench.run(top, "other")

    assert bench.told == ["beat", "main.build ok"]


def test_nothing_is_doubled(bench, program):
    """By a group in two places, a command in two groups or twice in one, groups within groups."""
    build = program.commands["build"]
    inner = ActionGroup("inner", telemetry=bench.telemetry, commands=[build])
    program.add_command(inner)
    program.add_command(inner, "again")
    program.add_command(build)
    program.add_command(build, "make")
    other = ActionGroup("other", telemetry=bench.telemetry, commands=[build, program])

    for words in (["build"], ["make"], ["inner", "build"], ["again", "build"]):
        bench.run(program, *words)
    bench.run(other, "main", "inner", "build")

    names = ("build", "make", "inner.build", "again.build", "main.inner.build")
    assert bench.told == [word for name in names for word in ("beat", f"{name} ok")]


def test_a_shared_command_is_itself_elsewhere(bench, program):
    """It is the same object of the same kind, and unreported outside a reporting group."""
    build = program.commands["build"]
    plain = click.Group("plain", commands=[build])
    bench.run(program, "build")
    bench.telemetry.catalogue.client.close()

    result = bench.run(plain, "build")

    assert result.output == "built\n"
    assert bench.told == GOOD
    assert plain.commands["build"] is build
    assert isinstance(build, click.Command)
    assert repr(build) == "<Command build>"
    assert bench.run(plain, "build", "--disable-telemetry").exit_code == 2


def test_without_telemetry_a_group_is_a_plain_one():
    """Its commands stay as they are."""
    main = ActionGroup("main")
    build = main.command("build")(lambda: click.echo("built"))

    result = CliRunner().invoke(main, ["build"])

    assert result.output == "built\n"
    assert type(build) is click.Command
    assert list(main.commands) == ["build"]


def test_the_clock_stops_with_the_body(bench, program):
    """What comes after is not the command's time."""
    import time

    bench.run(program, "build")
    (call,) = bench.seen
    took = call.duration_ms
    time.sleep(0.01)

    assert call.duration_ms == took == bench.events[-1]["data"]["duration_ms"]


def test_inner_commands_are_part_of_the_outer_one(bench, program):
    """Whether by `ctx.invoke`, `ctx.forward`, by `invoke` or by a whole command line."""
    build = program.commands["build"]

    @program.command()
    @click.pass_context
    def everything(ctx):
        ctx.invoke(build)
        ctx.forward(build)
        with build.make_context("build", [], parent=ctx) as inner:
            build.invoke(inner)
        program.main(["build"], standalone_mode=False)

    result = bench.run(program, "everything")

    assert result.output == "built\n" * 4
    assert bench.told == ["beat", "everything ok"]


def test_a_chain_is_one_run(bench):
    """One heartbeat, and an action for each command; the last one is told how it all ended."""

    @click.group(cls=ActionGroup, telemetry=bench.telemetry, chain=True)
    def main():
        pass

    @main.command()
    def one():
        return 1

    @main.command()
    def two():
        return 2

    @main.result_callback()
    def total(values):
        click.echo(sum(values))

    assert bench.run(main, "one", "two").output == "3\n"
    assert bench.told == ["beat", "one ok", "two ok"]


def test_a_chain_ends_where_it_breaks(bench):
    """What comes after was no command that ran."""
    main = ActionGroup("main", telemetry=bench.telemetry, chain=True)
    main.command("one")(lambda: None)
    main.command("bad")(lambda: 1 / 0)
    main.command("never")(lambda: None)

    bench.run(main, "one", "bad", "never")

    assert bench.told == ["beat", "one ok", "error ZeroDivisionError", "bad failed"]


def test_a_failing_result_callback_fails_the_command(bench, program):
    """What nobody handled is known when the outermost group is left."""

    @program.result_callback()
    def check(_):
        raise LookupError("no")

    assert isinstance(bench.run(program, "build").exception, LookupError)

    assert bench.told == ["beat", "error LookupError", "build failed"]


def test_a_group_without_a_command_is_one_itself(bench):
    """It is told by its own name, or by its path."""
    inner = click.Group("inner", invoke_without_command=True, callback=lambda: None)
    main = ActionGroup(
        "main", telemetry=bench.telemetry, commands=[inner], invoke_without_command=True
    )
    inner.command("leaf")(lambda: None)

    bench.run(main)
    bench.run(main, "inner")
    bench.run(main, "inner", "leaf")

    assert bench.told == ["beat", "main ok", "beat", "inner ok", "beat", "inner.leaf ok"]


def test_a_group_whose_callback_fails_is_told(bench, program):
    """Before any body; what refuses to go on with a message is no failure."""

    @program.group()
    @click.option("--refuse", is_flag=True)
    def shaky(*, refuse):
        if refuse:
            raise click.UsageError("no")
        raise OSError("broken")

    shaky.command("leaf")(lambda: None)

    refused = bench.run(program, "shaky", "--refuse", "leaf")
    assert refused.exit_code == 2
    assert bench.told == []
    bench.run(program, "shaky", "leaf")

    assert bench.told == ["beat", "error OSError", "shaky failed"]


def test_an_exception_that_a_group_handles_is_no_failure(bench):
    """What leaves the outermost group counts."""

    class Forgiving(click.Group):
        def invoke(self, ctx):
            try:
                return super().invoke(ctx)
            except ZeroDivisionError:
                return None

    inner = Forgiving("inner")
    inner.command("bad")(lambda: 1 / 0)
    main = ActionGroup("main", telemetry=bench.telemetry, commands=[inner])

    bench.run(main, "inner", "bad")

    assert bench.told == ["beat", "inner.bad ok"]


# ---- names


def test_what_the_user_typed_is_no_name(bench):
    """An abbreviation is told by what it stands for, a path of a script by nothing."""

    class Typed(ActionGroup):
        def get_command(self, ctx, cmd_name):
            found = super().get_command(ctx, "build" if cmd_name == "b" else cmd_name)
            if found is None and cmd_name.endswith(".py"):
                return click.Command(cmd_name, callback=lambda: None)
            return found

    main = Typed("main", telemetry=bench.telemetry)
    main.command("build")(lambda: None)
    main.add_command(Typed("run"))

    bench.run(main, "b")
    bench.run(main, "alice.secret.py")
    bench.run(main, "run", "alice.secret.py")

    assert bench.told == ["beat", "build ok", "beat", "main ok", "beat", "run ok"]


def test_arguments_go_nowhere_unless_recorded(bench, program):
    """Only what the host records by a name of its action's arguments is in the event."""

    @program.command()
    @click.argument("path")
    @click.option("--device")
    @click.option("--token")
    def pack(path, device, token):
        bench.telemetry.record(device=device)
        bench.telemetry.record(ep="CPUExecutionProvider")

    bench.run(program, "pack", "/home/alice/x", "--device", "npu", "--token", "hunter2")

    action = bench.events[-1]["data"]
    assert (action["device"], action["ep"]) == ("npu", "CPUExecutionProvider")
    text = str(bench.events)
    assert "alice" not in text
    assert "hunter2" not in text


def test_heartbeat_and_error_know_the_command(bench):
    """Other catalogues' events may say more than ModelKit's."""
    seen = []

    def note(*_):
        call = telemetry.invocation
        seen.append((call.name, call.outcome, call.is_interactive))

    telemetry = bench.made(heartbeat=note, error=note)
    main = ActionGroup("main", telemetry=telemetry)
    main.command("bad")(lambda: 1 / 0)

    bench.run(main, "bad")

    assert seen == [("bad", "returned", False), ("bad", "failed", False)]
    assert telemetry.invocation is None


def test_recording_outside_a_command_does_nothing(bench, program):
    """Nor where telemetry is off."""
    off = bench.made(consent="denied")
    bench.telemetry.record(device="npu")
    main = ActionGroup("main", telemetry=off)
    main.command("build")(lambda: off.record(device="npu"))

    assert bench.run(main, "build").exit_code == 0
    bench.run(program, "build")

    assert bench.told == GOOD
    assert bench.events[-1]["data"]["device"] is None


# ---- what is no command that runs


@pytest.mark.parametrize(
    "words",
    [
        *(["--help"], ["build", "--help"], ["--version"], [], ["nope"], ["build", "--nope"]),
        *(["build", "extra"], ["sub"], ["sub", "--help"], ["sub", "nope"], ["--nope", "build"]),
        *(["telemetry"], ["telemetry", "--help"], ["telemetry", "status"], ["telemetry", "schema"]),
    ],
)
def test_nothing_begins_without_a_body(bench, program, words):
    """Help, versions, wrong use and the commands about telemetry leave no trace."""
    program.add_command(click.Group("sub"))
    click.version_option("1.0")(program)

    bench.run(program, *words)

    assert bench.told == []
    assert not bench.folder.exists()
    assert bench.telemetry.catalogue.client.settings is None


@pytest.fixture(autouse=True)
def _unset_client(bench, monkeypatch):
    monkeypatch.setattr(bench.telemetry.catalogue.client, "settings", None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("program b", "build"), ("program sub l", "leaf"), ("program build --d", "")],
)
def test_completion_begins_nothing(bench, program, words, expected):
    """It finds what is there, and reports nothing of it."""
    program.add_command(click.Group("sub", commands=[click.Command("leaf")]))
    environment = {
        "_PROGRAM_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }

    result = bench.run(program, env=environment)

    assert result.exit_code == 0
    assert expected in result.output
    assert bench.telemetry.catalogue.client.settings is None


# ---- async


def test_coroutines_are_run(bench, program):
    """Their result is the command's, and what they record is told."""

    @program.command()
    async def soon():
        import asyncio

        await asyncio.sleep(0)
        bench.telemetry.record(device="gpu")
        return 7

    result = program.main(["soon"], prog_name="program", standalone_mode=False)

    assert result == 7
    assert bench.told == ["beat", "soon ok"]
    assert bench.events[-1]["data"]["device"] == "gpu"


def test_coroutines_fail_as_others(bench, program):
    """With their own exception."""

    @program.command()
    async def soon():
        raise LookupError("no")

    result = bench.run(program, "soon")

    assert isinstance(result.exception, LookupError)
    assert bench.told == ["beat", "error LookupError", "soon failed"]


@pytest.mark.parametrize("fails", [False, True])
def test_a_loop_that_runs_already_runs_the_coroutine(bench, program, fails):
    """The caller gets something to wait for, whose end is the command's."""
    import asyncio

    @program.command()
    async def soon():
        await asyncio.sleep(0)
        bench.telemetry.record(device="gpu")
        if fails:
            raise LookupError("no")
        return 7

    async def host():
        return await program.main(["soon"], prog_name="program", standalone_mode=False)

    if fails:
        with pytest.raises(LookupError):
            asyncio.run(host())
    else:
        assert asyncio.run(host()) == 7

    assert bench.told[-1] == ("soon failed" if fails else "soon ok")
    assert bench.events[-1]["data"]["device"] == "gpu"
    assert bench.told.count("beat") == 1


def test_a_cancelled_coroutine_is_no_failure(bench, program):
    """Whoever cancels it aborts the command; nothing is wrong with it."""
    import asyncio

    @program.command()
    async def forever():
        await asyncio.Event().wait()

    async def host():
        task = asyncio.ensure_future(
            program.main(["forever"], prog_name="program", standalone_mode=False)
        )
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(host())

    assert bench.told == ["beat", "forever failed"]
    assert bench.seen[-1].outcome == "aborted"


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("kind", [click.Group, ActionGroup])
def test_a_coroutine_that_nobody_awaits_is_aborted(bench, kind, closes):
    """Python warns of it as without us, by its own name; its heartbeat does not stand alone."""
    import asyncio
    import gc

    main = kind("main", **({"telemetry": bench.telemetry} if kind is ActionGroup else {}))

    @main.command()
    async def soon():
        raise AssertionError

    async def host():
        made = main.main(["soon"], prog_name="program", standalone_mode=False)
        if closes:
            made.close()
        del made
        gc.collect()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.run(host())

    said = [str(w.message) for w in warned if w.category is RuntimeWarning]
    name = "test_a_coroutine_that_nobody_awaits_is_aborted.<locals>.soon"
    assert said == ([] if closes else [f"coroutine '{name}' was never awaited"])
    assert bench.told == (["beat", "soon failed"] if kind is ActionGroup else [])
    assert [call.outcome for call in bench.seen] == ["aborted"] * len(bench.seen)


# ---- the host is not disturbed


def test_a_defect_of_the_binding_reaches_nobody(bench):
    """Whatever the host's functions raise is counted."""

    def broken(*_, **__):
        raise RuntimeError("defect")

    telemetry = bench.made(strict=False, action=broken, heartbeat=broken, error=broken)
    main = ActionGroup("main", telemetry=telemetry)
    main.command("build")(lambda: click.echo("built"))
    main.command("bad")(lambda: 1 / 0)

    assert bench.run(main, "build").output == "built\n"
    assert isinstance(bench.run(main, "bad").exception, ZeroDivisionError)

    assert bench.telemetry.catalogue.client.dropped["INTERNAL"] >= 5


def test_a_set_up_that_cannot_be_used_reaches_nobody(bench):
    """A wrong key, and one that cannot be imported."""
    for settings in ({"ikey": "wrong"}, {"ikey": None, "ikey_ref": "no.such:KEY"}):
        telemetry = bench.made(strict=False, **settings)
        main = ActionGroup("main", telemetry=telemetry)
        main.command("build")(lambda: click.echo("built"))

        assert bench.run(main, "build").output == "built\n"
        status = bench.run(main, "telemetry", "status")
        assert "is off: the program's set-up cannot be used: ikey" in status.output


def test_unknown_fields_cost_the_event_alone(bench):
    """A checker finds them; at run time they are a defect that is counted."""
    telemetry = bench.made(strict=False)
    main = ActionGroup("main", telemetry=telemetry)
    main.command("build")(lambda: telemetry.record(colour="red"))

    assert bench.run(main, "build").exit_code == 0

    assert bench.told == ["beat"]


class StrictMeta(type):
    def __new__(mcs, name, bases, namespace, **_):
        if any(isinstance(base, StrictMeta) for base in bases):
            raise LookupError("final")
        return super().__new__(mcs, name, bases, namespace)


def objecting(error):
    class Final(click.Command):
        def __init_subclass__(cls):
            raise error

    return Final


class Frozen(click.Command):
    def __setattr__(self, name, value):
        if name == "__class__":
            raise AttributeError("frozen")
        super().__setattr__(name, value)


class Strict(click.Command, metaclass=StrictMeta):
    pass


OBJECTING = [
    objecting(TypeError("final")),
    objecting(ValueError("final")),
    objecting(SystemExit(7)),
    Strict,
    Frozen,
]


@pytest.mark.parametrize("kind", OBJECTING)
def test_a_class_that_allows_none_below_it_is_left_alone(bench, program, kind):
    """Nor one whose objects take no other class: its commands run as ever, unreported."""
    program.add_command(kind("final", callback=lambda: click.echo("ran"), help="Trains."))

    helped = bench.run(program, "final", "--help")
    ran = bench.run(program, "final")

    assert (helped.exit_code, "Trains." in helped.output) == (0, True)
    assert (ran.exit_code, ran.output) == (0, "ran\n")
    assert type(program.commands["final"]) is kind
    assert not bench.folder.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_reports_nothing_of_its_parents_chain(bench):
    """Neither the commands before the fork, nor those after it."""
    program = ActionGroup("main", telemetry=bench.telemetry, chain=True)
    for name in ("one", "two", "three"):
        program.command(name)(lambda: None)

    @program.command()
    def fork():
        child = os.fork()
        if child:
            os.waitpid(child, 0)

    pid = os.getpid()
    try:
        program.main(["one", "fork", "two", "three"], prog_name="program", standalone_mode=False)
    finally:
        if os.getpid() != pid:
            os._exit(0)

    assert bench.told == ["beat", "one ok", "fork ok", "two ok", "three ok"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_reports_nothing(bench, program):
    """The run is its parent's."""

    @program.command()
    def fork():
        child = os.fork()
        if child == 0:
            return
        os.waitpid(child, 0)

    pid = os.getpid()
    try:
        program.main(["fork"], prog_name="program", standalone_mode=False)
    finally:
        if os.getpid() != pid:
            os._exit(0)

    assert bench.told == ["beat", "fork ok"]


def test_the_ready_group_can_be_left_out_or_placed(bench, program):
    """By option, by another of its name, or where the host wants it."""
    bare = ActionGroup("main", telemetry=bench.telemetry, telemetry_commands=None)
    named = ActionGroup("main", telemetry=bench.telemetry, telemetry_commands="usage-data")
    placed = click.Group("plain", commands=[telemetry_group(bench.telemetry, "data")])
    program.command("telemetry")(lambda: click.echo("mine"))

    assert list(bare.commands) == []
    assert list(named.commands) == ["usage-data"]
    assert "is on" in bench.run(placed, "data", "status").output
    assert bench.run(program, "telemetry").output == "mine\n"


@pytest.mark.parametrize("kind", [click.Group, ActionGroup])
def test_a_clock_of_the_hosts_test_is_its_own(bench, kind):
    """What a test has its patched clock answer is for the body alone, and none of it is ours."""
    main = kind("main", **({"telemetry": bench.made(strict=False)} if kind is ActionGroup else {}))

    @main.command()
    def build():
        click.echo(time.monotonic() - time.monotonic())

    with mock.patch("time.monotonic", side_effect=[1.0, 3.5]):
        result = bench.run(main, "build")

    assert (result.exit_code, result.stdout, result.exception) == (0, "-2.5\n", None)
    assert bench.told == (["beat", "build ok"] if kind is ActionGroup else [])


@pytest.mark.parametrize(
    "what", ["time.monotonic", "time.time", "time.sleep", "os.getpid", "os.write", "os.open"]
)
def test_a_patch_of_the_hosts_test_changes_no_command(bench, what):
    """The body runs, and the program ends as with a plain group."""
    main = ActionGroup("main", telemetry=bench.made(strict=False, delivery="detached"))

    @main.command()
    def build():
        click.echo("built")

    with mock.patch(what, side_effect=RuntimeError("of the host")):
        result = bench.run(main, "build")

    assert (result.exit_code, result.stdout, result.exception) == (0, "built\n", None)


@pytest.mark.parametrize("left", [SystemExit(7), asyncio.CancelledError(), GeneratorExit()])
def test_an_exit_of_the_binding_is_not_the_programs(bench, left):
    """The host's own reporter exits: what the command ends with stays what it was."""

    def leave(_):
        raise left

    main = ActionGroup("main", telemetry=bench.made(strict=False, action=leave))
    main.command("build")(lambda: click.echo("built"))

    result = bench.run(main, "build")

    assert (result.exit_code, result.stdout) == (0, "built\n")
    assert bench.told == ["beat"]
    assert CATALOGUE.client.counts()["dropped"] == {"INTERNAL": 1}
