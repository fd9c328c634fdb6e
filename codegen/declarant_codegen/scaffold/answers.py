"""What a new catalogue is made from, and what is wrong with an answer.

Owns the answers, what stands for one that is not given, and their judgement: by the dialect, in its
words, so that an answer that passes here passes ``declarant check``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarant._errors import ConfigError
from declarant._settings import check_endpoint
from declarant_codegen.dialect import check_dialect
from declarant_codegen.hostile_text import check_text
from declarant_codegen.json_text import json_text
from declarant_codegen.names import check_package_name, snake_case
from declarant_codegen.words import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "APPROVER",
    "DISPLAY_NAME",
    "ENDPOINT",
    "EVENT_PREFIX",
    "LOCAL_ENDPOINT",
    "OWNER",
    "PACKAGE",
    "PRODUCT",
    "Answers",
    "default",
    "problem",
    "product_like",
]

PRODUCT, DISPLAY_NAME, PACKAGE = "product", "display_name", "package"
EVENT_PREFIX, ENDPOINT, OWNER, APPROVER = "event_prefix", "endpoint", "owner", "approver"

LOCAL_PORT = 8765
LOCAL_ENDPOINT = f"http://127.0.0.1:{LOCAL_PORT}/OneCollector/1.0/"
"""Where ``declarant collector --port 8765`` listens: a new product's events leave no machine."""

_LONGEST = 64
_LONGEST_PREFIX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a new catalogue is made from; each answer passed `problem`.

    Attributes:
        product: Machine name.
        display_name: Name as users know it.
        package: Generated Python package.
        event_prefix: What every event name starts with.
        endpoint: Collector's address.
        owner: Role that answers for the events.
        approver: Role that approves; that of the owner, or another.
    """

    product: str
    display_name: str
    package: str
    event_prefix: str
    endpoint: str
    owner: str
    approver: str

    @property
    def distribution(self) -> str:
        """The generated distribution."""
        return re.sub("_+", "-", self.package).strip("-")

    @property
    def event(self) -> str:
        """The first event."""
        return f"{self.event_prefix}Started"

    @property
    def event_file(self) -> str:
        """The first event's file, below the schemas folder."""
        return f"events/{snake_case(self.event)}.schema.json"


def problem(name: str, text: str) -> str | None:
    """Return what is wrong with an answer (expected, found; how to mend), or None.

    Args:
        name: Which answer, such as `PRODUCT`.
        text: The answer.
    """
    return next(_problems(name, text), None)


def _problems(name: str, text: str) -> Iterator[str]:
    kind, pointer, value = _placed(name, text)
    for breach in check_dialect(kind, value):
        if breach.pointer == pointer:
            like = product_like(text) if name == PRODUCT else ""
            yield f"{breach.message}, as in {quote(like)}" if like else breach.message
    for _, place, message in check_text(json_text(value), value):
        if place == pointer:
            yield message
    if not text.strip() or not text.isprintable():
        yield "expected printable characters, found none or others; change the value"
    if name == PACKAGE:
        taken = check_package_name(text)
        if taken is not None:
            yield taken
    if name == ENDPOINT:
        # The dialect knows names of this machine that the runtime does not trust.
        try:
            check_endpoint(text)
        except ConfigError as error:
            yield str(error).removeprefix("endpoint: ")


def _placed(name: str, text: str) -> tuple[str, str, dict[str, Any]]:
    """Return the kind of file an answer will stand in, its JSON pointer, and a value with it."""
    if name in (OWNER, APPROVER):
        # Whoever approves is held to the same form: a role, never a person.
        return "event", "/x-owners/0", {"x-owners": [text]}
    return "catalogue", f"/{name}", {name: text}


def default(name: str, given: Mapping[str, str]) -> str:
    """Return what stands for an answer that is not given, or an empty text.

    Args:
        name: Which answer.
        given: Those before it, in the order of `Answers`.
    """
    if name == ENDPOINT:
        return LOCAL_ENDPOINT
    make = _DEFAULTS.get(name)
    made = make(given) if make is not None else ""
    return made if made and problem(name, made) is None else ""


def product_like(text: str) -> str:
    """Return the machine name that is nearest to any text, or an empty text."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    name = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    if name[:1].isdigit():
        name = f"app-{name}"
    return name[:_LONGEST].rstrip("-")


def _display_name(given: Mapping[str, str]) -> str:
    return " ".join(_capitals(given[PRODUCT]))


def _package(given: Mapping[str, str]) -> str:
    suffix = "_events"
    stem = given[PRODUCT].replace("-", "_")[: _LONGEST - len(suffix)].rstrip("_")
    return f"{stem}{suffix}"


def _event_prefix(given: Mapping[str, str]) -> str:
    for source in (given[DISPLAY_NAME], given[PRODUCT]):
        prefix = "".join(_capitals(source))[:_LONGEST_PREFIX]
        if source.isascii() and problem(EVENT_PREFIX, prefix) is None:
            return prefix
    return ""


def _capitals(text: str) -> list[str]:
    return [word[0].upper() + word[1:] for word in re.findall("[A-Za-z0-9]+", text)]


_DEFAULTS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    DISPLAY_NAME: _display_name,
    PACKAGE: _package,
    EVENT_PREFIX: _event_prefix,
    OWNER: lambda given: f"{given[PRODUCT]}-owner",
    APPROVER: lambda given: given[OWNER],
}
