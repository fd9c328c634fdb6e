"""OneCollector over HTTP: the only module that imports requests.

Owns the request and how the answer is read; what an answer means is told in `_answers` and
`_directives`. Source of every rule: onecollector facts, sections 1 and 2.
"""

from __future__ import annotations

import gzip
import logging
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
import requests.adapters
import urllib3

from declarant import _clocks
from declarant._answers import interpret
from declarant._deadline import connection_pools
from declarant._directives import kill_order, retry_after_s, time_delta
from declarant._excerpt import Sent, excerpt, reason_sentence, reason_word
from declarant._kill_switch import ALL
from declarant._limits import (
    CONNECT_TIMEOUT_S,
    GZIP_LEVEL,
    MAX_ANSWER_BYTES,
    MIN_GZIP_BYTES,
    READ_TIMEOUT_S,
)
from declarant._pace import ClockDelta
from declarant._settings import is_loopback
from declarant._transport import OUT_OF_TIME, Payload, SendOutcome
from declarant._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger("declarant")

#: What a network can do to a request. The first covers requests' own exceptions, which are OSError;
#: urllib3's reach us where requests forgets to translate them.
_NETWORK_ERRORS = (OSError, urllib3.exceptions.HTTPError)
#: And what a body can do to urllib3, which takes a chunk's length below zero for one.
_BODY_ERRORS = (*_NETWORK_ERRORS, ValueError)


class OneCollectorTransport:
    """Sends payloads to one endpoint with one instrumentation key.

    Args of the constructor: the full key, which stands in `x-apikey` and nowhere else; the
    endpoint; a clock that says how many seconds are left for sending at all; and what this process
    knows of the difference between its clock and the collector's.
    """

    def __init__(
        self,
        ikey: str,
        endpoint: str,
        *,
        seconds_left: Callable[[], float],
        delta: ClockDelta | None = None,
    ) -> None:
        """Open no connection yet."""
        self._endpoint = endpoint
        self._delta = delta or ClockDelta()
        self._ikey = ikey
        self._seconds_left = seconds_left
        self._prepared: requests.PreparedRequest | None = None
        self._environment: Mapping[str, Any] = {}
        self._session = _Session()
        adapter = _TimedAdapter(seconds_left)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        # Without an auth of its own requests would add the user's .netrc password for this host.
        self._session.auth = _no_auth
        # Nor does a cookie of one answer come back with the next request: it would be an identifier
        # that no schema names.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
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
        try:
            # Before the body is compressed, in which others run: they wait for each part alone.
            request = self._request()
            body = payload.body
            if len(body) >= MIN_GZIP_BYTES:
                body = gzip.compress(body, GZIP_LEVEL, mtime=0)
                request.headers["Content-Encoding"] = "gzip"
            request.body = body
            request.headers["Content-Length"] = str(len(body))
            left = self._seconds_left()
            if left <= 0:
                return SendOutcome("retry", reason=OUT_OF_TIME)
            with self._session.send(
                request,
                timeout=(min(CONNECT_TIMEOUT_S, left), min(READ_TIMEOUT_S, left)),
                allow_redirects=False,
                **self._environment,
            ) as answer:
                return self._read(answer, payload)
        except _NETWORK_ERRORS as error:
            # The text of such an exception holds the URL; its class says enough.
            _log.debug("the collector was not reached: %s", type(error).__name__)
            return SendOutcome("retry", reason=type(error).__name__)

    def _request(self) -> requests.PreparedRequest:
        """Return a request without its body; what all have in common is made once."""
        if self._prepared is None:
            # Proxies and certificates as the environment has them.
            self._environment = self._session.merge_environment_settings(
                self._endpoint, {}, True, None, None
            )
            self._prepared = self._session.prepare_request(requests.Request("POST", self._endpoint))
        request = self._prepared.copy()
        request.headers["upload-time"] = str(int(_clocks.now() * 1000))
        if self._delta.header:
            request.headers["time-delta-to-apply-millis"] = self._delta.header
        return request

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _read(self, answer: requests.Response, payload: Payload) -> SendOutcome:
        status = answer.status_code
        text = self._read_text(answer)
        if status == 503:
            # Another machine behind the same name may be less busy (facts 2.1, B22).
            self._session.close()
        sentence = answer.headers.get("Collector-Error", "")
        outcome = interpret(status, text, payload.events, sentence)
        self._take_directives(outcome, answer.raw.headers)
        plain = outcome.kind == "accepted" and not outcome.rejected and not outcome.unnamed
        is_logging = _log.isEnabledFor(logging.DEBUG)
        if plain and not is_logging:
            return outcome
        # Only now: it looks through the whole request.
        sent = Sent(f"{payload.body.decode('utf-8', 'replace')} {self._ikey}")
        sentence = reason_sentence(sentence, sent)
        if is_logging:
            shown = excerpt(text, sent, payload.events)
            _log.debug("collector answered %d, %s, %s", status, sentence, shown)
        words = {reason: reason_word(reason, sent) for reason in set(outcome.rejected.values())}
        outcome.rejected = {index: words[reason] for index, reason in outcome.rejected.items()}
        outcome.reason = sentence or str(status)
        return outcome

    def _take_directives(self, outcome: SendOutcome, headers: urllib3.HTTPHeaderDict) -> None:
        """Note what the answer orders beyond its status; a header may come more than once."""
        self._delta.note(time_delta(headers.getlist("time-delta-millis")))
        outcome.retry_after_s = retry_after_s(
            headers.getlist("Retry-After"), headers.get("Date") or ""
        )
        durations = headers.getlist("kill-duration") + headers.getlist("kill-duration-seconds")
        outcome.kill = kill_order(headers.getlist("kill-tokens"), durations, self._ikey)
        if outcome.kill is not None:
            # No names: they come from outside.
            _log.debug(
                "the collector ordered silence of %s for %g s",
                "everything" if ALL in outcome.kill.events else "some events",
                outcome.kill.seconds,
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
        except _BODY_ERRORS as error:
            _log.debug("the answer's body broke off: %s", type(error).__name__)
        return b"".join(pieces)[:MAX_ANSWER_BYTES].decode("utf-8", "replace")


class _Session(requests.Session):
    """requests' session, to which no answer is a redirect.

    Where it is told not to follow one it still reads the whole body, to the last megabyte, and the
    `Location`, and raises what is wrong with either.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002  the base's
        return None


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


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
