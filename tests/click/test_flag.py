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


PAIR = f"{FLAG}/--enable-telemetry"
REVERSED = f"--telemetry/{FLAG}"
VARIABLE = {"envvar": "OWN_SWITCH"}
ON, OFF = {"OWN_SWITCH": "0"}, {"OWN_SWITCH": "1"}

#: Declarations, attributes, variables, defaults of the program, words, and whether it is off.
SOURCES = {
    "variable": ([FLAG], VARIABLE, OFF, None, [], True),
    "variable that says no": ([FLAG], VARIABLE, ON, None, [], False),
    "no variable": ([FLAG], VARIABLE, {}, None, [], False),
    "default map": ([FLAG], {}, {}, True, [], True),
    "default map that says no": ([FLAG], {}, {}, False, [], False),
    "default": ([FLAG], {"default": True}, {}, None, [], True),
    "typed over a default": ([FLAG], {"default": True}, {}, None, [FLAG], True),
    "computed default": ([FLAG], {"default": lambda: True}, {}, None, [], True),
    "pair, variable": ([PAIR], VARIABLE, OFF, None, [], True),
    "pair, variable that says no": ([PAIR], VARIABLE, ON, None, [], False),
    "pair, default": ([PAIR], {"default": True}, {}, None, [], True),
    "pair, default overruled": ([PAIR], {"default": True}, {}, None, ["--enable-telemetry"], False),
    "pair, typed": ([PAIR], {"default": False}, {}, None, [FLAG], True),
    "reversed pair, variable": ([REVERSED], {**VARIABLE, "default": True}, ON, None, [], True),
    "reversed pair, map": ([REVERSED], {"default": True}, {}, False, [], True),
    "reversed pair, default": ([REVERSED], {"default": False}, {}, None, [], True),
    "reversed pair, good default": ([REVERSED], {"default": True}, {}, None, [], False),
    "value of its own": ([FLAG], {"flag_value": "off", **VARIABLE}, {}, "off", [], True),
    "another value": ([FLAG], {"flag_value": "off", **VARIABLE}, {}, "on", [], False),
    "no by its value": (
        [FLAG, "telemetry"],
        {"flag_value": False, "default": True},
        {},
        False,
        [],
        True,
    ),
    "hidden, variable": ([FLAG], {**VARIABLE, "expose_value": False}, OFF, None, [], True),
    "hidden, no variable": ([FLAG], {**VARIABLE, "expose_value": False}, {}, None, [], False),
    "hidden, default map": ([FLAG], {"expose_value": False}, {}, True, [], True),
    "hidden pair, default": ([PAIR], {"default": True, "expose_value": False}, {}, None, [], True),
    "turned by a callback": ([FLAG], {"callback": lambda _c, _p, v: not v}, {}, None, [FLAG], True),
    "turned, not given": ([FLAG], {"callback": lambda _c, _p, v: not v}, {}, None, [], False),
    "kept by a callback": ([FLAG], {"callback": lambda *_: None, **VARIABLE}, OFF, None, [], True),
}


@pytest.mark.parametrize("level", ["command", "group"])
@pytest.mark.parametrize("name", SOURCES)
def test_a_flag_of_the_host_is_heeded_wherever_it_comes_from(bench, program, name, level):
    """Variable, default map, default, or typed: what says that it is off switches off."""
    declarations, attributes, variables, mapped, words, is_off = SOURCES[name]
    option = click.Option(declarations, **{"is_flag": True, **attributes})
    seen = {}
    defaults = {} if mapped is None else {option.name: mapped}
    if level == "group":
        program.params.append(option)
        program.callback = lambda **values: seen.update(values)
        program.add_command(click.Command("build", callback=lambda: None))
        words = [*words, "build"]
    else:
        program.add_command(
            click.Command("build", params=[option], callback=lambda **values: seen.update(values))
        )
        defaults, words = {"build": defaults}, ["build", *words]

    result = bench.run(program, *words, env=variables, default_map=defaults)

    assert (result.exit_code, result.output) == (0, "")
    if name.endswith("variable that says no"):
        # One version of Click takes every word of a variable for a yes, and the host with it.
        is_off = seen["disable_telemetry"]
    assert bench.told == ([] if is_off else ["beat", "build ok"])


@pytest.mark.parametrize(
    ("variables", "words"), [({"DO_NOT_TRACK": "1"}, []), ({}, [FLAG]), ({"OWN_SWITCH": "1"}, [])]
)
def test_a_flag_of_the_host_switches_nothing_on(bench, program, variables, words):
    """Neither over a variable of the user's, nor over the flag or the host's on another level."""
    option = click.Option([PAIR, "own"], is_flag=True, default=False)
    outer = click.Option([FLAG, "outer"], is_flag=True, **VARIABLE)
    program.params.append(outer)
    program.callback = lambda **_: None
    program.add_command(click.Command("build", params=[option], callback=lambda **_: None))
    bench.telemetry.consent = "stored"

    bench.run(program, "telemetry", "enable")
    result = bench.run(program, *words, "build", "--enable-telemetry", env=variables)

    assert result.exit_code == 0
    assert bench.told == []


def test_an_option_of_the_host_that_cannot_be_asked_is_off(bench, program):
    """A default that fails the second time it is asked."""
    answers = iter([False])
    option = click.Option([FLAG], is_flag=True, default=lambda: next(answers), expose_value=False)
    program.add_command(click.Command("build", params=[option], callback=lambda: click.echo("ran")))

    result = bench.run(program, "build")

    assert (result.exit_code, result.output) == (0, "ran\n")
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
