"""The commands about telemetry: what they say, switch and delete."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click
import pytest

from declarant.click import ActionGroup
from declarant_collector import Collector
from modelkit_events import CATALOGUE


@pytest.fixture
def program(bench):
    """A program that goes by the user's answer."""
    bench.telemetry = bench.made(consent="stored")
    main = ActionGroup("main", telemetry=bench.telemetry)
    main.command("build")(lambda: click.echo("built"))
    main.command("bad")(lambda: bench.telemetry.record(device="no such device"))
    return main


@pytest.fixture
def agreed(bench, program):
    """A user who has said yes, and has run a command."""
    bench.run(program, "telemetry", "enable")
    bench.run(program, "build")
    CATALOGUE.client.close()
    assert bench.told == ["beat", "build ok"]


def config():
    return Path(os.environ["HOME"], ".winml", "config.json")


def status(bench, program, *words, **options):
    return json.loads(bench.run(program, "telemetry", "status", "--json", *words, **options).stdout)


# ---- status


def test_status_names_every_signal_and_the_one_that_decided(bench, program):
    """As text, with a mark."""
    result = bench.run(program, "telemetry", "status")

    first, *rest = result.stdout.splitlines()
    assert first == "Telemetry of modelkit is off: the user has not answered yet"
    names = [line[2:].split()[0] for line in rest[:8]]
    assert names == [
        "source",
        "flag",
        "variable",
        "do_not_track",
        "policy",
        "program",
        "answer",
        "ci",
    ]
    assert [line for line in rest if line.startswith("*")] == [
        "* answer        -    the user has not answered yet"
    ]


@pytest.mark.parametrize(
    ("words", "variables", "decided_by"),
    [
        ([], {}, "answer"),
        (["--disable-telemetry"], {}, "flag"),
        ([], {"DO_NOT_TRACK": "1"}, "do_not_track"),
        ([], {"MODELKIT_TELEMETRY": "off"}, "variable"),
        ([], {"CI": "1"}, "ci"),
    ],
)
def test_status_is_what_a_command_would_do(bench, program, agreed, words, variables, decided_by):
    """On where events would be stored, off where they would not."""
    found = status(bench, program, *words, env=variables)

    effects = {signal["name"]: signal["effect"] for signal in found["signals"]}
    assert found["decided_by"] == decided_by
    assert found["on"] == (decided_by == "answer")
    assert effects[decided_by] == ("on" if found["on"] else "off")
    bench.run(program, "build", *words, env=variables)
    assert bench.told.count("build ok") == 1 + found["on"]


def test_status_keeps_the_counts_of_all_runs(bench, program, agreed, monkeypatch):
    """What waits, what was accepted and what was dropped, by reason."""
    lax = bench.made(consent="stored", strict=False)
    other = ActionGroup("main", telemetry=lax)
    other.command("bad")(lambda: lax.record(device="no such device"))
    bench.run(other, "bad")
    CATALOGUE.client.close()

    counts = status(bench, program)["counts"]
    assert counts["waiting"] == {"events": 3}
    assert counts["dropped"] == {"INVALID_EVENT": 1}
    with Collector() as collector:
        monkeypatch.setenv("MODELKIT_TELEMETRY_ENDPOINT", collector.url)
        bench.run(program, "build")
        assert CATALOGUE.client.flush(30)

    counts = status(bench, program)["counts"]
    assert counts["accepted"] == {"events": 5}
    assert counts["dropped"] == {"INVALID_EVENT": 1}
    text = bench.run(program, "telemetry", "status").stdout
    assert "5 accepted so far\n1 dropped, INVALID_EVENT: " in text


def test_a_build_without_a_key_is_told(bench, program, agreed):
    """Everybody agrees, and still nothing would be stored."""
    keyless = ActionGroup("main", telemetry=bench.made(consent="stored", ikey=None))

    found = status(bench, keyless)

    assert (found["on"], found["decided_by"]) == (False, "answer")
    assert found["reason"] == "no instrumentation key: this build cannot send"


# ---- enable and disable


def test_enable_keeps_a_yes(bench, program):
    """The next command is reported; other settings in the file stay."""
    config().parent.mkdir(parents=True)
    config().write_text('{"theme": "dark"}')

    result = bench.run(program, "telemetry", "enable")

    assert result.stdout == "Telemetry is on: the user said yes (version 1).\n"
    assert json.loads(config().read_text()) == {
        "theme": "dark",
        "telemetry": {"modelkit": {"consent": "granted", "version": 1}},
    }
    bench.run(program, "build")
    assert bench.told == ["beat", "build ok"]


def test_enable_says_what_keeps_telemetry_off(bench, program):
    """A yes is one signal of several."""
    result = bench.run(program, "telemetry", "enable", env={"DO_NOT_TRACK": "1"})

    assert result.exit_code == 0
    assert result.stdout == ("Your yes is kept, but telemetry stays off: DO_NOT_TRACK is set.\n")


def test_disable_empties_the_store_at_once(bench, program, agreed):
    """No event and no id is left, and nothing comes after."""
    result = bench.run(program, "telemetry", "disable")

    assert result.stdout == (
        "Telemetry is off; deleted 2 events that waited, and the device id. "
        "A request under way cannot be recalled.\n"
    )
    assert bench.events == []
    assert not (bench.folder / "device-id.txt").exists()
    bench.run(program, "build")
    assert bench.events == []
    assert status(bench, program)["answer"] == "denied"


def test_an_answer_that_cannot_be_kept_is_told(bench, program):
    """With what is in the way, and exit code 1."""
    config().parent.mkdir(parents=True)
    config().write_text("not json")

    for word in ("enable", "disable"):
        result = bench.run(program, "telemetry", word)
        assert result.exit_code == 1
        assert "mend or delete the file" in result.stderr
    assert config().read_text() == "not json"


def test_a_folder_in_the_answers_place_is_told(bench, program):
    """With the reason, not only that there is one."""
    config().mkdir(parents=True)

    result = bench.run(program, "telemetry", "enable")

    assert result.exit_code == 1
    assert "not a regular file" in result.stderr or "directory" in result.stderr
    assert "no reason" not in result.stderr


# ---- preview


def test_preview_prints_the_bytes_that_are_sent(bench, program, agreed, monkeypatch):
    """To the byte, and nothing else on standard output; it sends and settles nothing."""
    bodies = []
    with Collector() as collector:
        monkeypatch.setenv("MODELKIT_TELEMETRY_ENDPOINT", collector.url)
        shown = bench.run(program, "telemetry", "preview")
        again = bench.run(program, "telemetry", "preview")
        assert collector.accepted() == []
        bench.telemetry.begin(disabled=False, ask=False)
        assert CATALOGUE.client.flush(30)
        bodies = [entry.text for entry in collector.accepted()]

    assert shown.stdout == "\n".join(bodies) + "\n"
    assert again.stdout == shown.stdout
    assert f"would be sent to {collector.url}" in shown.stderr


def test_preview_says_why_nothing_would_be_sent(bench, program, agreed, monkeypatch):
    """Whatever the reason is; standard output stays empty."""

    def reason(**variables):
        result = bench.run(program, "telemetry", "preview", env=variables)
        assert (result.exit_code, result.stdout) == (0, "")
        return result.stderr

    assert reason(DO_NOT_TRACK="1") == "Nothing would be sent: DO_NOT_TRACK is set.\n"
    flag = bench.run(program, "telemetry", "preview", "--disable-telemetry")
    assert "switched off for this run" in flag.stderr
    bench.run(program, "telemetry", "purge")
    assert reason() == "Nothing would be sent: nothing waits to be sent.\n"
    bench.run(program, "telemetry", "disable")
    assert reason() == "Nothing would be sent: the user said no.\n"


def test_preview_knows_what_the_collector_silenced(bench, program, agreed):
    """An order to be silent about one event, and about all."""
    from declarant._kill_switch import ALL, KillSwitch

    kills = KillSwitch(str(bench.folder), "0123456789abcdef0123456789abcdef")
    kills.obey(frozenset({"ModelKitAction"}), 3600.0)
    found = bench.run(program, "telemetry", "preview")
    assert [json.loads(line)["name"] for line in found.stdout.splitlines()] == ["ModelKitHeartbeat"]

    kills.obey(frozenset({ALL}), 3600.0)
    found = bench.run(program, "telemetry", "preview")
    assert found.stdout == ""
    assert "the collector ordered silence for 3600 s more" in found.stderr


def test_status_knows_that_the_collector_silenced_all(bench, program, agreed):
    """The user agrees, and nothing would be stored; one event's silence is another matter."""
    from declarant._kill_switch import ALL, KillSwitch

    kills = KillSwitch(str(bench.folder), "0123456789abcdef0123456789abcdef")
    kills.obey(frozenset({"ModelKitAction"}), 3600.0)
    assert status(bench, program)["on"] is True

    kills.obey(frozenset({ALL}), 3600.0)
    found = status(bench, program)
    assert (found["on"], found["decided_by"]) == (False, "answer")
    assert found["reason"] == "the collector ordered silence for 3600 s more"
    held = bench.told
    bench.run(program, "build")
    assert bench.told == held


def test_preview_holds_back_what_only_an_answer_allows(bench, program, agreed):
    """A program that vouches sends what it stored itself."""
    vouching = ActionGroup("main", telemetry=bench.made(consent="granted"))
    config().unlink()

    nothing = bench.run(vouching, "telemetry", "preview")
    vouching.command("own")(lambda: None)
    bench.run(vouching, "own")
    CATALOGUE.client.close()
    found = bench.run(vouching, "telemetry", "preview")

    assert nothing.stderr == "Nothing would be sent: the user has not answered yet.\n"
    names = [json.loads(line)["data"].get("action_name") for line in found.stdout.splitlines()]
    assert names == [None, "own"]
    assert "The rest would not: the user has not answered yet.\n" in found.stderr


def test_preview_of_a_command_shows_what_it_would_send(bench, program, agreed):
    """The command does its work; its events are shown, and neither kept nor sent."""
    held = bench.events

    result = bench.run(program, "telemetry", "preview", "build")

    assert (result.exit_code, result.stdout) == (0, "built\n")
    beat, action = map(json.loads, result.stderr.splitlines())
    assert (beat["name"], action["data"]["action_name"]) == ("ModelKitHeartbeat", "build")
    assert action["ext"]["device"]["localId"] == held[0]["ext"]["device"]["localId"]
    assert bench.events == held
    # The next run of the command, to the byte but for what differs from run to run.
    bench.run(program, "build")
    CATALOGUE.client.close()
    assert [_timeless(event) for event in (beat, action)] == [
        _timeless(event) for event in bench.events[len(held) :]
    ]


def _timeless(event):
    shown = json.loads(json.dumps(event))
    del shown["time"], shown["ext"]["sdk"], shown["ext"]["app"]["sesId"]
    shown["data"].pop("duration_ms", None)
    return shown


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_preview_of_a_command_that_forks_is_the_parents(bench, program, agreed):
    """A child that leaves the command deletes nothing, and tells nothing."""

    pid, statuses, result = os.getpid(), [], None

    @program.command()
    def fork():
        child = os.fork()
        if child:
            statuses.append(os.waitpid(child, 0)[1])

    try:
        result = bench.run(program, "telemetry", "preview", "fork")
    finally:
        if os.getpid() != pid:
            is_still = result and not result.exception and result.stderr == ""
            os._exit(0 if is_still else 1)

    assert statuses == [0]
    assert result.exit_code == 0
    beat, action = map(json.loads, result.stderr.splitlines())
    assert (beat["name"], action["data"]["action_name"]) == ("ModelKitHeartbeat", "fork")


def test_preview_of_a_command_ends_as_the_command(bench, program):
    """Its exit code and its messages; before an answer it shows what a yes would mean."""

    @program.command()
    @click.option("--code", type=int)
    def leave(code):
        raise SystemExit(code)

    left = bench.run(program, "telemetry", "preview", "leave", "--code", "5")
    wrong = bench.run(program, "telemetry", "preview", "leave", "--nope")
    helped = bench.run(program, "telemetry", "preview", "leave", "--help")

    assert left.exit_code == 5
    assert '"action_name":"leave"' in left.stderr
    assert left.stderr.endswith("As it is, telemetry is off: the user has not answered yet.\n")
    assert wrong.exit_code == 2
    assert "Nothing would be sent" in wrong.stderr
    assert "--code" in helped.stdout
    assert not bench.folder.exists()


def test_preview_of_a_command_of_a_run_that_is_off(bench, program, agreed):
    """The command does its work, and nothing of it would be sent."""
    result = bench.run(program, "--disable-telemetry", "telemetry", "preview", "build")

    assert (result.exit_code, result.stdout) == (0, "built\n")
    assert result.stderr.startswith("Nothing would be sent: ")
    assert "switched off for this run" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_preview_after_a_failure_shows_what_waits(bench, program, agreed):
    """It would be sent, and not before the senders' wait is over."""
    from declarant._ledger import Ledger

    before = bench.run(program, "telemetry", "preview")
    Ledger(str(bench.folder)).hold(300.0, failures=1)
    after = bench.run(program, "telemetry", "preview")

    assert before.stdout == after.stdout != ""
    assert "senders wait" not in before.stderr
    assert re.search(r"Not now: senders wait for (299|300) s more\.", after.stderr)


# ---- show, purge, reset-id, schema


def test_show_prints_what_waits(bench, program, agreed):
    """Each event as the line that it is, or all of them as JSON."""
    text = bench.run(program, "telemetry", "show").stdout.splitlines()
    found = json.loads(bench.run(program, "telemetry", "show", "--json").stdout)

    assert [json.loads(line) for line in text[:2]] == bench.events == found["waiting"]
    assert text[2] == f"2 waiting in {bench.folder}"


def test_what_cannot_be_read_is_not_told_to_be_nothing(bench, program, agreed):
    """Whoever asks what waits is told that nobody can say, and where that is."""
    bench.folder.rename(bench.folder.with_name("elsewhere"))
    bench.folder.write_text("no folder")
    words = f"what waits cannot be read: {bench.folder}: Not a directory"

    for options in ((), ("--json",)):
        shown = bench.run(program, "telemetry", "show", *options)
        assert (shown.exit_code, shown.stderr) == (1, f"Error: {words}\n")
    assert f"\n{words}\n" in bench.run(program, "telemetry", "status").stdout
    assert status(bench, program)["unreadable"] == words
    found = bench.run(program, "telemetry", "preview")
    assert (found.stdout, found.stderr) == ("", f"Nothing would be sent: {words}.\n")


def test_what_cannot_be_deleted_is_named(bench, program, agreed):
    """With its place, and not the system's word alone."""
    place = bench.folder / "device-id.txt"
    place.unlink()
    place.mkdir()

    for word in ("reset-id", "disable"):
        result = bench.run(program, "telemetry", word)
        assert result.exit_code == 1
        assert str(place) in result.stderr


def test_purge_deletes_what_waits_and_no_more(bench, program, agreed):
    """The id and the answer stay."""
    assert bench.run(program, "telemetry", "purge").stdout == "deleted 2 events\n"

    assert bench.events == []
    assert (bench.folder / "device-id.txt").exists()
    assert status(bench, program)["on"] is True


def test_reset_id_makes_the_next_run_draw_another(bench, program, agreed):
    """What was sent before cannot be joined with what comes."""
    bench.run(program, "telemetry", "reset-id")
    bench.run(program, "build")

    ids = {event["ext"]["device"]["localId"] for event in bench.events}
    assert len(ids) == 2


def test_schema_lists_everything_that_may_be_sent(bench, program, agreed):
    """Every value of every event that was sent is in it."""
    listed = json.loads(bench.run(program, "telemetry", "schema", "--json").stdout)
    text = bench.run(program, "telemetry", "schema").stdout

    fields = {event["name"]: {f["name"] for f in event["fields"]} for event in listed["events"]}
    assert set(fields) == set(CATALOGUE.events)
    ext = {(field["slot"], field["name"]) for field in listed["ext"]}
    for event in bench.events:
        assert set(event["data"]) <= fields[event["name"]]
        assert {(slot, name) for slot, held in event["ext"].items() for name in held} <= ext
    assert '  exception_stack[].file: string; maxLength 260; scrub "path"\n' in text
    assert "  ext.device.localId: " in text


def test_a_damaged_package_is_told(bench, program, monkeypatch):
    """Without a traceback."""
    monkeypatch.setattr("pkgutil.get_data", lambda *_: b"{")

    result = bench.run(program, "telemetry", "schema")

    assert result.exit_code == 1
    assert "install the package again" in result.stderr


def test_they_are_never_reported(bench, program, agreed):
    """Whatever they do."""
    for word in ("status", "preview", "show", "schema", "reset-id", "enable"):
        assert bench.run(program, "telemetry", word).exit_code == 0

    assert bench.told == ["beat", "build ok"]
