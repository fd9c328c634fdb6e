"""`--disable-telemetry`: for one run, on every level, beside whatever the host declares."""

from __future__ import annotations

import click
import pytest

from declarant.click import ActionGroup

FLAG = "--disable-telemetry"


@pytest.fixture
def program(bench):
    main = ActionGroup("main", telemetry=bench.telemetry)

    @main.group()
    def sub():
        pass

    @sub.command()
    @click.argument("words", nargs=-1)
    @click.option("--name")
    def leaf(words, name):
        click.echo(f"{words} {name}")

    return main


LEVELS = [
    *([FLAG, "sub", "leaf"], ["sub", FLAG, "leaf"], ["sub", "leaf", FLAG]),
    *(["sub", "leaf", "a", FLAG, "b"], [FLAG, "sub", FLAG, "leaf", FLAG]),
]


@pytest.mark.parametrize("words", LEVELS, ids=" ".join)
def test_it_holds_wherever_it_stands(bench, program, words):
    """Nothing is stored, and nothing made; the command gets its own arguments alone."""
    result = bench.run(program, *words)

    assert result.exit_code == 0
    assert FLAG not in result.output
    assert not bench.folder.exists()


@pytest.mark.parametrize(
    "words", [["sub", "leaf", "--", FLAG], ["sub", "leaf", "--name", FLAG]], ids=" ".join
)
def test_arguments_that_look_like_it_are_none(bench, program, words):
    """Behind `--` and as another option's value it is the command's."""
    result = bench.run(program, *words)

    assert FLAG in result.output
    assert bench.told == ["beat", "sub.leaf ok"]


def test_it_is_for_one_run_and_deletes_nothing(bench, program):
    """What waits stays, and the next run goes on."""
    bench.run(program, "sub", "leaf")
    held = bench.events

    bench.run(program, "sub", "leaf", FLAG)
    assert bench.events == held
    bench.run(program, "sub", "leaf")

    assert len(bench.events) == 2 * len(held)


def test_it_starts_no_sender_of_what_an_earlier_run_left(bench, monkeypatch):
    """In a process that ran a command before."""
    started = []
    monkeypatch.setattr("declarant._spawn.spawn_sender", lambda *_: started.append(1) or True)
    reference = {"ikey": None, "ikey_ref": "modelkit.demo_key:IKEY"}
    telemetry = bench.made(delivery="detached", sender_interval_s=0.0, **reference)
    main = ActionGroup("main", telemetry=telemetry)
    main.command("build")(lambda: None)

    bench.run(main, "build")
    bench.run(main, "build", FLAG)

    assert started == []
    assert bench.told == ["beat", "build ok"]
    bench.run(main, "build")
    bench.telemetry.catalogue.client.close()
    assert started == [1]


def test_help_names_it_once(bench, program):
    """Of the outermost group; below it is hidden and works."""
    assert FLAG in bench.run(program, "--help").output
    assert FLAG not in bench.run(program, "sub", "--help").output
    assert FLAG not in bench.run(program, "sub", "leaf", "--help").output


@pytest.mark.parametrize(
    "declarations",
    [[FLAG], [FLAG, "quiet"], [f"--telemetry/{FLAG}", "quiet"], [f"{FLAG}/--telemetry", "quiet"]],
    ids=str,
)
def test_a_flag_of_the_host_is_the_hosts(bench, program, declarations):
    """It gets its value as ever, and is heeded all the same."""
    got = []
    option = click.Option(declarations, is_flag=True, default=None)

    def build(**values):
        got.append(values)

    program.add_command(click.Command("build", params=[option], callback=build))

    assert bench.run(program, "build", FLAG).exit_code == 0
    assert bench.told == []
    assert bench.run(program, "build").exit_code == 0

    ((name, given),) = got[0].items()
    assert got[1][name] is not given
    assert bench.told == ["beat", "build ok"]
    assert FLAG in bench.run(program, "build", "--help").output


def test_a_hosts_hidden_flag_is_heeded(bench, program):
    """One whose value no callback sees."""
    option = click.Option([FLAG], is_flag=True, expose_value=False)
    program.add_command(click.Command("build", params=[option], callback=lambda: None))

    bench.run(program, "build", FLAG)

    assert bench.told == []


def test_parameters_of_any_name_do_not_collide(bench, program):
    """Ours has a name of its own."""
    option = click.Option(["--no-tracking", "disable_telemetry"], default="x")
    got = []
    program.add_command(
        click.Command("build", params=[option], callback=lambda **values: got.append(values))
    )

    bench.run(program, "build", "--no-tracking", "y", FLAG)

    assert got == [{"disable_telemetry": "y"}]
    assert bench.told == []


def test_what_is_passed_on_stays_whole(bench, program):
    """A command for other programs' arguments gets it as any other, and it counts all the same."""

    @program.command(context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def other(words):
        click.echo(" ".join(words))

    assert bench.run(program, "other", "--x", FLAG).output == f"--x {FLAG}\n"
    assert bench.told == []
    bench.run(program, "other", "--x")
    assert bench.told == ["beat", "other ok"]


def test_no_variable_is_one(bench, program):
    """Click's own variables by prefix set nothing here."""
    names = ("PROGRAM_DISABLE_TELEMETRY", "PROGRAM_DECLARANT_DISABLE_TELEMETRY")
    environment = dict.fromkeys(names, "1")

    bench.run(program, "sub", "leaf", env=environment, auto_envvar_prefix="PROGRAM")

    assert bench.told == ["beat", "sub.leaf ok"]


def test_normalized_tokens_are_heeded(bench, program):
    """As the host has all options."""
    program.context_settings["token_normalize_func"] = str.lower

    bench.run(program, "SUB", "LEAF", "--DISABLE-TELEMETRY")

    assert bench.told == []
