"""What senders leave for later processes: the sender lock, the backoff, the counts.

Three small files in the store's folder: `sender.lock` (its modification time is the last start of a
sender process), `hold-until` (until when nothing is sent, the number of failures, until when the
collector itself asked to wait, and since when; seconds since 1970, as text, so that an emitting
process can read it without importing json) and `counts` (a `_twin_file` of JSON). Kill orders are
`_kill_switch`'s.
"""

from __future__ import annotations

import os

from declarant import _clocks, _locks
from declarant._lease import lock_file
from declarant._limits import (
    BACKOFF_LAST_S,
    CLOCK_SLACK_S,
    MAX_REFUSAL_REASONS,
    RETRY_AFTER_LAST_S,
)
from declarant._segments import make_folder, open_regular, replace_file, unlink_quietly
from declarant._shapes import is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._counts import Counts
    from declarant._twin_file import Twin

_LOCK = "sender.lock"
_HOLD = "hold-until"
_COUNTS = "counts"
_KINDS = ("accepted", "dropped", "refused", "left_out")
#: What they count comes from outside.
_BOUNDED = ("refused", "left_out")

#: What refusals are counted under once there are too many different ones.
OTHER = "other"

#: No hold is believed beyond this, whatever the file says.
_LONGEST_HOLD_S = max(2 * BACKOFF_LAST_S, RETRY_AFTER_LAST_S)
#: What rounding to milliseconds may add.
_ROUNDING_S = 0.01


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

    def is_locked(self) -> bool:
        """Tell whether somebody is the sender of this store now."""
        is_free = self.lock()
        self.unlock()
        return not is_free

    def started_s_ago(self) -> float:
        """Return the seconds since a sender process was last started; infinite if none ever was."""
        try:
            ago = _clocks.now() - os.stat(self._path(_LOCK)).st_mtime
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
        """Return the seconds for which nothing is sent yet; 0 if something may be."""
        return self._hold().left_s(_clocks.now())

    def asked_s(self) -> float:
        """Return the seconds for which the collector itself asked to wait; 0 if it did not."""
        return self._hold().asked_left_s(_clocks.now())

    def failures(self) -> int:
        """Return how many passes in a row ended with "later"."""
        return self._hold().failures

    def hold(self, seconds: float, *, failures: int, asked_s: float = 0.0) -> None:
        """Keep senders quiet for *seconds*, of which the collector itself asked for *asked_s*."""
        now = _clocks.now()
        asked = now + asked_s if asked_s > 0 else 0.0
        self._write(_HOLD, f"{now + seconds:.3f} {failures} {asked:.3f} {now:.3f}\n")

    def release_hold(self) -> None:
        """Forget failures: the collector answered."""
        unlink_quietly(self._path(_HOLD))

    def counts(self) -> Counts:
        """Return events by fate over all runs.

        Returns:
            `{"accepted": {"events": n}, "dropped": {reason: n}, "refused": {words: n}, "left_out":
            {path: n}}`; `refused` holds the collector's own words for what it rejected.
        """
        return self._read()[0]

    def settled(self) -> tuple[str, int]:
        """Return up to where the counts go: a segment's name and the offset in it.

        A sender that died between counting and settling has not settled this in the segment.
        """
        return self._read()[1]

    def record(self, news: Counts, segment: str, offset: int) -> None:
        """Add *news* to the counts, all events of *segment* before *offset* being done.

        Counts and position are one file, and written at once: nothing is ever counted twice. A disk
        that refuses makes the news wait for the next call.
        """
        _add(self._unwritten, news)
        if not any(self._unwritten.values()):
            return
        import json

        file = self._counts_file()
        counts, _ = _read_counts(file.content)
        _add(counts, self._unwritten)
        content: dict[str, object] = {**counts, "settled": {"segment": segment, "offset": offset}}
        if file.write(json.dumps(content, sort_keys=True)):
            self._unwritten = {}

    def _read(self) -> tuple[Counts, tuple[str, int]]:
        return _read_counts(self._counts_file().content)

    def _counts_file(self) -> Twin:
        # Late on purpose: whoever asks only for the backoff need not pay for it.
        from declarant._twin_file import Twin

        return Twin(self._path(_COUNTS))

    def _make_lock_file(self) -> None:
        os.close(open_regular(self._path(_LOCK), os.O_RDWR | os.O_CREAT))

    def _hold(self) -> _Hold:
        try:
            with open(open_regular(self._path(_HOLD)), "rb") as file:
                until, failures, asked, since = file.read(128).decode("ascii").split()
            return _Hold(float(until), int(failures), float(asked), float(since))
        except (OSError, ValueError):
            return _Hold(0.0, 0, 0.0, 0.0)

    def _write(self, name: str, content: str) -> bool:
        return replace_file(self._path(name), content.encode("utf-8"))

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)


def _read_counts(content: str) -> tuple[Counts, tuple[str, int]]:
    """Return what is counted, and up to where, as far as *content* can be believed."""
    import json

    try:
        stored: object = json.loads(content)
    except (ValueError, RecursionError):
        stored = None
    counts = {kind: _numbers(_member(stored, kind)) for kind in _KINDS}
    position = _member(stored, "settled")
    segment, offset = _member(position, "segment"), _member(position, "offset")
    if isinstance(segment, str) and type(offset) is int and offset >= 0:
        return counts, (os.path.basename(segment), offset)
    return counts, ("", 0)


class _Hold:
    """What the file says, as far as it can be believed."""

    __slots__ = ("_asked", "_since", "_until", "failures")

    def __init__(self, until: float, failures: int, asked: float, since: float) -> None:
        self._until = until
        self._asked = asked
        self._since = since
        self.failures = max(0, min(failures, 30))

    def left_s(self, now: float) -> float:
        return self._left_s(self._until, now)

    def asked_left_s(self, now: float) -> float:
        return self._left_s(self._asked, now)

    def _left_s(self, until: float, now: float) -> float:
        # A clock that was set back shows a hold of the future; written so that NaN fails, too.
        began = self._since <= now + CLOCK_SLACK_S
        believed = began and until - self._since <= _LONGEST_HOLD_S + _ROUNDING_S
        left = until - now
        return left if believed and left > 0 else 0.0


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
            full = kind in _BOUNDED and len(kept) >= MAX_REFUSAL_REASONS
            key = OTHER if full and name not in kept else name
            kept[key] = kept.get(key, 0) + count
