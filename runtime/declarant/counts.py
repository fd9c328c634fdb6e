"""Counts: what became of all events of a product and a user, over all runs.

    from declarant import counts
    from modelkit_events import CATALOGUE

    counts.kept(CATALOGUE)["dropped"]

For a command of the host that shows them. What this process alone knows, `Client.counts` adds.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declarant._catalogue import Catalogue

__all__ = ["kept"]


def kept(
    catalogue: Catalogue, *, store_folder: str | os.PathLike[str] | None = None
) -> dict[str, dict[str, int]]:
    """Return the counts that stand on disk.

    Args:
        catalogue: Of the generated package.
        store_folder: The offline store; the platform's place if None.

    Returns:
        `{"accepted": {"events": n}, "waiting": {"events": n}, "dropped": {reason: n}, "refused":
        {the collector's words: n}, "left_out": {path of an ext field: n}}`. Each event is in one of
        the first three; "refused" says why events of "dropped" were refused, "left_out" how many
        events went without a field whose value did not fit. Counts of nothing may be missing.

    Raises:
        ConfigError: *store_folder* cannot be used.
    """
    # Late on purpose: importing this costs a host nothing.
    from declarant._kept_counts import kept_counts

    return kept_counts(catalogue, store_folder=store_folder)
