"""Local strict rules: each refuses, says so in a header of its own, and can be switched off."""

import pytest

from declarant_collector import RULES, Collector, Phase

UUID = "00000000-0000-4000-8000-000000000001"


def with_ext(**slots):
    return {"ext": slots}


# Rule id -> how the minimal event breaks it.
BY_FIELDS = {
    "UNKNOWN_TOP_LEVEL_FIELD": {"nme": "x"},
    "VERSION_UNKNOWN": {"ver": "2.1"},
    "TIME_FORMAT": {"time": "2026-11-22T01:12:10+01:00"},
    "EXT_SLOT_UNKNOWN": with_ext(browser={}),
    "EXT_FIELD_TYPE": with_ext(os={"bootId": "7"}),
    "EXT_SERVER_FIELD": with_ext(user={"id": "x"}),
    "PART_B_TYPE": {"data": {"baseType": 1}},
    "IKEY_UNMATCHED": {"iKey": "o:ffff"},
    "DEVICE_LOCAL_ID_FORM": with_ext(device={"localId": "r:abc"}),
    "USER_LOCAL_ID_FORM": with_ext(user={"localId": "c:"}),
    "EVENT_NAME": {"name": "Model-Kit"},
}

# Rule id -> what stands around the minimal event's text.
BY_BODY = {
    "BLANK_LINE": "{0}\n\n{0}",
    "BYTE_ORDER_MARK": "\ufeff{0}",
    "JSON_DUPLICATE_KEY": '{0}\n{{"ver":"4.0",{1}',
    "JSON_NON_FINITE": '{{"data":{{"n":NaN}},{2}',
    "JSON_LONE_SURROGATE": '{{"data":{{"n":"\\ud800"}},{2}',
}

BY_HEADERS = {
    "KEY_MISSING": {"key": None},
    "KEY_SHAPE": {"key": "abcdef0123456789abcdef0123456789-1"},
    "CHARSET": {"Content_Type": "application/x-json-stream; charset=latin1"},
}

VALIDATION = {rule.id for rule in RULES.values() if rule.phase is Phase.VALIDATION}


def text_of(wire, template):
    event = wire.body(wire.event()).decode()
    rest = wire.body(wire.event(data=...)).decode()
    return template.format(event, event[1:], rest[1:]).encode()


@pytest.mark.parametrize("rule", BY_FIELDS)
def test_a_local_rule_refuses_and_names_itself(wire, rule):
    answer = wire.post(wire.event(**BY_FIELDS[rule]))

    assert answer.status == 400
    assert answer.local_rules == rule
    if rule not in VALIDATION:
        assert answer.body == wire.parse_body
    assert wire.rejected_rules() == [[rule]]


@pytest.mark.parametrize("rule", BY_FIELDS)
def test_a_local_rule_can_be_switched_off_alone(make_wire, rule):
    wire = make_wire(off=[rule])

    answer = wire.post(wire.event(**BY_FIELDS[rule]))

    assert (answer.status, answer.body) == (200, b'{"acc":1}')
    assert answer.local_rules == ""


@pytest.mark.parametrize("rule", BY_FIELDS)
def test_a_lenient_collector_has_no_local_rules(make_wire, rule):
    answer = make_wire(strict=False).post(make_wire().event(**BY_FIELDS[rule]))

    assert (answer.status, answer.local_rules) == (200, "")


@pytest.mark.parametrize("rule", BY_BODY)
def test_a_local_rule_on_the_stream_refuses_the_whole_request(wire, rule):
    answer = wire.post(body=text_of(wire, BY_BODY[rule]))

    assert (answer.status, answer.body) == (400, wire.parse_body)
    assert answer.local_rules == rule
    assert wire.collector.accepted() == []


@pytest.mark.parametrize("rule", BY_BODY)
def test_a_local_rule_on_the_stream_can_be_switched_off(make_wire, rule):
    wire = make_wire(off=[rule])

    answer = wire.post(body=text_of(wire, BY_BODY[rule]))

    assert (answer.status, answer.local_rules) == (200, "")
    assert wire.request("GET", "/api/events").status == 200


def test_a_number_beyond_a_double_is_not_finite(wire):
    body = wire.body(wire.event()).replace(b'"data":{}', b'"data":{"n":1e999}')

    assert wire.post(body=body).local_rules == "JSON_NON_FINITE"


def test_an_empty_body_has_no_event_to_accept(wire):
    answer = wire.post(body=b"")

    assert (answer.status, answer.body) == (400, wire.parse_body)
    assert answer.local_rules == "EMPTY_BODY"


def test_an_empty_body_is_taken_by_a_lenient_collector(make_wire):
    answer = make_wire(strict=False).post(body=b"")

    assert (answer.status, answer.body) == (200, b'{"acc":0}')


@pytest.mark.parametrize("rule", BY_HEADERS)
def test_a_local_rule_on_the_head_refuses_the_request(wire, rule):
    answer = wire.post(**BY_HEADERS[rule])

    assert answer.status == (415 if rule == "CHARSET" else 401)
    assert answer.local_rules == rule


@pytest.mark.parametrize("rule", BY_HEADERS)
def test_a_local_rule_on_the_head_can_be_switched_off(make_wire, rule):
    assert make_wire(strict=False).post(**BY_HEADERS[rule]).status == 200


def test_bond_is_refused_because_nobody_here_reads_it(wire):
    answer = wire.post(Content_Type="application/bond-compact-binary")

    assert (answer.status, answer.local_rules) == (415, "BOND_UNSUPPORTED")


def test_several_rules_are_named_once_each(wire):
    bad = wire.event(ver="2.1", time="now", ext={"os": {"release": "1"}})

    assert wire.post(bad, bad).local_rules == "VERSION_UNKNOWN, TIME_FORMAT"


def test_only_local_rules_can_be_switched_off():
    with pytest.raises(ValueError, match="expected a local rule"):
        Collector(off=["EXT_FIELD_UNKNOWN"])


def test_every_local_rule_has_a_case_here_or_beside():
    """The rules on codings and catalogues are tested beside those."""
    elsewhere = {"DECODED_TOO_LARGE", "ZLIB_WRAPPED", "BOND_UNSUPPORTED", "EMPTY_BODY"}
    elsewhere |= {rule for rule in RULES if rule.startswith("CATALOGUE_")}
    local = {rule.id for rule in RULES.values() if rule.is_local}

    assert local == {*BY_FIELDS, *BY_BODY, *BY_HEADERS} | elsewhere
