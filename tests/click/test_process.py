"""Real programs: at a terminal, in a pipe, interrupted and killed, against a real collector."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from declarant._store import OfflineStore, event_lines
from declarant_collector import Collector

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals and POSIX signals", allow_module_level=True)

PATIENCE_S = 60.0
LIMIT = "Agree? [Y/n] "

PROGRAM = """
import os, sys, time
import click
import modelkit_events
from declarant.click import ActionGroup, Invocation, Telemetry

endpoint, consent, kind, *words = sys.argv[1:]

def report(call: Invocation, *, device=None):
    modelkit_events.emit_model_kit_action(
        invoked_from="Interactive" if call.is_interactive else "Script", action_name=call.name,
        device=device, ep=None, duration_ms=call.duration_ms, success=call.success)

telemetry = Telemetry(
    modelkit_events.CATALOGUE, app_version="1.0", action=report, consent=consent,
    heartbeat=modelkit_events.emit_model_kit_heartbeat,
    error=modelkit_events.emit_model_kit_error_from,
    ikey_ref="modelkit.demo_key:IKEY", endpoint=endpoint)
reports = {"cls": ActionGroup, "telemetry": telemetry} if kind == "reported" else {}

@click.group(**reports)
@click.version_option("1.0")
def main():
    pass

@main.command()
@click.argument("name", default="x")
def build(name):
    click.echo("built")

@main.command()
def fail():
    raise ValueError("no access to /home/alice/models/secret.onnx for alice@example.com "
                     "with ghp_16C7e42F292c6912E7710c838347Ae178B4a")

@main.group()
def shaky():
    raise OSError("broken")

@shaky.command()
def leaf():
    pass

@main.command()
def wait():
    print("waiting", flush=True)
    time.sleep(60)

@main.command()
def much():
    while True:
        click.echo("x" * 4096)

@main.command()
def loaded():
    pass

main.main(words, prog_name="program")
"""


class Programs:
    """Starts the program, each time with the same home."""

    def __init__(self, home: Path, endpoint: str) -> None:
        self.home = home
        self.endpoint = endpoint
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *words, kind="reported", consent="ask", before="", env=None, **options):
        arguments = [self.endpoint, consent, kind, *words]
        settings = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "env": {**os.environ, **(env or {})},
            **options,
        }
        process = subprocess.Popen([sys.executable, "-c", before + PROGRAM, *arguments], **settings)
        self.started.append(process)
        return process

    def run(self, *words, **options):
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out.decode(), err.decode()

    def answer(self, consent):
        file = self.home / ".winml" / "config.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"telemetry": {"modelkit": {"consent": consent, "version": 1}}}))

    @property
    def kept(self):
        return json.loads((self.home / ".winml" / "config.json").read_text())["telemetry"]

    @property
    def events(self):
        folder = Path(os.environ["XDG_STATE_HOME"], "modelkit", "telemetry")
        return [
            json.loads(line)
            for name in OfflineStore(str(folder)).segments()
            for line in event_lines((folder / name).read_bytes())
        ]


@pytest.fixture
def programs():
    """Programs whose collector nobody runs."""
    home = Path(os.environ["HOME"])
    home.mkdir(parents=True)
    made = Programs(home, "http://127.0.0.1:9/OneCollector/1.0/")
    yield made
    for process in made.started:
        process.kill()
        process.communicate()


@pytest.fixture
def collector(programs):
    with Collector() as running:
        programs.endpoint = running.url
        yield running


class Terminal:
    """The program at a terminal; its standard output is a pipe."""

    def __init__(self, programs, *words, **options):
        self.ours, theirs = os.openpty()
        self.process = programs.start(
            *words, stdin=theirs, stderr=theirs, start_new_session=True, **options
        )
        os.close(theirs)
        self.shown = ""

    def _read(self):
        with contextlib.suppress(OSError):
            piece = os.read(self.ours, 65536).decode()
            self.shown += piece
            return piece
        return ""

    def expect(self, text):
        end = time.monotonic() + PATIENCE_S
        while text not in self.shown:
            assert select.select([self.ours], [], [], max(0.0, end - time.monotonic()))[0]
            assert self._read(), self.shown

    def type(self, text):
        os.write(self.ours, text.encode())

    def end(self):
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        while self._read():
            pass
        os.close(self.ours)
        return out.decode()


def wait_for(count, collector):
    end = time.monotonic() + PATIENCE_S
    while len(collector.accepted()) < count:
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return [json.loads(entry.text) for entry in collector.accepted()]


# ---- the question


def test_the_first_command_asks_and_the_second_does_not(programs, collector):
    """On standard error, before the body; what the commands did arrives."""
    first = Terminal(programs, "build")
    first.expect(LIMIT)
    first.type("\n")

    assert first.end() == "built\n"
    assert [event["name"] for event in wait_for(2, collector)] == [
        "ModelKitHeartbeat",
        "ModelKitAction",
    ]
    second = Terminal(programs, "build")
    assert second.end() == "built\n"
    assert second.shown == ""
    events = wait_for(4, collector)
    assert [event["data"].get("invoked_from") for event in events[1::2]] == ["Interactive"] * 2


@pytest.mark.parametrize(
    "words",
    [
        *(["--help"], ["build", "--help"], ["--version"], [], ["nope"], ["build", "--nope"]),
        *(["build", "a", "b"], ["telemetry", "status"], ["telemetry", "preview"]),
        *(["telemetry", "schema"], ["telemetry", "purge"], ["build", "--disable-telemetry"]),
        *(["--disable-telemetry", "build"], ["shaky", "leaf"]),
    ],
    ids=" ".join,
)
def test_nobody_is_asked_for_nothing(programs, words):
    """Not before a command really runs, and not where it is off for this run."""
    program = Terminal(programs, *words)

    program.end()

    assert LIMIT not in program.shown
    assert list(programs.home.iterdir()) == []


def test_completion_asks_nobody(programs):
    """Whatever the shell wants to know."""
    variables = {
        "_PROGRAM_COMPLETE": "bash_complete",
        "COMP_WORDS": "program bu",
        "COMP_CWORD": "1",
    }

    program = Terminal(programs, env=variables)

    assert "build" in program.end()
    assert program.shown == ""
    assert list(programs.home.iterdir()) == []


def test_who_refuses_is_left_alone(programs):
    """The command runs as ever, and nothing is made."""
    first = Terminal(programs, "build")
    first.expect(LIMIT)
    first.type("n\n")

    assert first.end() == "built\n"
    second = Terminal(programs, "build")
    assert second.end() == "built\n"
    assert second.shown == ""
    assert programs.events == []
    assert programs.kept == {"modelkit": {"consent": "denied", "version": 1}}


def test_nobody_is_asked_in_a_pipe(programs):
    """Nor is anything stored."""
    assert programs.run("build") == (0, "built\n", "")
    assert list(programs.home.iterdir()) == []


# ---- what arrives


def test_a_failure_arrives_scrubbed(programs, collector):
    """The user sees it whole; what it says of the user does not leave."""
    programs.answer("granted")

    code, _, err = programs.run("fail")

    assert code == 1
    assert "alice@example.com" in err
    events = wait_for(3, collector)
    assert [event["name"] for event in events] == [
        *("ModelKitHeartbeat", "ModelKitError", "ModelKitAction"),
    ]
    error = events[1]["data"]
    assert error["exception_type"].endswith("ValueError")
    assert error["exception_message"].startswith("no access to secret.onnx for <scrubbed>")
    text = json.dumps(events)
    assert not [word for word in ("alice", "/home", "ghp_16C7") if word in text]
    assert events[2]["data"]["success"] is False


def test_a_body_that_is_killed_leaves_its_heartbeat(programs):
    """It is on disk before the body begins."""
    programs.answer("granted")
    process = programs.start("wait")
    process.stdout.readline()

    process.kill()
    process.wait()

    assert [event["name"] for event in programs.events] == ["ModelKitHeartbeat"]


LOOKS = [["disable"], ["purge"], ["preview", "build"], ["declarant", "purge", "modelkit_events"]]


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_preview_that_is_killed_leaves_nothing_for_long(programs, tmp_path, number, words):
    """Never the stored id; its events until somebody looks, and those of one that runs stay."""
    place = tmp_path / "temporary"
    place.mkdir()
    env = {"TMPDIR": str(place)}
    programs.answer("granted")
    programs.run("build", env=env)
    (kept,) = Path(os.environ["XDG_STATE_HOME"]).rglob("device-id.txt")
    stored = kept.read_bytes().split()[0]
    killed, running = (programs.start("telemetry", "preview", "wait", env=env) for _ in range(2))
    for process in (killed, running):
        assert process.stdout.readline() == b"waiting\n"

    killed.send_signal(number)
    assert killed.wait(PATIENCE_S) == -number

    assert len(list(place.iterdir())) == 2
    files = [path for path in place.rglob("*") if path.is_file()]
    assert any(path.name == "device-id.txt" for path in files)
    assert not [path for path in files if stored in path.read_bytes()]
    if words[0] == "declarant":
        command = [sys.executable, "-m", "declarant.cli", *words[1:]]
        subprocess.run(command, env={**os.environ, **env}, check=True, capture_output=True)
    else:
        assert programs.run("telemetry", *words, env=env)[0] == 0
    assert len(list(place.iterdir())) == 1
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=PATIENCE_S)
    assert (b'"ModelKitHeartbeat"' in err) == (words != ["disable"])
    assert stored not in err
    assert list(place.iterdir()) == []


def test_ctrl_c_is_no_error(programs):
    """It ends the command as it does without us, and is told as an action that failed."""
    programs.answer("granted")
    ended = {}
    for kind in ("plain", "reported"):
        process = programs.start("wait", kind=kind)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
        ended[kind] = process.returncode, out, err

    assert ended["reported"] == ended["plain"] == (1, b"", b"\nAborted!\n")
    (beat, action) = programs.events
    assert beat["name"] == "ModelKitHeartbeat"
    assert (action["name"], action["data"]["success"]) == ("ModelKitAction", False)


def test_a_reader_that_goes_away_is_no_error(programs):
    """The exit code is what it is without us."""
    programs.answer("granted")
    ended = {}
    for kind in ("plain", "reported"):
        process = programs.start("much", kind=kind)
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        ended[kind] = process.wait(PATIENCE_S), err

    assert ended["reported"] == ended["plain"]
    assert [event["name"] for event in programs.events] == ["ModelKitHeartbeat", "ModelKitAction"]


@pytest.mark.parametrize(
    "words", [["fail"], ["build"], ["nope"], ["build", "--nope"]], ids=" ".join
)
@pytest.mark.parametrize("state", ["granted", "denied", "broken", "no home"])
def test_a_program_says_and_returns_what_it_does_without_us(programs, words, state, tmp_path):
    """Whatever is the matter with telemetry, but for our own frames in a traceback."""
    variables = {}
    if state == "broken":
        (programs.home / ".winml").write_text("a file where a folder should be")
    elif state == "no home":
        nowhere = str(tmp_path / "file" / "below")
        (tmp_path / "file").write_text("")
        variables = {"HOME": nowhere, "XDG_STATE_HOME": nowhere}
    else:
        programs.answer(state)

    plain = programs.run(*words, kind="plain", env=variables)
    reported = programs.run(*words, env=variables)

    assert reported[:2] == plain[:2]
    assert told(reported[2]) == told(plain[2])


def told(err):
    """Leave out the calls between the program and its body."""
    return [line for line in err.splitlines() if not line.startswith((" ", "Traceback"))]


# ---- what a run does that is off

WATCH = """
import sys
seen = []
def hear(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.mkdir",
                 "os.remove", "os.rename", "os.posix_spawn", "os.fork"):
        seen.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"open {arguments[0]}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & 3:
        seen.append(f"open {arguments[0]}")
sys.addaudithook(hear)
import atexit
atexit.register(lambda: print(seen, file=sys.stderr))
"""


@pytest.mark.parametrize(
    ("words", "variables", "answer"),
    [
        (["--disable-telemetry", "build"], {}, "granted"),
        (["build", "--disable-telemetry"], {}, "granted"),
        (["build"], {"DO_NOT_TRACK": "1"}, "granted"),
        (["build"], {"MODELKIT_TELEMETRY": "0"}, "granted"),
        (["build"], {"CI": "true"}, "granted"),
        (["build"], {}, ""),
        (["--help"], {}, "granted"),
        (["telemetry", "status"], {}, "granted"),
        (["telemetry", "preview"], {}, "granted"),
        (["telemetry", "show"], {}, "granted"),
        (["telemetry", "schema", "--json"], {}, "granted"),
    ],
    ids=str,
)
def test_a_run_that_is_off_touches_nothing(programs, words, variables, answer):
    """It writes no file, opens no connection and starts no process; what waited waits."""
    if answer:
        programs.answer(answer)
        programs.run("build")
    held = programs.events

    variables = {**variables, "PYTHONDONTWRITEBYTECODE": "1"}
    code, _, err = programs.run(*words, before=WATCH, env=variables)

    assert (code, err.splitlines()[-1]) == (0, "[]")
    assert programs.events == held
    assert len(held) == (2 if answer else 0)


LOADED = """
import atexit, sys
atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))
"""


@pytest.mark.parametrize("words", [["--help"], ["build"]], ids=" ".join)
def test_a_command_loads_nothing_that_it_does_not_need(programs, words):
    """Neither what sends, nor what the commands about telemetry need, nor asyncio."""
    programs.answer("granted")

    _, _, err = programs.run(*words, before=LOADED)

    loaded = set(err.split())
    heavy = {"requests", "asyncio", "json", "declarant.click._commands", "declarant._pass"}
    if words == ["--help"]:
        heavy |= {"declarant._store", "declarant._device", "declarant._host"}
    assert "declarant.click" in loaded
    assert loaded & heavy == set()
