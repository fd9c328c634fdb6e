"""Who is measured: Declarant in its two ways to send, and the peers beside it."""

from __future__ import annotations

from dataclasses import dataclass

DECLARANT = "declarant"
DETACHED = "declarant, detached sender"
IN_PROCESS = "declarant, in process"
WINML = "winml-cli"
OTEL = "OpenTelemetry"
POSTHOG = "PostHog"
GLEAN = "Glean"
#: Environment to the distributions in it that single measures compare with.
OTHERS = {
    "limits": ("fastjsonschema", "jsonschema_rs", "pydantic", "msgspec", "orjson"),
    "generators": ("glean-parser",),
}
# What single measures compare with; figures and goals find each other by these words.
REQUESTS = "`import requests`"
BY_HAND = "written by hand"
FASTJSONSCHEMA = "fastjsonschema"
RUST = "glean_parser rust"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One SDK, set up in one way.

    Attributes:
        label: What tables call it.
        environment: Its virtual environment.
        distribution: Its package on PyPI; "" for this working tree.
        sdk: The module of `programs/` that drives it, without "sdk_".
        options: How it is set up, "name=value" each.
    """

    label: str
    environment: str
    distribution: str = ""
    sdk: str
    options: tuple[str, ...] = ()


IN_PROCESS_PEER = Peer(
    label=IN_PROCESS, environment="declarant", sdk="declarant", options=("delivery=thread",)
)
PEERS = (
    Peer(label=DETACHED, environment="declarant", sdk="declarant", options=("delivery=detached",)),
    IN_PROCESS_PEER,
    Peer(label=WINML, environment="winml", distribution="winml-cli", sdk="winml"),
    Peer(label=OTEL, environment="otel", distribution="opentelemetry-sdk", sdk="otel"),
    Peer(label=POSTHOG, environment="posthog", distribution="posthog", sdk="posthog"),
    Peer(label=GLEAN, environment="glean", distribution="glean-sdk", sdk="glean"),
)
