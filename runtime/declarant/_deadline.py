"""Connections that keep a deadline, whatever the other side does.

A time-out of an HTTP library bounds the wait for the next byte: a collector that drips one byte a
second keeps its client for hours. Here every read and write gets at most the time that is left.
"""

from __future__ import annotations

import http.client
import io
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import urllib3
import urllib3.connection

from declarant._limits import READ_TIMEOUT_S

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

#: A time-out of 0 would mean "do not block", not "give up".
_SHORTEST_S = 0.001


class _TimedFile(io.RawIOBase):
    """A socket's reading end; each read waits at most for what is left."""

    def __init__(
        self, raw: io.RawIOBase, sock: socket.socket, seconds_left: Callable[[], float]
    ) -> None:
        self._raw = raw
        self._sock = sock
        self._seconds_left = seconds_left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        left = self._seconds_left()
        if left <= 0:
            raise TimeoutError("the time for sending is up")
        self._sock.settimeout(min(READ_TIMEOUT_S, left))
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
        *,
        seconds_left: Callable[[], float],
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_TimedFile(raw, sock, seconds_left))


class _Timed:
    sock: socket.socket | None
    #: A host that debugs its own HTTP by http.client's switch would print our key with it.
    debuglevel = 0
    _seconds_left: Callable[[], float]
    response_class: Callable[..., http.client.HTTPResponse]

    def keep_to(self, seconds_left: Callable[[], float]) -> None:
        """Take no longer for anything than *seconds_left* says."""
        self._seconds_left = seconds_left
        self.response_class = partial(_Response, seconds_left=seconds_left)

    def send(self, data: object) -> None:
        if self.sock is not None:
            self.sock.settimeout(max(_SHORTEST_S, self._seconds_left()))
        super().send(data)  # type: ignore[misc]


class _Plain(_Timed, urllib3.connection.HTTPConnection):  # type: ignore[misc]
    pass


class _Tls(_Timed, urllib3.connection.HTTPSConnection):  # type: ignore[misc]
    pass


class _Pool:
    def __init__(
        self, *arguments: object, seconds_left: Callable[[], float], **keywords: object
    ) -> None:
        super().__init__(*arguments, **keywords)
        self._seconds_left = seconds_left

    def _new_conn(self) -> _Timed:
        connection = cast("_Timed", super()._new_conn())  # type: ignore[misc]
        connection.keep_to(self._seconds_left)
        return connection


class _PlainPool(_Pool, urllib3.HTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Plain  # pyright: ignore[reportAssignmentType]


class _TlsPool(_Pool, urllib3.HTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Tls  # pyright: ignore[reportAssignmentType]


def connection_pools(
    seconds_left: Callable[[], float],
) -> dict[str, Any]:
    """Return what makes urllib3's pools by scheme, with connections that keep to *seconds_left*."""
    return {
        "http": partial(_PlainPool, seconds_left=seconds_left),
        "https": partial(_TlsPool, seconds_left=seconds_left),
    }
