"""The device id in Windows' registry, below the user's own key, which others cannot read.

`winreg` comes in from outside: that is all of this that needs Windows.
"""

from __future__ import annotations

import os

from declarant._device import is_random_uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Protocol

    class Registry(Protocol):
        """What is used of `winreg`."""

        HKEY_CURRENT_USER: int
        KEY_READ: int
        KEY_WRITE: int
        REG_SZ: int

        def OpenKey(  # noqa: N802  its name there
            self, key: int, sub_key: str, reserved: int, access: int
        ) -> AbstractContextManager[object]: ...

        def CreateKeyEx(  # noqa: N802  its name there
            self, key: int, sub_key: str, reserved: int, access: int
        ) -> AbstractContextManager[object]: ...

        def QueryValueEx(self, key: object, name: str) -> tuple[object, int]: ...  # noqa: N802  its name there

        def SetValueEx(  # noqa: N802  its name there
            self, key: object, name: str, reserved: int, kind: int, value: str
        ) -> None: ...

        def DeleteValue(self, key: object, name: str) -> None: ...  # noqa: N802  its name there


_KEY = "Software\\Declarant\\"
_VALUE, _DRAFT_VALUE = "DeviceId", "DraftDeviceId"
_TURN_FILE = "device-id.lock"


class RegistryPlace:
    r"""One value below `HKEY_CURRENT_USER\Software\Declarant\<product>`."""

    __slots__ = ("_key", "_registry", "_value", "turn_path")

    def __init__(self, registry: Registry, product: str, folder: str, *, draft: bool) -> None:
        """Keep the value of *product*; processes take turns by a file in the store *folder*."""
        self._registry = registry
        self._key = _KEY + product
        self._value = _DRAFT_VALUE if draft else _VALUE
        self.turn_path = os.path.join(folder, _TURN_FILE)

    def read(self) -> str | None:
        """Return the value; one of another type or form is none."""
        registry = self._registry
        try:
            with registry.OpenKey(
                registry.HKEY_CURRENT_USER, self._key, 0, registry.KEY_READ
            ) as key:
                value, kind = registry.QueryValueEx(key, self._value)
        except OSError:
            return None
        if kind != registry.REG_SZ or not isinstance(value, str):
            return None
        return value if is_random_uuid(value) else None

    def write(self, value: str, turn: int) -> None:
        """Set the value."""
        del turn
        registry = self._registry
        with registry.CreateKeyEx(
            registry.HKEY_CURRENT_USER, self._key, 0, registry.KEY_WRITE
        ) as key:
            registry.SetValueEx(key, self._value, 0, registry.REG_SZ, value)

    def delete(self) -> None:
        """Delete the value."""
        registry = self._registry
        try:
            with registry.OpenKey(
                registry.HKEY_CURRENT_USER, self._key, 0, registry.KEY_WRITE
            ) as key:
                registry.DeleteValue(key, self._value)
        except FileNotFoundError:
            return
