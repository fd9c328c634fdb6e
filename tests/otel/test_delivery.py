"""What the SDK's processors make of it, and what of the collector's answers holds here, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, SimpleLogRecordProcessor

from declarant import DropReason

from .conftest import KEY, ROOT, TOKEN
from .sdk import ACTION, Emitter

pytestmark = pytest.mark.filterwarnings("error")


def numbers(events):
    return sorted(event["data"]["duration_ms"] for event in events)


def test_an_event_arrives(make_provider, collector, arrived):
    """A flush of the provider reaches the collector."""
    emitter = make_provider(collector.url, delivery="thread")
    emitter.emit()

    assert emitter.provider.force_flush(30_000)

    (event,) = arrived()
    assert event["name"] == "ModelKitAction"
    assert event["iKey"] == f"o:{TOKEN}"
    assert event["data"] == {**ACTION, "device": None}
    assert "release" not in event["ext"]["os"]
    assert collector.rejected() == []


@pytest.mark.parametrize("make", [BatchLogRecordProcessor, SimpleLogRecordProcessor])
def test_the_sdks_own_processors_work(make_exporter, collector, arrived, make):
    """Batched or one by one; the provider's shutdown sends what is left, within the exit budget."""
    exporter = make_exporter(collector.url, delivery="thread", exit_budget_s=30.0)
    provider = LoggerProvider()
    provider.add_log_record_processor(make(exporter))
    emitter = Emitter(provider)
    for n in range(1200):
        emitter.emit(attributes={**ACTION, "duration_ms": n})
    emitter.emit("Other")

    provider.shutdown()

    assert numbers(arrived()) == list(range(1200))
    assert exporter.dropped == {DropReason.UNDECLARED: 1}


def test_many_threads_emit_at_once(make_provider, collector, arrived):
    """Each event is there once."""
    emitter = make_provider(collector.url, delivery="thread")

    def work(start):
        for n in range(start, start + 100):
            emitter.emit(attributes={**ACTION, "duration_ms": n})

    threads = [threading.Thread(target=work, args=(k * 100,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert emitter.provider.force_flush(30_000)
    assert numbers(arrived()) == list(range(800))


def test_after_shutdown_nothing_is_taken(make_provider, collector, arrived):
    """And a second shutdown does nothing."""
    emitter = make_provider(collector.url, delivery="thread", store_folder=None)
    exporter = emitter.exporter
    exporter.shutdown()
    exporter.shutdown()
    emitter.emit()

    assert exporter.dropped == {DropReason.NOT_CONFIGURED: 1}
    assert exporter.force_flush()
    assert arrived() == []


def test_what_comes_after_a_providers_shutdown_is_counted(make_provider):
    """And what waits is told: a flush of what is shut down sends nothing."""
    emitter = make_provider("http://127.0.0.1:9/OneCollector/1.0/")
    emitter.emit()
    emitter.provider.shutdown()
    emitter.emit()

    assert emitter.exporter.dropped == {DropReason.NOT_CONFIGURED: 1}
    assert not emitter.exporter.force_flush()
    assert emitter.exporter.counts()["waiting"] == {"events": 1}


def test_a_refused_key_is_counted_and_not_sent_again(make_provider, scripted):
    """401 without an order: the events are lost, for good."""
    refusing = scripted({"status": 401})
    emitter = make_provider(refusing.url)
    emitter.emit()

    assert emitter.provider.force_flush(30_000)

    assert emitter.exporter.counts()["dropped"] == {"NON_RETRYABLE_STATUS": 1}
    assert emitter.provider.force_flush(30_000)
    assert len(refusing.requests()) == 1


def test_a_kill_order_silences_later_records(make_provider, scripted):
    """They are dropped before they are stored, and nothing more is sent."""
    killing = scripted({"status": 401, "kill": {"duration": 600}})
    emitter = make_provider(killing.url)
    emitter.emit()
    assert emitter.provider.force_flush(30_000)
    emitter.emit()
    assert emitter.provider.force_flush(30_000)

    assert emitter.exporter.dropped == {DropReason.KILL_SWITCH: 1}
    assert sum(emitter.exporter.counts()["dropped"].values()) == 2
    assert len(killing.requests()) == 1


def test_a_busy_collector_is_asked_again_later(make_provider, scripted, store):
    """503: what waits stays on disk, and the flush says so."""
    busy = scripted({"status": 503})
    emitter = make_provider(busy.url)
    emitter.emit()

    assert not emitter.provider.force_flush(30_000)

    assert emitter.exporter.counts()["waiting"] == {"events": 1}
    assert emitter.exporter.dropped == {}
    # The wait after a failure holds for the next attempt.
    assert not emitter.provider.force_flush(30_000)
    assert len(busy.requests()) == 1


def test_one_event_that_the_collector_refuses_costs_no_neighbour(make_provider, scripted):
    """As for emitters."""
    picky = scripted({"status": 200, "body": '{"acc":1,"rej":1,"efi":{"SomeReason":[0]}}'})
    emitter = make_provider(picky.url)
    emitter.emit()
    emitter.emit()

    assert emitter.provider.force_flush(30_000)

    counts = emitter.exporter.counts()
    assert (counts["accepted"], counts["dropped"]) == ({"events": 1}, {"REJECTED": 1})


HOST = """
import os, sys
import modelkit_events
from declarant.otel import OneCollectorLogExporter, create_logger_provider
from tests.otel.sdk import ACTION, Emitter

store, endpoint = sys.argv[1:3]
settings = dict(consent="granted", store_folder=store)

def make(**more):
    return Emitter(create_logger_provider(
        modelkit_events, ikey="{key}", endpoint=endpoint, **{**settings, **more}))
"""


@pytest.fixture
def run(store, collector):
    def run(code, code_of_exit=0):
        source = HOST.replace("{key}", KEY) + textwrap.dedent(code)
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", source, str(store), collector.url],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (ran.returncode, ran.stderr) == (code_of_exit, "")
        return ran.stdout.strip()

    return run


def test_a_host_that_only_ends_sends(run, arrived):
    """The provider shuts down by itself."""
    run("make(delivery='thread', exit_budget_s=30).emit()")

    assert numbers(arrived()) == [7]


def test_what_is_emitted_is_on_disk_whatever_ends_the_host(run, store, make_exporter, collector):
    """No batch in memory can be lost."""
    run("make().emit()\nos._exit(3)", 3)

    assert make_exporter(collector.url).force_flush()
    assert len(collector.accepted()) == 1


def test_an_exporter_that_is_older_than_its_provider_loses_nothing(run, collector, make_exporter):
    """Whichever of them hears first that the process ends."""
    run(
        """
        from opentelemetry.sdk._logs import LoggerProvider
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        provider = LoggerProvider()
        exporter = OneCollectorLogExporter(
            "{key}", endpoint, package=modelkit_events, delivery="manual", **settings)
        provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
        Emitter(provider).emit()
        """.replace("{key}", KEY)
    )

    assert make_exporter(collector.url).force_flush()
    assert len(collector.accepted()) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("delivery", ["thread", "manual"])
def test_a_forked_child_emits_for_itself(run, arrived, make_exporter, collector, delivery):
    """Parent and child each send their own, with epochs of their own, and none twice."""
    run(
        f"""
        emitter = make(delivery={delivery!r})
        emitter.emit(attributes={{**ACTION, "duration_ms": 1}})
        child = os.fork()
        emitter.emit(attributes={{**ACTION, "duration_ms": 3 if child else 2}})
        if child:
            assert os.waitpid(child, 0)[1] == 0
        emitter.provider.force_flush()
        """
    )
    make_exporter(collector.url).force_flush()

    assert numbers(arrived()) == [1, 2, 3]
    epochs = {
        event["data"]["duration_ms"]: event["ext"]["sdk"]["epoch"]
        for event in map(json.loads, (e.text for e in collector.accepted()))
    }
    assert epochs[1] == epochs[3] != epochs[2]
