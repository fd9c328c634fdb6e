"""Connections that keep a deadline, whatever the other side does.

A time-out of an HTTP library bounds the wait for the next byte: a collector that drips one byte a
second keeps its client for hours. Here every read and write gets at most the time that is left.
"""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING

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


def connection_pools(
    seconds_left: Callable[[], float],
) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return urllib3's pool classes by scheme, with connections that keep to *seconds_left*."""

    class Response(http.client.HTTPResponse):
        def __init__(
            self,
            sock: socket.socket,
            debuglevel: int = 0,
            method: str | None = None,
            url: str | None = None,
        ) -> None:
            super().__init__(sock, debuglevel, method, url)
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_TimedFile(raw, sock, seconds_left))

    class Timed:
        response_class = Response
        sock: socket.socket | None
        #: A host that debugs its own HTTP by http.client's switch would print our key with it.
        debuglevel = 0

        def send(self, data: object) -> None:
            if self.sock is not None:
                self.sock.settimeout(max(_SHORTEST_S, seconds_left()))
            super().send(data)  # type: ignore[misc]

    class Plain(Timed, urllib3.connection.HTTPConnection):  # type: ignore[misc]
        pass

    class Tls(Timed, urllib3.connection.HTTPSConnection):  # type: ignore[misc]
        pass

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain  # pyright: ignore[reportAssignmentType]

    class TlsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Tls  # pyright: ignore[reportAssignmentType]

    return {"http": PlainPool, "https": TlsPool}
