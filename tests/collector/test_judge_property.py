"""Whatever comes, there is one of the known answers, and its numbers add up."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarant_collector._judge import Judge, Outcome
from declarant_collector._request import IngestRequest
from declarant_collector._rows import Record, event_rows, read_event, request_row
from declarant_collector._rules import Policy

TOKEN = "abcdef0123456789abcdef0123456789"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
EVENT = {
    "ver": "4.0",
    "name": "ModelKitAction",
    "time": "2026-11-22T01:12:10.362Z",
    "iKey": f"o:{TOKEN}",
    "ext": {"os": {"name": "x"}, "device": {"localId": "c:1"}, "user": {"localId": "c:1"}},
    "data": {},
}
TEXTS = st.text(st.characters(), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PLACES = [*((name,) for name in EVENT), ("ext", "os"), ("ext", "device", "localId"), ("new",)]


@st.composite
def lines(draw):
    event = json.loads(json.dumps(EVENT))
    for place in draw(st.lists(st.sampled_from(PLACES), max_size=2)):
        target = event
        for step in place[:-1]:
            target = target.get(step) if isinstance(target, dict) else None
        if isinstance(target, dict):
            target[place[-1]] = draw(VALUES)
    return json.dumps(event).encode("utf-8")


BODIES = st.lists(lines() | st.binary(max_size=12), max_size=4).map(b"\n".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=BODIES,
    strict=st.booleans(),
    coding=st.sampled_from(["identity", "gzip", "deflate", "br"]),
    no_body=st.booleans(),
    key=st.sampled_from([KEY, "", "x", "a-b", f"{KEY},a-b"]),
)
def test_any_request_gets_a_known_answer_whose_numbers_add_up(body, strict, coding, no_body, key):
    headers = (
        ("Content-Type", "application/x-json-stream"),
        ("Content-Encoding", coding),
        ("NoResponseBody", str(no_body)),
        ("apikey", key),
    )
    request = IngestRequest(method="POST", target="/", headers=headers, body=body)

    verdict = Judge(policy=Policy.from_options(strict=strict)).judge(request)

    status = verdict.answer.status
    outcomes = [event.outcome for event in verdict.events]
    refused = outcomes.count(Outcome.REJECTED)
    assert status in (200, 204, 400, 401, 415)
    if verdict.answer.body:
        answer = json.loads(verdict.answer.body)
        assert answer["acc"] == len(outcomes) - refused
        if "rej" in answer:
            indices = [index for listed in answer["efi"].values() for index in listed]
            assert answer["rej"] == refused == len(indices) == len(set(indices))
    if status in (200, 204) and outcomes:
        assert refused < len(outcomes)
    record = Record(number=1, time="", request=request, verdict=verdict, is_scripted=False)
    request_row(record)
    for row in event_rows(record):
        assert read_event((1, *row)).text.encode("utf-8")
