"""What a draft may do: keep its events in a folder of its own, and send to this machine alone.

A draft is a generated package in which something lacks its approval
(docs/decisions/0006-a-draft-is-a-whole-package.md). Its catalogue says so. Nothing that a host,
a user or the environment configures can make it more than a draft.
"""

from __future__ import annotations

import os

from declarant._errors import ConfigError
from declarant._settings import folder_path, is_loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declarant._catalogue import Catalogue

#: Folder of drafts inside a store. A release build looks at files of its store, and at none in it.
DRAFT_FOLDER = "declarant-draft"

#: What commands say of a draft.
DRAFT_WORDS = "draft: not approved; sent to this machine only"


def store_place(catalogue: Catalogue, folder: str) -> str:
    """Return the folder of *catalogue*'s events if *folder* is the store in force.

    Args:
        catalogue: Of a draft, or of a release.
        folder: The platform's or the host's; "" if there can be none.

    Returns:
        *folder* itself for a release, the folder of drafts in it for a draft.

    Raises:
        ConfigError: A release build is pointed to the folder of drafts.
    """
    is_drafts_own = os.path.basename(os.path.normpath(folder)) == DRAFT_FOLDER
    if catalogue.draft:
        return folder if is_drafts_own or not folder else os.path.join(folder, DRAFT_FOLDER)
    if is_drafts_own:
        raise ConfigError(
            f'store_folder: expected the store of a release build, found "{DRAFT_FOLDER}", where '
            "drafts keep their events; name the folder above it"
        )
    return folder


def store_in_force(catalogue: Catalogue, store_folder: str | os.PathLike[str] | None) -> str:
    """Return the folder of *catalogue*'s events, in the platform's place if None is named.

    Returns:
        An absolute path, or "" if there can be no such folder.

    Raises:
        ConfigError: The folder cannot be used; see `store_place` and `folder_path`.
    """
    if store_folder is None:
        # Late on purpose: tests and tools name one.
        from declarant._paths import store_folder as platforms_place

        store_folder = platforms_place(catalogue.product)
    return store_place(catalogue, folder_path(store_folder))


def may_send(catalogue: Catalogue, endpoint: str) -> bool:
    """Tell whether events of *catalogue* may go to *endpoint*: a draft's leave no machine."""
    return not catalogue.draft or is_loopback(endpoint)
