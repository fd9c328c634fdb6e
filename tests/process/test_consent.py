"""The question at a real terminal, in real processes, with homes of all kinds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import select
import termios

from declarant._store import OfflineStore, event_lines

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
PATIENCE_S = 60.0
NOTICE = Path(__file__).parents[2] / "generated" / "modelkit_events" / "NOTICE.txt"

#: A host that asks, emits once, says what came of it, and how long the question is open.
HOST = """
import sys
import modelkit_events
from modelkit_events import CATALOGUE
modelkit_events.configure(
    app_version="1.0", consent=sys.argv[1], ikey="{key}", delivery="manual",
    endpoint="http://127.0.0.1:9/")
print("outcome", modelkit_events.emit_model_kit_heartbeat(), flush=True)
"""

#: The same, with a question that is not open for long.
IMPATIENT = """
import sys
from declarant import consent
from modelkit_events import CATALOGUE
print("answer", consent.ask(CATALOGUE, seconds=float(sys.argv[1])), flush=True)
print("line", input(), flush=True)
"""


class Terminal:
    """A program at a pseudo-terminal of its own; its standard output goes to a pipe."""

    def __init__(self, home, *command, code=None, streams=(0, 2), controlling=True, **variables):
        self.master, slave = pty.openpty()
        self.heard = b""
        arguments = [sys.executable, "-c", code.replace("{key}", KEY)] if code else []
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("XDG_")
        }
        environment |= {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), **variables}

        def take():
            os.setsid()
            if controlling:
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [*arguments, *command],
            stdin=slave if 0 in streams else subprocess.DEVNULL,
            stdout=slave if 1 in streams else subprocess.PIPE,
            stderr=slave if 2 in streams else subprocess.PIPE,
            preexec_fn=take,
            env=environment,
        )
        os.close(slave)

    def expect(self, text):
        """Read what is shown until *text* was."""
        end = time.monotonic() + PATIENCE_S
        while text.encode() not in self.heard:
            assert select.select([self.master], [], [], end - time.monotonic())[0], self.heard
            assert self._read(), self.heard

    def _read(self):
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            # The last one at the other end has gone.
            piece = b""
        self.heard += piece
        return piece

    def type(self, text):
        """Type *text*."""
        os.write(self.master, text.encode())

    def end(self):
        """Wait for the program, and return its standard output; what it showed is in `shown`."""
        said, complained = self.process.communicate(timeout=PATIENCE_S)
        while self._read():
            pass
        self.complained = complained
        return (said or b"").decode().splitlines()

    @property
    def shown(self):
        """What the terminal showed, with the line ends of a text."""
        return self.heard.decode().replace("\r\n", "\n")

    def close(self):
        """End the program, if it has not ended."""
        self.process.kill()
        self.process.communicate()
        os.close(self.master)


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "person"
    folder.mkdir()
    return folder


@pytest.fixture
def terminal(home):
    """Start programs at terminals."""
    started = []

    def start(*command, place=home, **options):
        started.append(Terminal(place, *command, **options))
        return started[-1]

    yield start
    for program in started:
        program.close()


def kept(home):
    return json.loads((home / ".winml" / "config.json").read_text())["telemetry"]["modelkit"]


def waiting(home):
    folder = home / "state" / "modelkit" / "telemetry"
    names = OfflineStore(str(folder)).segments()
    return [
        json.loads(line) for name in names for line in event_lines((folder / name).read_bytes())
    ]


STORED, OFF = ["outcome Outcome(STORED)"], ["outcome Outcome(CONSENT_OFF)"]


@pytest.mark.parametrize(
    ("typed", "consent"),
    [
        *(("\n", "granted"), ("y\n", "granted"), ("YES\n", "granted"), (" y \r", "granted")),
        *(("n\n", "denied"), ("No\n", "denied"), ("what\nn\n", "denied"), ("?\nx\ny\n", "granted")),
        *(("what\n\nn\n", "denied"), ("what\n\ny\n", "granted")),
    ],
)
def test_the_answer_is_kept(terminal, home, typed, consent):
    """Enter is the answer that the catalogue offers; what is neither is asked again.

    Then Enter is none: somebody who wrote "nein" is not to be taken at a yes.
    """
    program = terminal("ask", code=HOST)
    program.expect("Agree? [Y/n] ")
    for number, line in enumerate(typed.splitlines(keepends=True)):
        program.type(line)
        if line.strip().lower() in ("what", "?", "x") or (number and not line.strip()):
            program.expect("Please answer y or n: ")
            program.heard = program.heard.replace(b"Please answer y or n: ", b"")

    assert program.end() == (STORED if consent == "granted" else OFF)
    assert kept(home) == {"consent": consent, "version": 1}
    assert len(waiting(home)) == (consent == "granted")
    assert program.shown.startswith(NOTICE.read_text("utf-8").rstrip())


@pytest.mark.parametrize(("typed", "ended", "stored"), [("", STORED, 2), ("n", OFF, 0)])
def test_the_question_is_asked_once(terminal, home, typed, ended, stored):
    """After a yes a second run stores without a word; nor is who refused asked again."""
    first = terminal("ask", code=HOST)
    first.expect("Agree?")
    first.type(f"{typed}\n")
    first.end()

    second = terminal("ask", code=HOST)

    assert second.end() == ended
    assert second.shown == ""
    assert len(waiting(home)) == stored
    assert (home / "state").exists() is bool(stored)


def test_a_higher_version_is_asked_again(terminal, home):
    """Whoever agreed to less is asked about more, and off until then."""
    raised = "from modelkit_events import CATALOGUE\nCATALOGUE.consent_version = 2\n" + HOST
    first = terminal("ask", code=HOST)
    first.expect("Agree?")
    first.type("y\n")
    first.end()

    stored = terminal("stored", code=raised)
    assert stored.end() == OFF
    again = terminal("ask", code=raised)
    again.expect("Agree?")
    again.type("y\n")

    assert again.end() == STORED
    assert kept(home) == {"consent": "granted", "version": 2}


UNANSWERED = {
    "end of input": "\x04",
    "ctrl-c": "\x03",
    "three times something else": "a\nb\nc\n",
}


@pytest.mark.parametrize("typed", UNANSWERED.values(), ids=UNANSWERED.keys())
def test_no_answer_leaves_the_question_open(terminal, home, typed):
    """The program goes on, nothing is stored, and the next run asks again."""
    for _ in range(2):
        program = terminal("ask", code=HOST)
        program.expect("Agree? [Y/n] ")
        program.type(typed)

        assert program.end() == OFF
        assert program.process.returncode == 0
        assert program.shown.endswith("No answer: nothing is collected. You will be asked again.\n")
        assert list(home.iterdir()) == []


def test_a_process_asks_once(terminal, home):
    """A host that sets telemetry up for each of its commands does not repeat itself."""
    program = terminal("ask", code=HOST * 2)
    program.expect("Agree? [Y/n] ")
    program.type("\x04")

    assert program.end() == OFF * 2
    assert program.shown.count("Agree?") == 1


def test_the_question_has_a_time_limit(terminal, home):
    """What was begun by then is no answer, and no input of the program's either."""
    program = terminal("0.3", code=IMPATIENT)
    program.expect("Agree? [Y/n] ")
    program.type("ye")
    program.expect("No answer")
    program.type("mine\n")

    assert program.end() == ["answer None", "line mine"]
    assert list(home.iterdir()) == []


def test_what_follows_the_answer_is_the_programs(terminal, home):
    """It gets its lines whole."""
    program = terminal("30", code=IMPATIENT)
    program.expect("Agree? [Y/n] ")
    program.type("n\nmine\n")

    assert program.end() == ["answer False", "line mine"]


def test_what_was_typed_before_the_question_is_no_answer(terminal, home):
    """An Enter too many must not agree to anything; nobody is asked in this run."""
    program = terminal("ask", code="input()\n" + HOST)
    program.type("first\n\n\n")

    assert program.end() == OFF
    assert "Agree?" not in program.shown
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("streams", [(), (0,), (1,), (2,), (0, 1), (1, 2)])
def test_nobody_is_asked_without_two_terminals(terminal, home, streams):
    """Standard input and standard error have to be terminals; standard output does not count."""
    program = terminal("ask", code=HOST, streams=streams)

    said = program.end()

    assert said == ([] if 1 in streams else OFF)
    assert "Agree?" not in program.shown
    assert not program.complained
    assert list(home.iterdir()) == []


def test_a_terminal_that_controls_nobody_is_one(terminal, home):
    """Such as that of a program which runs others."""
    program = terminal("ask", code=HOST, controlling=False)
    program.expect("Agree? [Y/n] ")
    program.type("\n")

    assert program.end() == STORED


def test_a_job_in_the_background_is_not_asked(terminal, home):
    """It would be stopped for reading, and its user would wonder."""
    code = """
    import os, sys
    child = os.fork()
    if child:
        _, status = os.waitpid(child, os.WUNTRACED)
        print("stopped" if os.WIFSTOPPED(status) else "ended", flush=True)
    else:
        os.setpgid(0, 0)
    """
    program = terminal("ask", code=f"{textwrap.dedent(code)}\nif not child:\n{indented(HOST)}")

    assert sorted(program.end()) == ["ended", *OFF]
    assert "Agree?" not in program.shown


def indented(code):
    return textwrap.indent(code, "    ")


OFF_SIGNALS = {
    "DO_NOT_TRACK": "1",
    "MODELKIT_TELEMETRY": "0",
    "MODELKIT_TELEMETRY_OPTOUT": "1",
    "CI": "true",
    "TF_BUILD": "True",
}


@pytest.mark.parametrize("variable", OFF_SIGNALS)
def test_nobody_is_asked_what_is_switched_off(terminal, home, variable):
    """Not even to tell them."""
    program = terminal("ask", code=HOST, **{variable: OFF_SIGNALS[variable]})

    assert program.end() == OFF
    assert program.shown == ""
    assert list(home.iterdir()) == []


def test_the_terminal_may_go_away(terminal, home):
    """The question stays open; the program ends as the system wants it."""
    program = terminal(
        "ask", code="import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + HOST
    )
    program.expect("Agree?")
    os.close(program.master)

    said, _ = program.process.communicate(timeout=PATIENCE_S)

    assert said.decode().splitlines() == OFF
    assert list(home.iterdir()) == []
    program.master = os.open(os.devnull, os.O_RDONLY)


def test_a_stopped_program_goes_on_asking(terminal, home):
    """As after Ctrl-Z and fg."""
    program = terminal("ask", code=HOST)
    program.expect("Agree?")
    program.process.send_signal(signal.SIGSTOP)
    program.process.send_signal(signal.SIGCONT)
    program.type("\n")

    assert program.end() == STORED


# ---- homes


def closed(home):
    home.chmod(0o555)


def corrupt(home):
    (home / ".winml").mkdir()
    (home / ".winml" / "config.json").write_text("{")


def blocked(home):
    (home / ".winml").write_text("a file where the folder should be")


def looped(home):
    (home / ".winml").symlink_to(home / ".winml")


HOMES = {
    "corrupt": corrupt,
    "blocked": blocked,
    "looped": looped,
    "missing": lambda home: home.rmdir(),
}


@pytest.mark.parametrize("kind", HOMES)
def test_an_unusable_home_is_never_a_yes(terminal, home, kind):
    """Nobody is asked where no answer could be kept, and the program runs."""
    HOMES[kind](home)
    before = sorted(str(path) for path in home.parent.rglob("*"))

    program = terminal("ask", code=HOST)

    if kind == "missing":
        # It can be made: a home that is not there yet is one.
        program.expect("Agree?")
        program.type("n\n")
    assert program.end() == OFF
    assert ("Agree?" in program.shown) is (kind == "missing")
    if kind != "missing":
        assert sorted(str(path) for path in home.parent.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give it up")
@pytest.mark.parametrize("state", ["read-only", "closed", "closed file"])
def test_a_home_of_others_is_never_a_yes(terminal, home, state):
    """Read-only, or closed altogether; asked is nobody, and told is nothing."""
    folder = home / ".winml"
    folder.mkdir()
    (folder / "config.json").write_text('{"telemetry": {}}')
    if state == "closed file":
        (folder / "config.json").chmod(0)
    folder.chmod(0o000 if state == "closed" else 0o555)
    # Modules first: the folders they lie in may be closed to others.
    imports = (
        "import declarant._consent_write, declarant._asking, declarant._delivery\n"
        "import declarant._device, declarant._store, modelkit_events.model_kit_heartbeat\n"
        "import json, select, importlib, pkgutil, os\n"
        "import modelkit_events\nmodelkit_events.emit_model_kit_heartbeat\nos.setuid(65534)\n"
    )

    program = terminal("ask", code=imports + HOST)

    assert program.end() == OFF
    assert program.shown == ""


def test_a_yes_that_cannot_be_kept_is_none(terminal, home):
    """The disk filled up between question and answer: the user is told, and telemetry is off."""
    code = """
    import declarant._consent_write as w
    def full(fd, content):
        raise OSError(28, "No space left on device")
    w.write_whole = full
    """
    program = terminal("ask", code=textwrap.dedent(code) + HOST)
    program.expect("Agree?")
    program.type("y\n")

    assert program.end() == OFF
    assert "No space left on device" in program.shown
    assert program.shown.endswith("Nothing is collected.\n")
    assert not (home / "state").exists()


def test_two_at_once(terminal, home):
    """Two terminals ask at once; each answer is kept whole, and the last one holds."""
    one, other = (terminal("ask", code=HOST) for _ in range(2))
    for program in (one, other):
        program.expect("Agree? [Y/n] ")
    one.type("y\n")
    assert one.end() == STORED
    other.type("n\n")
    assert other.end() == OFF

    assert kept(home) == {"consent": "denied", "version": 1}
    assert waiting(home) == []


# ---- a living host, and its senders


LIVING = """
import sys
import modelkit_events
modelkit_events.configure(
    app_version="1.0", consent=sys.argv[1], ikey="{key}", delivery=sys.argv[2],
    endpoint=sys.argv[3], flush_interval_s=1000, exit_budget_s=20)
assert modelkit_events.emit_model_kit_heartbeat()
print("emitted", flush=True)
sys.stdin.readline()
if sys.argv[4] == "emit":
    while modelkit_events.emit_model_kit_heartbeat():
        pass
    print("off", flush=True)
"""


@pytest.mark.parametrize("how", ["emit", "end"])
@pytest.mark.parametrize("delivery", ["thread", "detached", "manual"])
@pytest.mark.parametrize("decision", ["stored", "granted"])
def test_a_withdrawal_reaches_a_living_host(home, collector, how, delivery, decision):
    """It goes off within a second of emitting, or at its end; nothing is sent, nothing is left."""
    environment = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    folder = home / ".winml"
    folder.mkdir()
    (folder / "config.json").write_text(
        '{"telemetry": {"modelkit": {"consent": "granted", "version": 1}}}'
    )
    arguments = [decision, delivery, collector.url, how]
    host = subprocess.Popen(
        [sys.executable, "-c", LIVING.replace("{key}", KEY), *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert host.stdout.readline() == "emitted\n"
    withdraw = "from declarant import consent; from modelkit_events import CATALOGUE;"
    withdraw += "print(consent.withdraw(CATALOGUE))"
    done = subprocess.run(
        [sys.executable, "-c", withdraw],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    said, complained = host.communicate("go\n", timeout=PATIENCE_S)

    assert done.stdout == "1\n"
    assert (said, complained, host.returncode) == ("off\n" if how == "emit" else "", "", 0)
    assert waiting(home) == []
    assert collector.accepted() == []
    store = home / "state" / "modelkit" / "telemetry"
    assert not any(b'"ModelKitHeartbeat"' in path.read_bytes() for path in store.iterdir())
    assert not (store / "device-id.txt").exists()


def test_a_detached_sender_looks_again(home, hosts, collector, tmp_path, environment, wait_until):
    """It was started with a yes, and finds a no."""
    (tmp_path / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    (home / ".winml").mkdir()
    answer = home / ".winml" / "config.json"
    answer.write_text('{"telemetry": {"modelkit": {"consent": "granted", "version": 1}}}')
    hosts.endpoint = collector.url
    environment |= {"HOME": str(home), "PYTHONPATH": str(tmp_path)}

    hosts.run(
        """
        import json, declarant._spawn
        configure("detached", ikey=None, ikey_ref="hostkeys:IKEY", sender_interval_s=0)
        assert emit(1)
        # Between the start of the sender and its look, whichever comes first.
        real = declarant._spawn.spawn_sender
        def spawn(*arguments):
            with open(sys.argv[3], "w") as file:
                file.write('{"telemetry": {"modelkit": {"consent": "denied", "version": 1}}}')
            return real(*arguments)
        declarant._spawn.spawn_sender = spawn
        """,
        str(answer),
        env=environment,
    )

    wait_until(lambda: not list(hosts.folder.glob("*.ndjson")))
    assert collector.accepted() == []


def test_a_detached_sender_inherits_the_signals(home, hosts, collector, tmp_path, environment):
    """What switches a later command off is not sent by its sender either."""
    (tmp_path / "hostkeys.py").write_text(f'IKEY = "{KEY}"\n')
    hosts.endpoint = collector.url
    environment |= {"HOME": str(home), "PYTHONPATH": str(tmp_path)}
    code = """
        configure("{delivery}", ikey=None, ikey_ref="hostkeys:IKEY", sender_interval_s=0)
        print(emit(1))
        """
    assert hosts.run(code.format(delivery="manual"), env=environment) == "Outcome(STORED)"

    off = {**environment, "DO_NOT_TRACK": "1"}
    assert hosts.run(code.format(delivery="detached"), env=off) == "Outcome(CONSENT_OFF)"
    boot = "import sys;from declarant._detached import main;main(*sys.argv[1:6])"
    subprocess.run(
        [
            sys.executable,
            "-c",
            boot,
            "modelkit_events",
            str(hosts.folder),
            collector.url,
            "hostkeys:IKEY",
            "0",
        ],
        env=off,
        check=True,
        timeout=PATIENCE_S,
    )

    assert collector.accepted() == []
    assert len(list(hosts.folder.glob("*.ndjson"))) == 1
