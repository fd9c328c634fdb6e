"""winml-cli's own telemetry, out of its wheel: a command line with its groups."""

from __future__ import annotations

import json

import pytest

PROGRAM = "with_winml.py"
RELEASE = {"os": {"release": "11"}}
BUILD = ["WinMLCLIHeartbeat", "WinMLCLIAction"]
FAIL = ["WinMLCLIHeartbeat", "WinMLCLIError", "WinMLCLIAction"]
PARSE_FAILURE = '{"acc":0,"efi":{"InvalidEventFormat":"all"}}'
REFUSED = (
    "telemetry backend returned 400: "
    f"error='All events rejected due to parsing failure.' body={PARSE_FAILURE}"
)


@pytest.fixture(autouse=True)
def _consent(clients):
    """The answer of a user who was asked before."""
    folder = clients.home / ".winml"
    folder.mkdir()
    answer = {"telemetry": {"consent": "enabled", "consent_version": 2}}
    (folder / "config.json").write_text(json.dumps(answer))


def names(events):
    return [event.name for event in events]


def test_a_command_and_its_failure_are_taken(clients):
    collector = clients.collector()

    told = clients.run(PROGRAM, collector, commands=["build", "fail"])

    first, second = collector.requests()
    assert clients.head_of(first) == clients.recorded_head("winml", "ok")
    assert (first.status, first.answer, second.answer) == (200, '{"acc":2}', '{"acc":3}')
    assert told == {"log": ["fail raised"], "kept": 0}
    assert names(collector.accepted()) == BUILD + FAIL
    action = collector.accepted("WinMLCLIAction")[0].envelope
    assert action["data"]["action_name"] == "build"
    assert action["data"]["device"] == "NPU"
    assert set(action["ext"]) == {"device", "os", "app"}
    assert action["ext"]["device"]["localId"].startswith("r:")
    error = collector.accepted("WinMLCLIError")[0].envelope
    assert error["data"]["exception_type"] == "ValueError"


def test_an_undocumented_ext_field_costs_the_whole_request(clients):
    """As recorded live. The client keeps what can never be taken, and says what it was told."""
    collector = clients.collector()

    told = clients.run(PROGRAM, collector, commands=["build"], ext=RELEASE)

    (request,) = collector.requests()
    assert (request.status, request.answer) == (400, PARSE_FAILURE)
    assert told == {"log": [REFUSED], "kept": 2}
    fields = {each.field for event in collector.rejected() for each in event.violations}
    assert fields == {"ext.os.release"}
    assert collector.accepted() == []


def test_a_refused_event_is_refused_again_and_harms_no_later_one(clients):
    """The next run sends what the run before kept, by itself."""
    collector = clients.collector()
    clients.run(PROGRAM, collector, commands=["build"], ext=RELEASE)

    told = clients.run(PROGRAM, collector, commands=["build"])

    assert [request.status for request in collector.requests()] == [400, 400, 200]
    assert told["kept"] == 2
    assert names(collector.accepted()) == BUILD


def test_the_answer_to_an_unknown_tenant_silences_it(clients):
    """The collector's own answer, as recorded live; no script."""
    collector = clients.collector(tenants=[clients.key.replace("a", "b")])

    told = clients.run(PROGRAM, collector, commands=["build", "build"])

    (request,) = collector.requests()
    assert request.status == 401
    assert request.collector_error == "Invalid Tenant Token."
    assert told["kept"] == 0
    silenced = "telemetry tenant under kill-tokens for 86400s (until epoch "
    assert told["log"][0].startswith(silenced)
    assert told["log"][-1].startswith("telemetry export skipped: tenant under kill-tokens for 86")


@pytest.mark.parametrize(
    ("kill", "requests"),
    [
        ({"form": "tenant", "duration": "86400"}, 1),
        ({"form": "both", "duration": "86400"}, 1),
        # What it cannot read, it does not obey.
        ({"form": "key", "duration": "86400"}, 3),
        ({"form": "tenant", "duration": "0"}, 3),
    ],
)
def test_an_order_to_be_silent_is_obeyed_in_its_own_form(clients, kill, requests):
    collector = clients.collector({"kill": kill, "status": 401, "body": {"acc": 0}})

    clients.run(PROGRAM, collector, commands=["build"] * 3)

    assert [request.status for request in collector.requests()] == [401] * requests


def test_what_an_overloaded_collector_refused_comes_with_the_next_run(clients):
    collector = clients.collector({"preset": "overloaded", "when": {"request": 1}})
    told = clients.run(PROGRAM, collector, commands=["build"])
    assert (told["kept"], names(collector.accepted())) == (2, [])

    told = clients.run(PROGRAM, collector, commands=["build"])

    assert (told["kept"], names(collector.accepted())) == (0, BUILD + BUILD)
