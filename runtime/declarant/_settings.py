"""What the host says when it sets a client up, checked.

Owns the rules for keys and endpoints. An instrumentation key never comes from the environment and
never stands in a message; the endpoint may come from the environment, but only a loopback one.
"""

from __future__ import annotations

import os
import sys

from declarant._errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from declarant._catalogue import Catalogue

    Consent = Literal["ask", "stored", "granted", "denied"]
    Delivery = Literal["detached", "thread", "manual"]

#: Module of a generated package that holds a release's key; no source has it.
RELEASE_KEY = "_release_key"

_HEX = "0123456789abcdefABCDEF"
#: Hex digits of each part of an instrumentation key. Source: onecollector facts 1.7.
_KEY_PARTS = (32, 8, 4, 4, 4, 12)
#: Beyond it a client fails for ever, and takes the collector for one that is down.
_LAST_PORT = 65_535


def tenant_token(ikey: object) -> str:
    """Return the part of an instrumentation key that may stand in an envelope.

    Args:
        ikey: 32 hex characters, a GUID and 4 digits, joined by "-".

    Raises:
        ConfigError: The key has another shape; the message does not hold it.

    Source:
        onecollector facts 1.7; the envelope's iKey is "o:" and this token (A16: the full key in
        the envelope answers 401).
    """
    if not isinstance(ikey, str):
        raise ConfigError("ikey: expected a string, found another type")
    parts = ikey.split("-")
    shaped = len(parts) == 7 and len(parts[6]) == 4 and not parts[6].strip("0123456789")
    if not shaped or not all(
        len(part) == length and not part.strip(_HEX)
        for part, length in zip(parts, _KEY_PARTS, strict=False)
    ):
        raise ConfigError(
            "ikey: expected 32 hex characters, a GUID and 4 digits joined by '-', "
            f"found {len(ikey)} characters of another shape; copy the whole key"
        )
    return parts[0]


def is_loopback(endpoint: str) -> bool:
    """Tell whether *endpoint* is an http(s) URL of a literal loopback address.

    Names such as "localhost" do not count: what they resolve to is not ours to know.
    """
    try:
        scheme, host = _split_endpoint(endpoint)
    except ConfigError:
        return False
    octets = host.split(".")
    is_ipv4 = len(octets) == 4 and all(map(_is_octet, octets)) and octets[0] == "127"
    return scheme in ("http", "https") and (host == "[::1]" or is_ipv4)


def _is_octet(text: str) -> bool:
    return len(text) <= 3 and text.isascii() and text.isdigit() and int(text) < 256


def _is_port(text: str) -> bool:
    short = len(text) <= 5 and text.isascii() and text.isdigit()
    return short and 0 < int(text) <= _LAST_PORT


def _split_endpoint(endpoint: str) -> tuple[str, str]:
    """Return scheme, in lower case, and host of *endpoint*.

    Raises:
        ConfigError: No two URL parsers need agree on where it leads, or it leads nowhere.
    """
    scheme, separator, rest = endpoint.partition("://")
    # A backslash ends the authority for some URL parsers and not for others.
    if not endpoint.isprintable() or " " in endpoint or "\\" in endpoint or not separator:
        raise ConfigError("endpoint: expected a URL, found something else; use https")
    authority = rest.replace("?", "/").replace("#", "/").partition("/")[0]
    if "@" in authority:
        raise ConfigError("endpoint: expected a host, found a user before it; leave that out")
    if authority.startswith("["):
        inside, bracket, port = authority.partition("]")
        host, colon, port = inside + bracket if bracket else "", port[:1], port[1:]
    else:
        host, colon, port = authority.partition(":")
    if not host or (colon and (colon != ":" or not _is_port(port))):
        raise ConfigError("endpoint: expected a host and a port from 1 to 65535, found another")
    return scheme.lower(), host


def check_endpoint(endpoint: object) -> str:
    """Return *endpoint* if events may be sent there.

    Raises:
        ConfigError: It is neither https nor a literal loopback address, or no plain URL.
    """
    if not isinstance(endpoint, str):
        raise ConfigError("endpoint: expected a URL, found another type; use https")
    scheme, _ = _split_endpoint(endpoint)
    if scheme == "https" or is_loopback(endpoint):
        return endpoint
    raise ConfigError(
        f'endpoint: expected an https URL, or http to 127.0.0.1 or [::1], found scheme "{scheme}"; '
        "use https"
    )


def telemetry_variable(product: str) -> str:
    """Return the environment variable that switches *product*'s telemetry off."""
    name = "".join(c if c.isalnum() and c.isascii() else "_" for c in product)
    return f"{name.upper()}_TELEMETRY"


def endpoint_variable(product: str) -> str:
    """Return the environment variable that may point *product* to a loopback collector."""
    return f"{telemetry_variable(product)}_ENDPOINT"


def build_key_variable(product: str) -> str:
    """Return the variable from which `declarant build`, and nothing else, reads *product*'s key."""
    return f"{telemetry_variable(product)}_BUILD_IKEY"


def resolve_endpoint(product: str, configured: str) -> str:
    """Return the endpoint in force: a loopback override from the environment, else *configured*.

    An override that is not a literal loopback address is ignored: whoever can set a variable must
    not be able to send a user's events elsewhere.
    """
    override = os.environ.get(endpoint_variable(product), "")
    return override if is_loopback(override) else configured


class Settings:
    """One client's set-up, checked; see `Client.configure` for the meaning of each."""

    __slots__ = (
        "app_version",
        "consent",
        "delivery",
        "disabled",
        "endpoint",
        "exit_budget_s",
        "flush_interval_s",
        "ikey",
        "ikey_ref",
        "level",
        "sender_interval_s",
        "store_folder",
        "strict",
    )

    def __init__(
        self,
        *,
        consent: Consent,
        disabled: bool = False,
        app_version: str,
        ikey: str | None,
        ikey_ref: str | None,
        endpoint: str,
        delivery: Delivery,
        level: Literal["required", "optional"],
        strict: bool,
        store_folder: str,
        flush_interval_s: float,
        exit_budget_s: float,
        sender_interval_s: float,
    ) -> None:
        """Check every argument.

        Raises:
            ConfigError: One of them cannot be used.
        """
        _check_text("app_version", app_version)
        for name, value in (("ikey", ikey), ("ikey_ref", ikey_ref)):
            if value is not None:
                _check_text(name, value)
        _check_flag("strict", strict)
        _check_flag("disabled", disabled)
        _check_word("consent", consent, ("ask", "stored", "granted", "denied"))
        _check_word("delivery", delivery, ("detached", "thread", "manual"))
        _check_word("level", level, ("required", "optional"))
        _check_seconds("flush_interval_s", flush_interval_s)
        _check_seconds("exit_budget_s", exit_budget_s)
        _check_seconds("sender_interval_s", sender_interval_s)
        if ikey_ref is not None and not _is_reference(ikey_ref):
            raise ConfigError('ikey_ref: expected "package.module:NAME", found another form')
        self.consent: Consent = consent
        self.disabled = disabled
        self.app_version = app_version
        # An empty key is a build without one, not a key of a wrong shape.
        self.ikey = ikey or (load_reference(ikey_ref) if ikey_ref is not None else None)
        self.ikey_ref = ikey_ref
        self.endpoint = check_endpoint(endpoint)
        self.delivery = delivery
        self.level = level
        self.strict = strict
        self.store_folder = store_folder
        self.flush_interval_s = flush_interval_s
        self.exit_budget_s = exit_budget_s
        self.sender_interval_s = sender_interval_s

    @classmethod
    def for_sender(cls, *, ikey_ref: str | None, endpoint: str, store_folder: str) -> Settings:
        """Return what a process that only sends needs.

        Raises:
            ConfigError: The endpoint or the reference cannot be used.
        """
        return cls(
            consent="granted",
            app_version="",
            ikey=None,
            ikey_ref=ikey_ref,
            endpoint=endpoint,
            delivery="manual",
            level="optional",
            strict=False,
            store_folder=store_folder,
            flush_interval_s=0.0,
            exit_budget_s=0.0,
            sender_interval_s=0.0,
        )


def load_reference(reference: str) -> str | None:
    """Return the key that *reference*, "package.module:NAME", names; None if the name is empty.

    Raises:
        ConfigError: The module or the name does not exist, or is not a string.
    """
    module, _, name = reference.partition(":")
    try:
        # Not importlib: loading that takes as long as the rest of a set-up's checks.
        __import__(module)
        value: object = getattr(sys.modules[module], name)
    except (ImportError, AttributeError, SyntaxError, KeyError):
        # "from None": a syntax error shows the line, and that may be the one with the key.
        raise ConfigError(f'ikey_ref: "{reference}" cannot be imported') from None
    if not isinstance(value, str):
        raise ConfigError(f'ikey_ref: expected a string in "{reference}"')
    return value or None


def packaged_key(catalogue: Catalogue) -> str | None:
    """Return the reference of the generated package's own key, which is empty but in a release.

    A draft has no release: what lies in its place was left there by another build.
    """
    if catalogue.draft:
        return None
    name = f"{catalogue.package}._key"
    try:
        __import__(name)
    except (ImportError, SyntaxError, ValueError):
        # An older package, or a damaged one. Nothing is said of it: an error may show the line.
        return None
    return f"{name}:IKEY"


def release_key(package: str) -> str:
    """Return the key of a release of the generated *package*; "" if this is none.

    It stands in a module that `declarant build` puts into the wheel, and in the wheel alone
    (docs/decisions/0011-the-key-is-put-into-the-finished-wheel.md). A damaged one is none: nobody's
    start may fail of it, and an error might show the line with the key.

    Args:
        package: Its import name.
    """
    name = f"{package}.{RELEASE_KEY}"
    try:
        __import__(name)
        key: object = getattr(sys.modules[name], "IKEY", "")
        tenant_token(key)
    except (ImportError, SyntaxError, ValueError):
        return ""
    assert isinstance(key, str)
    return key


def folder_path(folder: str | os.PathLike[str]) -> str:
    """Return the absolute path of a folder that a host names, or "" if there can be no such thing.

    Raises:
        ConfigError: It is of a type that names no folder.
    """
    try:
        path: object = os.fspath(folder) if isinstance(folder, os.PathLike) else folder
    except TypeError:
        path = None
    if not isinstance(path, str):
        raise ConfigError("store_folder: expected a path, found another type")
    try:
        usable = "\0" not in path and os.fsencode(path) != b""
        return os.path.abspath(path) if usable else ""
    except (OSError, ValueError):
        # Relative to a working directory that no longer exists, or not a name in any encoding.
        return ""


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise ConfigError(f"{name}: expected text, found another type")


def _check_flag(name: str, value: object) -> None:
    if type(value) is not bool:
        raise ConfigError(f"{name}: expected True or False, found another type")


def _check_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        words = ", ".join(allowed)
        raise ConfigError(f"{name}: expected one of {words}, found another value")


def _check_seconds(name: str, value: object) -> None:
    # No upper bound but one that every clock takes.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e6:
        raise ConfigError(f"{name}: expected seconds from 0 to 1000000, found another value")


def _is_reference(reference: str) -> bool:
    module, colon, name = reference.partition(":")
    return bool(colon) and name.isidentifier() and all(p.isidentifier() for p in module.split("."))
