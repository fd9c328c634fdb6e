"""The whole rollout, by the installed example: asked, agreed, sent, scrubbed, silenced, refused."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

from declarant._locks import HELD, try_lock
from modelkit.cli import SAMPLE
from scenes.terminal import CTRL_C, CTRL_D

MODELKIT = Path(sys.executable).with_name("modelkit")
#: What every envelope holds, stored or sent.
EVENT = b'"ver":"4.0"'
NOTICE = Path(__file__).parents[2] / "generated" / "modelkit_events" / "NOTICE.txt"
QUESTION = "Agree? [Y/n] "
BUILT = "tiny: 1678 bytes as float32, for CPUExecutionProvider\n"


def succeeds(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def answered(user, typed, *words):
    """Run a command that asks, and answer it."""
    terminal = user.at_terminal(*(words or ("build",)))
    terminal.expect(QUESTION)
    terminal.type(typed)
    return terminal, terminal.end()


def names(events):
    return [event["name"].removeprefix("ModelKit") for event in events]


# ---- the question


def test_the_first_run_asks_and_enter_agrees(user, arrived):
    """The generated notice, whole, on standard error; heartbeat and action arrive."""
    terminal, said = answered(user, "\n")

    assert said == BUILT
    assert NOTICE.read_text("utf-8").strip() in terminal.shown
    assert terminal.process.returncode == 0
    beat, action = arrived(2)
    assert names([beat, action]) == ["Heartbeat", "Action"]
    assert action["data"]["duration_ms"] >= 0
    del action["data"]["duration_ms"]
    assert action["data"] == {
        "invoked_from": "Interactive",
        "action_name": "build",
        "device": "cpu",
        "ep": "CPUExecutionProvider",
        "success": True,
    }
    assert action["ext"]["device"]["localId"].startswith("r:")


def test_the_second_run_does_not_ask(user, arrived):
    """It runs as if there were no telemetry, and its events arrive."""
    answered(user, "\n")

    second = user.at_terminal("build", "--device", "npu")
    second.end()

    assert second.shown == ""
    events = arrived(4)
    assert len({event["ext"]["device"]["localId"] for event in events}) == 1
    statuses = [event["ext"]["device"]["authId"] for event in events]
    assert sorted(statuses) == ["EXISTING"] * 2 + ["NEW"] * 2
    targets = {(e["data"]["device"], e["data"]["ep"]) for e in events if "ep" in e["data"]}
    assert targets == {("cpu", "CPUExecutionProvider"), ("npu", "QNNExecutionProvider")}


def test_a_no_at_the_question_leaves_nothing(user, collector):
    """No event, no identifier; and nobody asks again."""
    _, said = answered(user, "n\n")
    second = user.at_terminal("build")
    second.end()

    assert said == BUILT
    assert second.shown == ""
    assert [path for path in user.files if path.is_file()] == [user.home / ".winml" / "config.json"]
    assert EVENT not in user.kept
    assert collector.requests() == []


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "end of input"])
def test_no_answer_leaves_the_question_open(user, collector, key):
    """The command does its work all the same, and the next one asks again."""
    terminal, said = answered(user, key)

    assert (terminal.process.returncode, said) == (0, BUILT)
    assert user.files == []
    answered(user, "n\n")
    assert collector.requests() == []


def test_more_under_the_notice_is_asked_again(user, collector, watch):
    """Who said yes to less is off until they say yes to more; other settings stay."""
    user.agree()
    place = user.home / ".winml" / "config.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), "theme": "dark"}))
    user.env = {**watch.env, "NOTICE_VERSION": "2"}

    user.run("build")
    found = user.status()
    assert (found["on"], found["decided_by"]) == (False, "answer")
    assert not user.store.exists()
    answered(user, "\n")

    assert user.status()["on"] is True
    assert json.loads(place.read_text()) == {
        "telemetry": {"modelkit": {"consent": "granted", "version": 2}},
        "theme": "dark",
    }


@pytest.mark.parametrize(
    "words",
    [
        *([], ["--help"], ["--version"], ["build", "--help"], ["telemetry", "status"]),
        *(["build", "no-such-file"], ["build", "--ep", "nope"], ["build", "--disable-telemetry"]),
    ],
    ids=" ".join,
)
def test_who_runs_no_command_is_not_asked(user, words):
    """Nor is anything made."""
    terminal = user.at_terminal(*words)

    terminal.end()

    assert QUESTION not in terminal.shown
    assert user.files == []


def test_nobody_is_asked_without_a_terminal(user, collector):
    """Nor is anything stored, or said."""
    assert user.run("build") == (BUILT, "")

    assert user.files == []
    assert collector.requests() == []


# ---- errors

PLANTED = ("wilhelmina", "Geheime Modelle", "hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567", "hunter2-0815")


def damaged(folder):
    """A model that the example's defect stumbles over, in a place and from a source that tell."""
    name, place, token, password = PLANTED
    home = folder / "Users" / name / place
    home.mkdir(parents=True)
    model = json.loads(SAMPLE.read_text("utf-8"))
    model["layers"][0]["weights"][0] = float("nan")
    model["source"] = f"https://{name}:{password}@models.example.com/{name}/net?token={token}"
    (home / "net.json").write_text(json.dumps(model), "utf-8")
    return home / "net.json"


def planted(found):
    """Return what of the planted words is in *found*, in whatever case and spelling."""
    found = found.lower()
    spelled = [(w, w.lower().replace(" ", sign)) for w in PLANTED for sign in (" ", "%20", "+")]
    return sorted({word for word, form in spelled if form.encode() in found})


def test_a_failing_command_sends_a_scrubbed_error(user, wire, arrived, wait_until, tmp_path):
    """The user sees all of it; neither the disk nor the wire ever holds what tells of them."""
    user.agree()
    model = damaged(tmp_path)
    # Nobody takes the events yet, so that they are found on disk.
    held = user.endpoint
    user.endpoint = "http://127.0.0.1:9/OneCollector/1.0/"

    _, err = user.run("quantize", str(model), code=1)

    assert planted(err.encode()) == sorted(PLANTED)
    assert "ValueError: cannot convert float NaN to integer" in err
    assert user.waiting == ["ModelKitHeartbeat", "ModelKitError", "ModelKitAction"]
    stored = user.kept
    assert EVENT in stored
    assert planted(stored) == []

    wait_until(lambda: not is_held(user.store / "sender.lock"))
    user.endpoint = held
    # Until the wait after a failure is over, only a person who asks for it sends.
    key = ("--ikey-ref", "modelkit.demo_key:IKEY")
    user.run("send", "modelkit_events", *key, program=MODELKIT.with_name("declarant"))
    _, error, action = arrived(3)
    assert b"QuantizationError" in wire.bytes
    assert planted(wire.bytes) == []
    assert error["data"]["exception_type"] == "modelkit.quantization.QuantizationError"
    assert error["data"]["exception_message"] == (
        "no scale for a layer of net.json, downloaded from https://models.example.com/<scrubbed>"
    )
    last = error["data"]["exception_stack"][-1]
    assert (last["file"], last["function"]) == ("modelkit/quantization.py", "quantize_all")
    assert (action["data"]["action_name"], action["data"]["success"]) == ("quantize", False)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("build", "missing.json"), 2, "File 'missing.json' does not exist."),
        (("build", "--ep", "vitis", "--device", "cpu"), 2, "drives npu; --device is cpu."),
        (("build", __file__), 1, "neither JSON nor a packed model."),
        (("build", "-o", "/nowhere/x"), 1, "No such file or directory"),
        (("analyze", "--ep", "x"), 2, "'x' is not one of"),
    ],
    ids=str,
)
def test_a_users_mistake_is_told_in_a_line_and_no_error(user, collector, words, code, told):
    """No traceback, the usual exit code, and no error event."""
    user.agree()
    user.endpoint = "http://127.0.0.1:9/OneCollector/1.0/"

    out, err = user.run(*words, code=code)

    assert out == ""
    assert err.splitlines()[-1].startswith("Error: ")
    assert told in err
    assert "Traceback" not in err
    assert "ModelKitError" not in user.waiting


# ---- off


@pytest.mark.parametrize("state", ["never asked", "agreed"])
@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["build"], {"DO_NOT_TRACK": "1"}),
        (["build"], {"MODELKIT_TELEMETRY": "0"}),
        (["build"], {"CI": "true"}),
        (["--disable-telemetry", "build"], {}),
        (["build", "--disable-telemetry"], {}),
    ],
    ids=str,
)
def test_what_says_off_stores_and_sends_nothing(user, collector, watch, words, variables, state):
    """No file, no folder, no identifier, no connection, no process; and nobody is asked."""
    if state == "agreed":
        user.agree()
    before = user.files

    terminal = user.at_terminal(*words, **watch.env, **variables)

    assert terminal.end() == BUILT
    assert terminal.shown == ""
    assert watch.seen == []
    assert user.files == before
    assert not user.store.exists()
    assert collector.requests() == []


def test_the_administrators_word_wins(user, collector, tmp_path):
    """Over the user's yes; `status` names it."""
    user.agree()
    policy = "mkdir -p /etc/modelkit; echo '{\"telemetry\": false}' > /etc/modelkit/"
    # A machine of its own, as far as its settings go.
    script = f'mount -t tmpfs none /etc && {policy}telemetry-policy.json && exec "$@"'
    machine = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    if shutil.which("unshare") is None or not succeeds(*machine, "true"):
        pytest.skip("needs user namespaces, which this machine does not allow")

    assert user.run("build", before=machine) == (BUILT, "")

    assert not user.store.exists()
    found = user.status(before=machine)
    assert (found["on"], found["decided_by"]) == (False, "policy")
    assert user.status()["on"] is True


def test_opting_out_leaves_no_file_with_an_event(user):
    """What waited is deleted at once, with the id, and nothing comes after."""
    user.agree()
    user.run("build")
    user.run("quantize")
    assert EVENT in user.kept
    assert (user.store / "device-id.txt").exists()

    said, _ = user.run("telemetry", "disable")
    user.run("build")

    assert "4 events" in said
    assert EVENT not in user.kept
    assert not (user.store / "device-id.txt").exists()


def test_opting_out_reaches_a_command_that_runs(user):
    """It emits nothing more, and at its end nothing of it is left."""
    user.agree()
    running = user.at_terminal("analyze", "--watch")
    running.process.stdout.readline()
    assert user.waiting == ["ModelKitHeartbeat"]

    user.run("telemetry", "disable")
    running.type(CTRL_C)
    running.end()

    assert running.process.returncode == 1
    assert "Aborted!" in running.shown
    assert EVENT not in user.kept


# ---- the commands about telemetry


def test_users_see_and_delete_everything(user, watch):
    """What waits, what may be sent, the bytes themselves; and they can have it deleted."""
    user.agree()
    # It starts no sender, which would fail, and the wait after that be all there is to preview.
    user.run("build", "--device", "gpu", code=-signal.SIGKILL, **watch.env, KILL="at exit")

    shown, _ = user.run("telemetry", "show")
    preview, _ = user.run("telemetry", "preview")
    schema, _ = user.run("telemetry", "schema")
    assert preview.strip() in shown
    assert preview.encode().strip() in user.kept
    assert '"device":"gpu","ep":"DmlExecutionProvider"' in preview
    assert all(name in schema for name in ("ModelKitAction", "duration_ms", "ext.device.localId"))

    before = (user.store / "device-id.txt").read_bytes()
    user.run("telemetry", "purge")
    assert EVENT not in user.kept
    assert (user.store / "device-id.txt").read_bytes() == before
    user.run("telemetry", "reset-id")
    user.run("build")
    assert (user.store / "device-id.txt").read_bytes() != before


def test_a_command_is_previewed_before_anybody_agrees(user, collector):
    """It does its work, its events are shown whole, and nothing is made or sent."""
    out, err = user.run("telemetry", "preview", "quantize", "--device", "npu")

    assert out.startswith("layer ")
    events = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert names(events) == ["Heartbeat", "Action"]
    assert events[1]["data"]["ep"] == "QNNExecutionProvider"
    assert "the user has not answered yet" in err
    assert user.files == []
    assert collector.requests() == []


# ---- collectors in any mood


def test_a_kill_order_silences_the_next_processes_until_it_expires(user, misbehaving, wait_until):
    """They store nothing, send nothing and start no sender; afterwards all is as before."""
    order = {"kill": {"duration": 3600, "form": "tenant"}, "status": 401, "body": "", "times": 1}
    running = misbehaving(order)
    user.agree()
    user.run("build")
    wait_until((user.store / "kill-switch").exists)
    wait_until(lambda: EVENT not in user.kept)

    for _ in range(3):
        assert user.run("build") == (BUILT, "")

    assert EVENT not in user.kept
    assert len(running.requests()) == 1
    found = user.status()
    assert (found["on"], found["decided_by"]) == (False, "answer")
    assert "ordered silence" in found["reason"]
    (silence,) = found["silenced"]
    assert 0 < silence["seconds"] <= 3600
    assert found["counts"]["dropped"] == {"NON_RETRYABLE_STATUS": 2, "KILL_SWITCH": 3 * 2}

    passes(user.store / "kill-switch", seconds=3700)
    user.run("build")

    wait_until(lambda: len(running.accepted()) == 2)
    assert user.status()["silenced"] == []


def passes(kill_switch, seconds):
    """Move the order into the past, as time does."""
    since, until, *rest = kill_switch.read_text().split(" ")
    moved = (f"{float(at) - seconds:.3f}" for at in (since, until))
    kill_switch.write_text(" ".join([*moved, *rest]))


def test_an_absurd_order_is_cut(user, misbehaving, wait_until):
    """To a week: whoever means longer is asked again then."""
    misbehaving({"kill": {"duration": 10**9, "form": "both"}, "status": 401, "body": ""})
    user.agree()
    user.run("build")
    wait_until((user.store / "kill-switch").exists)

    (silence,) = user.status()["silenced"]

    assert 6 * 86_400 < silence["seconds"] <= 7 * 86_400


@pytest.mark.timeout(120)
def test_a_black_hole_is_not_felt(user, misbehaving, watch, wait_until):
    """The command has ended while its sender still hangs; its own process waits for nothing."""
    user.agree()
    running = misbehaving({"connection": "black_hole"})

    process = user.start("build", **watch.env)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err) == (0, BUILT, "")
    assert not [e for e in watch.seen if e.startswith(("socket.", "time.", "_thread."))]
    assert watch.seen.count("os.posix_spawn") == 1
    # The sender has got no answer, and gets none: it hangs, and its events are still there.
    wait_until(running.requests)
    assert is_held(user.store / "sender.lock")
    assert user.waiting == ["ModelKitHeartbeat", "ModelKitAction"]
    assert user.run("build", **watch.env) == (BUILT, "")
    assert not [e for e in watch.seen if e.startswith(("socket.", "time.", "_thread."))]


def is_held(place):
    """Tell whether a process holds a lock."""
    with place.open("rb+") as file:
        return try_lock(file.fileno()) == HELD


# ---- endings


def test_killed_after_the_last_emit_nothing_is_lost(user, collector, arrived, watch):
    """SIGKILL where the program would exit: no exit handler runs, and the next command sends."""
    user.agree()

    process = user.start("build", **watch.env, KILL="at exit")
    process.communicate(timeout=60)

    assert process.returncode == -signal.SIGKILL
    assert collector.requests() == []
    assert user.waiting == ["ModelKitHeartbeat", "ModelKitAction"]
    user.run("quantize")
    actions = [e["data"]["action_name"] for e in arrived(4) if "action_name" in e["data"]]
    assert sorted(actions) == ["build", "quantize"]


def test_killed_in_its_work_the_heartbeat_is_kept(user, collector, arrived):
    """It is on disk before the work begins."""
    user.agree()
    process = user.start("analyze", "--watch")
    process.stdout.readline()

    process.kill()
    process.wait()

    assert user.waiting == ["ModelKitHeartbeat"]
    user.run("build")
    assert sorted(names(arrived(3))) == ["Action", "Heartbeat", "Heartbeat"]


def test_commands_at_once_share_one_id(user, arrived):
    """Whoever is first makes it; all events arrive, none twice."""
    user.agree()

    started = [user.start("build") for _ in range(4)]
    for process in started:
        assert process.communicate(timeout=60) == (BUILT, "")

    events = arrived(8)
    assert len({event["ext"]["device"]["localId"] for event in events}) == 1
    assert len({(e["ext"]["sdk"]["epoch"], e["ext"]["sdk"]["seq"]) for e in events}) == 8
