"""Run programs one after another, and tell what each cost, with what it left behind.

Reads a JSON list of jobs from standard input and writes a JSON list of their ends. A process that a
program leaves behind (a detached sender) becomes a child of this one, where the system can do that
(Linux), so that its CPU time is known as well; each job ends when the last of them has ended.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time

_PR_SET_CHILD_SUBREAPER = 36


class Alarm:
    """Kills what runs too long: the program, or what it left behind."""

    def __init__(self) -> None:
        self.rang = False
        self._victims: tuple[int, ...] = ()
        signal.signal(signal.SIGALRM, self._ring)

    def set(self, seconds: float, *victims: int) -> None:
        """Kill *victims*, or every child if none is named, in *seconds*; 0 for never."""
        self.rang = False
        self._victims = victims
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def _ring(self, *_: object) -> None:
        self.rang = True
        for process in self._victims or children():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue


def children() -> list[int]:
    """Return this process's children, the adopted ones too."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def adopts_orphans() -> bool:
    """Become the parent of what the programs leave behind; False where no system call does that."""
    try:
        return ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (AttributeError, OSError):
        return False


def run(job: dict, alarm: Alarm, adopts: bool) -> dict:
    """Run one program to its end, and to the end of what it left behind."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, job["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    os.chdir(job["folder"])
    begun = time.monotonic()
    process = os.posix_spawn(
        job["words"][0], job["words"], job["environment"], file_actions=actions
    )
    alarm.set(job["cap_s"], process)
    _, status, used = os.wait4(process, 0)
    ended = time.monotonic()
    capped = alarm.rang
    alarm.set(0)
    left = 0.0 if adopts else None
    if adopts:
        alarm.set(job["orphans_cap_s"])
        while True:
            try:
                _, _, more = os.wait4(-1, 0)
            except ChildProcessError:
                break
            left += more.ru_utime + more.ru_stime
        alarm.set(0)
    return {
        "wall_s": ended - begun,
        "cpu_s": used.ru_utime + used.ru_stime,
        "code": os.waitstatus_to_exitcode(status),
        "capped": capped,
        "ended_at": ended,
        "left_cpu_s": left,
    }


def main() -> None:
    adopts = adopts_orphans()
    alarm = Alarm()
    json.dump([run(job, alarm, adopts) for job in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
