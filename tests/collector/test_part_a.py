"""Conformance, part A: a request and the answer it deserves; ids of onecollector.md, section 6."""

import gzip
import json
import socket
import zlib

import pytest

R_UUID = "r:00000000-0000-4000-8000-000000000001"


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def assert_accepted(answer, count=1):
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.body == b'{"acc":%d}' % count
    assert answer.headers["content-type"] == "application/json"
    assert "collector-error" not in answer.headers


def assert_parse_failure(wire, answer):
    assert (answer.status, answer.reason) == (400, wire.parse_failure)
    assert answer.headers["collector-error"] == wire.parse_failure
    assert answer.body == wire.parse_body


def assert_none_passed(answer, rejected):
    assert (answer.status, answer.reason) == (400, "No events passed validation.")
    assert answer.headers["collector-error"] == "No events passed validation."
    count = sum(map(len, rejected.values()))
    expected = {"acc": 0, "rej": count, "efi": rejected}
    assert answer.body == json.dumps(expected, separators=(",", ":")).encode()


def test_a01_minimal_envelope_without_ext_is_accepted(wire):
    assert_accepted(wire.post(wire.event(data={"n": 1})))


def test_a02_empty_data_is_accepted(wire):
    assert_accepted(wire.post(wire.event(data={})))


def test_a03_device_alone_is_accepted(wire):
    device = {"localId": R_UUID, "authId": "NEW", "deviceClass": "AMD64"}
    assert_accepted(wire.post(wire.event(ext={"device": device})))


def test_a04_device_os_and_app_are_accepted(wire):
    ext = {
        "device": {"localId": R_UUID, "authId": "EXISTING", "deviceClass": "x86_64"},
        "os": {"name": "Windows", "ver": "10.0.22631"},
        "app": {"ver": "1.2.3", "sesId": "483c4dc1-f524-4f7a-8e72-d7000537cafb"},
    }
    assert_accepted(wire.post(wire.event(ext=ext)))


def test_a05_os_release_fails_the_parse(wire):
    answer = wire.post(wire.event(ext={"os": {"name": "Windows", "release": "11"}}))

    assert_parse_failure(wire, answer)
    assert answer.local_rules == ""
    (rejected,) = wire.collector.rejected()
    (violation,) = rejected.violations
    assert (violation.rule, violation.field) == ("EXT_FIELD_UNKNOWN", "ext.os.release")
    assert "documented: bootId, expId, locale, name, ver" in violation.message


@pytest.mark.parametrize("value", [1.5, 1795310008, "2026-11-22T01:12:10Z"])
def test_a06_app_init_ts_fails_the_parse_in_every_type(wire, value):
    answer = wire.post(wire.event(ext={"app": {"ver": "1", "initTs": value}}))

    assert_parse_failure(wire, answer)


def test_a07_one_unknown_field_refuses_its_neighbours_too(wire):
    answer = wire.post(wire.event(), wire.event(ext={"os": {"release": "11"}}))

    assert_parse_failure(wire, answer)
    assert wire.collector.accepted() == []
    assert wire.rejected_rules() == [[], ["EXT_FIELD_UNKNOWN"]]


def test_a08_trace_flags_fail_the_parse(wire):
    dt = {"traceId": "a" * 32, "spanId": "b" * 16, "traceFlags": 1}
    assert_parse_failure(wire, wire.post(wire.event(ext={"dt": dt})))


def test_a09_trace_and_span_id_are_accepted(wire):
    assert_accepted(wire.post(wire.event(ext={"dt": {"traceId": "a" * 32, "spanId": "b" * 16}})))


@pytest.mark.parametrize("more", [{}, {"stack": "at main"}])
def test_a10_the_ex_slot_is_refused(wire, more):
    answer = wire.post(wire.event(ext={"ex": {"type": "E", "msg": "m"} | more}))

    assert_parse_failure(wire, answer)
    assert answer.local_rules == ""


def test_a11_unscoped_device_ids_are_listed_by_index(wire):
    event = wire.event(ext={"device": {"localId": "f" * 64}})

    answer = wire.post(event, event)

    assert_none_passed(answer, {"InvalidDeviceLocalId": [0, 1]})


def test_a12_unprefixed_user_ids_are_listed_by_index(wire):
    event = wire.event(ext={"user": {"localId": "somebody"}})

    assert_none_passed(wire.post(*[event] * 9), {"InvalidUserLocalId": list(range(9))})


def test_a13_the_ms_scope_of_a_user_id_is_refused(wire):
    answer = wire.post(wire.event(ext={"user": {"localId": "ms:1234"}}))

    assert_none_passed(answer, {"InvalidUserLocalId": [0]})
    assert answer.local_rules == ""


def test_a14_a_custom_device_id_needs_no_uuid(wire):
    assert_accepted(wire.post(wire.event(ext={"device": {"localId": "c:deviceId"}})))


def test_a15_a_non_empty_auth_sec_id_is_refused(wire):
    answer = wire.post(wire.event(ext={"device": {"authSecId": "x"}}))

    assert answer.status == 400
    assert wire.rejected_rules() == [["DEVICE_AUTH_SEC_ID"]]


def test_a15_an_empty_auth_sec_id_is_accepted(wire):
    assert_accepted(wire.post(wire.event(ext={"device": {"authSecId": ""}})))


def test_a16_a_full_key_in_the_envelope_is_an_invalid_tenant(wire):
    answer = wire.post(wire.event(iKey=f"o:{wire.key}"))

    assert (answer.status, answer.reason) == (401, "Invalid Tenant Token.")
    assert answer.body == b'{"acc":0,"rej":1,"efi":{"InvalidTenantToken":[0]}}'
    assert answer.headers["kill-tokens"] == f"o:{wire.token}:all"
    assert answer.headers["kill-duration"] == "86400"


def test_a16_a_full_key_beside_a_good_event_is_listed_by_index(wire):
    answer = wire.post(wire.event(), wire.event(iKey=wire.key))

    assert answer.status == 200
    assert answer.body == b'{"acc":1,"rej":1,"efi":{"InvalidTenantToken":[1]}}'


def test_a17_a_key_of_an_unknown_tenant_is_told_to_be_silent(make_wire):
    wire = make_wire(tenants=[make_wire().key])

    answer = wire.post(wire.event(iKey=f"o:{wire.other_token}"), key=wire.other_key)

    assert (answer.status, answer.reason) == (401, "Invalid Tenant Token.")
    assert answer.headers["collector-error"] == "Invalid Tenant Token."
    assert answer.headers["kill-tokens"] == f"o:{wire.other_token}:all"
    assert answer.headers["kill-duration"] == "86400"
    assert answer.headers["www-authenticate"] == 'Token realm="ingestion"'
    assert answer.body == b'{"acc":0,"efi":{"InvalidTenantToken":"all"}}'
    assert wire.collector.accepted() == []


def test_a17_a_known_token_with_another_rest_is_unknown(make_wire):
    wire = make_wire(tenants=[make_wire().key])

    answer = wire.post(key=f"{wire.token}-99999999-2222-3333-4444-555555555555-7000")

    assert answer.status == 401


def test_a18_a_request_without_a_key_names_nobody_to_kill(wire):
    answer = wire.post(key=None)

    assert answer.status == 401
    assert answer.body == b'{"acc":0,"efi":{"InvalidTenantToken":"all"}}'
    assert "kill-tokens" not in answer.headers
    assert answer.local_rules == "KEY_MISSING"


def test_a19_two_keys_serve_the_events_of_both_tenants(make_wire):
    wire = make_wire()
    wire = make_wire(tenants=[wire.key, wire.other_key])

    answer = wire.post(
        wire.event(),
        wire.event(iKey=f"o:{wire.other_token}"),
        key=None,
        apikey=f"{wire.key},{wire.other_key}",
    )

    assert_accepted(answer, 2)


def test_a20_one_invalid_key_of_two_refuses_its_own_events_only(make_wire):
    wire = make_wire(tenants=[make_wire().key])

    answer = wire.post(
        wire.event(),
        wire.event(iKey=f"o:{wire.other_token}"),
        key=f"{wire.key},{wire.other_key}",
    )

    assert answer.status == 200
    assert answer.body == b'{"acc":1,"rej":1,"efi":{"InvalidTenantToken":[1]}}'
    assert wire.rejected_rules() == [["TENANT_INVALID"]]


def test_a20_only_events_of_the_invalid_key_are_a_400(make_wire):
    wire = make_wire(tenants=[make_wire().key])

    answer = wire.post(wire.event(iKey=f"o:{wire.other_token}"), key=f"{wire.key},{wire.other_key}")

    assert_none_passed(answer, {"InvalidTenantToken": [0]})


def test_a21_key_and_type_may_stand_in_the_query(wire):
    query = f"?cors=true&content-type=application/x-json-stream&apikey={wire.key}"

    answer = wire.post(path=wire.path + query, key=None, Content_Type="text/plain;charset=UTF-8")

    assert_accepted(answer)


def test_a22_the_query_type_replaces_the_header(wire):
    query = "?content-type=application/x-json-stream"

    assert_accepted(wire.post(path=wire.path + query, Content_Type="application/json"))


@pytest.mark.parametrize("kind", ["application/json", "text/plain", None])
def test_a23_another_type_is_a_415(wire, kind):
    answer = wire.post(Content_Type=kind)

    assert answer.status == 415
    assert answer.local_rules == ""


def test_a24_an_array_is_a_415(wire):
    answer = wire.post(body=b"[" + wire.body(wire.event()) + b"]")

    assert answer.status == 415
    (request,) = wire.collector.requests()
    assert [each.rule for each in request.violations] == ["BODY_ARRAY"]


def test_a25_no_trailing_newline_is_accepted(wire):
    assert_accepted(wire.post(body=wire.body(wire.event(), wire.event())), 2)


def test_a26_a_trailing_newline_makes_no_event(wire):
    assert_accepted(wire.post(body=wire.body(wire.event(), wire.event()) + b"\n"), 2)
    assert len(wire.collector.accepted()) == 2


def test_a27_raw_deflate_is_accepted(wire):
    body = raw_deflate(wire.body(wire.event(), wire.event()))

    assert_accepted(wire.post(body=body, Content_Encoding="deflate"), 2)


def test_a28_gzip_is_accepted(wire):
    assert_accepted(wire.post(body=gzip.compress(wire.body(wire.event())), Content_Encoding="gzip"))


def test_a29_a_zlib_wrapper_is_refused_by_a_local_rule(wire):
    body = zlib.compress(wire.body(wire.event()))

    answer = wire.post(body=body, Content_Encoding="deflate")

    assert_parse_failure(wire, answer)
    assert answer.local_rules == "ZLIB_WRAPPED"


def test_a29_a_zlib_wrapper_is_taken_without_the_local_rules(make_wire):
    wire = make_wire(strict=False)

    body = zlib.compress(wire.body(wire.event()))

    assert_accepted(wire.post(body=body, Content_Encoding="deflate"))


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, deflate"])
def test_a30_another_coding_is_a_415(wire, coding):
    assert wire.post(Content_Encoding=coding).status == 415


def test_a31_gzip_labelled_deflate_is_taken_and_flagged(wire):
    answer = wire.post(body=gzip.compress(wire.body(wire.event())), Content_Encoding="deflate")

    assert_accepted(answer)
    assert answer.headers["declarant-flags"] == "GZIP_AS_DEFLATE"


def test_a32_one_byte_above_the_limit_is_a_413(wire):
    body = wire.body(wire.event(data={"text": ""}))
    body = wire.body(wire.event(data={"text": "x" * (3_145_728 - len(body))}))

    assert len(body) == 3_145_728
    assert_accepted(wire.post(body=body))
    assert wire.post(body=body + b"\n").status == 413


def test_a33_no_response_body_turns_success_into_204(wire):
    answer = wire.post(NoResponseBody="true")

    assert (answer.status, answer.body) == (204, b"")
    assert "content-type" not in answer.headers
    assert len(wire.collector.accepted()) == 1


def test_a33_no_response_body_turns_partial_success_into_204(wire):
    bad = wire.event(ext={"user": {"localId": "nobody"}})

    answer = wire.post(wire.event(), bad, NoResponseBody="true")

    assert (answer.status, answer.body) == (204, b"")
    assert len(wire.collector.rejected()) == 1


def test_a34_no_response_body_works_as_a_query_option(wire):
    assert wire.post(path=f"{wire.path}?NoResponseBody=true").status == 204


def test_a35_a_400_keeps_its_body(wire):
    bad = wire.event(ext={"user": {"localId": "nobody"}})

    answer = wire.post(bad, NoResponseBody="true")

    assert_none_passed(answer, {"InvalidUserLocalId": [0]})


def test_a36_throttled_events_are_listed_by_index(make_wire):
    wire = make_wire(script=[{"throttle": [0, 1, 2, 4]}])

    answer = wire.post(*[wire.event()] * 10)

    assert answer.status == 200
    assert answer.body == b'{"acc":6,"rej":4,"efi":{"EventLevelThrottling":[0,1,2,4]}}'
    assert [event.index for event in wire.collector.accepted()] == [3, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("case", "preset", "status"), [("A37", "quota", 403), ("A38", "chatty", 429)]
)
def test_a37_a38_over_quota_takes_nothing(make_wire, case, preset, status):
    wire = make_wire(script=[{"preset": preset}])

    answer = wire.post()

    assert (answer.status, answer.body) == (status, b'{"acc":0}')
    assert wire.collector.accepted() == []
    assert len(wire.collector.unsettled()) == 1


def test_a39_an_uncrackable_ticket_is_a_401_with_the_reason_in_the_body(make_wire):
    wire = make_wire(script=[{"when": {"header": {"Strict": "true"}}, "preset": "ticket"}])

    answer = wire.post(Strict="true", Tickets='"k"="p:t"')

    assert answer.status == 401
    assert "TokenCrackingFailure" in answer.json()
    assert_accepted(wire.post())


def test_a40_an_overloaded_collector_closes_the_connection(make_wire):
    wire = make_wire(script=[{"preset": "overloaded"}])

    answer = wire.post()

    assert answer.status == 503
    assert answer.headers["connection"].lower() == "close"


def test_a41_the_clock_delta_is_answered_in_milliseconds(make_wire):
    wire = make_wire(clock=lambda: 1_795_309_969.0)

    ahead = wire.post(time_delta_to_apply_millis="use-collector-delta", upload_time="1795309969500")
    behind = wire.post(
        path=f"{wire.path}?time-delta-to-apply-millis=use-collector-delta&upload-time=1795309967500"
    )

    assert ahead.headers["time-delta-millis"] == "-500"
    assert behind.headers["time-delta-millis"] == "1500"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"upload_time": "1795309969500"},
        {"time_delta_to_apply_millis": "use-collector-delta"},
        {"time_delta_to_apply_millis": "use-collector-delta", "upload_time": "soon"},
        {"time_delta_to_apply_millis": "1500", "upload_time": "1795309969500"},
    ],
)
def test_a41_no_delta_unless_asked_with_an_upload_time(wire, headers):
    assert "time-delta-millis" not in wire.post(**headers).headers


@pytest.mark.parametrize("fraction", ["", ".123", ".1234567"])
def test_a42_times_with_up_to_seven_digits_are_accepted(wire, fraction):
    assert_accepted(wire.post(wire.event(time=f"2032-01-18T10:11:12{fraction}Z")))


def test_a43_a_name_of_three_characters_is_counted_but_not_stored(wire):
    answer = wire.post(wire.event(name="Abc"))

    assert_accepted(answer)
    assert answer.headers["declarant-flags"] == "EVENT_NAME_SHORT"
    assert wire.collector.accepted() == []
    assert [event.outcome for event in wire.collector.rejected()] == ["discarded"]


@pytest.mark.parametrize("ext", [{}, {"os": {"release": "11"}}])
def test_a44_every_answer_lets_browsers_read_it(wire, ext):
    headers = wire.post(wire.event(ext=ext)).headers

    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-methods"] == "POST"
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["access-control-allow-headers"] == "Collector-Error"
    assert headers["content-type"] == "application/json"


def test_a45_the_path_without_its_slash_is_accepted(wire):
    assert_accepted(wire.post(path="/OneCollector/1.0"))


def test_a46_expect_is_answered_before_the_body_comes(wire):
    body = wire.body(wire.event())
    head = (
        f"POST {wire.path} HTTP/1.1\r\nHost: x\r\nx-apikey: {wire.key}\r\n"
        f"Content-Type: {wire.stream}\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", wire.collector.port), 30) as connection:
        connection.sendall(head.encode())
        first = connection.recv(65_536)
        connection.sendall(body)
        rest = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b'{"acc":1}')


def test_a46_expect_with_too_large_a_body_is_refused_at_once(wire):
    head = (
        f"POST {wire.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 3145729\r\n"
        "Expect: 100-continue\r\n\r\n"
    )

    assert wire.raw(head.encode()).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_a47_another_method_is_a_405(wire, method):
    answer = wire.request(method, wire.path)

    assert answer.status == 405
    assert answer.headers["allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("path", ["/", "/OneCollector/2.0/", "/OneCollector/1.0/x"])
def test_a47_another_path_is_a_404(wire, path):
    assert wire.post(path=path).status == 404


def test_a48_the_host_header_is_ignored(wire):
    assert_accepted(wire.post(Host="mobile.events.data.microsoft.com"))


def test_a49_what_browser_clients_send_is_accepted(wire):
    ext = {
        "intweb": {"msfpc": "x", "mscom": {"a": "b"}},
        "web": {"domain": "example.com", "consentDetails": '{"GPC_DataSharingOptIn":false}'},
        "loc": {"tz": "+01:00"},
        "sdk": {"ver": "1DS-Web-JS-4.4.4", "epoch": "1795309932", "seq": 7},
    }

    answer = wire.post(wire.event(ext=ext), wire.event(ext={"intWeb": {"anid": "x"}}))

    assert_accepted(answer, 2)


def test_a50_part_b_inside_data_is_accepted(wire):
    first = wire.event(data={"baseType": "ProbeBase", "baseData": {"id": "b1"}})
    second = wire.event(data={"baseData": {}})

    assert_accepted(wire.post(first, second), 2)
