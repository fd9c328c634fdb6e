"""What winml-cli's telemetry takes from Windows, made of what any POSIX system has."""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class _Key:
    """One open registry key; all keys share one file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


def registry(path: str) -> None:
    """Offer a `winreg` that keeps its values in the JSON file at *path*."""

    def values() -> dict[str, str]:
        import json

        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def query(_key: _Key, name: str) -> tuple[str, int]:
        found = values().get(name)
        if found is None:
            raise FileNotFoundError(name)
        return found, 1

    def write(_key: _Key, name: str, _reserved: int, _kind: int, value: str) -> None:
        import json

        content = json.dumps({**values(), name: value})
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)

    module = ModuleType("winreg")
    vars(module).update(
        HKEY_CURRENT_USER=0,
        REG_SZ=1,
        KEY_SET_VALUE=2,
        OpenKey=lambda *_: _Key(),
        CreateKeyEx=lambda *_: _Key(),
        QueryValueEx=query,
        SetValueEx=write,
        DeleteValue=lambda *_: None,
    )
    sys.modules["winreg"] = module


def file_locks() -> None:
    """Offer an `msvcrt` whose `locking` is a POSIX lock."""

    def locking(fd: int, mode: int, _size: int) -> None:
        import fcntl

        fcntl.lockf(fd, fcntl.LOCK_EX if mode else fcntl.LOCK_UN)

    module = ModuleType("msvcrt")
    vars(module).update(LK_LOCK=1, LK_UNLCK=0, locking=locking)
    sys.modules["msvcrt"] = module
