"""What may befall a process that goes on: its disk, its rights, its descriptors, its clock.

Each of these happens at a chosen moment, as a death does in `victim`, and lasts to the process's
end; the next process finds everything in order again.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys

from declarant import _clocks

DAY_S = 86_400
#: Nobody's user number, for who runs as root, whom no mode of a file holds back.
NOBODY = 65_534


def disk_full(job: dict) -> None:
    """No file takes another byte."""
    _leave_code_alone()
    _limit(resource.RLIMIT_FSIZE, 0)


def disk_nearly_full(job: dict) -> None:
    """A file takes a header, an event, and of the next one a part."""
    _leave_code_alone()
    _limit(resource.RLIMIT_FSIZE, 1_000)


def permission_lost(job: dict) -> None:
    """What is not open cannot be opened, made, renamed or deleted any more."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    else:
        os.chmod(job["store"], 0)  # noqa: PTH101  pathlib may be what is being watched


def no_descriptors(job: dict) -> None:
    """Nothing can be opened any more."""
    _limit(resource.RLIMIT_NOFILE, 0)


def store_deleted(job: dict) -> None:
    """Somebody tidies up, in the midst of it."""
    shutil.rmtree(job["store"], ignore_errors=True)


def clock_back(job: dict) -> None:
    """The clock was wrong until now: it is days ago."""
    _step(-13 * DAY_S)


def clock_forward(job: dict) -> None:
    """Days have passed at once, though fewer than an event may be old."""
    _step(13 * DAY_S)


def _leave_code_alone() -> None:
    """Write no bytecode: CPython keeps a file of it that a limit cut, and fails at it for ever."""
    sys.dont_write_bytecode = True


def _limit(what: int, soft: int) -> None:
    resource.setrlimit(what, (soft, resource.getrlimit(what)[1]))


def _step(seconds: int) -> None:
    now = _clocks.now
    _clocks.now = lambda: now() + seconds


KINDS = {
    each.__name__: each
    for each in (
        disk_full,
        disk_nearly_full,
        permission_lost,
        no_descriptors,
        store_deleted,
        clock_back,
        clock_forward,
    )
}
#: What costs no event at all.
HARMLESS = frozenset(("clock_back", "clock_forward"))
