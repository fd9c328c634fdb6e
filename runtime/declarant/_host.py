"""How a program set telemetry up, for commands that look at it from beside the program's work."""

from __future__ import annotations

from declarant._consent import Resolution, resolve
from declarant._drafts import store_in_force
from declarant._settings import Settings, packaged_key, resolve_endpoint, tenant_token
from declarant._store import OfflineStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declarant._catalogue import Catalogue
    from declarant._settings import Consent


class Host:
    """What such a command needs to know; see `Client.configure` for the meaning of each.

    Attributes:
        catalogue: Of the generated package.
        consent: The program's own word.
        disabled: Whether telemetry is off for this run.
    """

    __slots__ = ("_endpoint", "_ikey", "_ikey_ref", "_store", "catalogue", "consent", "disabled")

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        consent: Consent = "stored",
        disabled: bool = False,
        ikey: str | None = None,
        ikey_ref: str | None = None,
        endpoint: str | None = None,
        store_folder: str | os.PathLike[str] | None = None,
    ) -> None:
        """Take it as it is; nothing is looked at yet."""
        self.catalogue = catalogue
        self.consent: Consent = consent
        self.disabled = disabled
        self._ikey = ikey
        self._ikey_ref = ikey_ref
        self._endpoint = endpoint
        self._store = store_folder

    @property
    def resolution(self) -> Resolution:
        """Every signal of consent as it is now; nobody is asked."""
        return resolve(self.catalogue, self.consent, disabled=self.disabled)

    @property
    def endpoint(self) -> str:
        """The collector's address in force."""
        return resolve_endpoint(self.catalogue.product, self._endpoint or self.catalogue.endpoint)

    @property
    def store(self) -> OfflineStore:
        """The offline store; its folder is "" if there can be none.

        Raises:
            ConfigError: The program names one that cannot be used.
        """
        return OfflineStore(store_in_force(self.catalogue, self._store))

    def settings(self) -> Settings:
        """Return what a sender of this program would send by.

        Raises:
            ConfigError: Something of the set-up cannot be used.
        """
        reference = self._ikey_ref
        if self._ikey is None and reference is None:
            reference = packaged_key(self.catalogue)
        settings = Settings.for_sender(
            ikey_ref=reference, endpoint=self.endpoint, store_folder=self.store.folder
        )
        settings.ikey = self._ikey or settings.ikey
        if settings.ikey is not None:
            # For its sake alone that it refuses what is none.
            tenant_token(settings.ikey)
        return settings
