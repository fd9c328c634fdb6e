"""Whole processes: what a program costs from its start to its exit, and what it leaves running."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"

#: Seconds that what a program left behind may run on; Declarant's senders end themselves in 30.
_ORPHANS_CAP_S = 40.0


@dataclass(frozen=True, kw_only=True)
class Job:
    """One program to run.

    Attributes:
        words: Program and arguments.
        state: Its home, working folder and everything else that it may write to.
        cap_s: Seconds after which it is killed.
    """

    words: tuple[str, ...]
    state: Path
    cap_s: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What came of one program.

    Attributes:
        wall_s: Seconds from its start to its exit.
        cpu_s: User and system time, its awaited children included.
        code: Its exit code; minus the signal that killed it.
        capped: Whether it ran too long and was killed for it.
        ended_at: When it was gone, on the system's monotonic clock.
        left_cpu_s: CPU time of what it left running; None if the system cannot tell.
    """

    wall_s: float
    cpu_s: float
    code: int
    capped: bool
    ended_at: float
    left_cpu_s: float | None


def environment(state: Path) -> dict[str, str]:
    """Return the variables of a measured program: its own home, no proxy, nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    homes = dict.fromkeys(("HOME", "USERPROFILE", "XDG_STATE_HOME", "XDG_CONFIG_HOME"), str(state))
    return {**kept, **homes, "NO_PROXY": "*", "no_proxy": "*", "PYTHONNOUSERSITE": "1"}


def run(*jobs: Job) -> list[Ended]:
    """Run *jobs* one after another, each to the end of what it leaves behind."""
    asked = [
        {
            "words": list(job.words),
            "environment": environment(job.state),
            "folder": str(job.state),
            "errors": str(job.state / "errors.txt"),
            "cap_s": job.cap_s,
            "orphans_cap_s": _ORPHANS_CAP_S,
        }
        for job in jobs
    ]
    launcher = [sys.executable, "-I", str(PROGRAMS / "launcher.py")]
    done = subprocess.run(launcher, input=json.dumps(asked).encode(), stdout=-1, check=True)
    return [Ended(**ended) for ended in json.loads(done.stdout)]


def said(state: Path) -> str:
    """Return the last line that a program wrote to standard error, for a report of its failure."""
    lines = (state / "errors.txt").read_text("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else "no message"


class States:
    """Fresh folders for programs to live in, below one that is deleted at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def fresh(self) -> Path:
        """Return a new, empty folder."""
        self._count += 1
        path = self._folder / f"state-{self._count}"
        path.mkdir(parents=True)
        return path

    def drop(self, *paths: Path) -> None:
        """Delete folders that are done with; a burst leaves many megabytes."""
        for path in paths:
            shutil.rmtree(path, ignore_errors=True)
