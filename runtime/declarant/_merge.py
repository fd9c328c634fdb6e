"""Merging: the lines of many small segments move into few larger ones.

Every command of a host leaves a segment while nothing can be sent; this bounds their number. A
merge may be killed at any point: see `OfflineStore.lease` for how no line is lost or sent twice.
"""

from __future__ import annotations

import os

from declarant import _locks
from declarant._lease import read_head
from declarant._limits import MAX_EVENT_BYTES, MERGE_SEGMENTS, SEGMENT_BYTES, SMALL_SEGMENT_BYTES
from declarant._losses import drop_record
from declarant._outcome import DropReason
from declarant._segments import MERGED_SUFFIX, header, new_name, open_segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from declarant._lease import Lease
    from declarant._store import OfflineStore

_DAY_MS = 86_400_000


def merge_small(store: OfflineStore) -> None:
    """Merge the small abandoned segments of *store*; a disk that refuses leaves all as it was."""
    try:
        for names in portions(store, store.stats()):
            _merge(store, names)
    except OSError:
        return


def portions(store: OfflineStore, stats: list[tuple[str, int, float]]) -> Iterator[list[str]]:
    """Yield the names of small segments that go together, as far as each can be leased.

    Only segments of one generation, tenant and day do, so that the age of each keeps its meaning, a
    draft's with a draft's, and what the user's answer allows with its like.

    Args:
        store: Where they are.
        stats: Of all segments that may be merged, as its `stats` returns them.
    """
    groups: dict[tuple[str, str, bool, bool, int], list[tuple[str, int]]] = {}
    for name, size, _ in stats:
        head = read_head(store.path(name)) if size <= SMALL_SEGMENT_BYTES else None
        if head is not None and head.generation:
            marks = (head.draft, head.asked)
            key = (head.generation, head.tenant, *marks, _stamp_ms(name) // _DAY_MS)
            groups.setdefault(key, []).append((name, size))
    for group in groups.values():
        yield from _cut(group)


def _cut(group: list[tuple[str, int]]) -> Iterator[list[str]]:
    """Cut *group* so that each part makes one segment of bounded size."""
    names: list[str] = []
    total = 0
    for name, size in group:
        if names and (
            len(names) == MERGE_SEGMENTS or total + size > SEGMENT_BYTES - MAX_EVENT_BYTES
        ):
            yield names
            names, total = [], 0
        names.append(name)
        total += size
    yield names


def _merge(store: OfflineStore, names: list[str]) -> None:
    if len(names) < 2:
        return
    leases: list[Lease] = []
    try:
        leases.extend(lease for lease in map(store.lease, names) if lease is not None)
        if len(leases) < 2:
            return
        result = _publish(store, leases)
        try:
            for lease in leases:
                lease.finish()
        finally:
            _locks.free(result)
    finally:
        for lease in leases:
            lease.release()


def _publish(store: OfflineStore, leases: list[Lease]) -> int:
    """Write the merged segment, and return its locked descriptor."""
    name = new_name(MERGED_SUFFIX, stamp_ms=_stamp_ms(leases[0].name))
    lines = [line + b"\n" for lease in leases for line, _ in lease.lines()]
    torn = sum(lease.is_torn for lease in leases)
    if torn:
        lines.append(drop_record(DropReason.CORRUPT, "", torn))
    head = leases[0].head
    sources = tuple(lease.name for lease in leases)
    marks = {"draft": head.draft, "asked": head.asked}
    first_line = header(head.generation, head.tenant, sources, **marks)
    fd = open_segment(store.folder, name, first_line + b"".join(lines))
    written_at = max(lease.written_at for lease in leases)
    # The age of a segment is that of its last line, or merging would keep events for ever.
    os.utime(store.path(name), (written_at, written_at))
    return fd


def _stamp_ms(name: str) -> int:
    """Return when the segment *name* was created, in milliseconds since 1970."""
    digits = name.partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
