"""The parse phase: what refuses the whole request with or without local rules."""

import pytest

from declarant_codegen.cs40 import SLOTS

EXAMPLES = {
    "string": "text",
    "integer": 7,
    "number": 0.5,
    "boolean": True,
    "object": {"a": 1},
    "object<string,string>": {"a": "b"},
    "array<string>": ["a"],
    "unknown": [1],
}
WRONG = {
    "string": 7,
    "integer": 7.5,
    "number": "7",
    "boolean": 1,
    "object": [],
    "object<string,string>": {"a": 1},
    "array<string>": [1],
}
# The fields a client may send and whose value is free.
FIELDS = [
    (slot.name, field)
    for slot in SLOTS.values()
    for field in slot.fields.values()
    if field.origin != "server" and field.name != "localId"
]


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("ENVELOPE_FIELD_MISSING", {"ver": ...}),
        ("ENVELOPE_FIELD_MISSING", {"name": ...}),
        ("ENVELOPE_FIELD_MISSING", {"time": ...}),
        ("ENVELOPE_FIELD_MISSING", {"iKey": ...}),
        ("ENVELOPE_FIELD_TYPE", {"ver": 4.0}),
        ("ENVELOPE_FIELD_TYPE", {"name": None}),
        ("ENVELOPE_FIELD_TYPE", {"data": []}),
        ("ENVELOPE_FIELD_TYPE", {"ext": "os"}),
        ("ENVELOPE_FIELD_TYPE", {"flags": True}),
        ("ENVELOPE_FIELD_TYPE", {"tags": {"a": 1}}),
        ("EXT_SLOT_TYPE", {"ext": {"os": None}}),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_broken_envelope_refuses_the_whole_request(make_wire, strict, rule, fields):
    wire = make_wire(strict=strict)

    answer = wire.post(wire.event(), wire.event(**fields))

    assert (answer.status, answer.reason) == (400, wire.parse_failure)
    assert answer.body == wire.parse_body
    assert wire.rejected_rules() == [[], [rule]]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("JSON_INVALID", b"{"),
        ("JSON_INVALID", b'{"n":' + b"9" * 5000 + b"}"),
        ("JSON_DEPTH", b"[" * 200_000),
        ("EVENT_NOT_OBJECT", b"7"),
        ("EVENT_NOT_OBJECT", b'"text"'),
        ("UTF8_INVALID", b'{"a":"\xff"}'),
    ],
    ids=["open", "digits", "deep", "number", "string", "utf8"],
)
def test_a_line_that_is_no_event_refuses_the_whole_request(wire, rule, line):
    answer = wire.post(body=wire.body(wire.event()) + b"\n" + line)

    assert (answer.status, answer.body) == (400, wire.parse_body)
    assert wire.rejected_rules() == [[], [rule]]
    assert wire.request("GET", "/api/rejections").status == 200


@pytest.mark.parametrize(("slot", "field"), FIELDS, ids=lambda each: getattr(each, "name", each))
def test_every_documented_field_takes_its_type_and_no_other(judge_events, slot, field):
    good, bad = EXAMPLES[field.type], WRONG.get(field.type)

    assert judge_events({slot: {field.name: good}}) == []
    if bad is not None:
        assert judge_events({slot: {field.name: bad}}) == ["EXT_FIELD_TYPE"]


@pytest.mark.parametrize("spelling", ["intWeb", "m365", "js"])
def test_another_documented_spelling_of_a_slot_is_the_same_slot(judge_events, spelling):
    assert judge_events({spelling: {}}) == []
    assert judge_events({spelling: {"nobody": 1}}) == ["EXT_FIELD_UNKNOWN"]


@pytest.mark.parametrize("field", ["tz", "timezone"])
def test_both_names_of_the_utc_offset_are_taken(judge_events, field):
    assert judge_events({"loc": {field: "+01:00"}}) == []


@pytest.mark.parametrize("field", ["iid", "tz", "initTs"])
def test_app_fields_that_only_one_client_knows_are_refused(judge_events, field):
    assert judge_events({"app": {field: "x"}}) == ["EXT_FIELD_UNKNOWN"]


@pytest.mark.parametrize("time", ["2026-02-30T00:00:00Z", "2026-11-22 01:12:10Z", "", "٢٠٢٦"])
def test_a_time_that_is_none_is_refused(wire, time):
    assert wire.post(wire.event(time=time)).local_rules == "TIME_FORMAT"


@pytest.fixture
def judge_events(wire):
    """Send one event with these ext slots; return the rules it broke."""

    def send(ext):
        wire.collector.reset()
        wire.post(wire.event(ext=ext))
        return [rule for rules in wire.rejected_rules() for rule in rules]

    return send


def test_one_key_twice_among_many_is_soon_found(wire):
    """Work grows with the body, not with its square."""
    names = [f"k{number}" for number in range(150_000)]
    members = ",".join(f'"{name}":1' for name in [*names, names[-1]]).encode()
    rest = wire.body(wire.event(data=...))

    answer = wire.post(body=b'{"data":{%b},%b' % (members, rest[1:]))

    assert answer.status == 400
    assert answer.local_rules == "JSON_DUPLICATE_KEY"
