"""What senders leave for later processes: the sender lock, the backoff, the counts.

Three small files in the store's folder: `sender.lock` (its modification time is the last start of a
sender process), `hold-until` (seconds since 1970 and the number of failures, as text, so that an
emitting process can read it without importing json) and `counts.json`.
"""

from __future__ import annotations

import os
import time

from declarant import _locks
from declarant._lease import lock_file
from declarant._limits import BACKOFF_LAST_S, MAX_REFUSAL_REASONS
from declarant._segments import NEW_SUFFIX, make_folder, unlink_quietly, write_whole
from declarant._shapes import is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._counts import Counts

_LOCK = "sender.lock"
_HOLD = "hold-until"
_COUNTS = "counts.json"
_KINDS = ("accepted", "dropped", "refused")

#: What refusals are counted under once there are too many different ones.
OTHER = "other"

#: No hold is believed beyond this, whatever the file or a stepped clock says.
_LONGEST_HOLD_S = 2 * BACKOFF_LAST_S


class Ledger:
    """The ledger of one store."""

    def __init__(self, folder: str) -> None:
        """Describe the ledger below *folder*; nothing touches the disk yet."""
        self._folder = folder
        self._fd = -1
        self._unwritten: Counts = {}

    def lock(self) -> bool:
        """Become the one sender of this store, or return False if there is one already."""
        try:
            make_folder(self._folder)
            self._make_lock_file()
        except OSError:
            return False
        fd = lock_file(self._path(_LOCK))
        if fd is None:
            return False
        self._fd = fd
        return True

    def unlock(self) -> None:
        """Let the next sender in."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            _locks.free(fd)

    def started_s_ago(self) -> float:
        """Return the seconds since a sender process was last started; infinite if none ever was."""
        try:
            ago = time.time() - os.stat(self._path(_LOCK)).st_mtime
        except OSError:
            return float("inf")
        # A clock that was set back must not silence senders.
        return ago if ago >= 0 else float("inf")

    def mark_start(self) -> None:
        """Record that a sender is being started, so that the next command starts no second one."""
        try:
            self._make_lock_file()
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
        """Forget failures: the collector answered."""
        unlink_quietly(self._path(_HOLD))

    def counts(self) -> Counts:
        """Return events by fate over all runs.

        Returns:
            `{"accepted": {"events": n}, "dropped": {reason: n}, "refused": {words: n}}`; `refused`
            holds the collector's own words for what it rejected.
        """
        return self._read()[0]

    def settled(self) -> tuple[str, int]:
        """Return up to where the counts go: a segment's name and the offset in it.

        A sender that died between counting and settling has not settled this in the segment.
        """
        return self._read()[1]

    def record(self, news: Counts, segment: str, offset: int) -> None:
        """Add *news* to the counts, all events of *segment* before *offset* being done.

        Counts and position are one file, replaced at once: nothing is ever counted twice. A disk
        that refuses makes the news wait for the next call.
        """
        _add(self._unwritten, news)
        if not any(self._unwritten.values()):
            return
        counts = self.counts()
        _add(counts, self._unwritten)
        import json

        content: dict[str, object] = {**counts, "settled": {"segment": segment, "offset": offset}}
        if self._write(_COUNTS, json.dumps(content, indent=1, sort_keys=True) + "\n"):
            self._unwritten = {}

    def _read(self) -> tuple[Counts, tuple[str, int]]:
        # Late on purpose: whoever asks only for the backoff need not pay for it.
        import json

        try:
            with open(self._path(_COUNTS), encoding="utf-8") as file:
                stored: object = json.load(file)
        except (OSError, ValueError, RecursionError):
            stored = None
        counts = {kind: _numbers(_member(stored, kind)) for kind in _KINDS}
        position = _member(stored, "settled")
        segment, offset = _member(position, "segment"), _member(position, "offset")
        if isinstance(segment, str) and type(offset) is int and offset >= 0:
            return counts, (os.path.basename(segment), offset)
        return counts, ("", 0)

    def _make_lock_file(self) -> None:
        os.close(os.open(self._path(_LOCK), os.O_RDWR | os.O_CREAT, 0o600))

    def _hold(self) -> tuple[float, int]:
        try:
            with open(self._path(_HOLD), encoding="ascii") as file:
                until, failures = file.read(64).split()
            return float(until), max(0, min(int(failures), 30))
        except (OSError, ValueError):
            return 0.0, 0

    def _write(self, name: str, content: str) -> bool:
        path = self._path(name)
        hidden = f"{path}.{os.getpid()}{NEW_SUFFIX}"
        try:
            fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                write_whole(fd, content.encode("utf-8"))
            finally:
                os.close(fd)
            os.replace(hidden, path)
        except OSError:
            unlink_quietly(hidden)
            return False
        return True

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)


def _member(stored: object, name: str) -> object:
    # A JSON object's keys are strings.
    return stored.get(name) if is_object(stored) else None


def _numbers(stored: object) -> dict[str, int]:
    if not is_object(stored):
        return {}
    return {str(name): count for name, count in stored.items() if type(count) is int}


def _add(counts: Counts, news: Counts) -> None:
    for kind, numbers in news.items():
        kept = counts.setdefault(kind, {})
        for name, count in numbers.items():
            full = kind == "refused" and len(kept) >= MAX_REFUSAL_REASONS
            key = OTHER if full and name not in kept else name
            kept[key] = kept.get(key, 0) + count
