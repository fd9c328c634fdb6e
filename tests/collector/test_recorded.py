"""Requests of real clients, recorded elsewhere, replayed against the collector.

What each deserves follows from the facts, not from what this collector said: Olive asks for no body
and gets 204; the one winml scenario with undocumented ext fields fails the parse; all else is taken
whole; who asks for a clock delta gets one. What followed a scripted redirect went to a path that no
collector serves.
"""

import base64
import http.client
import json
from pathlib import Path

import pytest

from declarant_collector import Collector

FOLDER = Path(__file__).parent.parent / "data" / "recorded"
CLIENTS = {
    name: json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    for name in ("ods", "olive", "winml")
}
REQUESTS = [
    pytest.param(name, *request, id=f"{name}-{request[0]}-{request[1]}")
    for name, client in CLIENTS.items()
    for request in client["requests"]
]


def body_of(record):
    text = record.get("text")
    return base64.b64decode(record["base64"]) if text is None else text.encode("utf-8")


@pytest.fixture(scope="module")
def collector():
    with Collector() as started:
        yield started


@pytest.mark.parametrize(("client", "scenario", "number", "head", "body"), REQUESTS)
def test_a_recorded_request_gets_the_answer_it_deserves(
    collector, client, scenario, number, head, body
):
    record = CLIENTS[client]["bodies"][body]
    sent = CLIENTS[client]["heads"][head]
    count = record["events"]
    collector.reset()

    status, headers, answer = replay(collector, sent, body_of(record))

    if sent["target"].endswith("/moved"):
        assert (scenario, status) == ("redirect_307", 404)
        return
    if scenario == "bad_ext":
        assert (status, answer) == (400, b'{"acc":0,"efi":{"InvalidEventFormat":"all"}}')
        rules = {each.field for event in collector.rejected() for each in event.violations}
        assert rules == {"ext.os.release", "ext.app.initTs"}
    elif client == "olive":
        assert (status, answer) == (204, b"")
        assert len(collector.accepted()) == count
    else:
        assert (status, answer) == (200, b'{"acc":%d}' % count)
        assert len(collector.accepted()) == count
    assert ("time-delta-millis" in headers) == ("use-collector-delta" in json.dumps(sent))


def replay(collector, sent, body):
    connection = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=30)
    try:
        connection.putrequest("POST", sent["target"], skip_host=True, skip_accept_encoding=True)
        for name, value in sent["headers"]:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, {name.lower() for name, _ in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_all_scenarios_of_all_clients_are_here():
    """Of 143 scenarios one made no request at all, and two were too long to be kept."""
    scenarios = [
        (name, request[0]) for name, client in CLIENTS.items() for request in client["requests"]
    ]

    assert len(scenarios) == 285
    assert len(set(scenarios)) == 140
