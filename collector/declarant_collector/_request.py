"""One ingest request as received: where its keys, type and options stand.

Owns the lookup rules (header or query, the query's content type first) and the redaction of keys.
Pure: knows neither sockets nor events.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

__all__ = ["REDACTED", "IngestRequest", "redact", "tenant_token"]

REDACTED = "<redacted>"
_FULL_KEY = re.compile(
    r"([0-9a-fA-F]{32})-[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}-[0-9]{4}"
)
_KEY_NAMES = ("apikey", "x-apikey")
_SECRET_NAMES = frozenset(
    (
        "aad-jwt-token",
        "aad-token",
        "aaddevicetoken",
        "authmsadeviceticket",
        "authorization",
        "authxtoken",
        "cookie",
        "proxy-authorization",
        "tickets",
        "webauthtoken",
    )
)


def redact(text: str) -> str:
    """Return *text* with every full instrumentation key cut to its tenant token."""
    return _FULL_KEY.sub(rf"\1-{REDACTED}", text)


def tenant_token(key: str) -> str:
    """Return the part of an instrumentation key that names the tenant; empty if there is none.

    Source:
        onecollector.md 1.7.
    """
    token, dash, _ = key.partition("-")
    return token if dash else ""


def is_full_key(key: str) -> bool:
    """Return whether *key* has the shape of an instrumentation key."""
    return _FULL_KEY.fullmatch(key) is not None


def _reduced(name: str, value: str) -> str:
    lowered = name.lower()
    if lowered in _KEY_NAMES:
        tokens = (tenant_token(key.strip()) for key in value.split(","))
        return ",".join(f"{token}-{REDACTED}" if token else REDACTED for token in tokens)
    return REDACTED if lowered in _SECRET_NAMES else redact(value)


@dataclass(frozen=True, kw_only=True)
class IngestRequest:
    """A request to the ingest path.

    No slots: the lookups below are cached per request.

    Attributes:
        method: HTTP method.
        target: Path and query as received.
        headers: Name and value pairs as received.
        body: Bytes after transfer decoding, still content-encoded.
        unread_bytes: Bytes of the body that were not kept, because there were too many.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    unread_bytes: int = 0

    @property
    def wire_bytes(self) -> int:
        """Length of the body as sent, in bytes."""
        return len(self.body) + self.unread_bytes

    @cached_property
    def query(self) -> dict[str, str]:
        """Query options by lower-case name; the last of several wins."""
        pairs = parse_qsl(urlsplit(self.target).query, keep_blank_values=True)
        return {name.lower(): value for name, value in pairs}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for name, value in self.headers:
            key = name.lower()
            joined[key] = f"{joined[key]},{value}" if key in joined else value
        return joined

    def header(self, name: str) -> str | None:
        """Return a header's value, several joined by commas, or None."""
        return self._by_name.get(name.lower())

    def option(self, name: str) -> str | None:
        """Return what the header or, without one, the query option of that name says.

        Source:
            onecollector.md 1.2, starred names.
        """
        value = self.header(name)
        return self.query.get(name.lower()) if value is None else value

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Instrumentation keys in the order received, without repeats (A19, A21)."""
        listed = [self.option(name) or "" for name in _KEY_NAMES]
        keys = (key.strip() for value in listed for key in value.split(","))
        return tuple(dict.fromkeys(key for key in keys if key))

    @property
    def content_type(self) -> str:
        """Effective type: the query's, else the header's; lower case (A21 to A23)."""
        value = self.query.get("content-type") or self.header("content-type") or ""
        return value.strip().lower()

    @property
    def content_encoding(self) -> str:
        """The coding of the body, lower case; ``identity`` if none is named."""
        return (self.header("content-encoding") or "identity").strip().lower()

    @property
    def wants_no_body(self) -> bool:
        """Whether success shall be answered 204 (A33, A34)."""
        return (self.option("NoResponseBody") or "").strip().lower() == "true"

    @property
    def tenants(self) -> tuple[str, ...]:
        """Tenant tokens of the keys; a key without one is left out."""
        tokens = (tenant_token(key) for key in self.keys)
        return tuple(dict.fromkeys(token for token in tokens if token))

    def safe_headers(self) -> list[list[str]]:
        """Return the headers with keys cut to tenant tokens and tickets removed."""
        return [[name, _reduced(name, value)] for name, value in self.headers]

    def safe_target(self) -> str:
        """Return the target with keys cut to tenant tokens and tickets removed."""
        parts = urlsplit(self.target)
        if not parts.query:
            return parts.path
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        return (
            f"{parts.path}?{'&'.join(f'{name}={_reduced(name, value)}' for name, value in pairs)}"
        )
