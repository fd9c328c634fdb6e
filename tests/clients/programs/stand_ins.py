"""What the clients from PyPI miss on this machine, and what they must not reach from it.

Owns the two modules of Windows that winml-cli imports, and the guard on connections.
"""

from __future__ import annotations

import fcntl
import os
import sys
import types


def stay_on_this_machine() -> None:
    """End the program at any attempt to reach another machine: both products know a real one."""

    def guard(name: str, arguments: tuple[object, ...]) -> None:
        if name == "socket.getaddrinfo":
            host = arguments[0]
        elif name == "socket.connect" and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        if host not in ("127.0.0.1", b"127.0.0.1"):
            sys.stderr.write(f"a client tried to reach {host!r}\n")
            sys.stderr.flush()
            os._exit(70)

    sys.addaudithook(guard)


def install_winreg() -> None:
    """Give this process a registry: one key's values, forgotten at its end."""
    module = types.ModuleType("winreg")
    values: dict[str, tuple[object, int]] = {}

    class Key:
        def __enter__(self) -> Key:
            return self

        def __exit__(self, *_: object) -> None:
            return

    def open_key(*_: object) -> Key:
        if not values:
            raise FileNotFoundError
        return Key()

    def query(_key: Key, name: str) -> tuple[object, int]:
        if name not in values:
            raise FileNotFoundError
        return values[name]

    def set_value(_key: Key, name: str, _reserved: int, kind: int, value: object) -> None:
        values[name] = (value, kind)

    for name, member in {
        "HKEY_CURRENT_USER": 1,
        "KEY_SET_VALUE": 2,
        "REG_SZ": 1,
        "OpenKey": open_key,
        "CreateKeyEx": lambda *_: Key(),
        "QueryValueEx": query,
        "SetValueEx": set_value,
        "DeleteValue": lambda _key, name: values.pop(name, None),
    }.items():
        setattr(module, name, member)
    sys.modules["winreg"] = module


def install_msvcrt() -> None:
    """Lock files with POSIX's means; to be called when all is imported.

    The standard library takes itself to be on Windows when it can import this.
    """
    module = types.ModuleType("msvcrt")

    def locking(descriptor: int, mode: int, _size: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_UN if mode == module.LK_UNLCK else fcntl.LOCK_EX)

    module.LK_UNLCK, module.LK_LOCK, module.LK_NBLCK = 0, 1, 2
    module.locking = locking
    sys.modules["msvcrt"] = module
