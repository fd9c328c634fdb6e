"""The JSON API: what it shows, what it filters, whom it answers."""

import pytest


def bad(wire, **fields):
    return wire.event(ext={"user": {"localId": "nobody"}}, **fields)


def test_events_are_shown_whole(wire):
    event = wire.event(data={"text": "héllo ✓"})
    wire.post(event)

    (shown,) = wire.request("GET", "/api/events").json()["events"]

    assert shown == {
        "id": 1,
        "request": 1,
        "index": 0,
        "name": "ModelKitAction",
        "tenant": wire.token,
        "outcome": "accepted",
        "reason": "",
        "violations": [],
        "event": event,
    }


def test_rejections_say_which_event_which_field_and_which_rule(wire):
    wire.post(wire.event(), wire.event(ext={"os": {"release": "11"}}))

    innocent, culprit = wire.request("GET", "/api/rejections").json()["events"]

    assert (innocent["violations"], innocent["refused_with"]) == ([], [1])
    (violation,) = culprit["violations"]
    assert (culprit["index"], culprit["reason"]) == (1, "InvalidEventFormat")
    assert (violation["rule"], violation["field"]) == ("EXT_FIELD_UNKNOWN", "ext.os.release")
    assert violation["local"] is False


def test_rejections_list_requests_refused_before_their_events(wire):
    wire.post(Content_Type="application/json")

    shown = wire.request("GET", "/api/rejections").json()

    assert shown["events"] == []
    (request,) = shown["requests"]
    assert request["status"] == 415
    assert [each["rule"] for each in request["violations"]] == ["MEDIA_TYPE"]


def test_requests_show_status_sizes_and_answer(wire):
    wire.post(wire.event(), bad(wire))

    (shown,) = wire.request("GET", "/api/requests").json()["requests"]

    assert (shown["number"], shown["method"], shown["target"]) == (1, "POST", wire.path)
    assert (shown["status"], shown["scripted"]) == (200, False)
    assert shown["tenants"] == [wire.token]
    assert shown["answer"] == '{"acc":1,"rej":1,"efi":{"InvalidUserLocalId":[1]}}'
    assert shown["wire_bytes"] == shown["decoded_bytes"] > 0


def test_counts_add_up_by_outcome_name_and_rule(wire):
    wire.post(wire.event(), wire.event(name="Abc"), bad(wire, name="Other"), wire.event())

    assert wire.request("GET", "/api/counts").json() == {
        "requests": 1,
        "accepted": 2,
        "rejected": 1,
        "discarded": 1,
        "unsettled": 0,
        "by_name": {
            "Abc": {"discarded": 1},
            "ModelKitAction": {"accepted": 2},
            "Other": {"rejected": 1},
        },
        "by_rule": {"EVENT_NAME_SHORT": 1, "USER_LOCAL_ID": 1},
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2]),
        ("?name=Other", [2]),
        ("?since=1", [2]),
        ("?limit=1", [1]),
        ("?outcome=rejected", [3]),
        ("?outcome=rejected&outcome=accepted&since=1", [2, 3]),
        ("?name=%27%20OR%201=1", []),
    ],
)
def test_events_are_filtered(wire, query, ids):
    wire.post(wire.event(), wire.event(name="Other"), bad(wire))

    shown = wire.request("GET", f"/api/events{query}").json()["events"]

    assert [event["id"] for event in shown] == ids


@pytest.mark.parametrize("query", ["since=-1", "limit=x", "since=", "outcome=good"])
def test_a_filter_that_cannot_be_followed_is_a_400(wire, query):
    assert wire.request("GET", f"/api/events?{query}").status == 400


def test_reset_forgets_everything(wire):
    wire.post(wire.event(), bad(wire))

    assert wire.request("POST", "/api/reset").json() == {"reset": True}
    assert wire.collector.counts() == {
        "requests": 0,
        "accepted": 0,
        "rejected": 0,
        "discarded": 0,
        "unsettled": 0,
        "by_name": {},
        "by_rule": {},
    }


def test_an_unknown_path_or_method_is_told(wire):
    assert wire.request("GET", "/api/nothing").status == 404
    refused = wire.request("GET", "/api/reset")
    assert (refused.status, refused.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "["]
)
def test_a_foreign_host_is_not_answered(wire, host):
    wire.post()

    answer = wire.request("GET", "/api/events", headers={"Host": host})

    assert answer.status == 403
    assert b"ModelKitAction" not in answer.body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:80"])
def test_an_address_of_this_machine_is_answered(wire, host):
    assert wire.request("GET", "/api/events", headers={"Host": host}).status == 200


def test_a_foreign_page_cannot_reset(wire):
    wire.post()

    answer = wire.request("POST", "/api/reset", headers={"Origin": "http://evil.example"})

    assert answer.status == 403
    assert len(wire.collector.accepted()) == 1


def test_the_api_sends_no_cors_headers(wire):
    headers = wire.request("GET", "/api/events").headers

    assert not [name for name in headers if name.startswith("access-control")]
    assert headers["cache-control"] == "no-store"


def test_no_key_is_kept_or_shown(make_wire, tmp_path):
    database = tmp_path / "collector.db"
    wire = make_wire(database=database)
    secret = wire.key.removeprefix(wire.token)
    odd = f"{wire.other_token}-odd-secret"

    wire.post(wire.event(iKey=f"o:{wire.key}"))
    wire.post(path=f"{wire.path}?apikey={wire.key}", key=None, apikey=f"{wire.key},{wire.key}")
    wire.post(wire.event(iKey=odd, data={"leak": wire.key}), key=odd, Tickets='"k"="p:hush"')
    wire.post(body=b"{broken " + wire.key.encode())
    # A client that says it where nobody expects it.
    wire.post(wire.event(), User_Agent=f"sdk {wire.key}", Client_Version=f'"{wire.key}"')
    wire.post(path=f"{wire.path}?x={wire.key}&tickets=hush")
    shown = b"".join(
        wire.request("GET", f"/api/{kind}").body for kind in ("events", "rejections", "requests")
    )
    wire.collector.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    for text in (secret, "odd-secret", "hush"):
        assert text.encode() not in shown
        assert text.encode() not in stored
    assert wire.token.encode() in shown


def test_what_json_cannot_say_is_shown_as_text(make_wire):
    wire = make_wire(strict=False)
    body = wire.body(wire.event()).replace(b'"data":{}', b'"data":{"n":NaN,"s":"\\ud800"}')
    wire.post(body=body)

    (shown,) = wire.request("GET", "/api/events").json()["events"]

    assert shown["event"] is None
    assert shown["text"] == body.decode()


def test_a_field_name_that_is_no_text_is_shown_all_the_same(wire):
    body = wire.body(wire.event()).replace(b'"data"', b'"\\ud800"')
    wire.post(body=body)

    (shown,) = wire.request("GET", "/api/rejections").json()["events"]

    rules = [violation["rule"] for violation in shown["violations"]]
    assert rules == ["JSON_LONE_SURROGATE", "UNKNOWN_TOP_LEVEL_FIELD"]
