"""The counts that a store keeps over all runs.

Owns what becomes of counts when a person empties the store, too: what is deleted is counted, and
records of losses that are deleted with it are taken in.
"""

from __future__ import annotations

from declarant import _locks
from declarant._counts import store_counts
from declarant._drafts import store_in_force
from declarant._ledger import Ledger
from declarant._losses import Losses, drop_record, left_out_record, tally
from declarant._outcome import DropReason
from declarant._segments import header, new_name, open_segment
from declarant._store import OfflineStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declarant._catalogue import Catalogue
    from declarant._counts import Counts


def kept_counts(
    catalogue: Catalogue, *, store_folder: str | os.PathLike[str] | None = None
) -> Counts:
    """Return the counts over all runs; see `declarant.counts.kept`."""
    return store_counts(OfflineStore(store_in_force(catalogue, store_folder)))


def purge_counted(store: OfflineStore) -> int:
    """Delete every event that waits, and count what is deleted.

    Returns:
        How many events were deleted.

    Raises:
        OSError: A segment cannot be deleted.
    """
    _, losses = tally(store.waiting())
    deleted = store.purge()
    if deleted:
        losses.drop(DropReason.PURGED, deleted)
    if losses.dropped or losses.left_out:
        ledger = Ledger(store.folder)
        if ledger.lock():
            try:
                ledger.record(losses.counts(), "", 0)
            finally:
                ledger.unlock()
        else:
            # A sender that is at work owns the ledger; it, or the next one, takes these in.
            _write_down(losses, store)
    return deleted


def _write_down(losses: Losses, store: OfflineStore) -> None:
    records = [drop_record(reason, "", count) for reason, count in losses.dropped.items()]
    records += [left_out_record(path, count) for path, count in losses.left_out.items()]
    _locks.free(open_segment(store.folder, new_name(), header("", "") + b"".join(records)))
