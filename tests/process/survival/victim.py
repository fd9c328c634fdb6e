"""A program whose processes emit, send and adopt until they are killed at a chosen moment.

It reads one JSON list of jobs a line, forks a process for each, and answers with how each ended.
Forked, because a new interpreter for each of hundreds of deaths would take minutes; what is forked
has nothing open, and each process sets the package up by itself. The chosen moment is

    ["site", NAME, n]   the n-th time of one call to the kernel, right before or right after it
    ["step", n]         the n-th such moment of the process, wherever it is
    [KIND, NAME, n]     the same, but what befalls it is one of `hindrances`, and it lives on
    ["pause", NAME, n]  the same, but it stands still there while all the others live
    ["outside", us]     so many microseconds after the start, by the parent: in the midst of a call
    null                never
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import tempfile
import threading
import time
import types
from typing import TYPE_CHECKING

import modelkit_events
from declarant import Client, _detached, _pace, _pass
from declarant._ledger import Ledger
from modelkit_events import CATALOGUE
from survival import hindrances, sabotage
from survival.events import KEY, emit_number
from survival.patience import PASS_S, PATIENCE_S, be_patient

if TYPE_CHECKING:
    from declarant._report import Report

#: Calls that change or read what outlives the process, or reach another one.
CALLS = frozenset(
    (
        *("open", "write", "read", "readline", "lseek", "ftruncate", "truncate", "close", "flock"),
        *("rename", "replace", "unlink", "remove", "utime", "fchmod", "mkdir"),
        *("stat", "fstat", "lstat", "scandir", "listdir"),
        *("connect", "sendall", "send", "recv", "recv_into", "recvfrom", "shutdown"),
    )
)
#: A sender that finds another one at work looks again.
TRIES, PAUSE_S = 1000, 0.005
#: Seconds in which some request of somebody comes to an end, or none ever does.
STANDSTILL_S = 3 * PATIENCE_S


class Fate:
    """Counts the moments at which a process may die, and ends it at the chosen one."""

    def __init__(self, job: dict, moments: int) -> None:
        self.seen: dict[str, int] = {}
        self.steps = 0
        self.job = job
        self.kind, *self.chosen = job["kill"] or ["never", ""]
        self.moments = moments

    def watch(self) -> None:
        """Begin; only Python's own calls can be seen, so each is a moment before and one after."""
        threading.setprofile(self.look)
        sys.setprofile(self.look)

    def look(self, frame, event, called) -> None:
        name = called.__name__ if event[:2] == "c_" else ""
        if name not in CALLS or isinstance(called.__self__, (str, bytes)):
            return
        code = frame.f_code
        home = code.co_filename.rpartition(os.sep)[2]
        when = "before" if event == "c_call" else "after"
        site = f"{home}:{code.co_name}:{name}:{when}"
        self.steps += 1
        number = self.seen[site] = self.seen.get(site, 0) + 1
        if self.chosen == [self.steps if self.kind == "step" else site, number][: len(self.chosen)]:
            os.write(self.moments, f"{site}\n".encode())
            if self.kind in hindrances.KINDS:
                self.chosen = ["done"]
                hindrances.KINDS[self.kind](self.job)
            elif self.kind == "pause":
                self.chosen = ["done"]
                os.kill(os.getpid(), signal.SIGSTOP)
            else:
                os.kill(os.getpid(), signal.SIGKILL)


def said(job: dict, number: int, out: int) -> None:
    """Announce an event whose emit returned; a full disk is no disk of the test's own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    os.write(out, b"%d\n" % number)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def emitter(job: dict, out: int) -> None:
    """Emit; leave without or with a word."""
    configure(job, "manual")
    for number in range(job["first"], job["first"] + job["count"]):
        if emit_number(number):
            said(job, number, out)
    if job["first"] % 2:
        CATALOGUE.client.close()


def leaver(job: dict, out: int) -> None:
    """Leave a segment behind for each event, as so many short commands do."""
    configure(job, "manual")
    for number in range(job["first"], job["first"] + job["count"]):
        if emit_number(number):
            said(job, number, out)
        CATALOGUE.client._writer.seal()


def host(job: dict, out: int) -> None:
    """Emit and send at once, from two threads."""
    configure(job, "thread", flush_interval_s=0.002, exit_budget_s=PASS_S)
    for number in range(job["first"], job["first"] + job["count"]):
        if emit_number(number):
            said(job, number, out)
    CATALOGUE.client.close()


def one_pass(client: Client) -> Report:
    """Run one sending pass that waits for no backoff."""
    store, settings = client._store, client.settings
    return _pass.run_pass(CATALOGUE, settings, store, PASS_S, ignore_backoff=True)


def sender(job: dict, out: int) -> None:
    """Send as a person would ask to, who does not wait for a backoff."""
    configure(job, "manual")
    client = CATALOGUE.client
    for _ in range(TRIES):
        if not one_pass(client).busy:
            return
        time.sleep(PAUSE_S)


def finisher(job: dict, out: int) -> None:
    """Send until nothing is left, however long that takes while there is less and less.

    Others may be at work meanwhile, and it is their work as well that counts.
    """
    configure(job, "manual")
    client = CATALOGUE.client
    ledger = Ledger(job["store"])
    done, end = {}, 0.0
    while True:
        report = one_pass(client)
        if report.complete:
            return
        before, done = done, ledger.counts()
        if done != before or not end:
            end = time.monotonic() + STANDSTILL_S
        assert time.monotonic() < end, f"cannot be finished: {vars(report)}"
        time.sleep(PAUSE_S)


def detached(job: dict, out: int) -> None:
    """Be what a command starts when it leaves."""
    _detached.main("modelkit_events", job["store"], job["endpoint"], "survival_key:IKEY", "0")


ROLES = {each.__name__: each for each in (emitter, leaver, host, sender, finisher, detached)}


def configure(job: dict, delivery: str, **settings: object) -> None:
    modelkit_events.configure(
        app_version="1.0",
        consent="granted",
        ikey=KEY,
        delivery=delivery,
        store_folder=job["store"],
        endpoint=job["endpoint"],
        **settings,
    )


def live(job: dict) -> None:
    """Be one process, to its end."""
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    out = os.open(job["said"], append, 0o600)
    moments = os.open(job["moments"], append, 0o600)
    be_patient()
    if job["small"]:
        # As while time is short: the first requests are small, so that there are several.
        _pace.SHORT_OF_TIME_S = float("inf")
    sabotage.do(job["sabotage"])
    fate = Fate(job, moments)
    if job["census"]:
        leave = os._exit

        def tell(status: int) -> None:
            sys.setprofile(None)
            os.write(moments, json.dumps(fate.seen).encode())
            leave(status)

        os._exit = tell
    if job["kill"] or job["census"]:
        fate.watch()
    ROLES[job["role"]](job, out)


def child(job: dict) -> None:
    status = 1
    try:
        live(job)
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(status)


def run(jobs: list[dict]) -> list[int]:
    """Run *jobs* at once and return how each ended: its exit code, or minus its signal."""
    begin = time.monotonic()
    children = []
    statuses = {}
    for job in jobs:
        process = os.fork()
        if process == 0:
            child(job)
        children.append((process, time.monotonic() - begin))
        if job["kill"] and job["kill"][0] == "pause":
            # The others start once it stands still, or has ended without coming by.
            statuses[process] = os.waitpid(process, os.WUNTRACED)[1]
    due = sorted(
        (started + job["kill"][1] / 1e6, process)
        for job, (process, started) in zip(jobs, children, strict=True)
        if job["kill"] and job["kill"][0] == "outside"
    )
    for at, process in due:
        time.sleep(max(0.0, begin + at - time.monotonic()))
        os.kill(process, signal.SIGKILL)
    for process, _ in children:
        if process not in statuses:
            statuses[process] = os.waitpid(process, 0)[1]
    for process, status in statuses.items():
        if os.WIFSTOPPED(status):
            os.kill(process, signal.SIGCONT)
            statuses[process] = os.waitpid(process, 0)[1]
    return [os.waitstatus_to_exitcode(statuses[process]) for process, _ in children]


def warm_up() -> None:
    """Import whatever a child would import, by a client that is none of theirs."""
    client = Client(CATALOGUE)
    with tempfile.TemporaryDirectory() as folder:
        client.configure(
            app_version="1.0",
            consent="granted",
            ikey=KEY,
            delivery="thread",
            store_folder=folder,
            endpoint="http://127.0.0.1:9/",
        )
        for number in range(2):
            emit_number(number, client)
            client._writer.seal()
        client.flush(5)
        client.close()


def main() -> None:
    key = types.ModuleType("survival_key")
    key.IKEY = KEY
    sys.modules["survival_key"] = key
    warm_up()
    # A collection in a child would copy every page of its parent.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


main()
