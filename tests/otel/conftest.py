"""Log pipelines of the real OpenTelemetry SDK that end in a real local collector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("opentelemetry.sdk._logs", reason="the extra otel brings it")

import modelkit_events
from declarant.otel import OneCollectorLogExporter, create_logger_provider

from .sdk import Emitter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from declarant_collector import Collector

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def make_exporter(store: Path) -> Iterator[Callable[..., OneCollectorLogExporter]]:
    """Make exporters that are shut down again."""
    made = []

    def make(endpoint: str, **settings: object) -> OneCollectorLogExporter:
        given = {"consent": "granted", "delivery": "manual", "store_folder": store, **settings}
        exporter = OneCollectorLogExporter(KEY, endpoint, package=modelkit_events, **given)
        made.append(exporter)
        return exporter

    yield make
    for exporter in made:
        exporter.shutdown()


@pytest.fixture
def make_provider(store: Path) -> Iterator[Callable[..., Emitter]]:
    """Make logger providers by `create_logger_provider`, and what emits on one."""
    made = []

    def make(endpoint: str, **settings: object) -> Emitter:
        given = {"consent": "granted", "delivery": "manual", "store_folder": store, **settings}
        provider = create_logger_provider(modelkit_events, ikey=KEY, endpoint=endpoint, **given)
        made.append(provider)
        return Emitter(provider)

    yield make
    for provider in made:
        provider.shutdown()


@pytest.fixture
def arrived(collector: Collector) -> Callable[[], list[dict]]:
    return lambda: [json.loads(event.text) for event in collector.accepted()]
