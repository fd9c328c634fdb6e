"""@microsoft/1ds-core-js with @microsoft/1ds-post-js, in Node and on a page."""

from __future__ import annotations

import pytest

PROGRAM = "with_1ds.mjs"
GOOD = {"name": "Acme.Widget.Probe", "data": {"n": 1, "text": "héllo ✓", "nothing": None}}
RELEASE = GOOD | {"ext": {"os": {"name": "Linux", "release": "11"}}}
LOCAL_ID = GOOD | {"ext": {"device": {"localId": "0123456789abcdef"}}}
PARSE_FAILURE = (
    "All events rejected due to parsing failure.",
    '{"acc":0,"efi":{"InvalidEventFormat":"all"}}',
)

#: How it can be told to send, and the recorded request that looks so.
FORMS = {
    "headers": ({}, "ok"),
    "gzip": ({"features": {"zipPayload": {"mode": 3}}}, "ok_zip"),
    "query": ({"channel": {"avoidOptions": True}}, "ok_avoid_options"),
    "synchronous": ({"batches": [[GOOD | {"sync": True}]]}, "ok_sync"),
}


def sent(count=0, **discarded):
    return {"sent": count, "discarded": discarded}


def data_of(event):
    """Return what the program gave; the SDK adds its own version in baseData."""
    data = dict(event.envelope["data"])
    assert data.pop("baseData") == {"properties": {"version": "PostChannel=4.4.4"}}
    return data


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_request_is_taken(clients, form):
    """And is the form that was recorded of the same client."""
    options, scenario = FORMS[form]
    collector = clients.collector()

    report = clients.run(PROGRAM, collector, **({"batches": [[GOOD, GOOD]]} | options))

    (request,) = collector.requests()
    assert clients.head_of(request) == clients.recorded_head("ods", scenario)
    assert (request.status, report["discarded"]) == (200, {})
    assert report["sent"] == len(collector.accepted())
    assert {event.name for event in collector.accepted()} == {GOOD["name"]}
    assert data_of(collector.accepted()[-1]) == {"n": 1, "text": "héllo ✓"}


def test_the_clock_delta_comes_back(clients):
    """Asked for with the first request, and said by every later one."""
    collector = clients.collector(clock=lambda: 4_000_000_000.0)

    assert clients.run(PROGRAM, collector, batches=[[GOOD], [GOOD]]) == sent(2)

    first, second = (dict(request.headers) for request in collector.requests())
    assert first["time-delta-to-apply-millis"] == "use-collector-delta"
    # Both clocks are in the header: the client's, and how far it is off ours.
    delta_ms = int(second["time-delta-to-apply-millis"])
    assert int(first["upload-time"]) + delta_ms == 4_000_000_000_000


def test_a_page_elsewhere_may_send(clients):
    """Its browser asks first, and lets it read the answer."""
    collector = clients.collector()

    assert clients.run(PROGRAM, collector, place="page", batches=[[GOOD]]) == sent(1)

    (request,) = collector.requests()
    assert dict(request.headers)["Origin"] == "http://shop.example"
    assert data_of(collector.accepted()[0]) == {"n": 1, "text": "héllo ✓"}


def test_a_page_that_is_left_sends_a_beacon(clients):
    """A beacon has no headers of its own: all stands in the query, and nobody waits for a body."""
    collector = clients.collector()

    report = clients.run(PROGRAM, collector, place="page", batches=[[GOOD], [GOOD]], leave=True)

    assert report == sent(2)
    first, beacon = collector.requests()
    assert (first.status, beacon.status, beacon.answer) == (200, 204, "")
    head = clients.head_of(beacon)
    assert head["content-type"] == "text/plain;charset=UTF-8"
    assert head["?noresponsebody"] == "true"
    assert head["?apikey"] == f"{clients.token}-<redacted>"
    assert len(collector.accepted()) == 2


@pytest.mark.parametrize("place", ["node", "page"])
def test_an_undocumented_ext_field_costs_the_whole_request(clients, place):
    """As recorded live; the client drops the events and never sends them again."""
    collector = clients.collector()

    report = clients.run(PROGRAM, collector, place=place, batches=[[GOOD, RELEASE], [GOOD]])

    assert report == sent(1, NonRetryableStatus=2)
    refused, _ = collector.requests()
    assert (refused.status, refused.collector_error, refused.answer) == (400, *PARSE_FAILURE)
    assert [
        [(each.rule, each.field) for each in event.violations] for event in collector.rejected()
    ] == [[], [("EXT_FIELD_UNKNOWN", "ext.os.release")]]
    assert len(collector.accepted()) == 1


def test_an_id_without_its_scope_costs_one_event(clients):
    collector = clients.collector()

    report = clients.run(PROGRAM, collector, batches=[[GOOD, LOCAL_ID]])

    # This client does not read how many were refused.
    assert report == sent(2)
    (request,) = collector.requests()
    answer = '{"acc":1,"rej":1,"efi":{"InvalidDeviceLocalId":[1]}}'
    assert (request.status, request.answer) == (200, answer)


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ({"status": 401, "body": {"acc": 0}}, {"NonRetryableStatus": 1}),
        ({"status": 200}, {}),
    ],
)
def test_an_order_to_be_silent_is_obeyed(clients, rule, first):
    """This client knows the form with its key, under any status."""
    collector = clients.collector({"kill": {"form": "key", "duration": "86400"}} | rule)

    report = clients.run(PROGRAM, collector, batches=[[GOOD], [GOOD], [GOOD]])

    assert report == sent(0 if first else 1, KillSwitch=2, **first)
    assert len(collector.requests()) == 1


def test_an_order_for_one_request_ends_with_it(clients):
    kill = {"form": "key", "duration": "this-request-only"}
    collector = clients.collector({"kill": kill, "status": 401, "body": {"acc": 0}, "times": 1})

    report = clients.run(PROGRAM, collector, batches=[[GOOD], [GOOD]])

    assert report == sent(1, KillSwitch=1)
    assert [request.status for request in collector.requests()] == [401, 200]


def test_the_form_of_the_real_collector_stops_another_client_than_this(clients):
    """An unknown tenant is answered as recorded live, which this client cannot read."""
    collector = clients.collector(tenants=[clients.key.replace("a", "b")])

    report = clients.run(PROGRAM, collector, batches=[[GOOD], [GOOD]])

    assert report == sent(NonRetryableStatus=2)
    assert [request.status for request in collector.requests()] == [401, 401]
    assert {request.answer for request in collector.requests()} == {
        '{"acc":0,"efi":{"InvalidTenantToken":"all"}}'
    }


def test_an_overloaded_collector_gets_it_again(clients):
    collector = clients.collector({"preset": "overloaded", "times": 1})

    assert clients.run(PROGRAM, collector, batches=[[GOOD]]) == sent(1)

    assert [request.status for request in collector.requests()] == [503, 200]
    assert len(collector.accepted()) == 1
