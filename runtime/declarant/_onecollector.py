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

from declarant._limits import (
    CONNECT_TIMEOUT_S,
    MAX_ANSWER_BYTES,
    MIN_GZIP_BYTES,
    READ_TIMEOUT_S,
)
from declarant._settings import is_loopback
from declarant._transport import Payload, SendOutcome
from declarant._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("declarant")

#: Statuses after which the same bytes may be accepted later (facts 2.1, B14, B17, B20 to B22).
_RETRY_STATUSES = frozenset((408, 429))
_FINAL_SERVER_ERRORS = frozenset((501, 505))


class OneCollectorTransport:
    """Sends payloads to one endpoint with one instrumentation key.

    Args of the constructor: the full key, which stands in `x-apikey` and nowhere else; the
    endpoint; and a clock that says how many seconds are left for sending at all.
    """

    def __init__(self, ikey: str, endpoint: str, *, seconds_left: Callable[[], float]) -> None:
        """Open no connection yet."""
        self._endpoint = endpoint
        self._seconds_left = seconds_left
        self._session = requests.Session()
        # Without an auth of its own requests would add the user's .netrc password for this host.
        self._session.auth = _no_auth
        # A loopback collector is never reached through a proxy.
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
            return SendOutcome("retry", reason="out of time")
        try:
            with self._session.post(
                self._endpoint,
                data=body,
                headers=headers,
                timeout=(min(CONNECT_TIMEOUT_S, left), min(READ_TIMEOUT_S, left)),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return self._read(answer, len(payload.lines))
        except requests.RequestException as error:
            # The text of a requests exception holds the URL; its class says enough.
            return SendOutcome("retry", reason=type(error).__name__)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _read(self, answer: requests.Response, sent: int) -> SendOutcome:
        status = answer.status_code
        text = self._read_text(answer)
        collector_error = answer.headers.get("Collector-Error", "")
        _log.debug("collector answered %d %.200s %.200s", status, collector_error, text)
        return interpret(status, text, sent, collector_error)

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
        except requests.RequestException as error:
            _log.debug("the answer's body broke off: %s", type(error).__name__)
        return b"".join(pieces)[:MAX_ANSWER_BYTES].decode("utf-8", "replace")


def interpret(status: int, text: str, sent: int, collector_error: str = "") -> SendOutcome:
    """Turn an answer into an outcome.

    Args:
        status: HTTP status.
        text: Body, possibly cut.
        sent: Events in the request.
        collector_error: The header of that name, or "".

    Source:
        onecollector facts 2.1, 2.2 and B01 to B22.
    """
    if 200 <= status < 300:
        return SendOutcome("accepted", status=status, rejected=_rejected(text, sent))
    if status == 413:
        return SendOutcome("too_large", status=status, reason="413")
    server_side = status >= 500 and status not in _FINAL_SERVER_ERRORS
    if server_side or status in _RETRY_STATUSES:
        return SendOutcome("retry", status=status, reason=str(status))
    return SendOutcome("rejected", status=status, reason=collector_error[:200] or str(status))


def _rejected(text: str, sent: int) -> dict[int, str]:
    """Return index to reason from an answer's `efi`; odd shapes change nothing (B09, B10)."""
    try:
        answer: object = json.loads(text) if text else None
    except ValueError:
        return {}
    failures = answer.get("efi") if isinstance(answer, dict) else None
    rejected: dict[int, str] = {}
    if not isinstance(failures, dict):
        return rejected
    for reason, indices in failures.items():
        listed = range(sent) if indices == "all" else indices
        if not isinstance(listed, (list, range)):
            continue
        for index in listed:
            if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < sent:
                rejected[index] = str(reason)[:100]
    return rejected


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
