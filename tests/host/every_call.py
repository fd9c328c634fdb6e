"""A program's life, once for each of our functions that it reaches, which fails at its first call.

usage: python every_call.py FOLDER ENDPOINT LIFE PART PARTS
Runs LIFE once to list the functions, and then once for each of PART of them: in forks of this warm
process, each with a store of its own. Prints what became of each as JSON, after another sender
has looked for what it left.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import sys
import threading
import warnings
from operator import itemgetter
from pathlib import Path

from call_watch import Watch

import modelkit_events
from declarant import _deadline, _detached, _onecollector, _pass, counts
from declarant._settings import Settings
from declarant._store import OfflineStore
from modelkit_events import CATALOGUE

#: Seconds that sending may take; only what hangs takes as long.
BUDGET_S = 100.0
KEY_REF = "host_keys:IKEY"
#: What a life tells of itself, and its forked child of its own.
SUMS = ("fired", "connects", "starts", "left", "emitted", "counted")


class Task:
    """What a life has to know, and tells of itself at its end."""

    def __init__(self, out: str, endpoint: str, watch: Watch) -> None:
        self.out = out
        self.store = f"{out}.store"
        self.endpoint = endpoint
        self.watch = watch
        self.emitted = 0
        self.tells_to = f"{out}.json"

    def configure(self, delivery: str, **settings: object) -> None:
        modelkit_events.configure(
            app_version="1.0",
            consent="granted",
            delivery=delivery,
            store_folder=self.store,
            endpoint=self.endpoint,
            **{"ikey_ref": KEY_REF, "exit_budget_s": BUDGET_S, **settings},
        )

    def emit(self) -> None:
        self.emitted += 1
        modelkit_events.emit_model_kit_action(
            invoked_from="Script",
            action_name="build",
            device=None,
            ep=None,
            duration_ms=self.emitted,
            success=True,
        )

    def done(self) -> None:
        """Say that the program itself is over: what follows is ours."""
        print("done", flush=True)
        self.watch.phase = "exit"

    def tell(self) -> None:
        watch = self.watch
        watch.end()
        told = {
            "seen": [*watch.seen] if watch.is_looking else [],
            "fired": watch.fired,
            "waits": watch.waits,
            "connects": watch.connects,
            "starts": watch.starts,
            "left": sum(each.name == "declarant-sender" for each in threading.enumerate())
            if watch.phase == "exit"
            else 0,
            "emitted": self.emitted,
            "counted": sum(CATALOGUE.client._drops.unrecorded().dropped.values()),
            "modules": [*sys.modules] if watch.is_looking else [],
        }
        Path(self.tells_to).write_text(json.dumps(told))


def manual(task: Task) -> None:
    """Do all that emits; whoever delivers otherwise does this as well."""
    task.configure("manual")
    task.emit()
    try:
        raise ValueError("broken: /home/somebody/model.onnx")
    except ValueError as error:
        modelkit_events.emit_model_kit_error_from(error)
    modelkit_events.emit_model_kit_heartbeat()
    task.emitted += 2
    task.emit()
    CATALOGUE.client.counts()
    task.done()


def thread(task: Task) -> None:
    """Have a thread send when it is asked to, and at the exit."""
    task.configure("thread", flush_interval_s=1e6)
    task.emit()
    CATALOGUE.client.flush(BUDGET_S)
    task.emit()
    task.done()


def forking(task: Task) -> None:
    """Fork beside the thread, and emit on both sides."""
    # Python warns of a thread (3.12 and later): of ours as well, if what ends it before is what
    # fails.
    warnings.simplefilter("ignore", DeprecationWarning)
    task.configure("thread", flush_interval_s=1e6)
    task.emit()
    child = os.fork()
    if not child:
        task.watch.phase = "child"
        task.tells_to = f"{task.out}.child.json"
        task.emitted = 0
        task.emit()
        task.tell()
        os._exit(0)
    task.emit()
    assert os.waitpid(child, 0)[1] == 0
    task.done()


def detached(task: Task) -> None:
    """Start what is named as Python; what a sender does is asked in a life of its own."""
    sys.executable = str(Path(task.out).with_name("python"))
    task.configure("detached")
    task.emit()
    task.done()


def within(task: Task) -> None:
    """Send at the exit, as no process can: none but this one has the key."""
    task.configure("detached", ikey_ref=None, ikey=__import__("host_keys").IKEY)
    task.emit()
    task.done()


def sender(task: Task) -> None:
    """Be what a command started, to its end, which no exit handler sees."""
    task.watch.phase = "process"
    left = Path(task.out).with_name("left")
    task.emitted = json.loads(left.with_suffix(".json").read_text())["emitted"]
    shutil.copytree(left.with_suffix(".store"), task.store)
    # Started long ago: it stays for no events of later commands.
    lock = Path(task.store, "sender.lock")
    lock.touch()
    os.utime(lock, (0, 0))
    leave = os._exit

    def tell(status: int) -> None:
        task.tell()
        leave(status)

    os._exit = tell
    _detached.main("modelkit_events", task.store, task.endpoint, KEY_REF, "0")


def end_but_for_memory() -> None:
    """End as the interpreter does, unless a thread of ours is still there to be met by it.

    All that is left out frees memory, which takes longer than all the rest of a life.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    if threading.active_count() == 1:
        os._exit(0)


LIVES = {each.__name__: each for each in (manual, thread, forking, detached, within, sender)}
ASKED_BEFORE = {
    "thread": ("manual",),
    "forking": ("manual", "thread"),
    "detached": ("manual",),
    "within": ("manual", "thread"),
}


class Warm:
    """The process whose forks live."""

    def __init__(self, folder: str, endpoint: str) -> None:
        self.folder = folder
        self.endpoint = endpoint

    def run(self, life: str, name: str, target: list | None = None) -> dict:
        """Live once, send what that left, and return what became of it all."""
        out = str(Path(self.folder, name))
        endpoint = f"{self.endpoint}?life={name}"
        code = self.fork(LIVES[life], Task(out, endpoint, Watch(target)))
        told = [json.loads(each.read_text()) for each in Path(self.folder).glob(f"{name}.*json")]
        return {
            "name": name,
            "target": target,
            "code": code,
            **{each: Path(f"{out}.{each}").read_text() for each in ("out", "err")},
            # Of a life and the child that it may have forked.
            **{each: sum(map(itemgetter(each), told)) for each in SUMS},
            "waits": [seconds for each in told for seconds in each["waits"]],
            "seen": [key for each in told for key in each["seen"]],
            "modules": [module for each in told for module in each["modules"]],
            **self.finish(f"{out}.store", endpoint),
        }

    def fork(self, life, task: Task) -> int:
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for descriptor, end in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(task.out + end, os.O_CREAT | os.O_WRONLY, 0o600), descriptor)
        # Before the set-up, so that it runs after what telemetry does at exit.
        atexit.register(task.tell)
        task.watch.begin()
        life(task)
        if life is not within:
            end_but_for_memory()
        sys.exit(0)

    def finish(self, store: str, endpoint: str) -> dict:
        """Send what was left, and return what the store then counts."""
        settings = Settings.for_sender(ikey_ref=KEY_REF, endpoint=endpoint, store_folder=store)
        report = _pass.run_pass(
            CATALOGUE, settings, OfflineStore(store), BUDGET_S, ignore_backoff=True
        )
        kept = counts.kept(CATALOGUE, store_folder=store)
        return {
            "is_complete": report.complete,
            **{kind: sum(kept[kind].values()) for kind in ("accepted", "dropped", "waiting")},
        }


def main(folder: str, endpoint: str, life: str, part: str, parts: str) -> None:
    # No clock of a busy machine ends a request or a sender.
    _onecollector.CONNECT_TIMEOUT_S = _onecollector.READ_TIMEOUT_S = BUDGET_S
    _deadline.READ_TIMEOUT_S = _detached.SENDER_LIFE_S = BUDGET_S
    warm = Warm(folder, endpoint)
    if life == "sender":
        # What it sends.
        warm.fork(manual, Task(str(Path(folder, "left")), endpoint, Watch()))
    # What is asked in one life need not be asked in another.
    others = [warm.run(each, each) for each in ASKED_BEFORE.get(life, ())]
    first = warm.run(life, "first")
    # Imported once: a fork for each function is quick then.
    for module in first["modules"]:
        if module.startswith(("declarant", "modelkit_events", "requests", "urllib3")):
            __import__(module)
    gc.collect()
    gc.freeze()
    known = [key for other in others for key in other["seen"]]
    targets = sorted({tuple(key) for key in first["seen"] if key not in known})
    mine = targets[int(part) :: int(parts)]
    results = [warm.run(life, str(place), [*key]) for place, key in enumerate(mine)]
    print(json.dumps([first, *results]))


main(*sys.argv[1:])
