"""The command: a real process, its first line, its log, its end."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

PROGRAM = """
import argparse, sys
from declarant_collector import cli
parser = argparse.ArgumentParser()
cli.add_arguments(parser)
sys.exit(cli.run(parser.parse_args()))
"""
TOKEN = "abcdef0123456789abcdef0123456789"
KEY = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"
EVENT = {
    "ver": "4.0",
    "name": "ModelKitAction",
    "time": "2026-11-22T01:12:10.362Z",
    "iKey": f"o:{TOKEN}",
}


def command(*arguments):
    return [sys.executable, "-c", PROGRAM, *arguments]


@contextlib.contextmanager
def running(*arguments):
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def send(url, key=KEY, **fields):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    headers = {"x-apikey": key, "Content-Type": "application/x-json-stream"}
    connection.request("POST", parts.path, json.dumps(EVENT | fields), headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_the_first_line_is_the_endpoint(tmp_path):
    with running() as (_, url):
        assert send(url) == (200, b'{"acc":1}')


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(number):
    with running("--quiet") as (process, url):
        send(url)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output, errors) == (0, "", "")


def test_the_log_tells_each_event_and_why(tmp_path):
    with running() as (process, url):
        send(url)
        send(url, name="Bad\x1b[2J", ext={"os": {"release": "11"}})
        process.stdout.readline()
        first, second = process.stdout.readline(), process.stdout.readline()

    assert first[13:] == "accepted  #1.0 200 ModelKitAction\n"
    assert second[13:].startswith(
        "rejected  #2.0 400 Bad\\x1b[2J: EXT_FIELD_UNKNOWN ext.os.release: ext.os has no field"
    )
    assert "\x1b" not in second


def test_options_reach_the_collector(tmp_path):
    script = tmp_path / "script.json"
    script.write_text('{"rules": [{"when": {"request": 1}, "status": 503}]}', "utf-8")
    database = tmp_path / "events.db"
    options = ("--tenant", KEY, "--script", str(script), "--db", str(database), "--lenient")

    with running(*options) as (_, url):
        assert send(url)[0] == 503
        assert send(url, nme="x")[0] == 200
        assert send(url, key=KEY.replace("7000", "7001"))[0] == 401
    assert database.stat().st_size > 0


def test_one_local_rule_can_be_switched_off():
    with running("--off", "UNKNOWN_TOP_LEVEL_FIELD") as (_, url):
        assert send(url, nme="x")[0] == 200
        assert send(url, ver="1")[0] == 400


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--script", "nowhere.json"], "nowhere.json: No such file"),
        (["--off", "NOTHING"], "expected a local rule"),
        (["--db", "."], "expected an SQLite file"),
        (["--schemas", "nowhere"], "collector: nowhere: expected a folder of schemas"),
    ],
)
def test_what_cannot_run_says_why_and_exits_2(tmp_path, arguments, message):
    done = subprocess.run(command(*arguments), cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_exits_2():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = subprocess.run(command("--port", port), capture_output=True, text=True)

    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_is_none_is_refused(port):
    done = subprocess.run(command("--port", port), capture_output=True, text=True)

    assert done.returncode == 2
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tenant", TOKEN), "expected a full instrumentation key"),
        (("--port", "99999"), "expected a number from 0 to 65535"),
    ],
)
def test_arguments_that_cannot_work_are_refused(arguments, said):
    """A key without its secret part would only ever answer 401."""
    ran = subprocess.run(command(*arguments), capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert said in ran.stderr


def test_a_bad_script_is_named_with_its_file_and_rule(tmp_path):
    """The message leads to the rule."""
    script = tmp_path / "faults.json"
    script.write_text('{"rules": [{"stauts": 503}]}', encoding="utf-8")

    ran = subprocess.run(
        command("--script", str(script)), capture_output=True, text=True, check=False
    )

    assert ran.returncode == 2
    assert f"{script}: rules[0]" in ran.stderr
