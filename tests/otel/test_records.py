"""From a log record to the stored line: what is an event, what of it is sent, what is counted."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys

import pytest
from opentelemetry.sdk.resources import Resource

from declarant import DropReason
from declarant._store import OfflineStore, event_lines
from declarant.otel import OneCollectorLogExporter, create_logger_provider
from modelkit_events import emit_model_kit_action

from .sdk import ACTION, exported

NOWHERE = "http://127.0.0.1:9/OneCollector/1.0/"
#: 2026-03-04T05:06:07.089Z
AT_NS = 1_772_600_767_089_999_999
#: Nothing is left out, so that one more cannot stand in for what is missing.
WHOLE = {**ACTION, "device": "npu"}


@pytest.fixture
def lines(store):
    """Read the stored lines, in order."""

    def read():
        return [
            line
            for name in OfflineStore(str(store)).segments()
            for line in event_lines((store / name).read_bytes())
        ]

    return read


@pytest.fixture
def stored(lines):
    return lambda: [json.loads(line) for line in lines()]


def test_the_line_is_the_emitters_own(make_provider, lines):
    """But for the time and the number in its sequence, byte for byte."""
    emitter = make_provider(NOWHERE)
    emit_model_kit_action(client=emitter.exporter._client, **{**ACTION, "device": None})
    emitter.emit()

    ours, theirs = (re.sub(rb'("time":")[^"]*|("seq":)[0-9]+', rb"\1\2", line) for line in lines())
    assert ours == theirs
    assert b'"device":null' in ours


def test_the_time_is_the_records(make_provider, stored):
    """When it happened; when it was observed, if that is all that is known; else now."""
    emitter = make_provider(NOWHERE)
    emitter.emit(timestamp=AT_NS, observed_timestamp=1)
    emitter.emit(observed_timestamp=AT_NS + 2_000_000)
    # What no calendar has.
    emitter.emit(timestamp=10**21, observed_timestamp=AT_NS)

    times = [envelope["time"] for envelope in stored()]
    assert times == [
        "2026-03-04T05:06:07.089Z",
        "2026-03-04T05:06:07.091Z",
        "2026-03-04T05:06:07.089Z",
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"event_name": None, "attributes": {**ACTION, "event.name": "ModelKitAction"}},
        {"body": dict(ACTION), "attributes": None},
        {"body": {"action_name": ACTION["action_name"]}, "attributes": "rest"},
        {"body": {**ACTION, "device": None}, "attributes": {}},
    ],
    ids=["event.name", "body", "both", "null"],
)
def test_where_name_and_values_may_stand(make_provider, stored, members):
    """By the convention of today, and by that of before."""
    if members.get("attributes") == "rest":
        rest = {name: value for name, value in ACTION.items() if name != "action_name"}
        members = {**members, "attributes": rest}
    emitter = make_provider(NOWHERE)
    emitter.emit(**members)

    (envelope,) = stored()
    assert envelope["data"] == {**ACTION, "device": None}


def test_nothing_else_of_a_record_is_sent(make_provider, lines):
    """Severity, a body of text, trace, span, scope, resource, context."""
    planted = {
        "severity_text": "PLANTED-severity",
        "body": "PLANTED-body",
        "span": (0xDEADBEEF_DEADBEEF, 0xFEEDFACE),
    }
    resource = Resource({"os.release": "PLANTED-release", "host.name": "PLANTED-host"})
    emitter = make_provider(NOWHERE, resource=resource)
    emitter.logger = emitter.provider.get_logger("PLANTED-scope", "9.9.9")
    emitter.emit(**planted)

    (line,) = lines()
    assert b"PLANTED" not in line
    assert b"deadbeef" not in line.lower()
    assert str(0xDEADBEEF_DEADBEEF).encode() not in line
    assert b"9.9.9" not in line
    assert list(json.loads(line)) == ["ver", "name", "time", "iKey", "ext", "data"]


@pytest.mark.parametrize(
    ("given", "service_version", "expected"),
    [
        (None, "4.5.6", "4.5.6"),
        ("1.2.3", "4.5.6", "1.2.3"),
        ("1.2.3", None, "1.2.3"),
        (None, None, None),
        # It does not fit its schema: the field is left out, and the event is not.
        (None, "not a version: " + "x" * 500, None),
        (None, 7, None),
    ],
)
def test_the_services_version_is_the_applications(
    make_provider, stored, given, service_version, expected
):
    """The one attribute of a resource that has a meaning here, where the host says nothing."""
    attributes = {} if service_version is None else {"service.version": service_version}
    emitter = make_provider(NOWHERE, app_version=given, resource=Resource(attributes))
    emitter.emit()

    (envelope,) = stored()
    assert envelope["ext"]["app"].get("ver") == expected


HOSTILE = Resource(
    {
        "os.release": "6.1",
        "ext.os.release": "6.1",
        "os.version": "6.1",
        "ext": "x",
        "device.id": "d",
        "service.instance.id": "i",
        "session.id": "s",
    }
)


def test_no_resource_adds_to_ext(make_provider, stored):
    """What rides along is what it is without any resource."""
    for resource in (Resource({}), HOSTILE):
        make_provider(NOWHERE, resource=resource, app_version="1").emit()

    plain, hostile = ({k: sorted(v) for k, v in line["ext"].items()} for line in stored())
    assert plain == hostile
    assert "release" not in plain["os"]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"event_name": "SomethingElse"}, "UNDECLARED"),
        ({"event_name": None, "attributes": {}, "body": "a line of a log"}, "UNDECLARED"),
        ({"event_name": ""}, "UNDECLARED"),
        ({"event_name": "modelkitaction"}, "UNDECLARED"),
        ({"event_name": "EVENT"}, "UNDECLARED"),
        ({"attributes": {**WHOLE, "ext.os.release": "6.1"}}, "INVALID_EVENT"),
        ({"attributes": {**WHOLE, "path": "/home/alice"}}, "INVALID_EVENT"),
        ({"attributes": {**WHOLE, "client": "x"}}, "INVALID_EVENT"),
        ({"attributes": WHOLE, "body": {"ext": {"os": {"release": "6.1"}}}}, "INVALID_EVENT"),
        ({"attributes": {**ACTION, "duration_ms": "7"}}, "INVALID_EVENT"),
        ({"attributes": {**ACTION, "duration_ms": -1}}, "INVALID_EVENT"),
        ({"attributes": {**ACTION, "action_name": "\ud800"}}, "INVALID_EVENT"),
        ({"attributes": {"action_name": "build"}}, "INVALID_EVENT"),
        # Twice the same name could be two values.
        ({"body": {"duration_ms": 7}}, "INVALID_EVENT"),
        ({"attributes": {"action_name": "build"}, "body": {"ep": b"CPU"}}, "INVALID_EVENT"),
    ],
)
def test_what_is_not_declared_is_refused_and_counted(make_provider, lines, members, reason):
    """Under its reason, here and on disk; nothing of it is stored."""
    emitter = make_provider(NOWHERE)
    emitter.emit(**members)
    emitter.emit(attributes=WHOLE)

    assert emitter.exporter.dropped == {reason: 1}
    assert emitter.exporter.counts()["dropped"] == {reason: 1}
    assert len(lines()) == 1


def test_no_name_from_outside_is_written_down(make_provider, store):
    """A count of what was refused, and nothing else."""
    emitter = make_provider(NOWHERE)
    emitter.emit("PLANTED", attributes={"PLANTED": 1}, body="PLANTED")
    emitter.emit(attributes={**ACTION, "PLANTED": 1})
    emitter.emit()
    emitter.provider.shutdown()

    for path in store.iterdir():
        assert b"PLANTED" not in path.read_bytes()


class Hostile(dict):
    def items(self):
        raise RuntimeError("no items")


def test_a_record_that_breaks_the_exporter_is_counted(make_exporter):
    """Nothing reaches the host, and its neighbours are taken."""
    exporter = make_exporter(NOWHERE)
    deep = {}
    for _ in range(10_000):
        deep = {"x": deep}
    broken = exported(event_name="ModelKitAction", attributes=dict(ACTION))
    broken.log_record.attributes = Hostile()
    batch = [
        exported(event_name="ModelKitAction", attributes=dict(ACTION)),
        broken,
        exported(event_name="ModelKitAction", body=deep),
        object(),
        None,
        exported(event_name="ModelKitAction", attributes=dict(ACTION)),
    ]

    result = exporter.export(batch)

    assert result.name == "FAILURE"
    assert exporter.dropped == {DropReason.INTERNAL: 4}
    assert exporter.counts()["waiting"] == {"events": 2}


class Leaving(dict):
    def items(self):
        raise SystemExit(3)


def broken_batch():
    yield exported(event_name="ModelKitAction", attributes=dict(ACTION))
    raise RuntimeError("no more")


@pytest.mark.parametrize("batch", [None, 5, broken_batch()])
def test_no_batch_raises(make_exporter, batch):
    """What is none, and what ends in the middle, is a failure and counted."""
    exporter = make_exporter(NOWHERE)

    assert exporter.export(batch).name == "FAILURE"
    assert exporter.dropped == {DropReason.INTERNAL: 1}


def test_a_body_that_exits_does_not_end_the_program(make_provider):
    """The same rule as for what an exception's own code raises."""
    emitter = make_provider(NOWHERE)
    emitter.emit(body=Leaving(x=1))
    emitter.emit()

    assert emitter.exporter.dropped == {DropReason.INTERNAL: 1}
    assert emitter.exporter.counts()["waiting"] == {"events": 1}


def test_ctrl_c_in_a_record_passes(make_exporter):
    """It is the user's."""

    class Interrupted(dict):
        def items(self):
            raise KeyboardInterrupt

    broken = exported(event_name="ModelKitAction", attributes=dict(ACTION))
    broken.log_record.attributes = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        make_exporter(NOWHERE).export([broken])


def test_a_provider_takes_what_an_exporter_takes():
    """By the same names, with the same defaults; two stand in another place."""
    exporter = inspect.signature(OneCollectorLogExporter.__init__).parameters
    provider = inspect.signature(create_logger_provider).parameters

    taken = {name: parameter.default for name, parameter in exporter.items() if name != "self"}
    assert {name: parameter.default for name, parameter in provider.items()} == taken


def test_the_result_is_success_exactly_if_all_are_on_disk(make_exporter):
    """What the SDK is told."""
    exporter = make_exporter(NOWHERE)
    good = exported(event_name="ModelKitAction", attributes=dict(ACTION))
    undeclared = exported(event_name="Other", attributes=dict(ACTION))

    assert exporter.export([]).name == "SUCCESS"
    assert exporter.export([good, good]).name == "SUCCESS"
    assert exporter.export([undeclared, good]).name == "FAILURE"
    exporter.shutdown()
    assert exporter.export([good]).name == "FAILURE"
    assert exporter.dropped == {"UNDECLARED": 1, "NOT_CONFIGURED": 1}


def test_it_is_the_sdks_own_exporter_and_result(make_exporter):
    """In either layout."""
    from opentelemetry.sdk._logs import export as sdk

    exporter = make_exporter(NOWHERE)
    base = getattr(sdk, "LogRecordExporter", None) or sdk.LogExporter
    result = getattr(sdk, "LogRecordExportResult", None) or sdk.LogExportResult

    assert isinstance(exporter, base)
    assert exporter.export([]) is result.SUCCESS


@pytest.mark.parametrize("consent", ["denied", "stored"])
def test_without_consent_nothing_is_stored(make_provider, store, consent):
    """Denied is the default; an undeclared record is no exception."""
    emitter = make_provider(NOWHERE, consent=consent)
    emitter.emit()
    emitter.emit("Other")

    assert emitter.exporter.dropped == {DropReason.CONSENT_OFF: 2}
    assert not store.exists()


def test_a_signal_of_this_run_holds(make_provider, store, monkeypatch):
    """As everywhere."""
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    emitter = make_provider(NOWHERE)
    emitter.emit()

    assert emitter.exporter.dropped == {DropReason.CONSENT_OFF: 1}
    assert not store.exists()


def test_without_a_key_nothing_is_stored(store):
    """A build from source."""
    import modelkit_events
    from declarant.otel import create_logger_provider

    from .sdk import Emitter

    provider = create_logger_provider(modelkit_events, consent="granted", store_folder=store)
    emitter = Emitter(provider)
    emitter.emit()
    provider.shutdown()

    assert emitter.exporter.dropped == {DropReason.NO_KEY: 1}
    assert not store.exists()


@pytest.mark.parametrize("name", ["declarant", "declarant.gencode", "modelkit_events"])
def test_nothing_else_imports_opentelemetry(name):
    """Whoever does not use it needs not have it."""
    code = (
        f"import sys; sys.modules['opentelemetry'] = None; import {name}\n"
        "assert 'declarant.otel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
