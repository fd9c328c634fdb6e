"""OneCollector over HTTP: the only module that imports requests.

Source of every rule: onecollector facts, sections 1 and 2.
"""

from __future__ import annotations

import gzip
import json
import logging
import time
from typing import TYPE_CHECKING

import requests
import requests.adapters
import urllib3

from declarant._deadline import connection_pools
from declarant._excerpt import excerpt, reason_sentence, reason_word
from declarant._limits import (
    CONNECT_TIMEOUT_S,
    MAX_ANSWER_BYTES,
    MIN_GZIP_BYTES,
    READ_TIMEOUT_S,
)
from declarant._settings import is_loopback
from declarant._shapes import is_array, is_object
from declarant._transport import OUT_OF_TIME, Payload, SendOutcome
from declarant._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("declarant")

#: Statuses after which the same bytes may be accepted later (facts 2.1, B14, B17, B20 to B22).
_RETRY_STATUSES = frozenset((408, 429))
_FINAL_SERVER_ERRORS = frozenset((501, 505))

#: What a network can do to a request. The first covers requests' own exceptions, which are OSError;
#: urllib3's reach us where requests forgets to translate them.
_NETWORK_ERRORS = (OSError, urllib3.exceptions.HTTPError)


class OneCollectorTransport:
    """Sends payloads to one endpoint with one instrumentation key.

    Args of the constructor: the full key, which stands in `x-apikey` and nowhere else; the
    endpoint; and a clock that says how many seconds are left for sending at all.
    """

    def __init__(self, ikey: str, endpoint: str, *, seconds_left: Callable[[], float]) -> None:
        """Open no connection yet."""
        self._endpoint = endpoint
        self._ikey = ikey
        self._seconds_left = seconds_left
        self._session = requests.Session()
        adapter = _TimedAdapter(seconds_left)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        # Without an auth of its own requests would add the user's .netrc password for this host.
        self._session.auth = _no_auth
        # A loopback collector is never reached through a proxy, which would connect to itself.
        self._session.trust_env = not is_loopback(endpoint)
        self._session.headers.update(
            {
                "Content-Type": "application/x-json-stream; charset=utf-8",
                "User-Agent": f"declarant-python/{__version__}",
                "sdk-version": f"declarant-python-{__version__}",
                "Client-Id": "NO_AUTH",
                "x-apikey": ikey,
                "Accept-Encoding": "identity",
            }
        )

    def send(self, payload: Payload) -> SendOutcome:
        """Send *payload* once; see `Transport.send`."""
        body = payload.body()
        headers = {"upload-time": str(int(time.time() * 1000))}
        if len(body) >= MIN_GZIP_BYTES:
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        left = self._seconds_left()
        if left <= 0:
            return SendOutcome("retry", reason=OUT_OF_TIME)
        try:
            with self._session.post(
                self._endpoint,
                data=body,
                headers=headers,
                timeout=(min(CONNECT_TIMEOUT_S, left), min(READ_TIMEOUT_S, left)),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return self._read(answer, payload)
        except _NETWORK_ERRORS as error:
            # The text of such an exception holds the URL; its class says enough.
            _log.debug("the collector was not reached: %s", type(error).__name__)
            return SendOutcome("retry", reason=type(error).__name__)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _read(self, answer: requests.Response, payload: Payload) -> SendOutcome:
        status = answer.status_code
        text = self._read_text(answer)
        sentence = answer.headers.get("Collector-Error", "")
        outcome = interpret(status, text, len(payload.lines), sentence)
        plain = outcome.kind == "accepted" and not outcome.rejected and not outcome.unnamed
        if plain and not _log.isEnabledFor(logging.DEBUG):
            return outcome
        # Only now: it looks through the whole request.
        sent = f"{payload.body().decode('utf-8', 'replace')} {self._ikey}"
        sentence = reason_sentence(sentence, sent)
        _log.debug("collector answered %d, %s, %s", status, sentence, excerpt(text, sent))
        words = {reason: reason_word(reason, sent) for reason in set(outcome.rejected.values())}
        return SendOutcome(
            outcome.kind,
            status=status,
            rejected={index: words[reason] for index, reason in outcome.rejected.items()},
            unnamed=outcome.unnamed,
            reason=sentence or str(status),
            retry_after_s=outcome.retry_after_s,
        )

    def _read_text(self, answer: requests.Response) -> str:
        """Read a bounded part of the answer's body; a broken body never changes the outcome."""
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in answer.iter_content(4096):
                pieces.append(piece)
                size += len(piece)
                if size >= MAX_ANSWER_BYTES or self._seconds_left() <= 0:
                    break
        except _NETWORK_ERRORS as error:
            _log.debug("the answer's body broke off: %s", type(error).__name__)
        return b"".join(pieces)[:MAX_ANSWER_BYTES].decode("utf-8", "replace")


class _TimedAdapter(requests.adapters.HTTPAdapter):
    """requests' adapter, with connections that keep the deadline."""

    def __init__(self, seconds_left: Callable[[], float]) -> None:
        self._pools = connection_pools(seconds_left)
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False) -> None:  # type: ignore[override]
        super().init_poolmanager(connections, maxsize, block)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: object) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def interpret(status: int, text: str, sent: int, collector_error: str = "") -> SendOutcome:
    """Turn an answer into an outcome.

    Args:
        status: HTTP status.
        text: Body, possibly cut.
        sent: Events in the request.
        collector_error: The header of that name, or "".

    Source:
        onecollector facts 2.1, 2.2 and B01 to B22, B46.
    """
    if 200 <= status < 300:
        rejected, unnamed = _rejected(text, sent)
        return SendOutcome("accepted", status=status, rejected=rejected, unnamed=unnamed)
    if status == 413:
        return SendOutcome("too_large", status=status, reason="413")
    server_side = status >= 500 and status not in _FINAL_SERVER_ERRORS
    if server_side or status in _RETRY_STATUSES:
        return SendOutcome("retry", status=status, reason=str(status))
    return SendOutcome("rejected", status=status, reason=collector_error or str(status))


def _rejected(text: str, sent: int) -> tuple[dict[int, str], int]:
    """Return what an answer's `efi` names, index to reason, and how many more its `rej` counts.

    Odd shapes and contradictory counts change nothing else (B09, B10).
    """
    rejected: dict[int, str] = {}
    try:
        answer: object = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return rejected, 0
    if not is_object(answer):
        return rejected, 0
    failures: object = answer.get("efi")
    for reason, indices in failures.items() if is_object(failures) else ():
        for index in _indices(indices, sent):
            rejected[index] = str(reason)
    count: object = answer.get("rej")
    counted = min(count, sent) if type(count) is int else 0
    return rejected, max(0, counted - len(rejected))


def _indices(listed: object, sent: int) -> list[int]:
    if listed == "all":
        return list(range(sent))
    if not is_array(listed):
        return []
    return [index for index in listed if type(index) is int and 0 <= index < sent]


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
