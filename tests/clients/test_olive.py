"""Olive's own telemetry, out of olive-ai's wheel."""

from __future__ import annotations

import json
from collections import Counter

import pytest

PROGRAM = "with_olive.py"
RELEASE = {"os": {"name": "Linux", "release": "11"}}
#: The product tells of its start by itself.
ALL = ["OliveHeartbeat", "OliveAction", "OliveError"]


def names(events):
    return [event.name for event in events]


def settled(answers):
    """Return how many events had which answer; a batch is what a second brings."""
    return dict(sum((Counter({status: events}) for status, events in answers), Counter()))


@pytest.mark.parametrize(
    ("compression", "scenario"),
    [("deflate", "ok"), ("gzip", "ok_gzip"), ("none", "ok_uncompressed")],
)
def test_each_coding_of_a_body_is_taken(clients, compression, scenario):
    """The host that it names is the real collector's, whatever the endpoint."""
    collector = clients.collector()

    answers = clients.run(PROGRAM, collector, compression=compression)

    request = collector.requests()[0]
    assert clients.head_of(request) == clients.recorded_head("olive", scenario)
    assert dict(request.headers)["Host"] == "mobile.events.data.microsoft.com"
    assert (request.status, request.answer) == (204, "")
    assert settled(answers) == {204: 3}
    assert names(collector.accepted()) == ALL
    data = collector.accepted()[1].envelope["data"]
    assert data["text"] == "hé"
    assert (data["duration_ms"], data["success"]) == (12.5, True)


def test_what_it_says_of_the_system_is_data_and_taken(clients):
    """A release that is no ext field is nobody's business but the schema's."""
    collector = clients.collector()

    clients.run(PROGRAM, collector)

    heartbeat = collector.accepted("OliveHeartbeat")[0].envelope
    assert "ext" not in heartbeat
    assert set(heartbeat["data"]["os"]) == {"name", "version", "release", "arch"}


def test_an_undocumented_ext_field_costs_the_whole_request(clients):
    """As recorded live, also for a client that asks for no body; it tries no second time."""
    collector = clients.collector()

    answers = clients.run(PROGRAM, collector, ext=RELEASE)

    request = collector.requests()[0]
    assert settled(answers) == {400: 3}
    assert request.collector_error == "All events rejected due to parsing failure."
    assert json.loads(request.answer) == {"acc": 0, "efi": {"InvalidEventFormat": "all"}}
    assert collector.accepted() == []
    fields = {each.field for event in collector.rejected() for each in event.violations}
    assert fields == {"ext.os.release"}


def test_an_overloaded_collector_gets_it_again(clients):
    """And may get it a third time: the product had put it aside meanwhile."""
    collector = clients.collector({"preset": "overloaded", "times": 1})

    answers = clients.run(PROGRAM, collector)

    assert [request.status for request in collector.requests()][:2] == [503, 204]
    assert set(names(collector.accepted())) == set(ALL)
    assert set(settled(answers)) == {503, 204}


def test_it_knows_no_order_to_be_silent(clients):
    """A collector that killed it goes on refusing it."""
    kill = {"form": "both", "duration": "86400"}
    collector = clients.collector({"kill": kill, "status": 401, "body": {"acc": 0}})

    answers = clients.run(PROGRAM, collector, batches=2)

    assert settled(answers) == {401: 5}
    assert len(collector.requests()) > 1
    assert collector.accepted() == []
