"""Keeping an answer: a yes is only written, a no also takes back what was stored."""

from __future__ import annotations

from declarant._consent import answer_file, answer_name
from declarant._consent_write import write_answer
from declarant._device import id_place
from declarant._drafts import store_in_force
from declarant._errors import StoreError, os_place
from declarant._kept_counts import purge_counted
from declarant._open_clients import switch_off
from declarant._store import OfflineStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declarant._catalogue import Catalogue


def keep_yes(catalogue: Catalogue) -> None:
    """Keep a yes; see `declarant.consent.grant`."""
    _keep(catalogue, granted=True)


def keep_no(catalogue: Catalogue, store_folder: str | os.PathLike[str] | None) -> int:
    """Keep a no, and empty the store; see `declarant.consent.withdraw`."""
    failed: StoreError | None = None
    try:
        _keep(catalogue, granted=False)
    except StoreError as error:
        failed = error
    # Clients of this process first: what they are about to store must not outlive this.
    switch_off(catalogue)
    deleted = 0
    try:
        deleted = empty_store(catalogue, store_in_force(catalogue, store_folder))
    except OSError as error:
        failed = failed or StoreError(
            f"consent: not everything that waits could be deleted ({os_place(error)})"
        )
    if failed is not None:
        raise failed
    return deleted


def empty_store(catalogue: Catalogue, folder: str) -> int:
    """Delete every event in the store *folder*, and the device id.

    Returns:
        How many events were deleted.

    Raises:
        OSError: Something could not be deleted; everything else is.
    """
    if not folder:
        return 0
    try:
        return purge_counted(OfflineStore(folder))
    finally:
        id_place(catalogue, folder).delete()


def _keep(catalogue: Catalogue, *, granted: bool) -> None:
    if not catalogue.events:
        raise StoreError(f"consent: the answer was not kept: {catalogue.damage}")
    write_answer(
        answer_file(catalogue),
        answer_name(catalogue),
        granted=granted,
        version=catalogue.consent_version,
    )
