"""Collectors that break off, drip, lie or flood, and host processes that send to them."""

from __future__ import annotations

import gzip
import json
import socket
import struct
from functools import partial

import pytest

from declarant_collector import Collector

pytest.importorskip("fcntl", reason="needs POSIX processes")

from survival.account import Account
from survival.faults import Faults
from survival.storm import Storm, Victims

pytestmark = pytest.mark.once

KEY = b"0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
#: Events that a host sends, in one request.
EVENTS = 40
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
MEGABYTE = 1_048_576

#: Sends what waits, and says how many more bytes of memory it has needed than before.
SEND = """
    import resource
    from declarant._pass import run_pass
    configure()
    client = CATALOGUE.client
    for number in range(int(sys.argv[3])):
        assert emit(number)
    client._writer.seal()
    # What a request needs by itself is here before it.
    import requests
    from declarant import _deadline, _onecollector
    requests.Session().close()
    # No busy machine shall be taken for a collector that does not answer.
    _onecollector.CONNECT_TIMEOUT_S = 60
    _onecollector.READ_TIMEOUT_S = _deadline.READ_TIMEOUT_S = 60
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = run_pass(CATALOGUE, client.settings, client._store, 60, ignore_backoff=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """


def reset(connection):
    """Have the other side see a reset, and no orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reset_at_once(server, connection):
    reset(connection)


def reset_in_the_request(server, connection):
    connection.recv(100)
    reset(connection)


def reset_before_the_answer(server, connection):
    server.hear(connection)
    reset(connection)


def half_a_status(server, connection):
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 2")


def half_the_headers(server, connection):
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
    reset(connection)


def reset_in_the_answer(server, connection):
    server.hear(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"acc"')
    reset(connection)


def endless_headers(server, connection):
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"y" * 60_000 + b"\r\n")


def saying(answer, server, connection):
    server.hear(connection)
    connection.sendall(answer)


def byte_by_byte(server, connection):
    server.hear(connection)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in OK % (10, b'{"acc":10}'):
        connection.sendall(bytes([byte]))


def hundred_megabytes(server, connection):
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MEGABYTE))
    for _ in range(100):
        connection.sendall(b" " * MEGABYTE)


def bomb(layers, server, connection):
    server.hear(connection)
    # A hundred members make one content, and take no time to make.
    content = gzip.compress(b" " * MEGABYTE) * 100
    for _ in range(layers - 1):
        content = gzip.compress(content)
    coding = b", ".join([b"gzip"] * layers)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
    connection.sendall(head % (coding, len(content)) + content)


#: The events were not taken, as far as their sender can tell: they wait.
LATER = {
    "reset at once": reset_at_once,
    "reset in the request": reset_in_the_request,
    "reset before the answer": reset_before_the_answer,
    "half a status line": half_a_status,
    "half the headers": half_the_headers,
    "headers without end": endless_headers,
    # Nobody can tell where such an answer ends (RFC 9112, 6.3).
    "two lengths": partial(
        saying, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}"
    ),
}
#: Its status said that they were taken; what comes after that changes nothing.
TAKEN = {
    "byte by byte": byte_by_byte,
    "a length that is too long": partial(
        saying, b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"'
    ),
    "a length that is too short": partial(saying, OK % (1, b'{"acc":60}HTTP/1.1 500 Later')),
    "a length that is none": partial(saying, b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"),
    "a length below zero": partial(saying, b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
    "a hundred megabytes": hundred_megabytes,
    "a bomb": partial(bomb, 1),
    "a bomb in a bomb": partial(bomb, 2),
}


def numbers(collector):
    return sorted(json.loads(e.text)["data"]["duration_ms"] for e in collector.accepted())


def send(hosts, endpoint, events):
    """Have a host emit and send; return by how many bytes it grew."""
    hosts.endpoint = endpoint
    return int(hosts.run(SEND, str(events))) * 1024


@pytest.mark.parametrize("fault", LATER)
def test_what_was_not_answered_is_sent_again(hosts, listen, collector, fault):
    """The next collector gets each event once."""
    server = listen(LATER[fault])

    grown = send(hosts, server.url, EVENTS)
    assert grown < 16 * MEGABYTE
    send(hosts, collector.url, 0)

    assert server.connections
    assert numbers(collector) == list(range(EVENTS))
    assert all(KEY in request for request in server.heard)


@pytest.mark.parametrize("fault", TAKEN)
def test_what_was_taken_is_not_sent_again(hosts, listen, collector, fault):
    """However the answer goes on: the events are settled, and little memory is needed."""
    server = listen(TAKEN[fault])

    grown = send(hosts, server.url, EVENTS)
    send(hosts, collector.url, 0)

    assert len(server.heard) == 1
    assert numbers(collector) == []
    assert grown < 16 * MEGABYTE


def test_an_answer_that_is_reset_was_read_or_was_not(hosts, listen, collector):
    """Whether its status got through is the network's; the events have one fate all the same."""
    server = listen(reset_in_the_answer)

    send(hosts, server.url, EVENTS)
    send(hosts, collector.url, 0)

    assert server.heard
    assert numbers(collector) in ([], list(range(EVENTS)))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_the_key_nowhere(hosts, listen, status):
    """Not even where it leads is looked up: nobody connects there."""
    elsewhere = listen(lambda server, connection: server.heard.append(connection.recv(65_536)))
    answer = b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
    server = listen(partial(saying, answer % (status, elsewhere.url.encode())))

    send(hosts, server.url, EVENTS)

    elsewhere.close()
    assert server.heard
    assert elsewhere.connections == 0


def test_a_proxy_is_no_way_to_this_machine(hosts, listen, collector, environment):
    """A collector on loopback is spoken to directly, whatever the environment says of proxies."""
    proxy = listen(lambda server, connection: server.heard.append(connection.recv(65_536)))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        environment[name] = proxy.url
    hosts.endpoint = collector.url

    hosts.run(SEND, str(EVENTS), env=environment)

    proxy.close()
    assert numbers(collector) == list(range(EVENTS))
    assert proxy.connections == 0


def test_all_at_once_by_chance(hosts, tmp_path):
    """Whatever the collector does to each request, every event gets one fate."""
    faults = Faults(7)
    with Collector(script=faults) as collector, Victims() as victims:
        storm = Storm(victims, tmp_path, collector)
        storm.account = Account(collector, faults)
        storm.run(
            *(storm.job("host", 2_000) for _ in range(2)), *(storm.job("sender") for _ in range(2))
        )
        storm.run(storm.job("finisher"))
        sums = storm.account.close()
        complaints = victims.complaints()

    assert (storm.account.unexplained, complaints) == ([], "")
    assert sums["emitted"] == 4_000
