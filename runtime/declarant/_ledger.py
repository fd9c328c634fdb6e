"""What senders leave for later processes: the sender lock, the backoff, the counts.

Three small files in the store's folder: `sender.lock` (its modification time is the last start of a
sender), `hold-until` (seconds since 1970 and the number of failures, as text, so that an emitting
process can read it without importing json) and `counts.json`.
"""

from __future__ import annotations

import os
import time

from declarant import _locks
from declarant._limits import BACKOFF_LAST_S
from declarant._segments import make_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._sender import Report

_LOCK = "sender.lock"
_HOLD = "hold-until"
_COUNTS = "counts.json"

#: No hold is believed beyond this, whatever the file or a stepped clock says.
_LONGEST_HOLD_S = 2 * BACKOFF_LAST_S


class Ledger:
    """The ledger of one store."""

    def __init__(self, folder: str) -> None:
        """Describe the ledger below *folder*; nothing touches the disk yet."""
        self._folder = folder
        self._fd = -1
        self._recorded: dict[str, dict[str, int]] = {}

    def lock(self) -> bool:
        """Become the one sender of this store, or return False if there is one already."""
        try:
            make_folder(self._folder)
            fd = os.open(self._path(_LOCK), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return False
        if _locks.try_lock(fd) == _locks.HELD:
            os.close(fd)
            return False
        self._fd = fd
        os.utime(self._path(_LOCK))
        return True

    def unlock(self) -> None:
        """Let the next sender in."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def started_s_ago(self) -> float:
        """Return the seconds since a sender last started; infinite if none ever did."""
        try:
            ago = time.time() - os.stat(self._path(_LOCK)).st_mtime
        except OSError:
            return float("inf")
        # A clock that was set back must not silence senders.
        return ago if ago >= 0 else float("inf")

    def mark_start(self) -> None:
        """Record that a sender is being started, so that the next command starts no second one."""
        try:
            os.close(os.open(self._path(_LOCK), os.O_RDWR | os.O_CREAT, 0o600))
            os.utime(self._path(_LOCK))
        except OSError:
            return

    def held_s(self) -> float:
        """Return the seconds for which the backoff still holds; 0 if it does not."""
        until, _ = self._hold()
        left = until - time.time()
        return left if 0 < left <= _LONGEST_HOLD_S else 0.0

    def failures(self) -> int:
        """Return how many passes in a row ended with "later"."""
        return self._hold()[1]

    def hold(self, seconds: float, *, failures: int) -> None:
        """Keep senders quiet for *seconds*."""
        self._write(_HOLD, f"{time.time() + seconds:.3f} {failures}\n")

    def release_hold(self) -> None:
        """Forget failures: the collector took something."""
        try:
            os.unlink(self._path(_HOLD))
        except OSError:
            return

    def counts(self) -> dict[str, dict[str, int]]:
        """Return events by fate over all runs: `{"accepted": {"events": n}, "dropped": {reason: n}, ...}`.

        `refused` holds the collector's own words for what it rejected.
        """
        import json

        try:
            with open(self._path(_COUNTS), encoding="utf-8") as file:
                stored: object = json.load(file)
        except (OSError, ValueError):
            stored = None
        counts: dict[str, dict[str, int]] = {"accepted": {}, "dropped": {}, "refused": {}}
        if isinstance(stored, dict):
            for kind, numbers in counts.items():
                kept = stored.get(kind)
                if isinstance(kept, dict):
                    numbers.update({str(k): v for k, v in kept.items() if type(v) is int})
        return counts

    def record(self, report: Report) -> None:
        """Bring the stored counts up to date with what *report*'s pass did so far."""
        news = {
            "accepted": {"events": report.accepted},
            "dropped": {str(reason): count for reason, count in report.dropped.items()},
            "refused": dict(report.refusals),
        }
        if news == self._recorded:
            return
        import json

        counts = self.counts()
        for kind, numbers in news.items():
            for name, count in numbers.items():
                grown = count - self._recorded.get(kind, {}).get(name, 0)
                if grown:
                    counts[kind][name] = counts[kind].get(name, 0) + grown
        self._write(_COUNTS, json.dumps(counts, indent=1, sort_keys=True) + "\n")
        self._recorded = news

    def _hold(self) -> tuple[float, int]:
        try:
            with open(self._path(_HOLD), encoding="ascii") as file:
                until, failures = file.read(64).split()
            return float(until), max(0, min(int(failures), 30))
        except (OSError, ValueError):
            return 0.0, 0

    def _write(self, name: str, content: str) -> None:
        path = self._path(name)
        hidden = f"{path}.{os.getpid()}.new"
        try:
            fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(fd, content.encode("utf-8"))
            finally:
                os.close(fd)
            os.replace(hidden, path)
        except OSError:
            return

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)
