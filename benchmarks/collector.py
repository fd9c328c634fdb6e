"""Print how many single-event requests per second the local collector takes and stores.

Keep-alive clients in processes of their own, a collector in another; the rate counts what the store
holds at the end. No threshold: read the figures side by side.

usage: python benchmarks/collector.py [REQUESTS]
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

TOKEN = "abcdef0123456789abcdef0123456789"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
EVENT = {
    "ver": "4.0",
    "name": "ModelKitAction",
    "time": "2026-11-22T01:12:10.362Z",
    "iKey": f"o:{TOKEN}",
    "ext": {
        "device": {
            "localId": "r:00000000-0000-4000-8000-000000000001",
            "authId": "NEW",
            "deviceClass": "x86_64",
        },
        "os": {"name": "Linux", "ver": "6.1"},
        "app": {"ver": "1.2.3", "sesId": "00000000-0000-4000-8000-000000000002"},
        "sdk": {"ver": "declarant-0.1.0", "epoch": "1", "seq": 1},
    },
    "data": {
        "invoked_from": "Interactive",
        "action_name": "build",
        "device": None,
        "ep": None,
        "duration_ms": 12,
        "success": True,
    },
}


def main() -> None:
    if sys.argv[1:2] == ["--client"]:
        send(int(sys.argv[2]), int(sys.argv[3]))
        return
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    schemas = str(Path(__file__).parent.parent / "schemas")
    with tempfile.TemporaryDirectory() as folder:
        database = str(Path(folder) / "events.db")
        for clients, options in (
            (1, ["--quiet"]),
            (4, ["--quiet"]),
            (4, ["--quiet", "--schemas", schemas]),
            (4, ["--quiet", "--db", database]),
            (4, []),
        ):
            rate, cpu_us = measure(clients, requests // clients, options)
            said = " ".join(option for option in options if option.startswith("--")) or "with log"
            print(f"{clients} clients, {said}: {rate:,.0f} stored/s, {cpu_us:.0f} us CPU each")


def measure(clients: int, requests: int, options: list[str]) -> tuple[float, float]:
    """Return the rate per second and the collector's CPU time per request, in microseconds."""
    command = [sys.executable, "-m", "declarant.cli", "collector", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as collector:
        assert collector.stdout is not None
        port = urlsplit(collector.stdout.readline()).port
        assert port is not None
        threading.Thread(target=collector.stdout.read, daemon=True).start()
        started = time.perf_counter()
        run_clients(clients, port, requests)
        stored = accepted(port)
        elapsed_s = time.perf_counter() - started
        cpu_s = cpu_seconds(collector.pid)
        collector.terminate()
    assert stored == clients * requests, stored
    return stored / elapsed_s, cpu_s / stored * 1e6


def run_clients(clients: int, port: int, requests: int) -> None:
    command = [sys.executable, __file__, "--client", str(port), str(requests)]
    running = [subprocess.Popen(command) for _ in range(clients)]
    for client in running:
        assert client.wait() == 0


def accepted(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/api/counts")
    count = json.load(connection.getresponse())["accepted"]
    connection.close()
    return int(count)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far; not a number where /proc is missing."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / 100


def send(port: int, requests: int) -> None:
    """Send with next to no work of our own, so that the collector is what is measured."""
    body = json.dumps(EVENT, separators=(",", ":"))
    head = (
        f"POST /OneCollector/1.0/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive\r\n"
        "User-Agent: benchmark\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
        f"Content-Type: application/x-json-stream; charset=utf-8\r\nx-apikey: {KEY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    content = (head + body).encode("ascii")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(requests):
            connection.sendall(content)
            answer = b""
            while not answer.endswith(b'{"acc":1}'):
                part = connection.recv(65_536)
                assert part, answer
                answer += part


if __name__ == "__main__":
    main()
