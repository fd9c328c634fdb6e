"""Whatever fails inside, wherever it fails: each of our functions raises once, at its first call.

The functions are those that a program's whole life reaches; a first run of it lists them. For each
the program runs again, in a fork of one warm process: its exit code and output are as ever, and
every event waits, or is counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("needs fork", allow_module_level=True)

KEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
PARTS = 6

#: What stands before the guard, or is it: no function can catch what fails at its own entry.
BOUNDARY = {
    "emit_model_kit_action": "an emitter",
    "emit_model_kit_error_from": "an emitter",
    "emit_model_kit_heartbeat": "an emitter",
    "FromException.__init__": "keeps three arguments",
    "Catalogue.emitter": "what fetches an emitter",
    "Client.configure": "calls the guard",
    "Client.submit": "is the guard of emits",
    "Client.close": "calls the guard",
    "Client.flush": "calls the guard",
    "Dropping.is_strict": "asked before the guard is called",
    "guarded": "the guard",
    "quietly": "the guard at exits",
}

PROGRAM = """
import atexit, json, os, sys, threading
import declarant, modelkit_events
from modelkit_events import CATALOGUE

folder, endpoint, part, parts, boundary = sys.argv[1:]
OURS = tuple(os.path.dirname(m.__file__) + os.sep for m in (declarant, modelkit_events))
# By their last word before Python 3.11, which knows no other.
NAMES = {each if sys.version_info >= (3, 11) else each.rpartition(".")[2]
         for each in json.loads(boundary)}

class Fault(Exception):
    pass

def name_of(code):
    return getattr(code, "co_qualname", code.co_name)

def watch(target, seen):
    fired = []
    def trace(frame, event, _):
        code = frame.f_code
        # Not module or class bodies: those fail as imports do.
        if not code.co_filename.startswith(OURS) or not code.co_flags & 2 or fired:
            return
        if name_of(code) in NAMES or not any(under(frame.f_back)):
            return
        key = [code.co_filename, name_of(code), code.co_firstlineno]
        if target is None:
            seen.append(key)
        elif key == target:
            fired.append(key)
            raise Fault("of our own")
    threading.settrace(trace)
    sys.settrace(trace)

def under(frame):
    while frame is not None:
        yield frame.f_code.co_filename.startswith(OURS)
        frame = frame.f_back

def life(out, target):
    seen = []
    def account():
        sys.settrace(None)
        counted = CATALOGUE.client._drops.unrecorded().dropped
        with open(out + ".json", "w") as file:
            json.dump({"counted": counted, "seen": seen, "modules": sorted(sys.modules)}, file)
    # Before the set-up, so that it runs after what telemetry does at exit.
    atexit.register(account)
    watch(target, seen)
    modelkit_events.configure(
        app_version="1.0", consent="granted", delivery="manual", ikey_ref="host_keys:IKEY",
        store_folder=out + ".store", endpoint=endpoint)
    for number in range(3):
        modelkit_events.emit_model_kit_action(
            invoked_from="Script", action_name="build", device=None, ep=None, duration_ms=number,
            success=True)
    try:
        raise ValueError("broken: /home/somebody/model.onnx")
    except ValueError as error:
        modelkit_events.emit_model_kit_error_from(error)
    modelkit_events.emit_model_kit_heartbeat()
    CATALOGUE.client.counts()
    print("done")

def run(number, target):
    out = os.path.join(folder, str(number))
    child = os.fork()
    if child == 0:
        for descriptor, end in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(out + end, os.O_CREAT | os.O_WRONLY, 0o600), descriptor)
        life(out, target)
        sys.exit(0)
    return out, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

out, _ = run("first", None)
found = json.load(open(out + ".json"))
# Imported once, in the warm process: a fork for each function is quick then.
for module in found["modules"]:
    if module.startswith(("declarant", "modelkit_events")):
        __import__(module)
targets = [key for place, key in enumerate(found["seen"]) if key not in found["seen"][:place]]
mine = targets[int(part)::int(parts)]
ended = [(key, *run(number, key)) for number, key in enumerate(mine)]

from declarant import counts
results = []
for key, out, code in ended:
    kept = counts.kept(CATALOGUE, store_folder=out + ".store")
    known = sum(sum(kept[kind].values()) for kind in ("accepted", "waiting", "dropped"))
    told = json.load(open(out + ".json")) if os.path.exists(out + ".json") else {"counted": {}}
    results.append({
        "function": " ".join(map(str, key)), "code": code, "out": open(out + ".out").read(),
        "err": open(out + ".err").read(), "events": known + sum(told["counted"].values()),
    })
print(json.dumps(results))
"""


@pytest.mark.once
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_each_function_fails_once(tmp_path, part):
    (tmp_path / "host_keys.py").write_text(f'IKEY = "{KEY}"\n')
    boundary = json.dumps(list(BOUNDARY))
    endpoint = "http://127.0.0.1:9/OneCollector/1.0/"
    arguments = [str(tmp_path), endpoint, str(part), str(PARTS), boundary]

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    results = json.loads(done.stdout)
    as_ever = {"code": 0, "out": "done\n", "err": "", "events": 5}
    assert [each for each in results if not as_ever.items() <= each.items()] == []
    assert len(results) > 30
