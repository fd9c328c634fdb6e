"""The counts that a store keeps over all runs.

Owns what becomes of counts when a person empties the store, too: what is deleted is counted, and
records of losses that are deleted with it are taken in.
"""

from __future__ import annotations

from declarant import _clocks
from declarant._counts import store_counts
from declarant._drafts import store_in_force
from declarant._ledger import Ledger
from declarant._losses import tally
from declarant._outcome import DropReason
from declarant._store import OfflineStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declarant._catalogue import Catalogue
    from declarant._counts import Counts

#: A sender that is at work writes its counts in between; a person's purge waits this long for it.
_PATIENCE_S = 2.0
_LOOK_S = 0.02


def kept_counts(
    catalogue: Catalogue, *, store_folder: str | os.PathLike[str] | None = None
) -> Counts:
    """Return the counts over all runs; see `declarant.counts.kept`."""
    return store_counts(OfflineStore(store_in_force(catalogue, store_folder)))


def purge_counted(store: OfflineStore, patience_s: float | None = None) -> int:
    """Delete every event that waits, and count what is deleted.

    Args:
        store: Where they wait.
        patience_s: Seconds to wait for a sender before the count is left; as for a person if None.

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
        if _lock(ledger, _PATIENCE_S if patience_s is None else patience_s):
            try:
                ledger.record(losses.counts(), "", 0)
            finally:
                ledger.unlock()
    return deleted


def _lock(ledger: Ledger, patience_s: float) -> bool:
    end = _clocks.monotonic() + patience_s
    while not ledger.lock():
        if _clocks.monotonic() > end:
            return False
        _clocks.sleep(_LOOK_S)
    return True
